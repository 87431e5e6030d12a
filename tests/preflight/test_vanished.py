"""The addresses that a deployment would take away, with the live site at the emulator."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from pages_deploy.net.sessions import new_session
from pages_deploy.preflight import vanished
from pages_deploy.preflight.allowed import Allowed
from pages_deploy.preflight.codes import CODES
from pages_deploy.preflight.vanished import Vanished, find_vanished
from pages_deploy.proof.baseline import Baseline
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.redirects import read_redirects
from pages_deploy.site.manifest import build_manifest
from tests.making import deployed
from tests.proof.old_site import old_site, saying

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.site.manifest import Manifest
    from tests.world import BuildSite, FakeTime

Files = dict[str, bytes | str]


def answers_of(manifest: Manifest) -> Answers:
    rules = manifest.special_files.get("_redirects", b"").decode()
    return Answers([asset.path for asset in manifest.assets], read_redirects(rules))


def vanishing(
    url: str, root: Path, fake_time: FakeTime, allowed: Allowed | None = None
) -> Vanished:
    manifest = build_manifest(root)
    with contextlib.closing(new_session()) as session:
        baseline = Baseline(session, url, fake_time.timer.deadline(20.0))
        return find_vanished(baseline, manifest, answers_of(manifest), allowed or Allowed())


def sitemap(*paths: str) -> str:
    places = "".join(f"<url><loc>https://www.example.com{path}</loc></url>" for path in paths)
    return f"<urlset>{places}</urlset>"


LOST = (
    *("/a", "/b/", "/blog/2024-01-02-c", "/d%20d", "/docs/E", "/f.pdf"),
    *("/moved-1", "/moved-2", "/moved-3/", "/moved-4"),
)
OLD: Files = {
    "404.html": "",
    "index.html": "home",
    "stays.html": "",
    "a.html": "",
    "b/index.html": "",
    "blog/2024-01-02-c.html": "",
    "d d.html": "",
    "docs/E.html": "",
    "f.pdf": "",
    "moved-1.html": "",
    "moved-2.html": "",
    "moved-3/index.html": "",
    "moved-4.html": "",
    "sitemap.xml": sitemap("/", "/stays", *LOST, "/never-there", "/404"),
}
NEW: Files = {
    "404.html": "",
    "index.html": "home",
    "stays.html": "",
    "x/a.html": "",
    "blog/c.html": "",
    "new/d d/index.html": "",
    "docs/e.html": "",
    "_redirects": "/moved-1 /stays 301\n/moved-2 /stays.html\n/moved-3/ https://other.test/\n"
    "/moved-4 /stays 200\n",
}
LINES = {
    "/a": "/a /x/a 301",
    "/b/": "/b/ / 301",
    "/blog/2024-01-02-c": "/blog/2024-01-02-c /blog/c 301",
    "/d d": "/d%20d /new/d%20d/ 301",
    "/docs/E": "/docs/E /docs/e 301",
    "/f.pdf": "/f.pdf / 301",
}


def test_of_ten_lost_pages_those_without_a_redirect_are_named_and_their_lines_work(
    site: BuildSite, client: PagesClient, fake_time: FakeTime
) -> None:
    live = deployed(client, site(OLD, name="old"))
    found = vanishing(live.url, site(NEW, name="new"), fake_time)
    assert found.lines == LINES
    told = list(found.findings())
    assert [(one.severity, one.code) for one in told] == [("warning", "vanished-page")] * 6
    assert told[3].target == "/d%20d"
    assert told[3].remedy == "Put this line at the top of _redirects: /d%20d /new/d%20d/ 301"
    rules = "\n".join([*LINES.values(), str(NEW["_redirects"])])
    mended = site({**NEW, "_redirects": rules}, name="mended")
    # Where it is live, each of the ten has something.
    assert vanishing(live.url, mended, fake_time).lines == {}
    after = deployed(client, mended)
    with contextlib.closing(new_session()) as session:
        baseline = Baseline(session, after.url, fake_time.timer.deadline(20.0))
        assert {baseline.look(path).status for path in LINES} == {301}
        assert all(baseline.read(line.split()[0], most_bytes=9) for line in LINES.values())


def test_what_may_vanish_is_not_named_and_allowances_without_use_are(
    site: BuildSite, client: PagesClient, fake_time: FakeTime
) -> None:
    live = deployed(client, site(OLD, name="old"))
    allowed = Allowed("allowed.txt", {"/a": 1, "/b*": 2, "*.pdf": 4, "/zzz": 5})
    found = vanishing(live.url, site(NEW, name="new"), fake_time, allowed)
    assert list(found.lines) == ["/d d", "/docs/E"]
    last = list(found.findings())[-1]
    assert (last.severity, last.code) == ("note", "vanished-allowance")
    assert last.message == "allowed.txt:5 allows /zzz to vanish, and nothing there does."


def test_without_an_error_page_all_are_notes(
    site: BuildSite, client: PagesClient, fake_time: FakeTime
) -> None:
    live = deployed(client, site(OLD, name="old"))
    files = {name: text for name, text in NEW.items() if name != "404.html"}
    found = vanishing(live.url, site(files, name="new"), fake_time)
    assert found.lines == LINES
    told = [(one.severity, one.code) for one in found.findings()]
    assert told == [*[("note", "vanished-page")] * 6, ("note", "vanished-fallback")]


def test_what_only_the_live_sites_home_page_stands_for_was_never_there(
    site: BuildSite, client: PagesClient, fake_time: FakeTime
) -> None:
    old = {name: text for name, text in OLD.items() if name != "404.html"}
    live = deployed(client, site({**old, "index.html": "home of old"}, name="old"))
    found = vanishing(live.url, site(NEW, name="new"), fake_time)
    assert found.lines == LINES


@pytest.mark.parametrize("home", ["", '<a href="/gone">'], ids=["without links", "with a link"])
def test_without_a_sitemap_what_is_not_known_is_said(
    site: BuildSite, client: PagesClient, fake_time: FakeTime, home: str
) -> None:
    live = deployed(client, site({"404.html": "", "index.html": home, "gone.html": ""}, name="old"))
    found = vanishing(live.url, site({"404.html": "", "index.html": ""}, name="new"), fake_time)
    assert list(found.lines) == (["/gone"] if home else [])
    messages = [one.message for one in found.findings() if one.code == "vanished-unknown"]
    assert "the live site has no sitemap" in messages[0]


def test_a_live_site_that_does_not_answer_is_said(site: BuildSite, fake_time: FakeTime) -> None:
    root = site(NEW, name="new")
    with old_site(build_manifest(site(OLD, name="old"))) as old:
        old.says["*"] = saying(503)
        found = vanishing(old.url, root, fake_time)
    (told,) = found.findings()
    assert (told.severity, told.code) == ("note", "vanished-unknown")
    assert "nothing of the live site could be seen: HTTP 503" in told.message


def test_an_address_that_cannot_be_seen_now_is_named_all_the_same(
    site: BuildSite, fake_time: FakeTime
) -> None:
    root = site(NEW, name="new")
    with old_site(build_manifest(site(OLD, name="old"))) as old:
        old.says["/a"] = saying(403)
        found = vanishing(old.url, root, fake_time)
    assert found.lines == LINES
    assert found.gaps == ("whether some of them are there now could not be seen: HTTP 403",)


def test_no_more_addresses_are_asked_than_so_many(
    site: BuildSite, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanished, "MOST_ASKED", 1)
    root = site(NEW, name="new")
    with old_site(build_manifest(site(OLD, name="old"))) as old:
        found = vanishing(old.url, root, fake_time)
        assert old.asked_at("/a") == ["HEAD"]
        assert old.asked_at("/b/") == []
    assert set(found.lines) == {*LINES, "/never-there"}


def lines_for(site: BuildSite, fake_time: FakeTime, old: Mapping[str, str], **new: str) -> object:
    listed = {"sitemap.xml": sitemap(*old.values()), "404.html": "", "index.html": ""}
    files = {**dict.fromkeys(old, ""), **listed}
    names = {"404.html": "", "index.html": "", **{key.strip(): text for key, text in new.items()}}
    with old_site(build_manifest(site(files, name="old"))) as running:
        return vanishing(running.url, site(names, name="new"), fake_time).lines


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("q?.html", "/q%3F"),
        ("h#.html", "/h%23"),
        ("p%41.html", "/p%2541"),
        ("\u00fc x.html", "/%C3%BC%20x"),
        ("a&b;c=d.html", "/a&amp;b;c=d"),
        ("@.html", "/@"),
        ("x", "/x"),
    ],
)
def test_a_line_has_the_address_as_it_is_sent(
    site: BuildSite, client: PagesClient, fake_time: FakeTime, name: str, sent: str
) -> None:
    files = {"404.html": "", "index.html": ""}
    old = site({**files, name: "", "sitemap.xml": sitemap(sent)}, name="old")
    live = deployed(client, old)
    new = site({**files, f"new/{name}": ""}, name="new")
    ((path, line),) = vanishing(live.url, new, fake_time).lines.items()
    (new / "_redirects").write_text(line)
    after = deployed(client, new)
    with contextlib.closing(new_session()) as session:
        baseline = Baseline(session, after.url, fake_time.timer.deadline(20.0))
        assert baseline.look(path).status == 301
        found = baseline.read(line.split()[0], most_bytes=9)
    assert found is not None
    assert found.path.startswith("/new/")


def test_an_address_that_would_be_a_pattern_has_no_line(
    site: BuildSite, fake_time: FakeTime
) -> None:
    old = {"a:b.html": "/a:b", "c*.html": "/c*", "d.html": "/d"}
    assert lines_for(site, fake_time, old) == {"/a:b": "", "/c*": "", "/d": "/d / 301"}


def test_a_line_that_would_not_work_is_not_shown(site: BuildSite, fake_time: FakeTime) -> None:
    # Nothing is left to lead to but what a rule takes away.
    rules = {"_redirects": "/ /x 302"}
    found = lines_for(site, fake_time, {"d.html": "/d"}, **rules)
    assert found == {"/d": ""}


def test_lines_push_out_no_rule_of_the_site(
    site: BuildSite, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanished, "MAX_STATIC_REDIRECTS", 2)
    old = {"d.html": "/d", "e.html": "/e"}
    found = lines_for(site, fake_time, old, _redirects="/f / 301")
    assert found == {"/d": "/d / 301", "/e": ""}


def test_an_address_without_a_line_says_so(site: BuildSite) -> None:
    (told,) = Vanished({"/a*": ""}).findings()
    assert told.message == "The live site has /a*, and this deployment does not."
    assert told.remedy.startswith("Bring the page back, or write a rule")


def test_each_code_is_told() -> None:
    codes = {"vanished-page", "vanished-fallback", "vanished-unknown", "vanished-allowance"}
    assert codes <= set(CODES)
