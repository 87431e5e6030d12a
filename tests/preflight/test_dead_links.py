"""The links of a site that lead nowhere, asked at the emulator too."""

from __future__ import annotations

import http.client
import random
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest

from pages_deploy.errors import DirectoryError
from pages_deploy.preflight import dead_links, link_lookup, markup
from pages_deploy.preflight.codes import CODES
from pages_deploy.preflight.dead_links import DeadLinks, Place, find_dead_links
from pages_deploy.preflight.link_targets import Base, base_of, path_of_link
from pages_deploy.preflight.markup import links_of, meant
from pages_deploy.rules.addresses import address_of, as_sent
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.site.manifest import build_manifest
from tests.making import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.site.manifest import Manifest
    from tests.world import BuildSite

HOST = "www.example.com"


def answers_of(manifest: Manifest, *, worker: RoutesRules | None = None) -> Answers:
    rules = manifest.special_files.get("_redirects", b"").decode()
    files = [asset.path for asset in manifest.assets]
    return Answers(files, read_redirects(rules), worker_rules=worker, hosts=[HOST])


def look(root: Path, *, worker: RoutesRules | None = None) -> DeadLinks:
    manifest = build_manifest(root)
    return find_dead_links(manifest, answers_of(manifest, worker=worker))


def places(found: DeadLinks) -> set[Place]:
    return {place for target in found.targets.values() for place in target.places}


def test_a_dead_link_is_named_with_its_file_and_line(site: BuildSite) -> None:
    found = look(
        site(
            {
                "404.html": "",
                "blog/post.html": '<p>\n<a href="../gone?q#f">\n<img src=x.png><a href="post">',
                "blog/index.html": "<a href='/gone'><a href='post.html'><a href='/Blog/post'>",
            }
        )
    )
    assert places(found) == {
        ("blog/post.html", 2, "../gone?q#f"),
        ("blog/post.html", 3, "x.png"),
        ("blog/index.html", 1, "/gone"),
        ("blog/index.html", 1, "/Blog/post"),
    }
    assert {path: len(target.places) for path, target in found.targets.items()} == {
        "/gone": 2,
        "/Blog/post": 1,
        "/blog/x.png": 1,
    }
    first = next(found.findings())
    assert (first.severity, first.code, first.place) == (
        "warning",
        "dead-link",
        "blog/index.html:1",
    )
    assert first.target == "/Blog/post"
    assert first.message == "The link leads to /Blog/post: nothing is there."


def test_what_answers_is_no_dead_link(site: BuildSite) -> None:
    links = (
        *("/", "/docs", "/docs/", "/docs/index.html", "docs/page", "docs/page.html", "/%64ocs/"),
        *("/old", "/old/a/b", "/api/x", "/away", "/\u00fc x", "/%C3%BC%20x", "#x", "", "?q"),
        *(
            "mailto:a@b.test",
            "tel:1",
            "//cdn.test/x",
            "https://other.test/x",
            f"https://{HOST}/docs/",
        ),
        *("\\docs\\page", "./docs/../docs/page", "&#47;docs&#47;"),
    )
    page = "".join(f'<a href="{link}">' for link in links)
    files = {
        "404.html": "",
        "index.html": f'{page}<!-- <a href="/x"> --><script>a = "<a href=\'/y\'>"</script>',
        "docs/index.html": "",
        "docs/page.html": "",
        "\u00fc x.html": "",
        "_redirects": "/old/* /docs/ 301\n/old /docs/page 200\n/away https://other.test/x",
    }
    assert places(look(site(files), worker=RoutesRules(("/api/*",)))) == set()


def test_dead_ends_of_redirects_are_dead(site: BuildSite) -> None:
    rules = "/old /nowhere 301\n/a /b\n/b /a\n"
    page = f'<a href="/old"><a href="/a"><a href="https://{HOST}/x">'
    found = look(site({"404.html": "", "index.html": page, "_redirects": rules}))
    assert {path: target.kind for path, target in found.targets.items()} == {
        "/old": "dead",
        "/a": "loop",
        "/x": "dead",
    }
    assert "redirects lead on without end" in next(found.findings()).message


