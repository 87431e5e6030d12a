"""Lines of `_redirects` that count, and yet do not do what they seem to.

1. A source with a query, which Pages cuts off.
2. A target with the name of something that the source does not take, or that is no address.
3. A rule that an earlier one answers for. Each wildcard stands for letters that no line has: where
   another rule takes all of such paths, it takes everything that the rule could.
4. A rule that leads in a circle, also by way of others and of what Pages does to `.html`; and one
   that is to show a page in place, and leads away instead.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from pages_deploy.preflight.dropped_lines import special_text
from pages_deploy.preflight.finding import Finding
from pages_deploy.rules.addresses import Moved, as_sent, decoded, served_at
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.requests import Address, resolved, rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pages_deploy.rules.answers import Answers
    from pages_deploy.rules.redirects import Redirect

FILE = "_redirects"
_WILDCARD = re.compile(r"\*|:([A-Za-z]\w*+)", re.ASCII)
# A word like that within a segment is often meant as it stands: /wiki/Special:Search.
_NAME_IN_TARGET = re.compile(r"(?<=[/=]):([A-Za-z]\w*+)", re.ASCII)
_SOURCE = re.compile(r"\S++")
# What a splat and a placeholder may take; no line has such words.
_SPLATS = ("", "zq0wildcard", "zq1wildcard/zq2wildcard")
_NAMES = ("zq3wildcard", "zq4.wild-card")
# All of two wildcards; there is hardly a line with more.
_MOST_SAMPLES = 9


def redirect_findings(special_files: Mapping[str, bytes], answers: Answers) -> Iterator[Finding]:
    """Yield what is wrong with the lines that Pages takes, in the order of the file."""
    text = special_text(special_files, FILE)
    redirects = read_redirects(text)
    lines = text.split("\n")
    for rule in redirects.rules:
        yield from _by_itself(rule, lines[rule.line_number - 1])
        samples = samples_of(rule)
        answering = [redirects.rule_for(path) for path in samples]
        if rule in answering:
            # Its own are those of its paths that no other rule takes.
            own = samples[answering.index(rule)]
            yield from _circle(rule, own, answers)
        else:
            yield from _shadowed(rule, answering)


def samples_of(rule: Redirect) -> list[str]:
    """Return paths that a rule's source matches, which stand for all that it does."""
    is_splat = [found[0] == "*" for found in _WILDCARD.finditer(rule.source)]
    literals = _WILDCARD.sub("\0", rule.source).split("\0")
    choices = [_SPLATS if splat else _NAMES for splat in is_splat]
    found = []
    for words in itertools.islice(itertools.product(*choices), _MOST_SAMPLES):
        pairs = itertools.zip_longest(literals, words, fillvalue="")
        found.append("".join(itertools.chain.from_iterable(pairs)))
    return found


def _by_itself(rule: Redirect, line: str) -> Iterator[Finding]:
    source = _SOURCE.search(line)
    if source and ("?" in source[0] or "#" in source[0]):
        yield _warning(
            rule,
            "redirect-query",
            "Pages looks at the path alone: the source is read without its query or fragment, as "
            f"'{rule.source}'.",
            "Write the source without them; a redirect cannot depend on a query.",
        )
    taken = {found[1] or "splat" for found in _WILDCARD.finditer(rule.source)}
    for name in dict.fromkeys(_NAME_IN_TARGET.findall(rule.target)):
        # Names are replaced wherever they stand, also as the beginning of a longer one.
        if not any(name.startswith(one) for one in taken):
            yield _warning(
                rule,
                "redirect-unknown-name",
                f"The source takes nothing called '{name}': visitors are led to ':{name}' as it "
                "stands.",
                f"Put :{name} into the source, or what is meant into the target.",
            )
    if resolved(rule.target, Address("example.com", rule.source)) is None:
        yield _warning(
            rule,
            "redirect-invalid",
            f"The target '{rule.target}' is no address.",
            "Correct its host or port.",
        )


def _circle(rule: Redirect, path: str, answers: Answers) -> Iterator[Finding]:
    if answers.at(path).kind == "loop":
        yield _warning(
            rule,
            "redirect-loop",
            f"Visitors are led in a circle: from '{rule.target}' rules, or Pages by itself, lead "
            "back to this line.",
            "Pages leads from /page.html to /page and from /index.html to /: name the shorter "
            "form, or another target.",
        )
    elif rule.status == 200 and not _WILDCARD.search(rule.target):
        target = rewritten(rule.target)
        moved = served_at(decoded(target), answers.has)
        if isinstance(moved, Moved):
            yield _warning(
                rule,
                "rewrite-redirects",
                f"'{rule.target}' is not shown in place: Pages redirects visitors to "
                f"'{moved.path}'.",
                f"Write {as_sent(moved.path)} as the target.",
            )


def _shadowed(rule: Redirect, answering: Sequence[Redirect | None]) -> Iterator[Finding]:
    others = {one for one in answering if one is not None}
    if len(others) != 1:
        return
    first = others.pop()
    yield _warning(
        rule,
        "redirect-shadowed",
        f"This line has no effect: line {first.line_number} takes the same paths, and the first "
        "line counts.",
        f"Put it above line {first.line_number}.",
    )


def _warning(rule: Redirect, code: str, message: str, remedy: str) -> Finding:
    return Finding(
        severity="warning",
        code=code,
        file=FILE,
        line=rule.line_number,
        message=message,
        remedy=remedy,
    )
