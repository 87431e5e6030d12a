"""Projects that are connected to a Git repository."""

from __future__ import annotations

from typing import Any

from pages_deploy.emulator import EmulatorSettings
from tests.emulator.direct_upload import HOME, SOURCE, DirectUpload, error_code, running

SOURCE_CONFIG = {"owner": "someone", "repo_name": "site"}


def connect(client: DirectUpload, name: str = "git") -> Any:
    body = {"name": name, "production_branch": "main", "source": SOURCE}
    return client.call("POST", "{projects}", json=body).json()["result"]


def test_project_of_a_repository_shows_its_source(client: DirectUpload) -> None:
    source = connect(client)["source"]
    assert source["type"] == "github"
    assert SOURCE_CONFIG.items() <= source["config"].items()
    after = client.change_project(
        {"source": {"config": {"pr_comments_enabled": False}}}, project="git"
    )
    assert after["source"] == {
        "type": "github",
        "config": {**source["config"], "pr_comments_enabled": False},
    }


def test_settings_of_a_repository_that_nobody_has_made_are_shown(client: DirectUpload) -> None:
    config = connect(client)["source"]["config"]
    assert config["production_branch"] == "main"
    assert (config["preview_deployment_setting"], config["preview_branch_includes"]) == (
        "all",
        ["*"],
    )
    assert config["deployments_enabled"] is True


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
    with running(settings) as client:
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
    project = client.project("git")
    assert made["source"] == project["source"]
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
