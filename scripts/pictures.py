"""Draw the pictures of the documents; run it again when the program's words change.

Each shows what the program has really written while an emulator stood in for Cloudflare:

1. docs/pictures/deploy.svg: a deployment of examples/site on a terminal;
2. docs/pictures/comment.png and summary.png: a pull request with two projects, one of which fails,
   as a browser shows it; Chromium takes these (PAGES_DEPLOY_BROWSER names another one), and each
   carries the digest of the page that it was taken of, by which a test knows an old one;
3. docs/pictures/run.svg: the steps of a run.

With --artifacts, all of that and more terminals, at 80 and at 120 columns, go to that directory and
nothing else changes: for looking, and as artifacts of CI.

Usage: python scripts/pictures.py [--artifacts DIRECTORY]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pages_deploy.emulator.server import Emulator  # noqa: E402 - the path has to be right before
from scripts import flow_picture, github_pictures, png  # noqa: E402 - likewise
from scripts.terminal_pictures import (  # noqa: E402 - likewise
    at_terminal,
    drawn,
    environ_of,
    screen,
    settled,
)
from scripts.terminal_stories import STORIES, emulator_with_deployments  # noqa: E402 - likewise
from tests.acceptance.browser import Browser  # noqa: E402 - likewise

PICTURES = ROOT / "docs/pictures"
COMMAND = "examples/site --project-name my-site --create-project --branch main"
COLUMNS = 100
# What a document shows is read on the way, too.
MOST_BYTES = 90_000
MANY_COLUMNS = (80, 120)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--artifacts", type=Path)
    artifacts = parser.parse_args().artifacts
    target: Path = artifacts or PICTURES
    target.mkdir(parents=True, exist_ok=True)
    write(target, svgs())
    if artifacts:
        write(target, terminals())
    program = os.environ.get("PAGES_DEPLOY_BROWSER") or shutil.which("chromium")
    if not program:
        raise SystemExit("comment.png and summary.png need Chromium; PAGES_DEPLOY_BROWSER names it")
    with tempfile.TemporaryDirectory() as scratch:
        browser = Browser(program, Path(scratch) / "profile")
        try:
            browser.open_tab()
            take(browser, target)
        finally:
            browser.close()


def write(target: Path, pictures: dict[str, str]) -> None:
    for name, picture in pictures.items():
        (target / f"{name}.svg").write_text(picture, "utf-8")


def svgs() -> dict[str, str]:
    """Return the drawings that the documents show."""
    with Emulator() as emulator:
        written = at_terminal(COMMAND.split(), environ=environ_of(emulator), columns=COLUMNS)
        shown = screen(settled(written, emulator), columns=COLUMNS)
    title = "A deployment, as the terminal shows it"
    deploy = drawn(f"pages-deploy {COMMAND}", shown, columns=COLUMNS, title=title)
    return {"deploy": deploy, "run": flow_picture.drawn()}


def terminals() -> dict[str, str]:
    """Return what each story shows on a narrow and on a wide terminal."""
    pictures = {}
    for columns in MANY_COLUMNS:
        for name, story in STORIES.items():
            with emulator_with_deployments() as emulator:
                environ = {
                    key: value
                    for key, value in environ_of(emulator).items()
                    if key not in story.without
                }
                written = at_terminal(story.command.split(), environ=environ, columns=columns)
                lines = screen(settled(written, emulator), columns=columns)
            pictures[f"{name}-{columns}"] = drawn(
                f"pages-deploy {story.command}", lines, columns=columns, title=name
            )
    return pictures


def take(browser: Browser, target: Path) -> None:
    """Take the pictures of what a run leaves on GitHub."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, page in github_pictures.pages(Path(scratch)).items():
            file = Path(scratch) / f"{name}.html"
            file.write_text(page, "utf-8")
            browser.resize(github_pictures.WIDTH, 10, scale=2)
            browser.open(file.as_uri())
            taken = Path(scratch) / f"{name}.png"
            browser.picture(taken)
            picture = png.small(taken.read_bytes(), source=digest_of(page))
            (target / taken.name).write_bytes(picture)


def digest_of(page: str) -> str:
    return hashlib.sha256(page.encode()).hexdigest()


if __name__ == "__main__":
    main()
