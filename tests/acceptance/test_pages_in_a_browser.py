"""A previewed site and the emulator's page as people meet them, in headless Chromium.

`.ci/browser` installs it and runs this; PAGES_DEPLOY_BROWSER names another one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import HOME, DirectUpload
from tests.emulator.worker_code import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.browser import Browser
    from tests.world import RunCli

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SITE = Path(__file__).resolve().parents[2] / "examples/site"
WIDTHS = (390, 1280)
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
LINKS = "[...document.links].map(link => link.href)"
TOO_SMALL = """[...document.querySelectorAll('button, label')]
    .filter(one => one.getBoundingClientRect().height < 24).map(one => one.textContent)"""
# What a page of a deployed site could try, and what it gets: a status, or no answer at all.
ASK = """fetch({address!r}, {{method: {method!r}, headers: {headers}}})
    .then(answer => answer.status, () => 'no answer')"""


@pytest.fixture
def preview() -> Iterator[DirectUpload]:
    """An emulator with the example site in front, as `pages-deploy preview` has it."""
    settings = EmulatorSettings(front_project="demo")
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        yield client


@pytest.fixture
def pictures(artifacts: Path) -> Path:
    folder = artifacts / "emulator"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def deploy_site(run_cli: RunCli, preview: DirectUpload) -> Callable[..., str]:
    """Deploy the example site as users do; returns the id of the deployment."""

    def deploy(*arguments: str) -> str:
        outcome = run_cli(
            *("deploy", str(SITE), "--project-name", "demo", "--print", "id", *arguments),
            environ=preview.emulator.environ(),
        )
        assert outcome.exit_code == 0, outcome.stderr
        return outcome.stdout.strip()

    return deploy


def site_url(client: DirectUpload) -> str:
    return f"http://127.0.0.1:{client.emulator.port}/"


def own_links(browser: Browser, host: str) -> list[str]:
    """The links of the page that is shown which stay on a host."""
    return [url for url in dict.fromkeys(browser.run(LINKS)) if urlsplit(url).netloc == host]


def test_the_site_and_the_page_are_whole_in_a_narrow_and_a_wide_window(
    browser: Browser, preview: DirectUpload, deploy_site: Callable[..., str], pictures: Path
) -> None:
    emulator = preview.emulator
    deploy_site("--branch", "main", "--commit-message", "First", "--commit-hash", "ab" * 20)
    deploy_site("--branch", "a-branch-with-a-long-name", "--commit-message", "x" * 300)
    emulator.outcome_next(stage="build", status="failure", error="out of coffee")
    preview.deploy(HOME, branch="broken", _redirects=b"/a\n")
    preview.deploy(HOME, branch="worker", **{"_worker.bundle": bundle()})
    emulator.store.add_domain("demo", "www.example.test")
    for width in WIDTHS:
        browser.resize(width, 800)
        browser.open(site_url(preview))
        browser.picture(pictures / f"site-{width}.png")
        visited, ahead = set[str](), [emulator.page_url]
        while ahead:
            url = ahead.pop()
            if url in visited:
                continue
            assert browser.open(url) == 200, url
            visited.add(url)
            assert browser.run(SCROLLS_SIDEWAYS) is False, url
            assert browser.run(TOO_SMALL) == [], url
            name = urlsplit(url).path.strip("/").replace("/", "-") or "projects"
            browser.picture(pictures / f"{name}-{width}.png")
            ahead += own_links(browser, urlsplit(emulator.page_url).netloc)
        # The overview, the project and its four deployments.
        assert len(visited) == 6
    assert browser.complaints == []
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures.iterdir())


def test_links_of_the_page_lead_into_the_sites(
    browser: Browser, preview: DirectUpload, deploy_site: Callable[..., str]
) -> None:
    made = deploy_site("--branch", "main")
    browser.open(f"{preview.emulator.page_url}projects/demo/deployments/{made}")
    own = urlsplit(preview.emulator.page_url).netloc
    outside = [url for url in dict.fromkeys(browser.run(LINKS)) if urlsplit(url).netloc != own]
    assert len(outside) >= len(list(SITE.rglob("*.*"))) - 2
    for url in outside:
        assert browser.open(url) == 200, url


def test_a_click_rolls_back_what_the_site_shows(browser: Browser, preview: DirectUpload) -> None:
    first = preview.deploy({"/index.html": b"<title>first</title>"})
    preview.deploy({"/index.html": b"<title>second</title>"})
    browser.open(site_url(preview))
    assert browser.run("document.title") == "second"
    browser.open(f"{preview.emulator.page_url}projects/demo")
    for action in (
        f"[...document.links].find(link => link.textContent == '{first['short_id']}').click()",
        "document.querySelector('form[action$=rollback] button').click()",
    ):
        with browser.loading():
            browser.run(action)
    assert "live" in browser.run("document.querySelector('h1').textContent")
    browser.open(site_url(preview))
    assert browser.run("document.title") == "first"
    assert browser.complaints == []


def test_a_deletion_is_sent_only_with_its_box(browser: Browser, preview: DirectUpload) -> None:
    made = preview.deploy({"/index.html": b"x"}, branch="x")
    browser.open(f"{preview.emulator.page_url}projects/demo/deployments/{made['id']}")
    delete = "document.querySelector('form[action$=delete] button').click()"
    browser.run(delete)
    assert preview.emulator.store.deployments.find(made["id"]) is not None
    browser.run("document.querySelectorAll('input[type=checkbox]').forEach(box => box.click())")
    with browser.loading():
        browser.run(delete)
    assert browser.run("location.pathname") == "/projects/demo"
    assert preview.emulator.store.deployments.find(made["id"]) is None


def test_a_page_of_a_deployed_site_reaches_neither_the_api_nor_the_forms(
    browser: Browser, preview: DirectUpload
) -> None:
    emulator = preview.emulator
    made = preview.deploy({"/index.html": b"<title>site</title>"}, branch="main")
    preview.deploy({"/index.html": b"<title>site</title>"})
    port = emulator.port
    accounts = f"/client/v4/accounts/{emulator.account_id}/pages/projects"
    token = {"Authorization": f"Bearer {emulator.api_token}"}
    # Of the same origin, where the API is beside the site, and of another one.
    for site, refused in (
        (site_url(preview), 403),
        (f"http://demo.localhost:{port}/", "no answer"),
    ):
        browser.open(site)
        for method in ("GET", "POST", "DELETE"):
            address = f"http://127.0.0.1:{port}{accounts}"
            asked = ASK.format(address=address, method=method, headers=token)
            assert browser.run(asked) == refused, (site, method)
        for page in ("", f"projects/demo/deployments/{made['id']}/rollback"):
            address = f"{emulator.page_url}{page}"
            asked = ASK.format(address=address, method="POST" if page else "GET", headers={})
            assert browser.run(asked) == "no answer", (site, page)
        # A form needs nobody's leave to be sent, so the page has to refuse it.
        with browser.loading() as statuses:
            browser.run(
                "document.body.innerHTML = '<form method=post></form>';"
                f"document.forms[0].action = '{emulator.page_url}projects/demo/deployments/"
                f"{made['id']}/rollback'; document.forms[0].submit()"
            )
        assert statuses[-1] == 403
    assert preview.project()["canonical_deployment"]["id"] != made["id"]
    assert [one.status for one in emulator.requests if one.method == "OPTIONS"] != []
    assert {one.status for one in emulator.requests if one.method == "OPTIONS"} == {403}


def test_no_other_page_can_frame_the_page(browser: Browser, preview: DirectUpload) -> None:
    preview.deploy({"/index.html": f"<iframe src='{preview.emulator.page_url}'></iframe>".encode()})
    browser.open(site_url(preview))
    assert any("frame-ancestors" in complaint for complaint in browser.complaints)
