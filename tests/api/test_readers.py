"""Records of what the API answers: what is needed is insisted on, the rest may be missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pages_deploy.api.models import Stage
from pages_deploy.api.readers import (
    read_deployment,
    read_hashes,
    read_log_lines,
    read_project,
    read_upload_token,
)

# As in Cloudflare's documentation of the deployment object.
DEPLOYMENT: dict[str, Any] = {
    "id": "f64788e9-fccd-4d4a-a28a-cb84f88f6",
    "short_id": "f64788e9",
    "project_id": "7b162ea7-7367-4d67-bcde-1160995d5",
    "project_name": "this-is-my-project-01",
    "environment": "preview",
    "url": "https://f64788e9.ninjakittens.pages.dev",
    "created_on": "2021-03-09T00:55:03.923456Z",
    "aliases": ["https://branchname.projectname.pages.dev"],
    "latest_stage": {"name": "deploy", "status": "success", "started_on": None, "ended_on": None},
    "stages": [{"name": "queued", "status": "success"}, {"name": "deploy", "status": "success"}],
    "deployment_trigger": {
        "type": "ad_hoc",
        "metadata": {
            "branch": "main",
            "commit_hash": "ad9ccd918a81025731e10e40267e11273a263421",
            "commit_message": "Update index.html",
        },
    },
    "a_field_of_the_future": {"x": 1},
}


def test_a_deployment_is_read_as_documented() -> None:
    deployment = read_deployment(DEPLOYMENT)
    assert deployment.id == "f64788e9-fccd-4d4a-a28a-cb84f88f6"
    assert deployment.aliases == ("https://branchname.projectname.pages.dev",)
    assert deployment.branch == "main"
    assert deployment.commit_hash == "ad9ccd918a81025731e10e40267e11273a263421"
    assert deployment.trigger == "ad_hoc"
    assert deployment.succeeded
    assert deployment.failed_stage is None


@pytest.mark.parametrize("name", ["id", "environment"])
@pytest.mark.parametrize("value", [None, "", 5, []])
def test_what_a_deployment_needs_is_insisted_on(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        read_deployment({**DEPLOYMENT, name: value})
    with pytest.raises(KeyError):
        read_deployment({key: field for key, field in DEPLOYMENT.items() if key != name})


@pytest.mark.parametrize(
    "name",
    ["short_id", "aliases", "created_on", "latest_stage", "stages", "deployment_trigger"],
)
def test_what_a_deployment_does_not_need_may_be_missing_or_null(name: str) -> None:
    others = {key: field for key, field in DEPLOYMENT.items() if key != name}
    assert read_deployment(others) == read_deployment({**DEPLOYMENT, name: None})


def test_a_moment_is_aware_and_what_is_none_is_not_known() -> None:
    created_on = read_deployment(DEPLOYMENT).created_on
    assert created_on == datetime(2021, 3, 9, 0, 55, 3, 923_456, UTC)
    assert str(created_on) == DEPLOYMENT["created_on"]
    for text in ("", "yesterday", "2020-01-01T00:00:00", 5):
        assert read_deployment({**DEPLOYMENT, "created_on": text}).created_on is None


def test_a_deployment_without_stages_has_not_ended() -> None:
    deployment = read_deployment({**DEPLOYMENT, "latest_stage": None, "stages": []})
    assert not deployment.succeeded
    assert deployment.failed_stage is None
    assert deployment.latest_stage == Stage("queued", "idle")


@pytest.mark.parametrize("status", ["failure", "canceled", "skipped"])
def test_the_latest_stage_alone_says_how_it_ended(status: str) -> None:
    over, going_on = {"name": "build", "status": status}, {"name": "deploy", "status": "active"}
    stages = [over, going_on]
    assert read_deployment({**DEPLOYMENT, "stages": stages}).succeeded
    going = read_deployment({**DEPLOYMENT, "stages": stages, "latest_stage": going_on})
    assert going.failed_stage is None
    ended = read_deployment({**DEPLOYMENT, "stages": [], "latest_stage": over})
    assert ended.failed_stage == Stage("build", status)


IDLE = {"name": "queued", "status": "idle"}


@pytest.mark.parametrize(
    ("fields", "is_skipped"),
    [
        ({"is_skipped": True, "latest_stage": IDLE}, True),
        ({"is_skipped": True}, True),
        ({"skip_reason": "superseded_queued_build", "latest_stage": IDLE}, True),
        ({"latest_stage": {"name": "deploy", "status": "skipped"}}, True),
        # One that has just been made, and odd words about one that has ended well.
        ({"latest_stage": IDLE}, False),
        ({"is_skipped": "true"}, False),
        ({"is_skipped": None, "skip_reason": None}, False),
        ({"skip_reason": "of before"}, False),
    ],
)
def test_a_deployment_that_was_passed_over_is_known_as_such(
    fields: dict[str, Any], is_skipped: bool
) -> None:
    deployment = read_deployment({**DEPLOYMENT, **fields})
    assert deployment.was_skipped is is_skipped
    assert (deployment.failed_stage is not None) is is_skipped
    assert not (deployment.succeeded and is_skipped)


NO_ADDRESSES: list[object] = [
    None,
    "",
    5,
    [],
    {"a": "b"},
    "http://[",
    "https://",
    "https://x:port/",
    "https://x:99999/",
    "f64788e9.demo.pages.dev",
    "javascript:alert(1)",
    "https://a b/",
    "https://me:password@x/",
    "https://x\n.pages.dev",
]


@pytest.mark.parametrize("value", NO_ADDRESSES)
def test_what_can_be_no_address_is_left_out(value: Any) -> None:
    good = "https://branch.demo.pages.dev"
    deployment = read_deployment({**DEPLOYMENT, "url": value, "aliases": [value, good]})
    assert deployment.url == ""
    assert deployment.aliases == (good,)
    assert read_deployment({**DEPLOYMENT, "aliases": value}).aliases == ()


def test_custom_domains_are_those_besides_the_own_subdomain() -> None:
    project = read_project(
        {
            "id": "1",
            "name": "demo",
            "subdomain": "demo-abc.pages.dev",
            "domains": ["demo-abc.pages.dev", "example.test", "www.example.test"],
            "production_branch": "main",
        }
    )
    assert project.custom_domains == ("example.test", "www.example.test")
    assert project.source_type == ""
    assert project.canonical_deployment is None


def test_the_canonical_deployment_and_the_source_are_read() -> None:
    project = read_project(
        {
            "id": "1",
            "name": "demo",
            "source": {"type": "github"},
            "canonical_deployment": DEPLOYMENT,
        }
    )
    assert project.source_type == "github"
    assert project.canonical_deployment == read_deployment(DEPLOYMENT)


def test_half_a_character_is_replaced_in_names_too() -> None:
    config = {"env_vars": {"A\ud800": {"type": "plain_text", "value": "b\udfff"}}}
    configs = {"production\ud800": config}
    project = read_project({"id": "1", "name": "d\ud800", "deployment_configs": configs})
    variable = project.environments["production?"].variables["A?"]
    assert (project.name, variable.value) == ("d?", "b?")
    assert read_hashes(["\ud800"]) == ["?"]


@pytest.mark.parametrize("data", [None, {}, "text", [5], [None], {"0": "x"}])
def test_hashes_are_a_list_of_texts(data: Any) -> None:
    with pytest.raises(TypeError):
        read_hashes(data)


@pytest.mark.parametrize("data", [{}, {"jwt": ""}, {"jwt": None}])
def test_an_upload_token_is_a_text(data: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        read_upload_token(data)


def test_log_lines_need_a_text_but_no_time() -> None:
    assert [line.text for line in read_log_lines({"data": [{"line": "a"}, {"ts": 5, "line": "b"}]})]
    with pytest.raises((KeyError, TypeError)):
        read_log_lines({"data": [{"ts": "2026-01-01T00:00:00Z"}]})
