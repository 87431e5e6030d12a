"""The documentation's site as people meet it, and the program's own pictures, in headless Chromium.

`.ci/browser` installs what the site is made with, into `build/docs-venv`, and runs this.
"""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from scripts import pictures, png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
DOCS_VENV = ROOT / "build/docs-venv"
PATIENCE_SECONDS = 300
WIDTHS = (390, 1280)
# Those that people get a picture of: the first, one with wide tables, those with pictures.
SHOWN = ("index", "docs/options", "docs/how-it-works", "docs/outputs", "docs/recipes")
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WITHOUT_PICTURE = """[...document.images].filter(one => !one.naturalWidth || !one.alt)
    .map(one => one.src)"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` makes it."""
    if not (DOCS_VENV / ".ready").exists():
        pytest.skip("SKIPPED FOR WANT OF Sphinx: `.ci/browser` installs it and runs this")
    folder = tmp_path_factory.mktemp("docs")
    python = DOCS_VENV / "bin/python"
    command = [str(python), str(ROOT / "scripts/docs_site.py"), str(folder)]
    subprocess.run(command, check=True, timeout=PATIENCE_SECONDS)
    return folder


@pytest.fixture
def site(built: Path) -> Iterator[str]:
    """Its address."""
    handler = functools.partial(Quiet, directory=built)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_every_page_of_the_site_is_whole_in_a_narrow_and_a_wide_window(
    browser: Browser, built: Path, site: str, artifacts: Path
) -> None:
    folder = artifacts / "docs"
    folder.mkdir(exist_ok=True)
    pages = sorted(file.relative_to(built).with_suffix("") for file in built.rglob("*.html"))
    names = [page.as_posix() for page in pages]
    assert set(SHOWN) < set(names)
    for width in WIDTHS:
        browser.resize(width, 800)
        for name in names:
            assert browser.open(f"{site}{name}.html") == 200, name
            assert browser.run(SCROLLS_SIDEWAYS) is False, (name, width)
            assert browser.run(WITHOUT_PICTURE) == [], name
            if name in SHOWN:
                browser.picture(folder / f"{name.replace('/', '-')}-{width}.png")
    assert browser.complaints == []
    asked = {urlsplit(url).netloc for url in browser.requested if not url.startswith("data:")}
    assert asked == {urlsplit(site).netloc}


def test_the_pictures_of_the_program_are_taken(browser: Browser, artifacts: Path) -> None:
    """Those that the documents show, and of each story a narrow and a wide terminal."""
    folder = artifacts / "program"
    folder.mkdir(exist_ok=True)
    drawings = {**pictures.svgs(), **pictures.terminals()}
    pictures.write(folder, drawings)
    pictures.take(browser, folder)
    assert len(drawings) == 2 + 2 * 4
    for name in drawings:
        browser.open((folder / f"{name}.svg").as_uri())
        assert browser.run("document.documentElement.nodeName") == "svg", name
    for name in ("comment", "summary"):
        data = (folder / f"{name}.png").read_bytes()
        assert png.source_of(data)
        assert len(data) < pictures.MOST_BYTES
    assert browser.complaints == []
