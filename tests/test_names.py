"""No document sends anybody to an owner, an image or a package that is not known to be ours."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pages_deploy.cli.emulator import EMULATOR_PACKAGES
from scripts import names

ROOT = Path(__file__).parent.parent
# What users read, and what the program and the image say of themselves.
SPEAKING = [
    *names.documents(),
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "Dockerfile", "action.yml")),
    ROOT / "docker/action.yml",
    *sorted((ROOT / ".github/ISSUE_TEMPLATE").iterdir()),
    *sorted((ROOT / "pages_deploy").rglob("*.py")),
]
# An owner before the repository's name; a registry before the image's; a package that pip would
# take from the index.
OURS_ELSEWHERE = re.compile(
    r"""(?<![\w./~-])[\w.-]+/pages[_-]deploy@[\w.]+
    | github\.com/[\w.-]+/pages[_-]deploy\b
    | [\w.-]+\.[a-z]+/(?:[\w.-]+/)*pages[_-]deploy:[\w.]+
    | \bpip\ install\ ["']?pages[_-]deploy\b
    | \bpages[_-]deploy==
    """,
    re.VERBOSE,
)
FOREIGN = (
    "uses: pages-deploy/pages_deploy@v1",
    "https://github.com/somebody/pages_deploy",
    "image: ghcr.io/pages-deploy/pages_deploy:1",
    "pip install 'pages-deploy[emulator]'",
    "echo pages-deploy==1.0.0",
)


def foreign(text: str) -> list[str]:
    return [
        name for name in OURS_ELSEWHERE.findall(text) if name not in {names.ACTION, names.IMAGE}
    ]


@pytest.mark.parametrize("text", FOREIGN)
def test_a_name_of_somebody_else_is_seen(text: str) -> None:
    assert foreign(text) != []


def test_no_name_is_told_beside_the_ones_of_the_script() -> None:
    found = {file: foreign(file.read_text("utf-8")) for file in SPEAKING}
    assert {file: wrong for file, wrong in found.items() if wrong} == {}


def test_a_new_name_is_written_into_every_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, script = tmp_path / "README.md", tmp_path / "names.py"
    document.write_text(f"- uses: {names.ACTION}\n  image: {names.IMAGE}\n", "utf-8")
    script.write_text(f'ACTION = "{names.ACTION}"\n', "utf-8")
    monkeypatch.setattr(names, "documents", lambda: [document])
    monkeypatch.setattr(names, "__file__", str(script))
    names.main("ACTION", "octo/deploy@v1")
    assert document.read_text("utf-8") == f"- uses: octo/deploy@v1\n  image: {names.IMAGE}\n"
    assert script.read_text("utf-8") == 'ACTION = "octo/deploy@v1"\n'


def test_the_remedy_for_a_missing_emulator_names_the_packages_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert sorted(EMULATOR_PACKAGES) == sorted(project["optional-dependencies"]["emulator"])
