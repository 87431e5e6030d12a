"""What a run leaves on GitHub: the comment on a pull request, and the summary of the run.

Two projects of one pull request are deployed by the program itself, to the emulator and to a forge
of the tests: one ends well, one fails. What it wrote is rendered as GitHub renders Markdown, in a
page with a style of our own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from pages_deploy.emulator.server import Emulator
from scripts.terminal_pictures import PATIENCE_SECONDS, ROOT, settled
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMIT = "3f9a61c04d2b7e8850f1a6c9d3e4b7a21c5f0e98"
WIDTH = 860
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<style>
body { margin: 0; background: #fff; color: #1f2328; font: 14px/1.5 "Noto Sans", "DejaVu Sans",
  "Noto Color Emoji", sans-serif; }
main { margin: 8px; padding: 4px 16px 12px; border: 1px solid #d1d9e0; border-radius: 6px; }
h3 { margin: 16px 0 12px; font-size: 18px; line-height: 1.25; }
table { margin: 0 0 16px; border-collapse: collapse; }
th, td { padding: 6px 13px; border: 1px solid #d1d9e0; text-align: left; vertical-align: top; }
tbody tr:nth-child(2n) { background: #f6f8fa; }
a { color: #0969da; }
ul { margin: 4px 0 16px; padding-left: 28px; }
summary { margin: 4px 0; }
</style>
<main>
BODY</main>
</html>
"""
HOME = "<title>Home</title><a href=/about>About</a> <a href=/gone>Until now</a>"
LIVE = {"index": HOME, "about": "About", "gone": "No more", "prices": "Prices"}
PROPOSED = {"index": HOME + " <a href=/guide/>Guide</a>", "about": "About", "guide/index": "Guide"}


def pages(scratch: Path) -> dict[str, str]:
    """Return the pages of the comment and the summary, by the names of their pictures."""
    with Emulator() as emulator, running(FakeGitHub()) as forge:
        for project in ("docs", "my-site"):
            _live(emulator, project, scratch)
        site = {**PROPOSED, "prices": "New prices", "terms": "Terms"}
        _run(emulator, forge, "my-site", _built(scratch / "my-site", site))
        emulator.outcome_next(status="failure", error="No space is left on this device")
        _run(emulator, forge, "docs", _built(scratch / "docs", PROPOSED))
        [comment] = forge.bodies()
        written = {"comment": comment, "summary": (scratch / "summary.md").read_text("utf-8")}
        return {name: page_of(settled(text, emulator)) for name, text in written.items()}


def page_of(markdown: str) -> str:
    """Return a page that shows Markdown as GitHub does; lists of pages are unfolded."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return PAGE.replace("BODY", body.replace("<details>", "<details open>"))


def _live(emulator: Emulator, project: str, scratch: Path) -> None:
    """Deploy what production serves before the pull request."""
    directory = _built(scratch / f"{project}-live", LIVE)
    arguments = (str(directory), "--project-name", project, "--create-project", "--branch", "main")
    _program(arguments, environ=emulator.environ(), directory=scratch, is_good=True)


def _run(emulator: Emulator, forge: FakeGitHub, project: str, directory: Path) -> None:
    """Deploy as the Action does for a pull request."""
    scratch = directory.parent
    source = {"ref": "new-prices", "sha": COMMIT, "repo": {"full_name": REPOSITORY}}
    event = {"pull_request": {"number": 42, "head": source}}
    (scratch / "event.json").write_text(json.dumps(event), "utf-8")
    environ = {
        **emulator.environ(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": forge.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(scratch / "event.json"),
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "9",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_STEP_SUMMARY": str(scratch / "summary.md"),
        "INPUT_DIRECTORY": directory.name,
        "INPUT_GITHUBTOKEN": TOKEN,
        "INPUT_PROJECTNAME": project,
    }
    _program((), environ=environ, directory=scratch, is_good=project == "my-site")


def _program(
    arguments: tuple[str, ...], *, environ: Mapping[str, str], directory: Path, is_good: bool
) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "pages_deploy", *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if (done.returncode == 0) != is_good:
        raise RuntimeError(done.stderr)


def _built(directory: Path, contents: Mapping[str, str]) -> Path:
    for name, content in contents.items():
        file = directory / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<!doctype html>{content}", "utf-8")
    return directory
