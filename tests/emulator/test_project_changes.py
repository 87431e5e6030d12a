"""Projects that change or go away, and projects that are connected to Git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, key_of

if TYPE_CHECKING:
    import requests

HOME = {"/index.html": b"<h1>hi</h1>\n"}
MANIFEST = {path: key_of(path, body) for path, body in HOME.items()}
SOURCE = {"type": "github", "config": {"owner": "someone", "repo_name": "site"}}


def patch(client: DirectUpload, body: object, project: str = "demo") -> requests.Response:
    return client.call("PATCH", f"{{projects}}/{project}", json=body)


def changed(client: DirectUpload, body: object, project: str = "demo") -> Any:
    answer = patch(client, body, project)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def variable(value: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "value": value}


def connect(client: DirectUpload, name: str = "git") -> Any:
    body = {"name": name, "production_branch": "main", "source": SOURCE}
    return client.call("POST", "{projects}", json=body).json()["result"]


def test_change_without_fields_changes_nothing(client: DirectUpload) -> None:
    before = client.call("GET", "{projects}/demo").json()["result"]
    assert changed(client, {}) == before


def test_new_production_branch_counts_for_the_next_deployment(client: DirectUpload) -> None:
    assert changed(client, {"production_branch": "trunk"})["production_branch"] == "trunk"
    assert client.deploy(HOME, branch="trunk")["environment"] == "production"
    assert client.deploy(HOME, branch="main")["environment"] == "preview"


def test_new_name_keeps_the_subdomain(client: DirectUpload) -> None:
    before = client.call("GET", "{projects}/demo").json()["result"]
    client.deploy(HOME)
    after = changed(client, {"name": "renamed"})
    assert (after["id"], after["name"]) == (before["id"], "renamed")
    assert after["subdomain"] == before["subdomain"]
    assert client.visit("demo").status_code == 200
    assert error_code(client.call("GET", "{projects}/demo")) == 8000007
    assert client.create_project("demo")["subdomain"] != before["subdomain"]


def test_name_of_another_project_is_taken(client: DirectUpload) -> None:
    client.create_project("other")
    answer = patch(client, {"name": "other"})
    assert (answer.status_code, error_code(answer)) == (409, 8000002)
    assert changed(client, {"name": "demo"})["name"] == "demo"


def test_build_configuration_is_merged(client: DirectUpload) -> None:
    changed(client, {"build_config": {"build_command": "make", "destination_dir": "out"}})
    after = changed(client, {"build_config": {"build_command": None, "root_dir": "site"}})
    assert {name: value for name, value in after["build_config"].items() if value} == {
        "destination_dir": "out",
        "root_dir": "site",
    }


def test_variables_and_bindings_are_merged_and_null_takes_one_away(client: DirectUpload) -> None:
    first = {
        "production": {
            "compatibility_flags": ["nodejs_compat"],
            "env_vars": {"KEEP": variable("1"), "CHANGE": variable("2"), "DROP": variable("3")},
            "kv_namespaces": {"A": {"namespace_id": "a"}, "B": {"namespace_id": "b"}},
            "placement": {"mode": "smart"},
        },
        "preview": {"env_vars": {"KEEP": variable("preview")}},
    }
    second = {
        "production": {
            "env_vars": {"CHANGE": variable("new"), "DROP": None, "ADD": variable("4")},
            "kv_namespaces": {"A": None},
            "placement": None,
        }
    }
    changed(client, {"deployment_configs": first})
    configs = changed(client, {"deployment_configs": second})["deployment_configs"]
    assert configs["production"]["env_vars"] == {
        "KEEP": variable("1"),
        "CHANGE": variable("new"),
        "ADD": variable("4"),
    }
    assert configs["production"]["kv_namespaces"] == {"B": {"namespace_id": "b"}}
    assert configs["production"]["compatibility_flags"] == ["nodejs_compat"]
    assert "placement" not in configs["production"]
    assert configs["preview"]["env_vars"] == {"KEEP": variable("preview")}
    shown = client.call("GET", "{projects}/demo").json()["result"]["deployment_configs"]
    assert shown == configs


def test_null_takes_all_variables_away(client: DirectUpload) -> None:
    changed(client, {"deployment_configs": {"preview": {"env_vars": {"A": variable("1")}}}})
    configs = changed(client, {"deployment_configs": {"preview": {"env_vars": None}}})
    assert configs["deployment_configs"]["preview"]["env_vars"] == {}


def test_secrets_never_come_back(client: DirectUpload) -> None:
    variables = {"OPEN": variable("seen"), "CLOSED": variable("hidden", "secret_text")}
    body = {"deployment_configs": {"production": {"env_vars": variables}}}
    client.deploy(HOME)
    answers = [
        patch(client, body),
        client.call("GET", "{projects}/demo"),
        client.call("GET", "{projects}"),
        client.call("GET", "{projects}/demo/deployments"),
    ]
    assert "hidden" not in "".join(answer.text for answer in answers)
    shown = answers[1].json()["result"]["deployment_configs"]["production"]["env_vars"]
    assert shown == {"OPEN": variable("seen"), "CLOSED": variable("", "secret_text")}


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
    answer = patch(client, body)
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
    assert error_code(client.visit("www.example.test")) == 7003
    new = client.create_project()
    assert (new["subdomain"], new["latest_deployment"]) == (
        f"demo.localhost:{client.emulator.port}",
        None,
    )
    assert client.deploy(HOME)["latest_stage"]["status"] == "success"


def test_project_with_too_many_deployments_cannot_be_deleted() -> None:
    settings = EmulatorSettings(max_deployments_of_deletable_project=2)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
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


def test_project_of_a_repository_shows_its_source(client: DirectUpload) -> None:
    assert connect(client)["source"] == SOURCE
    after = changed(client, {"source": {"config": {"pr_comments_enabled": False}}}, "git")
    assert after["source"] == {
        "type": "github",
        "config": {"owner": "someone", "repo_name": "site", "pr_comments_enabled": False},
    }


def test_unknown_kind_of_repository(client: DirectUpload) -> None:
    body = {"name": "git", "production_branch": "main", "source": {"type": "svn"}}
    assert client.call("POST", "{projects}", json=body).status_code == 400


def test_project_of_a_repository_takes_no_direct_upload(client: DirectUpload) -> None:
    connect(client)
    form = {"manifest": (None, "{}")}
    for answer in (
        client.call("GET", "{projects}/git/upload-token"),
        client.call("POST", "{projects}/git/deployments", files=form),
    ):
        assert answer.status_code == 400
        # Code 8000000 would make clients try again.
        assert error_code(answer) == 8000900
        assert "Git" in answer.json()["errors"][0]["message"]


def test_direct_upload_to_a_repositorys_project_is_a_setting() -> None:
    settings = EmulatorSettings(git_projects_refuse_direct_upload=False)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        connect(client, "demo")
        assert client.deploy(HOME)["latest_stage"]["status"] == "success"
        again = client.call("POST", "{projects}/demo/deployments").json()["result"]
        assert client.visit(again["url"]).content == HOME["/index.html"]


def test_empty_creation_builds_the_production_branch(client: DirectUpload) -> None:
    connect(client)
    made = client.call("POST", "{projects}/git/deployments").json()["result"]
    assert made["environment"] == "production"
    assert made["deployment_trigger"]["metadata"]["branch"] == "main"
    assert made["latest_stage"]["status"] == "success"
    assert made["source"] == SOURCE
    project = client.call("GET", "{projects}/git").json()["result"]
    assert project["canonical_deployment"]["id"] == made["id"]


def test_creation_of_a_branch_builds_that_branch(client: DirectUpload) -> None:
    connect(client)
    form = {"branch": (None, "feature")}
    made = client.call("POST", "{projects}/git/deployments", files=form).json()["result"]
    assert (made["environment"], made["aliases"]) == (
        "preview",
        [f"http://feature.git.localhost:{client.emulator.port}"],
    )


def test_empty_creation_without_a_repository_has_no_manifest(client: DirectUpload) -> None:
    assert error_code(client.call("POST", "{projects}/demo/deployments")) == 8000096
