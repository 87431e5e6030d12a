"""Names and texts are UTF-8, whatever language the machine speaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.http import deployment_calls
from pages_deploy.emulator.state.submissions import Submission, read_submission
from tests.ci.checkouts import git, make_repository, needs_git
from tests.world import PROJECT, inherited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["über/uns.html", "日本.html", "index.html"]
MANIFEST = """\
import sys
from pathlib import Path
from pages_deploy import build_manifest
manifest = build_manifest(Path(sys.argv[1]))
for asset in manifest.assets:
    manifest.open(asset).close()
print(sys.getfilesystemencoding(), [ascii(asset.path) for asset in manifest.assets])
"""


@pytest.fixture(params=["de_DE.iso88591", "C"])
def locale(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a locale that is not UTF-8."""
    if request.param == "C":
        # Without these two Python takes the plainest of locales for UTF-8 by itself.
        return {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    if shutil.which("localedef") is None:
        pytest.skip("no localedef on this machine")
    place = tmp_path / "locales"
    place.mkdir()
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(place / request.param)]
    subprocess.run(command, check=True, capture_output=True)
    return {"LC_ALL": request.param, "LOCPATH": str(place)}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    repository = make_repository(tmp_path / "repository", branch="für/alle")
    for name in NAMES:
        file = repository / "größe" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message=Grüße")
    return repository


def run(
    arguments: list[str], environ: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[bytes]:
    environ = {**inherited(), "PYTHONPATH": str(ROOT), "HOME": str(cwd), **environ}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, check=False)


@needs_git
@pytest.mark.parametrize("door", [["-m", "pages_deploy"], [str(ROOT / "entrypoint.py")]], ids=str)
def test_names_and_texts_are_utf8_in_every_locale(
    client: PagesClient,
    emulator: Emulator,
    checkout: Path,
    locale: Mapping[str, str],
    door: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []

    def note(texts: dict[str, str], *arguments: Any, **more: Any) -> Submission:
        sent.extend(json.loads(texts["manifest"]))
        return read_submission(texts, *arguments, **more)

    monkeypatch.setattr(deployment_calls, "read_submission", note)
    environ = {
        **emulator.environ(),
        **locale,
        "CLOUDFLARE_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_JSON_FILE": "Ergebnis ü.json",
    }
    done = run([*door, "deploy", "größe"], environ, checkout)
    assert done.returncode == 0, done.stderr
    assert "'für/alle'" in done.stderr.decode()
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    assert sorted(sent) == sorted(f"/{name}" for name in NAMES)
    assert deployment.trigger.branch == "für/alle"
    assert deployment.trigger.commit_message == "Grüße"
    assert json.loads((checkout / "Ergebnis ü.json").read_text("utf-8"))["files"] == 3


def test_for_a_program_of_ones_own_they_are_too(checkout: Path, locale: Mapping[str, str]) -> None:
    done = run(["-c", MANIFEST, "größe"], locale, checkout)
    assert done.returncode == 0, done.stderr
    encoding, _, paths = done.stdout.decode().strip().partition(" ")
    assert encoding != "utf-8"
    assert paths == str([ascii(f"/{name}") for name in sorted(NAMES)])


def test_a_name_that_is_no_utf8_is_refused_in_every_locale(
    checkout: Path, locale: Mapping[str, str]
) -> None:
    (checkout / "größe" / os.fsdecode(b"\xfcber.html")).write_text("x")
    done = run(["-m", "pages_deploy", "preview", "größe", "--once"], locale, checkout)
    assert done.returncode == 2
    assert rb"/\xfcber.html' is not valid UTF-8" in done.stderr
