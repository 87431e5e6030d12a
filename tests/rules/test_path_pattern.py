"""What a rule's path matches: as Cloudflare's expression of it does, without its dangers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.path_pattern import pattern_of
from pages_deploy.rules.paths import LONGEST_VALUE, filled
from pages_deploy.rules.redirects import read_redirects
from tests.patience import no_endless_work

SPECIAL = re.compile(r"[-/\\^$*+?.()|\[\]{}]")


def expression_of(rule: str) -> re.Pattern[str] | None:
    """Build the expression as Cloudflare's `rulesEngine.ts` does, step by step."""
    text = "(?P<splat>.*)".join(SPECIAL.sub(r"\\\g<0>", part) for part in rule.split("*"))
    if host := re.match(r"https:\\/\\/[^/]*", text):
        for name in re.findall(r":([A-Za-z]\w*)(?=\\)", host[0], re.ASCII):
            text = text.replace(f":{name}", f"(?P<{name}>[^/.]+)")
    for name in re.findall(r":([A-Za-z]\w*)", text, re.ASCII):
        text = text.replace(f":{name}", f"(?P<{name}>[^/]+)")
    try:
        return re.compile(text)
    except re.error:
        return None


PIECES = st.sampled_from(
    ["/", "/", "/a", "a", "b", "ab", ":a", ":b", ":ab", ":c", "*", ".", "-", "!"]
)
texts = st.lists(PIECES, max_size=7).map("".join)
starts = st.sampled_from(["/", "/", "https://", "https://h."])
LETTERS = st.text("ab/.-!:", max_size=14)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a rule, and a path that is often much like it."""
    rule = draw(starts) + draw(texts)
    words = st.text("ab.-", min_size=1, max_size=3)
    like = re.sub(r"\*|:\w+", lambda _: draw(words | LETTERS), rule)
    return rule, draw(st.just(like) | st.just(like) | LETTERS.map(lambda text: f"/{text}"))


@given(cases())
@example(("/:a:b:c/x", "/abcd/x"))
@example(("/a/:b/x*", "/a/q/x/x"))
@example(("https://:a.:b:c/", "https://x.y.z/"))
@example(("https://:a.", "https://.."))
@example(("/*-:a", "/x-y-z/-b"))
def test_it_matches_and_takes_what_cloudflares_expression_does(case: tuple[str, str]) -> None:
    rule, path = case
    expression, pattern = expression_of(rule), pattern_of(rule)
    assert (pattern is None) is (expression is None)
    if pattern is None or expression is None:
        event("no pattern")
        return
    match = expression.fullmatch(path)
    event("matches" if match else "does not match")
    assert pattern.match(path) == (match.groupdict() if match else None)


MANY = "".join(f":n{number}-" for number in range(280))
DANGEROUS = {
    "placeholders beside each other": ("/:a:b:c:d:e:f:g:h:i:j!x", "/" + "y" * 4000),
    "as many as fit": ("/" + "".join(f":n{number}!" for number in range(300)), "/" + "!y" * 4000),
    "placeholders and one letter": (f"/{MANY}!", "/" + "-" * 4000),
    "placeholders around a splat": ("/:a:b:c:d*:e:f:g:h!", "/" + "-" * 4000),
    "in a host": ("https://:a-:b-:c-:d-:e-:f.dev/", "https://" + "-" * 4000 + "/"),
    "names within names": (
        "/" + "".join(f":{'a' * n}" for n in range(60, 0, -1)),
        "/" + "a" * 4000 + "/",
    ),
    "letters that repeat": (f"/{'a' * 900}*{'a' * 900}b", "/" + "a" * 8000),
}


@pytest.mark.parametrize(("rule", "path"), DANGEROUS.values(), ids=DANGEROUS)
def test_no_rule_takes_long_whatever_it_is(rule: str, path: str) -> None:
    with no_endless_work():
        pattern = pattern_of(rule)
        assert pattern is None or pattern.match(path) is None


LINES: dict[str, str] = {
    "blanks before a letter": " " * 200_000 + "x",
    "blanks within": ("/a" + " " * 1900 + "b\n") * 200,
    "blanks and no comment": (" /a /b" + " \u3000" * 900 + "x\n") * 200,
    "digits": ("/a /b " + "1" * 1900 + "x\n") * 200,
    "hexadecimal digits": ("/a /b 0x" + "f" * 1900 + "g\n") * 200,
    "slashes": ("https:" + "/" * 1900 + "\n") * 200,
    "ports": ("https://h" + ":1" * 900 + "x/\n  a: b\n") * 200,
    "colons": ("a" * 1900 + ":/\n") * 200,
    "one name again and again": "/a\n" + "x: yyyyyyyy\n" * 50_000,
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_no_file_takes_long_to_read_whatever_it_is(text: str) -> None:
    with no_endless_work():
        assert read_redirects(text).rule_for("/none") is None
        assert read_headers(text).sets("/none", "x") is None


def test_a_value_that_quotes_a_path_does_not_grow_without_end() -> None:
    rules = read_headers("/:a/:b/:c/:d/:e\n  X: " + ":a" * 900 + "\n")
    path = "/" + "/".join(f":{name}" * 900 for name in "bcdef")
    value = rules.sets(path, "x")
    assert value
    assert len(value) <= LONGEST_VALUE
    small: dict[str, Any] = {"a": "1", "b": "2"}
    assert filled(":a-:b:a", small) == "1-21"
