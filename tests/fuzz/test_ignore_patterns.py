"""Patterns mean what they mean to git: each answer is compared with that of `git check-ignore`."""

from __future__ import annotations

import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.site.patterns import Pattern, PatternSet, read_patterns
from tests.fuzz.effort import effort

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")

PIECES = (
    *("a", "b", "foo", "bar", "x.js", ".map", ".", "-", "é", "A", "0", " ", "\t", "\r", "#", "!"),
    *("*", "**", "***", "?", "/", "//", "/**/", "**/", "/**", "\\", "\\*", "\\/", "\\ ", "[", "]"),
    *("[a-c]", "[!a]", "[^b]", "[]a]", "[a-", "[\\]]", "[a\\-c]", "[c-a]", "[/]", "[a/]", "[!/]"),
    *("[[:alpha:]]", "[[:digit:][:upper:]]", "[[:nope:]]", "[[:alpha:", "[[:]", "[:a:]", "[é]"),
    *("[[:space:]]", "[[:punct:]-z]", "[--0]", "[a-\\]", "[[a]", "[!]", "[]", "[!]a]", "[%-é]"),
)
NAMES = (
    *("a", "b", "foo", "bar", "x.js", "x.js.map", ".hidden", "a-b", "é", "A", "0", "foo bar"),
    *("foobar", "foo.map", "a b ", "#a", "!a", "[a]", "a]", "*", "\\", "ab\\", "a\r", "foo "),
)


class Git:
    """A tree of files, and what git says of each path in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        chance = random.Random(16)
        self.paths: dict[str, bool] = {}
        for top in NAMES:
            # Each name both as a file and as a directory, at some depth.
            self._add(f"{top}")
            for depth in (1, 1, 2, 3):
                parents = [f"{chance.choice(NAMES)}d" for _ in range(depth)]
                self._add("/".join((*parents, top)))
                self._add("/".join((*parents, top + "d", chance.choice(NAMES))))
        for path in ("foo-d/bar/x.js", "d/foo/bar", "d/foo/bard/a", "food/a/b/x.js", "fooxd/bar"):
            self._add(path)
        self._git("init", "-q")

    def _add(self, path: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self.paths[path] = False
        parent = path
        while parent := parent.rpartition("/")[0]:
            self.paths[parent] = True

    def _git(self, *arguments: str, told: bytes = b"") -> bytes:
        configured = ("-c", "core.excludesFile=", "-c", "core.ignoreCase=false")
        ended = subprocess.run(
            ["git", *configured, *arguments],
            check=False,
            cwd=self.root,
            input=told,
            capture_output=True,
        )
        assert ended.returncode in {0, 1}, ended.stderr
        return ended.stdout

    def lines(self, ignoring: bytes) -> dict[str, int]:
        """Return the line that decides about each path; 0 for none."""
        (self.root / ".gitignore").write_bytes(ignoring)
        told = "\0".join(self.paths).encode()
        said = self._git("check-ignore", "--no-index", "--stdin", "-zvn", told=told)
        fields = said.split(b"\0")[:-1]
        return {
            path.decode(): int(line or 0)
            for line, path in zip(fields[1::4], fields[3::4], strict=True)
        }


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return Git(tmp_path_factory.mktemp("tree"))


def lines_of(ignoring: bytes, paths: Iterable[tuple[str, bool]]) -> dict[str, int]:
    """Return what we say, as the walk asks: nothing below what is ignored is looked at."""
    patterns = PatternSet(read_patterns(ignoring, "here"))

    def decides(path: str, *, is_directory: bool) -> Pattern | None:
        parent = path.rpartition("/")[0]
        if parent:
            above = decides(parent, is_directory=True)
            if above is not None and not above.brings_back:
                return above
        state = patterns.after(patterns.start, path.encode())
        return patterns.last_match(state, is_directory=is_directory)

    found = ((path, decides(path, is_directory=is_directory)) for path, is_directory in paths)
    return {path: pattern.line if pattern is not None else 0 for path, pattern in found}


def check(git: Git, ignoring: bytes) -> None:
    expected, ours = git.lines(ignoring), lines_of(ignoring, git.paths.items())
    differing = {path: (line, ours[path]) for path, line in expected.items() if ours[path] != line}
    assert not differing, (ignoring, "path: (git, ours)", differing)


@st.composite
def one_pattern(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5))
    return draw(st.sampled_from(("", "", "", "!", "/"))) + "".join(pieces)


@effort(60)
@given(patterns=st.lists(one_pattern(), min_size=1, max_size=6), end=st.sampled_from("\n "))
@example(patterns=["foo**/bar"], end="\n")
@example(patterns=["d/foo**"], end="\n")
@example(patterns=["**\\/bar"], end="\n")
@example(patterns=["**/**/a", "!**/**"], end="\n")
@example(patterns=["*", "!food/", "!food/a"], end="\n")
@example(patterns=["food/*", "!food/a", "food/a/**/x.js"], end="\n")
@example(
    patterns=["foo\\ ", "foo\\  ", "#a", "\\#a", "\\!a", "!!a", "/", "//", "!", "\\"], end="\n"
)
@example(patterns=["a\r", "*.map\r\r", "\r", ""], end="\n")
def test_each_pattern_decides_where_it_decides_for_git(
    git: Git, patterns: list[str], end: str
) -> None:
    check(git, ("\n".join(patterns) + end).encode())


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked as UTF-8"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_line_ends_and_the_mark_of_utf_8_change_nothing(
    git: Git, mark: bytes, newline: bytes
) -> None:
    check(git, mark + newline.join((b"foo", b"# a", b"", b"*.map", b"!/foo.map", b"a b\\ ")))


def test_bytes_that_are_no_utf_8_are_matched_as_bytes(git: Git) -> None:
    check(git, b"\xc3?\n[\xc3][\xa9-\xaa]\n!\xe9\n")


BYTES = bytes(set(range(1, 256)) - set(b"/\n"))


@pytest.mark.parametrize(
    "members",
    [
        *(
            "[:alnum:]",
            "[:alpha:]",
            "[:blank:]",
            "[:cntrl:]",
            "[:digit:]",
            "[:graph:]",
            "[:lower:]",
        ),
        *("[:print:]", "[:punct:]", "[:space:]", "[:upper:]", "[:xdigit:]", "!a-z", "^[:alpha:]-"),
    ],
)
def test_a_class_has_the_members_that_it_has_for_git(tmp_path: Path, members: str) -> None:
    class Bytes(Git):
        def __init__(self) -> None:
            self.root = tmp_path
            self._git("init", "-q")

    pattern = b"x[" + members.encode() + b"]"
    (tmp_path / ".gitignore").write_bytes(pattern)
    told = b"\0".join(b"x" + bytes((byte,)) for byte in BYTES)
    taken = Bytes()._git("check-ignore", "--no-index", "--stdin", "-z", told=told)
    patterns = PatternSet(read_patterns(pattern, "here"))
    ours = [
        byte
        for byte in BYTES
        if patterns.last_match(
            patterns.after(patterns.start, b"x" + bytes((byte,))), is_directory=False
        )
    ]
    assert [one[1] for one in taken.split(b"\0")[:-1]] == ours
