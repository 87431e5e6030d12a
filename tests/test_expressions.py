"""Every regular expression of the package is done with its worst text in good time.

1. Find the expressions in the sources, and by which methods each is used.
2. For each of its repetitions write what leads there, much of what it repeats, and an end at which
   nothing matches: what an expression that tries every way to match would never be done with.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import no_endless_work

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
# So many that even the square of it would not be done in time.
REPEATED = 200_000
ENDS = ("", "\x00")

# What Python makes of an expression; it has no public name.
parser: Any = importlib.import_module("re._parser")
constants: Any = importlib.import_module("re._constants")
REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}


def expressions() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Yield the place, the expression and the method of each use."""
    for file in sorted((ROOT / "pages_deploy").rglob("*.py")):
        text = file.read_text("utf-8")
        if not re.search(r"(?m)^import re$", text):
            continue
        tree = ast.parse(text)
        place = file.relative_to(ROOT).with_suffix("")
        module = vars(importlib.import_module(".".join(place.parts)))
        named = {name: one for name, one in module.items() if isinstance(one, re.Pattern)}
        used: dict[str, set[str]] = {name: set() for name in named}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner, method = node.func.value, node.func.attr
            if not isinstance(owner, ast.Name) or method not in METHODS:
                continue
            if owner.id in used:
                used[owner.id].add(method)
            elif owner.id == "re":
                expression = re.compile(ast.literal_eval(node.args[0]))
                yield f"{place}:{node.lineno}", expression, method
        for name, methods in used.items():
            for method in sorted(methods or {"match", "fullmatch", "search"}):
                yield f"{place}:{name}", named[name], method


def letter_of(items: list[Any], turn: int) -> str:
    """Return a letter that a class has; another one for another turn, where it has several."""
    is_negated = items[0][0] is constants.NEGATE
    names = {
        constants.CATEGORY_DIGIT: "0123456789",
        constants.CATEGORY_SPACE: " \t",
        constants.CATEGORY_WORD: "ab_",
        constants.CATEGORY_NOT_SPACE: "ab",
    }
    letters = []
    for kind, value in items:
        if kind is constants.LITERAL:
            letters.append(chr(value))
        elif kind is constants.RANGE:
            letters += [chr(value[0]), chr(value[1])]
        elif kind is constants.CATEGORY:
            letters += names[value]
    if is_negated:
        letters = [letter for letter in "a:= -b0/" if letter not in letters]
    return letters[turn % len(letters)]


def sample(parsed: Any, turn: int = 0) -> str:
    """Return a text that a part of an expression matches, looks around apart."""
    text = ""
    for kind, value in parsed:
        if kind is constants.LITERAL:
            text += chr(value)
        elif kind is constants.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif kind is constants.ANY:
            text += "ab"[turn % 2]
        elif kind is constants.IN:
            text += letter_of(value, turn)
        elif kind is constants.BRANCH:
            text += sample(value[1][turn % len(value[1])], turn)
        elif kind in REPEATS:
            text += sample(value[2], turn) * max(value[0], 1 - turn % 2)
        elif inner := inside(kind, value):
            text += sample(inner[0], turn)
    return text


def inside(kind: Any, value: Any) -> list[Any]:
    """Return the parts within one part."""
    if kind is constants.SUBPATTERN:
        return [value[3]]
    if kind is constants.ATOMIC_GROUP:
        return [value]
    if kind in REPEATS:
        return [value[2]]
    if kind is constants.BRANCH:
        return list(value[1])
    return [value[1]] if kind in {constants.ASSERT, constants.ASSERT_NOT} and value[0] > 0 else []


def dangers(parsed: Any, before: str = "") -> Iterator[str]:
    """Yield the texts of an expression that would take long, without their ends."""
    for kind, value in parsed:
        if kind in REPEATS:
            for turn in range(3):
                yield before + (sample(value[2], turn) or "a") * REPEATED
            mixed = "".join(sample(value[2], turn) for turn in range(6))
            yield before + mixed * (REPEATED // 6)
        for part in inside(kind, value):
            yield from dangers(part, before)
        before += sample([(kind, value)])
    if before:
        yield before * (REPEATED // len(before))
        yield before[:-1] * (REPEATED // len(before))


USES = list(expressions())


@pytest.mark.parametrize(
    ("expression", "method"),
    [(expression, method) for _, expression, method in USES],
    ids=[f"{place}.{method}" for place, _, method in USES],
)
def test_an_expression_is_soon_done_with_its_worst_text(
    expression: re.Pattern[Any], method: str
) -> None:
    parsed = parser.parse(expression.pattern, expression.flags & ~re.UNICODE & ~re.DEBUG)
    texts = {text[: 2 * REPEATED] for text in dangers(parsed)}
    for text, end in itertools.product(sorted(texts), ENDS):
        subject: Any = text + end
        if isinstance(expression.pattern, bytes):
            subject = subject.encode("latin-1", "ignore")
        with no_endless_work():
            if method == "sub":
                expression.sub(lambda _: expression.pattern[:0], subject)
            elif method == "finditer":
                list(expression.finditer(subject))
            else:
                getattr(expression, method)(subject)


def test_the_expressions_are_found() -> None:
    places = {place for place, _, _ in USES}
    assert len(places) > 40
    assert "pages_deploy/rules/redirects:_COMMENT" in places
    assert "pages_deploy/text/escaping:_COMMANDS" in places


@pytest.mark.parametrize(
    ("careless", "worst"),
    [
        (r"-{5}\n(?:[a-z]+: [^\n]+\n?)*x", "-----\nz: az: a"),
        (r"\s+#", " " * 1000),
        (r"r=.*t=", "r=" * 1000),
        (r"(?P<a>[^/]+)(?P<b>[^/]+)!", "a" * 1000),
    ],
)
def test_what_would_hang_a_careless_expression_is_among_the_texts(
    careless: str, worst: str
) -> None:
    assert any(text.startswith(worst) for text in dangers(parser.parse(careless)))
