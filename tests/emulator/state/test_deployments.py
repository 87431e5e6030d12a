"""Deployments: what a submission becomes, how it ends, and how they are listed."""

from __future__ import annotations

import re

import pytest

from pages_deploy.emulator import EmulatorSettings
from pages_deploy.emulator.state.stages import STAGE_NAMES, EndStatus, StagePolicy
from tests.emulator.clock import Clock
from tests.emulator.direct_upload import HOME, DirectUpload, error_code, running


def test_new_deployment_has_every_documented_field(client: DirectUpload) -> None:
    port = client.emulator.port
    made = client.deploy(
        HOME, branch="main", commit_hash="abc", commit_message="say hi", commit_dirty="true"
    )
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", made["id"])
    assert made["short_id"] == made["id"][:8]
    assert made["project_name"] == "demo"
    assert made["environment"] == "production"
    assert made["url"] == f"http://{made['short_id']}.demo.localhost:{port}"
    assert made["aliases"] is None
    assert made["deployment_trigger"] == {
        "type": "ad_hoc",
        "metadata": {
            "branch": "main",
            "commit_hash": "abc",
            "commit_message": "say hi",
            "commit_dirty": True,
        },
    }
    assert made["latest_stage"] == made["stages"][-1]
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("deploy", "success")
    assert [stage["name"] for stage in made["stages"]] == list(STAGE_NAMES)
    assert made["is_skipped"] is False
    assert made["uses_functions"] is False
    assert {"created_on", "modified_on", "env_vars", "build_config"} <= made.keys()
    assert "source" not in made
    assert client.deployment(made["id"]) == made


@pytest.mark.parametrize(
    ("parts", "environment", "branch"),
    [
        ({}, "production", "main"),
        ({"branch": "main"}, "production", "main"),
        ({"branch": "Fix/It"}, "preview", "Fix/It"),
        ({"branch": "MAIN"}, "preview", "MAIN"),
    ],
)
def test_branch_decides_the_environment(
    client: DirectUpload, parts: dict[str, str], environment: str, branch: str
) -> None:
    made = client.deploy(HOME, **parts)
    assert made["environment"] == environment
    assert made["deployment_trigger"]["metadata"]["branch"] == branch


def test_alias_moves_to_the_newest_preview_of_the_branch(client: DirectUpload) -> None:
    older = client.deploy(HOME, branch="Fix/It")
    alias = f"http://fix-it.demo.localhost:{client.emulator.port}"
    assert older["aliases"] == [alias]
    newer = client.deploy(HOME, branch="Fix/It")
    assert newer["aliases"] == [alias]
    assert client.deployment(older["id"])["aliases"] is None


def test_random_alias_stays_with_its_branch(client: DirectUpload) -> None:
    first, second = client.deploy(HOME, branch="//"), client.deploy(HOME, branch="//")
    assert first["aliases"] == second["aliases"]


def test_aliases_of_production_are_the_custom_domains(client: DirectUpload) -> None:
    client.emulator.store.add_domain("demo", "www.example.test")
    assert client.deploy(HOME)["aliases"] == ["https://www.example.test"]


def test_project_shows_its_live_and_its_newest_deployment(client: DirectUpload) -> None:
    live = client.deploy(HOME)
    newest = client.deploy(HOME, branch="x")
    project = client.project()
    assert project["canonical_deployment"]["id"] == live["id"]
    assert project["latest_deployment"]["id"] == newest["id"]


def test_list_is_filtered_paged_and_newest_first(client: DirectUpload) -> None:
    ids = [client.deploy(HOME, branch=branch)["id"] for branch in ("main", "x", "main")]
    path = "{projects}/demo/deployments"
    everything = client.call("GET", path).json()
    assert [one["id"] for one in everything["result"]] == ids[::-1]
    production = client.call("GET", f"{path}?env=production&page=2&per_page=1").json()
    assert [one["id"] for one in production["result"]] == [ids[0]]
    assert production["result_info"]["total_count"] == 2
    preview = client.call("GET", f"{path}?env=preview").json()
    assert [one["id"] for one in preview["result"]] == [ids[1]]


@pytest.mark.parametrize(
    "query",
    [
        "per_page=26",
        "per_page=0",
        "page=0",
        "page=x",
        "per_page=-1",
        "env=staging",
        f"page={10**9}",
    ],
)
def test_bad_list_options(client: DirectUpload, query: str) -> None:
    answer = client.call("GET", f"{{projects}}/demo/deployments?{query}")
    assert (answer.status_code, error_code(answer)) == (400, 8000024)


def test_unknown_deployment(client: DirectUpload) -> None:
    for path in ("x", "x/history/logs"):
        answer = client.call("GET", f"{{projects}}/demo/deployments/{path}")
        assert (answer.status_code, error_code(answer)) == (404, 8000009)


@pytest.mark.parametrize("status", ["failure", "canceled"])
def test_ordered_outcome_happens_once(client: DirectUpload, status: EndStatus) -> None:
    client.emulator.outcome_next(stage="build", status=status, error="out of disk")
    made = client.deploy(HOME)
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("build", status)
    assert (client.log(made["id"])["data"][-1]["line"] == "Error: out of disk") is (
        status == "failure"
    )
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"


def test_ordered_outcomes_queue_up(client: DirectUpload) -> None:
    client.emulator.outcome_next(status="failure", times=2)
    client.emulator.outcome_next(status="canceled")
    statuses = [client.deploy(HOME)["latest_stage"]["status"] for _ in range(4)]
    assert statuses == ["failure", "failure", "canceled", "success"]


def test_impossible_outcome_is_refused(client: DirectUpload) -> None:
    with pytest.raises(ValueError, match="deploy stage"):
        client.emulator.outcome_next(stage="build", status="success")


def test_end_shows_after_some_polls() -> None:
    settings = EmulatorSettings(stage_policy=StagePolicy(polls=2))
    with running(settings) as client:
        client.create_project()
        made = client.deploy(HOME, branch="x")
        assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == (
            "queued",
            "active",
        )
        assert made["aliases"] is None
        client.call("GET", "{projects}/demo/deployments")
        client.log(made["id"])
        assert client.visit(made["url"]).status_code == 404
        assert client.deployment(made["id"])["latest_stage"]["status"] == "active"
        ended = client.deployment(made["id"])
        assert ended["latest_stage"]["status"] == "success"
        assert ended["aliases"] == [f"http://x.demo.localhost:{client.emulator.port}"]
        assert client.visit(made["url"]).status_code == 200


def test_end_shows_after_some_time() -> None:
    clock = Clock()
    settings = EmulatorSettings(clock=clock, stage_policy=StagePolicy(seconds_per_stage=1.0))
    with running(settings) as client:
        client.create_project()
        made = client.deploy(HOME)
        clock.now += 3.5
        assert client.deployment(made["id"])["latest_stage"]["name"] == "build"
        project = client.project()
        assert project["canonical_deployment"] is None
        clock.now += 1.5
        ended = client.deployment(made["id"])
        assert ended["latest_stage"]["status"] == "success"
        assert ended["modified_on"] > ended["created_on"]


def test_pace_of_one_deployment(client: DirectUpload) -> None:
    client.emulator.outcome_next(policy=StagePolicy(polls=1))
    made = client.deploy(HOME)
    assert made["latest_stage"]["status"] == "active"
    assert client.deployment(made["id"])["latest_stage"]["status"] == "success"
