"""The files that a run leaves for others: when they are written, and where."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests import platform_readers as read
from tests.world import DEPLOYMENTS, asked

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")

NAMES = {
    "--json-file": "out.json",
    "--dotenv-file": "out.env",
    "--properties-file": "out.properties",
    "--gitlab-annotations-file": "links.json",
}
FLAGS = [f"{flag}={name}" for flag, name in NAMES.items()]


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home"})


def test_every_form_has_the_same_outputs(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    outcome = run_cli(str(directory), "--branch=feature/x", *FLAGS, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    outputs = json.loads((tmp_path / "out.json").read_text("utf-8"))
    variables = {
        f"PAGES_DEPLOY_{name.upper().replace('-', '_')}": str(value)
        for name, value in outputs.items()
    }
    dotenv = read.gitlab_dotenv((tmp_path / "out.env").read_text("utf-8"))
    properties = read.java_properties((tmp_path / "out.properties").read_bytes())
    assert dotenv == properties
    assert dotenv.items() <= variables.items()
    assert {"PAGES_DEPLOY_URL", "PAGES_DEPLOY_ID", "PAGES_DEPLOY_UPLOADED_BYTES"} <= set(dotenv)
    # GitLab takes 20 of them, in 5 KB.
    assert len(dotenv) < 20
    assert (tmp_path / "out.env").stat().st_size <= 5 * 1024
    (links,) = json.loads((tmp_path / "links.json").read_text("utf-8")).values()
    assert [link["external_link"]["url"] for link in links] == [outputs["alias"], outputs["url"]]


def test_a_production_deployment_is_linked_where_people_share_it(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    assert run_cli(str(directory), "--branch=main", *FLAGS, environ=environ).exit_code == 0
    (links,) = json.loads((tmp_path / "links.json").read_text("utf-8")).values()
    assert [link["external_link"]["label"] for link in links] == ["Production", "Deployment"]
    outputs = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert links[0]["external_link"]["url"] == outputs["production-url"] == outputs["alias"]


def test_a_file_has_the_last_result_alone(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    for name in NAMES.values():
        (tmp_path / name).write_text("x" * 100_000)
    assert run_cli(str(directory), "--branch=main", *FLAGS, environ=environ).exit_code == 0
    for name in NAMES.values():
        assert "xxx" not in (tmp_path / name).read_text("utf-8")


@pytest.mark.parametrize("breaks", ["deployment", "upload", "directory", "token"])
def test_a_failed_run_leaves_no_new_file_and_no_change(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    tmp_path: Path,
    emulator: Emulator,
    breaks: str,
) -> None:
    if breaks == "deployment":
        emulator.outcome_next(status="failure")
    elif breaks == "upload":
        emulator.outcome_next(stage="build", status="canceled")
    elif breaks == "directory":
        directory = tmp_path / "nowhere"
    else:
        environ = {**environ, "CLOUDFLARE_API_TOKEN": "a-token-that-nobody-knows"}
    (tmp_path / "out.env").write_text("before")
    wrangler = {
        "WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "records"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }
    outcome = run_cli(str(directory), "--branch=main", *FLAGS, environ={**environ, **wrangler})
    assert outcome.exit_code > 0
    for name in ("out.json", "out.properties", "links.json", "records", "outputs"):
        assert not (tmp_path / name).exists(), name
    assert (tmp_path / "out.env").read_text() == "before"


@pytest.mark.parametrize("flag", NAMES)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    tmp_path: Path,
    emulator: Emulator,
    flag: str,
) -> None:
    outcome = run_cli(str(directory), "--branch=main", f"{flag}=gone/x", environ=environ)
    assert outcome.exit_code == 2
    assert "gone" in outcome.stderr
    assert asked(emulator, "POST", DEPLOYMENTS) == []


def test_a_path_is_relative_to_the_current_directory_not_to_the_working_directory(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    outcome = run_cli(
        f"--working-directory={directory}",
        ".",
        "--branch=main",
        *FLAGS,
        environ=environ,
        cwd=tmp_path,
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert [name for name in NAMES.values() if not (tmp_path / name).is_file()] == []
    assert [file.name for file in directory.iterdir()] == ["index.html"]


def test_wranglers_path_is_relative_to_the_current_directory_too(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    records = {"WRANGLER_OUTPUT_FILE_PATH": "records"}
    outcome = run_cli(str(directory), "--branch=main", environ={**environ, **records}, cwd=tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert (tmp_path / "records").is_file()
    assert not (elsewhere / "records").exists()


def test_wranglers_records_are_appended_to_what_is_there(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "records"
    file.write_text('{"type":"wrangler-session"}\n')
    outcome = run_cli(
        str(directory),
        "--branch=feature/x",
        f"--commit-hash={'a' * 40}",
        "--json",
        environ={**environ, "WRANGLER_OUTPUT_FILE_PATH": str(file)},
    )
    outputs = json.loads(outcome.stdout)
    session, brief, detailed = map(json.loads, file.read_text("utf-8").splitlines())
    assert session == {"type": "wrangler-session"}
    both = {
        "version": 1,
        "pages_project": "demo",
        "deployment_id": outputs["id"],
        "url": outputs["url"],
    }
    assert brief.pop("timestamp") == detailed.pop("timestamp")
    assert brief == {"type": "pages-deploy", **both}
    # The emulator's aliases do not end in pages.dev.
    assert detailed.pop("alias", None) is None
    assert detailed == {
        "type": "pages-deploy-detailed",
        **both,
        "environment": "preview",
        "production_branch": "main",
        "deployment_trigger": {"metadata": {"commit_hash": "a" * 40}},
    }


def test_wranglers_time_is_that_of_javascript(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    records = {"WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "records")}
    assert run_cli(str(directory), "--branch=main", environ={**environ, **records}).exit_code == 0
    for line in (tmp_path / "records").read_text("utf-8").splitlines():
        time = json.loads(line)["timestamp"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)


def test_each_run_has_a_file_of_its_own_in_wranglers_directory(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    records = {"WRANGLER_OUTPUT_FILE_DIRECTORY": str(tmp_path / "records")}
    (tmp_path / "records").mkdir()
    for _ in range(2):
        outcome = run_cli(str(directory), "--branch=main", environ={**environ, **records})
        assert outcome.exit_code == 0, outcome.stderr
    files = list((tmp_path / "records").iterdir())
    assert len(files) == 2
    for file in files:
        name = r"wrangler-output-\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_\d{3}-[0-9a-f]{6}\.json"
        assert re.fullmatch(name, file.name)
        assert len(file.read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    "records", [{"WRANGLER_OUTPUT_FILE_DIRECTORY": "new"}, {"WRANGLER_OUTPUT_FILE_PATH": "new/x"}]
)
def test_a_directory_that_wrangler_would_make_is_made(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    tmp_path: Path,
    records: dict[str, str],
) -> None:
    """workers-sdk, `output.ts`: `ensureDirectoryExistsSync` comes before the first record."""
    absolute = {variable: str(tmp_path / path) for variable, path in records.items()}
    outcome = run_cli(str(directory), "--branch=main", environ={**environ, **absolute})
    assert outcome.exit_code == 0, outcome.stderr
    (file,) = (tmp_path / "new").iterdir()
    assert len(file.read_text("utf-8").splitlines()) == 2


def test_wranglers_path_wins_over_its_directory(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    both = {
        "WRANGLER_OUTPUT_FILE_PATH": str(tmp_path / "records"),
        "WRANGLER_OUTPUT_FILE_DIRECTORY": str(tmp_path / "other"),
    }
    (tmp_path / "other").mkdir()
    assert run_cli(str(directory), "--branch=main", environ={**environ, **both}).exit_code == 0
    assert (tmp_path / "records").is_file()
    assert list((tmp_path / "other").iterdir()) == []


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A file of somebody's, beside the checkout."""
    file = tmp_path / "home" / "profile"
    file.parent.mkdir()
    file.write_text("theirs")
    return file


