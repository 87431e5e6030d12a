"""Reading sitemaps, robots.txt and links, whatever is wrong with them."""

from __future__ import annotations

import pytest

from pages_deploy.proof.sitemap import (
    LONGEST_ADDRESS,
    Sitemap,
    links_of,
    read_sitemap,
    sitemaps_of_robots,
)
from tests.patience import no_endless_work

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def urlset(*locations: str) -> str:
    entries = "".join(
        f"<url><loc>{one}</loc><lastmod>2026-01-01</lastmod></url>" for one in locations
    )
    return f'{HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


def addresses(text: str, *, most: int = 100) -> tuple[str, ...]:
    sitemap = read_sitemap(text, most=most)
    assert sitemap is not None
    return sitemap.addresses


def test_a_sitemap_lists_its_locations() -> None:
    assert read_sitemap(urlset("https://a.test/", "https://a.test/b"), most=9) == Sitemap(
        is_index=False, addresses=("https://a.test/", "https://a.test/b")
    )


def test_an_index_is_told_from_a_sitemap() -> None:
    text = f"{HEAD}<sitemapindex><sitemap><loc>https://a.test/1.xml</loc></sitemap></sitemapindex>"
    assert read_sitemap(text, most=9) == Sitemap(is_index=True, addresses=("https://a.test/1.xml",))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\n  https://a.test/b\n ", "https://a.test/b"),
        ("https://a.test/?a=1&amp;b=2", "https://a.test/?a=1&b=2"),
        ("https://a.test/?a=1&b=2", "https://a.test/?a=1&b=2"),
        ("<![CDATA[https://a.test/c]]>", "https://a.test/c"),
        (" <![CDATA[ https://a.test/c ]]> ", "https://a.test/c"),
        ("https://a.test/&#252;", "https://a.test/\u00fc"),
    ],
)
def test_a_location_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert addresses(urlset(written)) == (meant,)


def test_the_places_of_images_are_no_pages() -> None:
    text = urlset("https://a.test/</loc><image:loc>https://a.test/i.png</image:loc><loc>")
    assert addresses(text) == ("https://a.test/",)


def test_comments_and_a_style_sheet_may_come_first() -> None:
    text = urlset("https://a.test/").replace(
        HEAD, f'{HEAD}<!-- made by hand -->\n<?xml-stylesheet href="a.xsl"?>\n'
    )
    assert addresses(text) == ("https://a.test/",)


@pytest.mark.parametrize(
    "text",
    ["", "<!doctype html><h1>home</h1>", "https://a.test/\n", "{}", "<rss><loc>x</loc></rss>"],
)
def test_what_is_no_sitemap_is_none(text: str) -> None:
    assert read_sitemap(text, most=9) is None


def test_a_broken_sitemap_is_read_as_far_as_it_can_be() -> None:
    assert addresses("<urlset><url><loc>https://a.test/a<loc>https://a.test/b</url>") == (
        "https://a.test/a",
        "https://a.test/b",
    )


def test_no_entity_of_a_sitemap_grows() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f"<!DOCTYPE x [{laughs}]>{urlset('https://a.test/&l9;')}"
    assert addresses(text) == ("https://a.test/&l9;",)


def test_of_too_many_or_too_long_addresses_some_are_left() -> None:
    assert len(addresses(urlset(*["https://a.test/"] * 50), most=20)) == 20
    assert addresses(urlset("https://a.test/" + "x" * LONGEST_ADDRESS, "https://a.test/b")) == (
        "https://a.test/b",
    )


@pytest.mark.parametrize("piece", ["<loc>", "<loc ", "<loc>x", "<loc><![CDATA[", "<urlset ", " "])
def test_a_sitemap_without_an_end_is_read_in_time(piece: str) -> None:
    with no_endless_work():
        read_sitemap("<urlset>" + piece * (2_000_000 // len(piece)), most=50_000)


def test_robots_may_name_several_sitemaps() -> None:
    text = (
        "User-agent: *\r\nDisallow: /x\r\nSitemap: https://a.test/one.xml\r\n"
        "sitemap:https://a.test/two.xml # new\n# Sitemap: https://a.test/not.xml\nSitemap:\n"
    )
    assert sitemaps_of_robots(text) == ["https://a.test/one.xml", "https://a.test/two.xml"]
    assert sitemaps_of_robots(f"Sitemap: /{'x' * LONGEST_ADDRESS}") == []


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ('<a href="/a">', ["/a"]),
        ("<A class=x HREF='/a b'>x</A><a\nhref=/b>", ["/a b", "/b"]),
        ('<a data-href="/no" href = "/yes">', ["/yes"]),
        ('<a href="?x=1&amp;y=2">', ["?x=1&y=2"]),
        ('<a href=""><a name="x"><abbr href="/no"><link href="/no"><area href="/no">', []),
        ('<p>a href="/no"</p>', []),
        (f'<a href="/{"x" * LONGEST_ADDRESS}">', []),
    ],
)
def test_the_links_of_a_page_are_found(markup: str, links: list[str]) -> None:
    assert list(links_of(markup)) == links


@pytest.mark.parametrize("piece", ["<a ", "<a href='", "<a  ", "<a href= ", '<a href="x'])
def test_a_page_without_an_end_is_read_in_time(piece: str) -> None:
    with no_endless_work():
        list(links_of(piece * (2_000_000 // len(piece))))
