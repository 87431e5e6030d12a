"""Build directories of any shape: names that file systems take and nobody expects, links, loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

MAX_NAME_BYTES = 255


@dataclass(frozen=True)
class Link:
    """A symbolic link, by what is written in it; `{root}` stands for the build directory."""

    target: str


Content = bytes | Link
Tree = dict[str, "Content | Tree"]

ORDINARY = ["index.html", "404.html", "a.txt", "A.txt", "a", "A", "b.css", "page.html", "dir", "é"]
# Left out or set aside in some places, and ordinary in others.
RESERVED = ["_headers", "_redirects", "_routes.json", "_worker.js", "functions", "node_modules"]
RESERVED += [".DS_Store", ".git", ".wrangler", "_worker.bundle", "Node_Modules", "_Headers"]
ODD = ["a b", " ", "  .txt", "%", "100%.txt", "%41", "%2e%2e", "%2F", "%zz", "%C3%A9", "..."]
ODD += [".env", ".well-known", "-rf", "~", "#", "?", "&", ";", "a#b?c&d;e", "+", "=", "@", ":", "*"]
ODD += ["\\", "a\\..\\b", "'", '"', "`", "<script>", "{}", "[]", "|", "^", "$&", "$(id)", "!"]
# Composed and not; other kinds of the same letters; what is invisible or turns the line around.
ODD += ["e\u0301", "\u00e9", "\ufb01", "\u0130", "\u200b", "\u202e", "\ufeff", "日本", "\U0001f680"]
ODD += ["\n", "\r\n", "\t", "\x01", "\x7f", "\x85", "\u2028", "a" * MAX_NAME_BYTES, "é" * 127]
ODD += ["con", "nul.txt", "x.html", "X.HTML", "index.html.html", "index", "x.", "constructor"]


# What is neither a separator nor an end to a file system.
plain_text = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=6)
names = st.one_of(
    st.sampled_from(ORDINARY),
    st.sampled_from(ODD),
    plain_text,
    st.tuples(plain_text, st.sampled_from([".html", "%20", " ", "."]), plain_text).map("".join),
).filter(lambda name: name not in {".", ".."})
any_names = names | st.sampled_from(RESERVED)
# Few, so that many files are the same.
contents = st.sampled_from([b"", b"same", b"\x00\xff", b"<h1>home</h1>\n"]) | st.binary(max_size=40)


def trees(
    name: st.SearchStrategy[str], leaves: st.SearchStrategy[Content], *, max_leaves: int = 12
) -> st.SearchStrategy[Tree]:
    """Return directories of these names and leaves, several levels deep, none of them empty."""
    inner: st.SearchStrategy[Content | Tree] = st.recursive(
        leaves, lambda below: st.dictionaries(name, below, max_size=4), max_leaves=max_leaves
    )
    return st.dictionaries(name, inner, min_size=1, max_size=6)


def plant(root: Path, tree: Tree, below: str = ".") -> None:
    """Write a tree into a directory that exists."""
    for name, entry in tree.items():
        place = root / below / name
        if isinstance(entry, dict):
            place.mkdir()
            plant(root, entry, f"{below}/{name}")
        elif isinstance(entry, Link):
            place.symlink_to(entry.target.format(root=root))
        else:
            place.write_bytes(entry)


def files_of(tree: Tree, prefix: str = "") -> dict[str, Content]:
    """Return the leaves of a tree by their paths, each with its leading slash."""
    found: dict[str, Content] = {}
    for name, entry in tree.items():
        path = f"{prefix}/{name}"
        found.update(files_of(entry, path) if isinstance(entry, dict) else {path: entry})
    return found