FILE_VARIABLES = [
    *(f"PAGES_DEPLOY_{flag.removeprefix('--').replace('-', '_').upper()}" for flag in NAMES),
    "WRANGLER_OUTPUT_FILE_PATH",
]


@pytest.mark.parametrize("variable", FILE_VARIABLES)
@pytest.mark.parametrize("given", ["relative", "absolute"])
@pytest.mark.parametrize("linked", ["file", "directory"])
def test_no_file_is_written_through_a_link_of_the_checkout(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    foreign: Path,
    variable: str,
    given: str,
    linked: str,
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    if linked == "file":
        (checkout / "result").symlink_to(foreign)
        path = "result"
    else:
        (checkout / "results").symlink_to(foreign.parent)
        path = "results/profile"
    value = path if given == "relative" else str(checkout / path)
    before = emulator.requests
    outcome = run_cli(
        str(directory), "--branch=main", environ={**environ, variable: value}, cwd=checkout
    )
    assert outcome.exit_code == 2
    assert "is a link of the checkout" in outcome.stderr
    assert str(checkout / path.partition("/")[0]) in outcome.stderr
    assert emulator.requests == before
    assert foreign.read_text() == "theirs"


def test_wranglers_directory_may_be_no_link_of_the_checkout_either(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    foreign: Path,
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "records").symlink_to(foreign.parent)
    before = emulator.requests
    for value in ("records", "records/new"):
        outcome = run_cli(
            str(directory),
            "--branch=main",
            environ={**environ, "WRANGLER_OUTPUT_FILE_DIRECTORY": value},
            cwd=checkout,
        )
        assert outcome.exit_code == 2
    assert emulator.requests == before
    assert [file.name for file in foreign.parent.iterdir()] == ["profile"]


def test_the_checkout_is_the_whole_of_it_also_from_a_directory_in_it(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    foreign: Path,
) -> None:
    inner = tmp_path / "checkout" / "packages" / "site"
    inner.mkdir(parents=True)
    (tmp_path / "checkout" / ".git").mkdir()
    (tmp_path / "checkout" / "result.json").symlink_to(foreign)
    outcome = run_cli(
        str(directory), "--branch=main", "--json-file=../../result.json", environ=environ, cwd=inner
    )
    assert outcome.exit_code == 2
    assert foreign.read_text() == "theirs"


def test_the_platforms_own_files_are_where_the_platform_says(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path, foreign: Path
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "output").symlink_to(foreign)
    given = {"GITHUB_OUTPUT": str(checkout / "output")}
    outcome = run_cli(str(directory), "--branch=main", environ={**environ, **given}, cwd=checkout)
    assert outcome.exit_code == 0, outcome.stderr
    assert foreign.read_text().startswith("theirsid<<")