@pytest.mark.parametrize("link", ["x", "./x", "../a/../{}/x", "https:x", "../../{}/x", "%78"])
def test_what_is_there_from_one_directory_may_not_be_from_another(
    site: BuildSite, link: str
) -> None:
    files = {f"{name}/page.html": f'<a href="{link.format(name)}">' for name in ("a", "b", "c")}
    found = look(site({"404.html": "", "b/x.html": "", **files}))
    assert set(found.targets) == {"/a/x", "/c/x"} or set(found.targets) == {"/a/%78", "/c/%78"}
    assert {place.file for place in places(found)} == {"a/page.html", "c/page.html"}


def test_a_base_changes_where_links_lead(site: BuildSite) -> None:
    found = look(
        site(
            {
                "404.html": "",
                "docs/x.html": "",
                "a.html": '<base href="/docs/"><a href="x"><a href="y">',
                "b.html": '<base href="https://other.test/"><a href="y"><a href="/y">',
                "c.html": '<!-- <base href="/docs/"> --><a href="x">',
                "d.html": '<body><a href="x"><base href="/docs/">',
            }
        )
    )
    assert places(found) == {("a.html", 1, "y"), ("c.html", 1, "x")}


def test_relative_links_of_an_error_page_are_left_alone(site: BuildSite) -> None:
    page = '<a href="x"><a href="/y"><a href="/docs/">'
    found = look(site({"404.html": page, "docs/404.html": page, "docs/index.html": ""}))
    assert places(found) == {("404.html", 1, "/y"), ("docs/404.html", 1, "/y")}


def test_without_an_error_page_dead_links_are_notes(site: BuildSite) -> None:
    page = '<a href="/x"><a href="/docs/x">'
    found = look(site({"index.html": page, "docs/404.html": ""}))
    told = [(one.severity, one.code, one.target) for one in found.findings()]
    assert told == [
        ("warning", "dead-link", "/docs/x"),
        ("note", "dead-link", "/x"),
        ("note", "dead-link-fallback", None),
    ]


def test_a_page_in_utf_16_is_passed_over(site: BuildSite) -> None:
    page = "\ufeff<a href='/x'>".encode("utf-16-le")
    found = look(site({"404.html": "", "a.html": page}))
    assert [(one.code, one.file) for one in found.findings()] == [("page-unread", "a.html")]


def test_more_places_than_are_held_are_counted(
    site: BuildSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_links, "MOST_PLACES", 5)
    found = look(site({"404.html": "", "a.html": '<a href="/x">\n' * 7, "b.html": "<a href=/y>"}))
    assert [place.line for place in found.targets["/x"].places] == [1, 2, 3, 4, 5]
    assert "3 more links lead nowhere" in list(found.findings())[-1].message
    assert list(found.findings())[-1].code == "dead-links-left-out"


def test_a_value_that_no_server_takes_is_no_link(site: BuildSite) -> None:
    page = f'<img src="{"x" * 2049}"><a href="{"y" * 2048}"><a href="{"z" * 2000}?{"q" * 48}">'
    assert set(look(site({"404.html": "", "a.html": page})).targets) == {f"/{'y' * 2048}"}


def test_progress_is_told_by_pages(site: BuildSite) -> None:
    manifest = build_manifest(site({"a.html": "", "b.html": "", "c.txt": ""}))
    told: list[tuple[int, int]] = []
    find_dead_links(manifest, answers_of(manifest), on_page=lambda *numbers: told.append(numbers))
    assert told == [(1, 2), (2, 2)]


def test_a_page_that_is_gone_is_an_error(site: BuildSite) -> None:
    root = site({"a.html": ""})
    manifest = build_manifest(root)
    (root / "a.html").unlink()
    with pytest.raises(DirectoryError, match=r"/a\.html"):
        find_dead_links(manifest, answers_of(manifest))


def test_each_code_is_told() -> None:
    assert {"dead-link", "dead-link-fallback", "dead-links-left-out", "page-unread"} <= set(CODES)


NAMES = ("a", "b", "B", "index", "\u00fc x", "v1.2", "404", "c&d", "e%20f")
RULES = (
    "/a /b 301\n/b/index /B 302\n/v1.2 /v1.2/ 301\n/r1 /r2\n/r2 /r1\n/r3 /gone\n/s/* /:splat 301\n"
    "/t/:x /a/:x 200\n/u https://other.test/ 301\n/w/* /a 200\n"
)


