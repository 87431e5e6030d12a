"""Deployments that are made again, rolled back to or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.state.stages import StagePolicy
from tests.emulator.direct_upload import DirectUpload, error_code

if TYPE_CHECKING:
    import requests

DEPLOYMENTS = "{projects}/demo/deployments"


def page(text: str) -> dict[str, bytes]:
    return {"/index.html": text.encode()}


def act(client: DirectUpload, deployment: Any, action: str) -> requests.Response:
    return client.call("POST", f"{DEPLOYMENTS}/{deployment['id']}/{action}")


def delete(client: DirectUpload, deployment: Any, query: str = "") -> requests.Response:
    return client.call("DELETE", f"{DEPLOYMENTS}/{deployment['id']}{query}")


def canonical(client: DirectUpload) -> Any:
    return client.project()["canonical_deployment"]["id"]


def test_retry_is_a_new_deployment_of_the_same(client: DirectUpload) -> None:
    client.emulator.outcome_next(stage="build", status="failure")
    failed = client.deploy(
        page("home"), branch="x", commit_hash="abc", commit_message="m", _headers=b"/*\n  A: b\n"
    )
    made = act(client, failed, "retry").json()["result"]
    assert made["id"] != failed["id"]
    assert made["latest_stage"]["status"] == "success"
    for field in ("environment", "deployment_trigger", "project_name"):
        assert made[field] == failed[field]
    assert client.visit("x.demo").content == b"home"
    assert client.special_files(made["id"]) == {"_headers": b"/*\n  A: b\n"}


def test_rollback_changes_production_at_once(client: DirectUpload) -> None:
    old, new = client.deploy(page("old")), client.deploy(page("new"))
    client.emulator.store.add_domain("demo", "www.example.test")
    answer = act(client, old, "rollback").json()["result"]
    assert answer["id"] == canonical(client) == old["id"]
    assert answer["aliases"] == ["https://www.example.test"]
    assert client.deployment(new["id"])["aliases"] is None
    assert client.visit("demo").content == b"old"
    assert client.visit("www.example.test").content == b"old"
    assert client.visit(new["url"]).content == b"new"


def test_rollback_goes_back_and_forth(client: DirectUpload) -> None:
    made = {text: client.deploy(page(text)) for text in ("a", "b", "c")}
    for text in ("a", "b", "c", "b", "b", "a"):
        assert act(client, made[text], "rollback").status_code == 200
        assert client.visit("demo").content == text.encode()
    latest = client.project()["latest_deployment"]
    assert latest["id"] == made["c"]["id"]


def test_next_deployment_ends_a_rollback(client: DirectUpload) -> None:
    old, _ = client.deploy(page("old")), client.deploy(page("new"))
    act(client, old, "rollback")
    client.emulator.outcome_next(status="failure")
    client.deploy(page("failed"))
    assert client.visit("demo").content == b"old"
    client.deploy(page("newest"))
    assert client.visit("demo").content == b"newest"


def test_deployment_under_way_takes_over_from_a_rollback(client: DirectUpload) -> None:
    old, _ = client.deploy(page("old")), client.deploy(page("new"))
    client.emulator.outcome_next(policy=StagePolicy(polls=1))
    slow = client.deploy(page("slow"))
    act(client, old, "rollback")
    assert client.visit("demo").content == b"old"
    client.deployment(slow["id"])
    assert client.visit("demo").content == b"slow"
    act(client, old, "rollback")
    assert client.visit("demo").content == b"old"


def test_what_cannot_be_rolled_back_to(client: DirectUpload) -> None:
    live = client.deploy(page("live"))
    preview = client.deploy(page("preview"), branch="x")
    client.emulator.outcome_next(status="failure")
    failed = client.deploy(page("failed"))
    client.emulator.outcome_next(status="active")
    endless = client.deploy(page("endless"))
    for target in (preview, failed, endless):
        answer = act(client, target, "rollback")
        assert (answer.status_code, error_code(answer)) == (400, 8000900)
    assert canonical(client) == live["id"]


def test_deleted_deployment_is_gone(client: DirectUpload) -> None:
    old, new = client.deploy(page("old")), client.deploy(page("new"))
    answer = delete(client, old)
    assert (answer.status_code, answer.json()["result"]) == (200, None)
    assert client.visit(old["url"]).status_code == 404
    listed = client.call("GET", DEPLOYMENTS).json()["result"]
    assert [one["id"] for one in listed] == [new["id"]]
    assert error_code(delete(client, old)) == 8000009


def test_live_production_deployment_cannot_be_deleted(client: DirectUpload) -> None:
    old, new = client.deploy(page("old")), client.deploy(page("new"))
    for query in ("", "?force=true"):
        answer = delete(client, new, query)
        assert (answer.status_code, error_code(answer)) == (400, 8000034)
    act(client, old, "rollback")
    assert error_code(delete(client, old, "?force=true")) == 8000034
    assert delete(client, new).status_code == 200
    assert client.visit("demo").content == b"old"


def test_aliased_deployment_is_deleted_only_by_force(client: DirectUpload) -> None:
    made = client.deploy(page("preview"), branch="x")
    for query in ("", "?force=false"):
        answer = delete(client, made, query)
        assert (answer.status_code, error_code(answer)) == (400, 8000035)
    assert delete(client, made, "?force=true").status_code == 200
    assert client.visit("x.demo").status_code == 404


def test_alias_falls_back_to_the_next_newest_of_its_branch(client: DirectUpload) -> None:
    older = client.deploy(page("older"), branch="x")
    newer = client.deploy(page("newer"), branch="x")
    delete(client, newer, "?force=true")
    assert client.visit("x.demo").content == b"older"
    assert client.deployment(older["id"])["aliases"] == newer["aliases"]


def test_preview_that_lost_its_alias_is_deleted_without_force(client: DirectUpload) -> None:
    older = client.deploy(page("older"), branch="x")
    client.deploy(page("newer"), branch="x")
    assert delete(client, older).status_code == 200
    assert client.visit("x.demo").content == b"newer"


def test_failed_preview_has_no_alias_to_lose(client: DirectUpload) -> None:
    client.emulator.outcome_next(status="failure")
    assert delete(client, client.deploy(page("bad"), branch="x")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", ""),
        ("POST", "/retry"),
        ("POST", "/rollback"),
        ("POST", "/tails"),
        ("DELETE", "/tails/1"),
    ],
)
def test_unknown_deployment(client: DirectUpload, method: str, path: str) -> None:
    client.create_project("other")
    made = client.deploy(page("home"))
    for place in (f"demo/deployments/unknown{path}", f"other/deployments/{made['id']}{path}"):
        answer = client.call(method, f"{{projects}}/{place}")
        assert (answer.status_code, error_code(answer)) == (404, 8000009)
