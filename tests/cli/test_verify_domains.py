"""Custom domains on the command line: what is said of them, and what comes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

pytestmark = pytest.mark.usefixtures("client")

WWW = "www.demo.localhost"


@pytest.fixture
def environ(environ: dict[str, str], emulator: Emulator) -> dict[str, str]:
    """A run to the production of a project with a domain."""
    emulator.store.add_domain(PROJECT, WWW)
    return {**environ, "PAGES_DEPLOY_BRANCH": "main"}


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", "a.css": "a"})


def test_a_stale_domain_is_a_warning_unless_it_is_to_fail(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.lag(WWW)
    outcome = run_cli(str(directory), "--json", environ=environ)
    assert outcome.exit_code == 0
    assert f"Warning: http://{WWW}:{emulator.port} does not serve what was sent" in outcome.stderr
    assert json.loads(outcome.stdout)["verified"] == "true"
    failed = run_cli(
        str(directory),
        "--verify-domains=fail",
        "--rollback-on-failure",
        environ={**environ, "PAGES_DEPLOY_JSON_FILE": "out.json"},
    )
    assert failed.exit_code == 6
    assert f"Error: http://{WWW}:{emulator.port} does not serve what was sent" in failed.stderr
    assert "Cache Everything" in failed.stderr
    outputs = json.loads((directory.parent / "out.json").read_text("utf-8"))
    assert (outputs["verified"], outputs["rolled-back-to"]) == ("false", "")


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        ((), True),
        (("--verify-domains=off",), False),
        (("--verify=off",), False),
        (("--verify=off", "--verify-domains=warn"), True),
        (("--verify=off", "--verify-domains=fail"), True),
        (("--branch=topic", "--verify-domains=fail"), False),
    ],
    ids=str,
)
def test_domains_are_asked_as_the_options_say(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    emulator: Emulator,
    given: tuple[str, ...],
    is_asked: bool,
) -> None:
    outcome = run_cli(str(directory), *given, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert bool(asked(emulator, "HEAD", f"{WWW}/*")) == is_asked


def test_the_address_that_people_share_is_an_output_and_is_told_once(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator, tmp_path: Path
) -> None:
    page = tmp_path / "summary.md"
    on_github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    shared = f"http://{WWW}:{emulator.port}"
    outcome = run_cli(str(directory), environ={**environ, **on_github})
    assert outcome.stdout.count(shared) == 1
    assert page.read_text("utf-8").count(f"({shared})") == 1
    preview = run_cli(str(directory), "--branch=topic", "--json", environ=environ)
    outputs = json.loads(preview.stdout)
    assert outputs["production-url"] == shared
    assert outputs["alias"].startswith("http://topic.demo.")


def test_a_refused_listing_is_a_detail_where_no_domain_was_to_be_proved(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.fail_next("GET", "*/domains", Answer.error(403, 10000), times=None)
    told = "The custom domains could not be read."
    warned = run_cli(str(directory), environ=environ)
    assert f"Warning: {told}" in warned.stderr
    quiet = run_cli(str(directory), "--verify-domains=off", environ=environ)
    assert told not in quiet.stderr
    verbose = run_cli(str(directory), "--verify-domains=off", "-v", environ=environ)
    assert told in verbose.stderr
    assert [one.exit_code for one in (warned, quiet, verbose)] == [0, 0, 0]