def make_site(chance: random.Random) -> dict[str, str]:
    """Return a site of links, dead and alive, of many forms."""
    folders = ["", *(f"{name}/" for name in NAMES if name != "404")]
    folders += [f"{chance.choice(folders[1:])}{name}/" for name in ("a", "b", "index")]
    endings = (".html", ".html", "/index.html", "", ".txt")
    files = {
        f"{chance.choice(folders)}{chance.choice(NAMES)}{chance.choice(endings)}" for _ in range(45)
    }
    files = {file for file in files if not any(other.startswith(f"{file}/") for other in files)} | {
        "404.html",
        "index.html",
    }
    spots = [f"/{file}" for file in sorted(files)]
    spots += [spot.removesuffix("index.html").removesuffix(".html") for spot in spots]
    spots += [
        f"/{one}" for one in ("r1", "r3", "s/a", "s/gone", "t/a", "t/q", "u", "w/x/y", "gone")
    ]
    shapes = (
        quote,
        lambda spot: quote(spot, safe="/").lower(),
        lambda spot: spot.replace("%", "%25"),
    )

    def link() -> str:
        spot = chance.choice(spots)
        spot += chance.choice(("", "", "", "/", "x"))
        written = chance.choice(shapes)(spot)
        steps = chance.choice(("", "", "../", "../../", "./", "./../"))
        if chance.random() < 0.5:
            written = steps + (
                written.lstrip("/") if steps else chance.choice(("", "/")) + written.lstrip("/")
            )
        return written.replace("&", "&amp;") + chance.choice(("", "#f", "?q=1"))

    def page() -> str:
        base = chance.choice(["", "", "", '<base href="/">', '<base href="../b/">'])
        forms = ('<a href="{}">', "<A HREF='{}'>", '<img src="{}">', "<p>\n<a\nhref = '{}' x>")
        return base + "\n".join(chance.choice(forms).format(link()) for _ in range(12))

    pages = {file: page() if file.endswith(".html") else "text" for file in sorted(files)}
    return pages | {"_redirects": RULES}


class Visitor:
    """Asks the emulator's production, as a browser that follows redirects."""

    def __init__(self, emulator: Emulator) -> None:
        self._port = emulator.port
        self._statuses: dict[str, int] = {}

    def status(self, path: str) -> int:
        if path not in self._statuses:
            self._statuses[path] = self._ask(path)
        return self._statuses[path]

    def _ask(self, path: str) -> int:
        address = f"http://demo.localhost{path}"
        for _ in range(21):
            parts = urlsplit(address)
            if parts.hostname != "demo.localhost":
                return 200
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
            connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
            response = connection.getresponse()
            response.read()
            connection.close()
            if response.status not in {301, 302, 303, 307, 308}:
                return response.status
            address = urljoin(address, response.headers["Location"])
        return 508


def all_links(manifest: Manifest, answers: Answers) -> Iterator[tuple[str, str, str]]:
    """Yield each link of a site: its file, its text, and the path that it means."""
    for asset in manifest.assets:
        address = address_of(asset.path, answers.has)
        if not asset.is_page or address is None:
            continue
        is_error_page = asset.path.endswith("/404.html")
        base = Base(None if is_error_page else as_sent(address[: address.rindex("/") + 1]))
        page = (manifest.root / asset.path[1:]).read_bytes()
        for link in [*links_of(page)]:
            if link.is_base:
                base = base_of(meant(link.value), base, {HOST})
                continue
            path = path_of_link(meant(link.value), base, {HOST})
            if path is not None:
                yield asset.path[1:], link.value.decode(), path


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["roomy", "forgetful", "crowded"])
def test_what_is_called_dead_is_404_and_nothing_else_is(
    site: BuildSite,
    client: PagesClient,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    kind: str,
) -> None:
    if kind == "forgetful":
        monkeypatch.setattr(link_lookup, "_MOST_BYTES", 1000)
    if kind == "crowded":
        monkeypatch.setattr(markup, "_ALWAYS_FEW_BYTES", 0)
        monkeypatch.setattr(markup, "_MOST_GLANCES", 11)
    root = site(make_site(random.Random(seed)))
    deployed(client, root)
    manifest = build_manifest(root)
    answers = answers_of(manifest)
    found = find_dead_links(manifest, answers)
    visitor = Visitor(emulator)
    expected = set()
    alive = 0
    for file, text, path in all_links(manifest, answers):
        status = visitor.status(path)
        assert status in {200, 404, 508}, path
        if status == 200:
            alive += 1
        else:
            expected.add((file, text))
    assert {
        (place.file, place.target) for target in found.targets.values() for place in target.places
    } == expected
    assert alive > 50
    assert len(expected) > 50
