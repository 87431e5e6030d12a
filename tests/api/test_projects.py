"""Projects: what the server holds after each call, and what came back."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.api.models import Variable
from pages_deploy.api.projects import EnvironmentChanges
from pages_deploy.emulator.http.faults import Answer, LostAnswer
from pages_deploy.emulator.state.project_configs import ProjectConfigs
from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    SettingsError,
)
from tests.making import deployed, made
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime

PROJECTS = "*/pages/projects"
DEMO = "*/pages/projects/demo"
BUSY = Answer.error(429, 971, headers={"Retry-After": "7"})


def config(emulator: Emulator, environment: str, name: str = PROJECT) -> Any:
    """Return what the server holds for one environment of a project."""
    project = emulator.store.projects.get(emulator.account_id, name)
    return project.deployment_configs.get(environment)


def names(emulator: Emulator) -> list[str]:
    return [project.name for project in emulator.store.projects.all(emulator.account_id)]


def test_sixty_projects_are_listed_completely(client: PagesClient, emulator: Emulator) -> None:
    for number in range(59):
        emulator.store.projects.create(
            emulator.account_id,
            f"p{number}",
            production_branch="main",
        )
    assert [project.name for project in client.projects.list()] == names(emulator)
    assert len(names(emulator)) == 60
    # Where the last page is full, the server has said that it is the last.
    assert len(asked(emulator, "GET", PROJECTS)) == 6


def test_a_rate_limit_amid_the_pages_changes_nothing_but_the_time(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    for number in range(24):
        client.projects.create(f"p{number}", production_branch="main")
    listing = client.projects.list()
    first = list(itertools.islice(listing, 10))
    emulator.fail_next("GET", PROJECTS, BUSY)
    listed = [project.name for project in [*first, *listing]]
    assert listed == names(emulator)
    assert fake_time.slept == [7]


def test_pages_are_asked_for_one_by_one_as_they_are_needed(
    client: PagesClient, emulator: Emulator
) -> None:
    for number in range(12):
        client.projects.create(f"p{number}", production_branch="main")
    assert next(client.projects.list()).name == "p11"
    assert [request.query for request in asked(emulator, "GET", PROJECTS)] == ["page=1&per_page=10"]


def test_a_project_comes_back_as_the_server_holds_it(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    live = deployed(client, site({"index.html": "home"}))
    newest = made(client, "preview-branch")
    client.domains.add(PROJECT, "www.example.test")
    project = client.projects.get(PROJECT)
    held = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert (project.id, project.name, project.production_branch) == (held.id, PROJECT, "main")
    assert project.subdomain == f"demo.localhost:{emulator.port}"
    assert project.production_url == f"http://demo.localhost:{emulator.port}/"
    assert project.custom_domains == ("www.example.test",)
    assert project.canonical_deployment is not None
    assert project.latest_deployment is not None
    assert project.canonical_deployment.id == live.id
    assert project.latest_deployment.id == newest.id
    assert project.source_type == ""
    assert set(project.environments) == {"production", "preview"}


def test_a_project_of_a_git_repository_says_so(client: PagesClient, emulator: Emulator) -> None:
    emulator.store.projects.create(
        emulator.account_id,
        "from-git",
        production_branch="main",
        configs=ProjectConfigs(
            build_config={"build_command": "make", "destination_dir": "dist"},
            source={"type": "github", "config": {}},
        ),
    )
    project = client.projects.get("from-git")
    assert project.source_type == "github"
    assert (project.build_command, project.build_output_directory) == ("make", "dist")


def test_a_new_project_has_what_it_was_created_with(
    client: PagesClient, emulator: Emulator
) -> None:
    changes = EnvironmentChanges(
        {"NAME": Variable(False, "value"), "KEY": Variable(True, "hidden")},
        compatibility_date="2026-01-31",
        compatibility_flags=["nodejs_compat"],
    )
    project = client.projects.create(
        "shop", production_branch="trunk", environments={"production": changes}
    )
    assert emulator.store.projects.get(emulator.account_id, "shop").production_branch == "trunk"
    assert config(emulator, "production", "shop") == {
        "env_vars": {
            "NAME": {"type": "plain_text", "value": "value"},
            "KEY": {"type": "secret_text", "value": "hidden"},
        },
        "compatibility_date": "2026-01-31",
        "compatibility_flags": ["nodejs_compat"],
    }
    production = project.environments["production"]
    assert production.variables == {"NAME": Variable(False, "value"), "KEY": Variable(True, "")}
    assert production.compatibility_date == "2026-01-31"
    assert production.compatibility_flags == ("nodejs_compat",)
    assert project.environments["preview"].variables == {}


def test_a_name_that_is_taken_is_refused(client: PagesClient) -> None:
    with pytest.raises(ApiResponseError, match="Cannot create project 'demo'") as info:
        client.projects.create(PROJECT, production_branch="main")
    assert info.value.codes == (8000002,)
    assert not info.value.follows_lost_answer


def test_where_the_answer_to_a_creation_was_lost_the_project_is_found(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("POST", PROJECTS, LostAnswer())
    assert client.projects.create("shop", production_branch="main").name == "shop"
    assert names(emulator).count("shop") == 1


def test_an_update_changes_what_is_given_and_leaves_the_rest(
    client: PagesClient, emulator: Emulator
) -> None:
    first = EnvironmentChanges({"A": Variable(False, "1"), "B": Variable(True, "2")}, "2025-01-01")
    client.projects.update(
        PROJECT,
        build_command="make",
        environments={"production": first, "preview": first},
    )
    second = EnvironmentChanges({"A": None, "C": Variable(False, "3")})
    project = client.projects.update(
        PROJECT,
        production_branch="trunk",
        build_output_directory="dist",
        environments={"preview": second},
    )
    assert project.production_branch == "trunk"
    assert (project.build_command, project.build_output_directory) == ("make", "dist")
    assert set(config(emulator, "production")["env_vars"]) == {"A", "B"}
    assert config(emulator, "preview") == {
        "env_vars": {
            "B": {"type": "secret_text", "value": "2"},
            "C": {"type": "plain_text", "value": "3"},
        },
        "compatibility_date": "2025-01-01",
    }
    assert project.environments["preview"].variables["B"] == Variable(True, "")


def test_an_update_of_nothing_changes_nothing(client: PagesClient, emulator: Emulator) -> None:
    before = emulator.store.projects.get(emulator.account_id, PROJECT)
    client.projects.update(PROJECT)
    assert emulator.store.projects.get(emulator.account_id, PROJECT) == before


def test_an_update_whose_answer_was_lost_is_sent_again(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("PATCH", DEMO, LostAnswer())
    assert client.projects.update(PROJECT, production_branch="trunk").production_branch == "trunk"
    assert len(asked(emulator, "PATCH", DEMO)) == 2


def test_a_deletion_takes_the_project_away(client: PagesClient, emulator: Emulator) -> None:
    client.projects.delete(PROJECT)
    assert names(emulator) == []


def test_a_deletion_whose_answer_was_lost_has_worked(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("DELETE", DEMO, LostAnswer())
    client.projects.delete(PROJECT)
    assert names(emulator) == []
    assert [request.status for request in asked(emulator, "DELETE", DEMO)] == [None, 404]


def test_a_deletion_that_was_only_delayed_is_done_in_the_end(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.fail_next("DELETE", DEMO, BUSY)
    client.projects.delete(PROJECT)
    assert names(emulator) == []
    assert fake_time.slept == [7]


def test_an_upload_token_is_a_jwt_and_a_new_one_each_time(client: PagesClient) -> None:
    assert client.projects.upload_token(PROJECT).count(".") == 2


def test_the_build_cache_is_purged(client: PagesClient, emulator: Emulator) -> None:
    client.projects.purge_build_cache(PROJECT)
    (request,) = asked(emulator, "POST", f"{DEMO}/purge_build_cache")
    assert request.status == 200


@pytest.mark.parametrize("call", ["get", "update", "delete", "upload_token", "purge_build_cache"])
def test_a_project_that_does_not_exist_is_not_found_and_named(
    client: PagesClient, call: str
) -> None:
    with pytest.raises(NotFoundError, match="'nowhere'") as info:
        getattr(client.projects, call)("nowhere")
    assert info.value.codes == (8000007,)
    assert not info.value.follows_lost_answer


def test_another_account_is_refused_and_named(emulator: Emulator) -> None:
    stranger = "f" * 32
    with PagesClient(
        emulator.api_token, stranger, base_url=emulator.api_base_url
    ) as client_of_stranger:
        projects = client_of_stranger.projects
        with pytest.raises(AuthenticationError, match=stranger):
            next(projects.list())
        with pytest.raises(AuthenticationError, match=stranger):
            projects.get(PROJECT)
        with pytest.raises(AuthenticationError, match=stranger):
            projects.create("shop", production_branch="main")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_is_no_name_reaches_no_other_address(
    client: PagesClient, emulator: Emulator, name: str
) -> None:
    """A path like `.../projects/demo/deployments/..` would be the project itself."""
    client.domains.add(PROJECT, "www.example.test")
    with pytest.raises(SettingsError):
        client.projects.delete(name)
    with pytest.raises(SettingsError):
        client.deployments.delete(PROJECT, name)
    with pytest.raises(SettingsError):
        client.domains.delete(PROJECT, name)
    assert names(emulator) == [PROJECT]
    assert len(client.domains.list(PROJECT)) == 1
