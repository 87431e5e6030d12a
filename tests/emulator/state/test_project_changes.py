"""Projects that change or go away."""

from __future__ import annotations

import pytest

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import HOME, SOURCE, DirectUpload, error_code, running


def test_change_without_fields_changes_nothing(client: DirectUpload) -> None:
    before = client.project()
    assert client.change_project({}) == before


def test_new_production_branch_counts_for_the_next_deployment(client: DirectUpload) -> None:
    assert client.change_project({"production_branch": "trunk"})["production_branch"] == "trunk"
    assert client.deploy(HOME, branch="trunk")["environment"] == "production"
    assert client.deploy(HOME, branch="main")["environment"] == "preview"


def test_new_name_keeps_the_subdomain(client: DirectUpload) -> None:
    before = client.project()
    client.deploy(HOME)
    after = client.change_project({"name": "renamed"})
    assert (after["id"], after["name"]) == (before["id"], "renamed")
    assert after["subdomain"] == before["subdomain"]
    assert client.visit("demo").status_code == 200
    assert error_code(client.call("GET", "{projects}/demo")) == 8000007
    assert client.create_project("demo")["subdomain"] != before["subdomain"]


def test_name_of_another_project_is_taken(client: DirectUpload) -> None:
    client.create_project("other")
    answer = client.patch_project({"name": "other"})
    assert (answer.status_code, error_code(answer)) == (409, 8000002)
    assert client.change_project({"name": "demo"})["name"] == "demo"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Upper"},
        {"name": None},
        {"production_branch": ""},
        {"build_config": []},
        {"deployment_configs": {"staging": {}}},
        {"deployment_configs": {"preview": []}},
        {"deployment_configs": {"preview": {"env_vars": {"A": "bare"}}}},
        {"deployment_configs": {"preview": {"env_vars": {"A": {"type": "text", "value": ""}}}}},
        {"deployment_configs": {"preview": {"env_vars": {"A": {"type": "plain_text"}}}}},
        {"source": SOURCE},
    ],
)
def test_change_that_is_refused(client: DirectUpload, body: dict[str, object]) -> None:
    before = client.call("GET", "{projects}/demo").json()
    answer = client.patch_project(body)
    assert answer.status_code == 400
    assert error_code(answer) != 0
    assert client.call("GET", "{projects}/demo").json() == before


def test_deleted_project_takes_everything_with_it(client: DirectUpload) -> None:
    old = client.deploy(HOME, branch="x")
    client.emulator.store.add_domain("demo", "www.example.test")
    answer = client.call("DELETE", "{projects}/demo")
    assert (answer.status_code, answer.json()["result"]) == (200, None)
    assert error_code(client.call("GET", "{projects}/demo")) == 8000007
    assert client.visit(old["url"]).status_code == 404
    assert client.visit("www.example.test").status_code == 421
    new = client.create_project()
    assert (new["subdomain"], new["latest_deployment"]) == (
        f"demo.localhost:{client.emulator.port}",
        None,
    )
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"


def test_project_with_too_many_deployments_cannot_be_deleted() -> None:
    settings = EmulatorSettings(max_deployments_of_deletable_project=2)
    with running(settings) as client:
        client.create_project()
        ids = [client.deploy(HOME)["id"] for _ in range(3)]
        answer = client.call("DELETE", "{projects}/demo")
        assert (answer.status_code, error_code(answer)) == (400, 8000076)
        client.call("DELETE", f"{{projects}}/demo/deployments/{ids[0]}")
        assert client.call("DELETE", "{projects}/demo").status_code == 200


def test_limit_of_a_deletable_project_by_default() -> None:
    assert EmulatorSettings().max_deployments_of_deletable_project == 100


def test_build_cache_can_be_purged(client: DirectUpload) -> None:
    answer = client.call("POST", "{projects}/demo/purge_build_cache")
    assert (answer.status_code, answer.json()["result"]) == (200, None)
    assert error_code(client.call("POST", "{projects}/no/purge_build_cache")) == 8000007
