"""Whatever `_redirects` and `_headers` say is read, and means the same however it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import assume, event, given
from hypothesis import strategies as st

from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.lines import MAX_LINE_UNITS
from pages_deploy.rules.redirects import read_redirects
from tests.fuzz import trees
from tests.fuzz.effort import effort, mostly

if TYPE_CHECKING:
    from pages_deploy.rules.headers import HeaderRules
    from pages_deploy.rules.redirects import Redirects

PIECES = ["/", "/", "/a", "a", "b", "/index", ".html", ":x", ":xy", ":splat", "*", ".", "..", "%2e"]
PIECES += [
    "%zz",
    "%C3%A9",
    "é",
    "\U0001f680",
    '"',
    "<",
    "`",
    "{",
    "^",
    "|",
    "\\",
    "?",
    "?q=1",
    "#f",
]
PIECES += [
    "https://",
    "https:///",
    "http://",
    "h.test",
    ":8080",
    "$&",
    "(",
    "[",
    "\x01",
    "\x7f",
    "\x85",
]
BLANKS = [" ", "  ", "\t", "\u00a0", "\u3000", "\ufeff", "\r", "\x0b", "\u2028", "\x1c", "\x85"]
STATUSES = [
    "301",
    "302",
    "200",
    "308",
    "404",
    "+301",
    "0x12d",
    "3.01e2",
    "3_01",
    "nan",
    "1e999",
    "x",
]

addresses = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
paths = addresses.map(lambda text: "/" + text)
blanks = st.sampled_from([" ", "\t", *[" "] * 10, *BLANKS])
anything = st.text(max_size=12) | st.sampled_from(
    ["# a comment", "", "/a /" + "b" * MAX_LINE_UNITS]
)


@st.composite
def redirect_lines(draw: st.DrawFn) -> str:
    tokens = [draw(mostly(paths, addresses)), draw(mostly(paths, addresses))]
    tokens += draw(st.lists(st.sampled_from(["301", "301", "200", "308", *STATUSES]), max_size=1))
    tokens += draw(st.sampled_from([[], [], [], [], ["# note"], ["more"]]))
    return draw(blanks).join(tokens)


NAMES = [
    "ETag",
    "etag",
    "X-A",
    "Content-Type",
    "!x",
    "a b",
    "",
    "! X-A",
    "! ETag",
    "\u0130",
    "a\tb",
]
HOSTS = ["", "", "", "https://h.test", "https://:s.h.test", "https://*.h.test", "https://h.test:1"]
path_lines = st.tuples(st.sampled_from(HOSTS), paths).map("".join)
field_lines = st.tuples(
    st.sampled_from(["", "  "]),
    st.sampled_from(["ETag", "X-A", "Content-Type", *NAMES]),
    st.sampled_from([": ", ": ", ":", " : ", "", "://"]),
    st.sampled_from(["1", '"x"', "", ":x :splat", "https://h.test", "# no comment", "a: b"]),
).map("".join)
header_blocks = st.tuples(path_lines, st.lists(field_lines, max_size=3)).map(
    lambda block: "\n".join([block[0], *block[1]])
)


def files(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    few = st.lists(mostly(lines, anything), min_size=3, max_size=8)
    many = st.lists(lines, min_size=1, max_size=3).map(lambda some: some * 60)
    return mostly(few.map("\n".join), many.map("\n".join), st.text(max_size=40))


# Without what a line ends or begins with.
noise = st.lists(st.sampled_from(["", "# a comment", " \t ", "\ufeff", "#/a /b"]), max_size=3)


def rewritten(text: str, before: list[str], end: str, indent: str) -> str:
    """Write the same lines with other ends, other blanks around them, and noise between them."""
    return "\n".join(
        "\n".join([*before, f"{indent}{line}{indent}{end}"]) for line in text.split("\n")
    )


def meaning(rules: Redirects) -> list[tuple[str, str, int]]:
    return [(rule.source, rule.target, rule.status) for rule in rules.rules]


def respelled(address: str) -> str:
    """Write an address as it is stored once more; of two slashes behind a host one is dropped."""
    return re.sub(r"^(https://[^/]+)/", r"\1//", address)


def fits(text: str) -> bool:
    return all(len(line.encode("utf-16-le")) <= 2 * MAX_LINE_UNITS for line in text.split("\n"))


writing = st.tuples(noise, st.sampled_from(["", "\r", " "]), st.sampled_from(["", " ", "\ufeff\t"]))


@given(text=files(redirect_lines()), path=paths, how=writing)
@effort(100)
def test_redirects_mean_the_same_however_they_are_written(
    text: str, path: str, how: tuple[list[str], str, str]
) -> None:
    rules = read_redirects(text)
    event(f"{min(len(rules.rules), 3)} rules")
    assert rules.matches(path) is (rules.rule_for(path) is not None)
    assert meaning(read_redirects(rewritten(text, *how))) == meaning(rules)
    # What is stored is what would be stored again.
    again = "\n".join(
        f"{rule.source} {respelled(rule.target)} {rule.status}" for rule in rules.rules
    )
    if fits(again):
        assert meaning(read_redirects(again)) == meaning(rules)
        assert read_redirects(again).matches(path) is rules.matches(path)


def effect(rules: HeaderRules, path: str, host: str) -> dict[str, str | None]:
    return {
        name: rules.sets(path, name, host=host)
        for rule in rules.rules
        for name in (*rule.set, *rule.unset)
    }


@given(text=files(header_blocks | field_lines), path=paths, how=writing)
@effort(100)
def test_headers_mean_the_same_however_they_are_written(
    text: str, path: str, how: tuple[list[str], str, str]
) -> None:
    rules = read_headers(text)
    event(f"{min(len(rules.rules), 3)} blocks")
    assert read_headers(rewritten(text, *how)).rules == rules.rules
    for rule in rules.rules:
        assert all(name.lower() == name and value for name, value in rule.set.items())
    again = "\n".join(
        "\n".join(
            [
                respelled(rule.path),
                *(f"{name}: {value}" for name, value in rule.set.items()),
                *(f"! {name}" for name in rule.unset),
            ]
        )
        for rule in rules.rules
    )
    if fits(again):
        assert read_headers(again).rules == rules.rules
        assert effect(read_headers(again), path, "a.h.test") == effect(rules, path, "a.h.test")


@given(names=st.lists(trees.names, min_size=1, max_size=4), other=trees.names)
@effort(100)
def test_a_rule_for_the_address_of_a_file_is_about_that_file(names: list[str], other: str) -> None:
    address = "".join(f"/{quote(name)}" for name in names)
    beside = f"{address}/{quote(other)}"
    assume(len(beside) < MAX_LINE_UNITS - 20)
    redirects = read_redirects(f"{address} /elsewhere 301\n{beside}/* /elsewhere\n")
    assert redirects.matches(address)
    assert not redirects.matches(beside)
    assert redirects.matches(f"{beside}/")
    assert redirects.matches(f"{beside}{address}")
    headers = read_headers(f"{address}\n  ETag: :x\n{beside}/:x\n  ! ETag\n")
    assert headers.sets(address, "etag") == ":x"
    assert headers.sets(f"{beside}/{quote(other)}", "etag") == ""
    assert headers.sets(f"{beside}{address}/", "etag") is None
