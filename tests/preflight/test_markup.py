"""The links of a page, at a glance and as a browser splits it into tags."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages_deploy.preflight import markup
from pages_deploy.preflight.markup import Glance, bare, is_readable, links_of, meant
from tests.fuzz.effort import effort
from tests.patience import no_endless_work

PIECES = (
    *("<a", "<A ", "<base ", "<img/", "</a", "<p>", "<br />", "<1", "<", ">", "/", "/>", " ", "\n"),
    *("href", "HREF", "hRef", "src", "Src", "data-href", "xlink:href", "title", "=", " = ", "=="),
    *('"', "'", '"x"', "'y'", "z", "a.html", "?q", "#f", "&", "&#47;", "&#", "&amp;", "\t", "\f"),
    *("<!--", "-->", "--!>", "<!-->", "<!--->", "--", "-", "<!", "<?", "</", "]]>", "<![CDATA["),
    *("<script>", "</script>", "<SCRIPT src=", "</script ", "<style>", "</style>", "<title>"),
    *("</title>", "<textarea", "</TEXTAREA>", "<xmp>", "\v", "\0", "ü", "href=", 'src="', "href='"),
)
PAGES = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda some: "".join(some).encode())


def links(page: str) -> list[str]:
    return [link.value.decode() for link in links_of(page.encode())]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<a href="x">', ["x"]),
        ("<a href='x'>", ["x"]),
        ("<a href=x>", ["x"]),
        ("<A HREF = \n x/>", ["x/"]),
        ('<img src="x"/>', ["x"]),
        ('<a title=">" href="x">', ["x"]),
        ('<a title="a"href="x">', ["x"]),
        ("<a b\"c='>' href=x>", ["x"]),
        ("<a =href=x href=y>", ["y"]),
        ('<a href="x" HREF="y" src="z">', ["x", "z"]),
        ('<a href="" src>', [""]),
        ("<a href= >", []),
        ('<a href="x\ny">', ["x\ny"]),
        ('<!-- href=" --><a href="x">', ["x"]),
        ('<!--><a href="x"><!---><a href="y">', ["x", "y"]),
        ('<!-- <a href="x"> --!><a href="y">', ["y"]),
        ('<!-- <a href="x">', []),
        ('<!doctype href="x"><?php href="x"?></ href="x"><a href=y>', ["y"]),
        ('<![CDATA[<a href="x">]]><a href="y">', ["y"]),
        ('<script>"<a href=x>"</script><a href="y">', ["y"]),
        ('<script type="text/template" src="s"><a href="{{ url }}"></script>', ["s"]),
        ('<STYLE><a href="x"></stylex></Style ><a href="y">', ["y"]),
        ('<title><a href="x"></title><textarea><a href="x"></textarea><a href="y">', ["y"]),
        ('<script><a href="x">', []),
        ('<scripted><a href="x">', ["x"]),
        ('</a href="x"><a href="y">', ["y"]),
        ('<a data-href="x" xlink:href="x" data-src="x" srcset="x">', []),
        ('<template><a href="x"></template><noscript><a href="y"></noscript>', ["x", "y"]),
        ('1 < 2 <a href="x"> <', ["x"]),
        ('<1234 <a href="1234">', ["1234"]),
        ('<a href="x', []),
        ('<a href="x" ', []),
        ('<a href="x" title="y>', []),
        (f'<img src="{"x" * (markup.LONGEST_VALUE + 1)}">', []),
    ],
)
def test_links_are_those_of_the_tags(page: str, expected: list[str]) -> None:
    assert links(page) == expected
    glance = Glance(page.encode())
    assert list(glance.links_with({link.cut for link in links_of(page.encode())})) == list(
        links_of(page.encode())
    )


def check(page: bytes) -> None:
    exact = list(links_of(page))
    glance = Glance(page)
    values = {bare(seen) for seen in glance.values}
    assert {link.cut for link in exact} <= values
    assert list(glance.links_with(values)) == exact
    for value in values:
        assert list(glance.links_with({value})) == [one for one in exact if one.cut == value]
    assert glance.may_have_base_anywhere or not any(link.is_base for link in exact)


@given(PAGES)
@example(b"<a href=x&#47;y#z>")
@example(b'<a title="href=x"href="y">')
@example(b'<!-- href="--><a href="x">')
@example(b"<base href=base src=base>")
@effort(400)
def test_a_glance_misses_nothing(page: bytes) -> None:
    check(page)


@given(PAGES, PAGES)
@effort(100)
def test_a_glance_at_values_that_are_not_short_misses_nothing(before: bytes, after: bytes) -> None:
    check(before + b'<a href="long/value"><img src=other-value>' + after)


def test_where_there_are_too_many_values_only_the_links_can_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = b"<a href=x>" * 20
    monkeypatch.setattr(markup, "_ALWAYS_FEW_BYTES", 100)
    assert Glance(page).is_enough
    monkeypatch.setattr(markup, "_MOST_GLANCES", 19)
    assert not Glance(page).is_enough
    assert Glance(page).values == set()


@pytest.mark.parametrize(
    ("page", "head", "anywhere"),
    [
        (b"<head><BASE href=/>", True, True),
        (b"<body><base href=/>", False, True),
        (b"<base><body>", True, True),
        (b"<p>", False, False),
    ],
)
def test_a_base_is_seen(page: bytes, head: bool, anywhere: bool) -> None:
    glance = Glance(page)
    assert (glance.may_have_base, glance.may_have_base_anywhere) == (head, anywhere)


def test_only_the_href_of_a_base_is_one() -> None:
    page = b"<base src=x href=y><a href=z>"
    assert [link.is_base for link in links_of(page)] == [False, True, False]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a&amp;b", "a&b"),
        ("a&#47;b&#x2F;c", "a/b/c"),
        ("a&copy;b", "a\u00a9b"),
        ("a&copy/", "a\u00a9/"),
        ("a&copy=b&copyb", "a&copy=b&copyb"),
        ("a&unknown;b & c", "a&unknown;b & c"),
        ("\u00fc", "\u00fc"),
    ],
)
def test_references_are_replaced_as_in_an_attribute(value: str, expected: str) -> None:
    assert meant(value.encode()) == expected


def test_what_is_no_utf_8_is_replaced() -> None:
    assert meant(b"\xff") == "\ufffd"


def test_utf_16_is_not_readable() -> None:
    assert not is_readable("\ufeffx".encode("utf-16-le"))
    assert not is_readable("\ufeffx".encode("utf-16-be"))
    assert is_readable("\ufeffx".encode())


@pytest.mark.parametrize("filler", [" ", "/", "a ", "= "])
def test_a_tag_as_long_as_a_file_is_soon_read(filler: str) -> None:
    with no_endless_work():
        assert links(f"<a href=x {filler * 1_000_000}>") == ["x"]
