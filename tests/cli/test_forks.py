"""Builds that get no secrets by design: nothing is deployed, and nothing is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import BuildSite, RunCli


def pull_request(repository: str) -> dict[str, object]:
    repo = {"full_name": repository}
    return {"number": 42, "head": {"ref": "main", "sha": "a" * 40, "repo": repo}}


FORK, OURS = pull_request("evil/site"), pull_request("octo/site")


@pytest.fixture
def environ(tmp_path: Path, site: BuildSite) -> dict[str, str]:
    site({"index.html": "home"})
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/site",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "INPUT_PROJECTNAME": "demo",
        "INPUT_DIRECTORY": "site",
    }


def event(tmp_path: Path, pull_request: object) -> None:
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull_request}))


@pytest.mark.parametrize("actor", ["somebody", "dependabot[bot]"])
def test_a_pull_request_without_secrets_is_a_notice_and_no_failure(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, actor: str
) -> None:
    event(tmp_path, OURS if actor == "dependabot[bot]" else FORK)
    outcome = run_cli(environ={**environ, "GITHUB_ACTOR": actor})
    assert outcome.exit_code == 0
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("::notice title=pages-deploy::Nothing is deployed")
    assert not (tmp_path / "output").exists()


def test_it_is_an_error_where_a_token_is_required(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, FORK)
    outcome = run_cli(environ={**environ, "INPUT_REQUIRETOKEN": "true"})
    assert outcome.exit_code == 2
    assert "CLOUDFLARE_API_TOKEN" in outcome.stderr


@pytest.mark.parametrize("name", ["push", "pull_request_target", "workflow_run"])
def test_a_missing_token_is_an_error_where_secrets_exist(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path, name: str
) -> None:
    event(tmp_path, FORK)
    outcome = run_cli(environ={**environ, "GITHUB_EVENT_NAME": name})
    assert outcome.exit_code == 2


def test_a_missing_token_of_our_own_pull_request_is_an_error(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    event(tmp_path, OURS)
    assert run_cli(environ=environ).exit_code == 2
