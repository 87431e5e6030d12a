"""Which file answers at an address, as Pages has it: cases of its asset server's own behavior."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.rules.addresses import (
    Moved,
    address_of,
    as_sent,
    decoded,
    same_place,
    served_at,
)

FILES = frozenset(
    {
        "/index.html",
        "/about.html",
        "/docs/index.html",
        "/blog.html",
        "/blog/post.html",
        "/both.html",
        "/both/index.html",
        "/dup",
        "/dup.html",
        "/plain",
        "/site.css",
        "/x.htm",
        "/X.HTML",
        "/1.18.2.html",
        "/v1.2/index.html",
        "/index/index.html",
        "/deep/.html",
        "/odd/index.html.html",
        "/\u00fc b.html",
        "/100%.html",
    }
)
has = FILES.__contains__


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "/index.html"),
        ("/index.html", Moved("/")),
        ("/index", Moved("/")),
        ("/index/", "/index/index.html"),
        ("/about", "/about.html"),
        ("/about.html", Moved("/about")),
        ("/about/", Moved("/about")),
        ("/about.html/", None),
        ("/docs/", "/docs/index.html"),
        ("/docs", Moved("/docs/")),
        ("/docs/index", Moved("/docs/")),
        ("/docs/index.html", Moved("/docs/")),
        ("/docs/index/", Moved("/docs/")),
        ("/blog/", Moved("/blog")),
        ("/blog/post", "/blog/post.html"),
        ("/both", "/both.html"),
        ("/both/", "/both/index.html"),
        ("/both.html", Moved("/both")),
        ("/dup", "/dup"),
        ("/dup.html", "/dup.html"),
        ("/plain", "/plain"),
        ("/plain/", None),
        ("/plain.html", None),
        ("/site.css", "/site.css"),
        ("/x", None),
        ("/x.htm", "/x.htm"),
        ("/X.HTML", "/X.HTML"),
        ("/1.18.2", "/1.18.2.html"),
        ("/v1.2/", "/v1.2/index.html"),
        ("/deep/.html", Moved("/deep/")),
        ("/deep/", None),
        ("/odd/index.html", "/odd/index.html.html"),
        ("/nothing", None),
        ("/nothing/index.html", None),
        # Without a look at whether that is there.
        ("/nothing/index", Moved("/nothing/")),
        ("/nothing/index/", Moved("/nothing/")),
        ("//about", None),
        ("/About", None),
    ],
)
def test_an_address_has_the_file_that_pages_serves_there(
    path: str, answer: str | Moved | None
) -> None:
    assert served_at(path, has) == answer


def test_a_file_without_a_name_answers_at_its_own_address_alone() -> None:
    only = {"/.html"}.__contains__
    assert served_at("/.html", only) == "/.html"
    assert served_at("/", only) is None


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("/index.html", "/"),
        ("/about.html", "/about"),
        ("/docs/index.html", "/docs/"),
        ("/both.html", "/both"),
        ("/both/index.html", "/both/"),
        ("/dup", "/dup"),
        ("/dup.html", "/dup.html"),
        ("/index/index.html", "/index/"),
        ("/x.htm", "/x.htm"),
        ("/odd/index.html.html", "/odd/index.html"),
        ("/deep/.html", None),
    ],
)
def test_a_file_has_one_address(file: str, address: str | None) -> None:
    assert address_of(file, has) == address


NAMES = st.sampled_from(["index", "index.html", ".html", "a", "a.html", "b.html.html"])


@given(
    st.frozensets(st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(("", *parts))))
)
def test_whatever_a_site_has_an_address_of_a_file_serves_it(files: frozenset[str]) -> None:
    for file in files:
        address = address_of(file, files.__contains__)
        assert address is None or served_at(address, files.__contains__) == file


@pytest.mark.parametrize(
    ("path", "other", "same"),
    [
        ("/docs", "/docs/", True),
        ("/docs/index.html", "/docs/", True),
        ("/docs/index/", "/docs/", True),
        ("/about.html", "/about", True),
        ("/index", "/", True),
        ("/about", "/other", False),
        ("/about", "/about/us", False),
        ("/", "/en/", False),
        ("/appendix", "/app", False),
    ],
)
def test_spellings_of_one_address_are_told_from_others(path: str, other: str, same: bool) -> None:
    assert same_place(path, other) is same


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/a%20b", "/a b"),
        ("/%C3%BC", "/\u00fc"),
        ("/%c3%bc", "/\u00fc"),
        ("/100%25", "/100%"),
        ("/a+b", "/a+b"),
        ("/a%2Fb", "/a/b"),
        # One wrong escape, and none counts.
        ("/%20%zz", "/%20%zz"),
        ("/%20%", "/%20%"),
        ("/%20%FF", "/%20%FF"),
        ("/\u00fc", "/\u00fc"),
        ("/\ud800", "/\ud800"),
    ],
)
def test_a_path_is_decoded_once_or_not_at_all(path: str, read: str) -> None:
    assert decoded(path) == read


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sent_is_read_as_the_same_path(path: str) -> None:
    sent = as_sent(path)
    assert sent.isascii()
    assert decoded(sent) == path
    assert not set(sent) & set(' "<>?#\\`{}^')


def test_what_a_browser_leaves_as_it_is_stays() -> None:
    """By it rules of `_redirects` are matched."""
    plain = "/@scope/a:b;c=d,e+f$g&h'i(j)k*l!m~n-o_p.q[r]|s"
    assert as_sent(plain) == plain
