"""The workflows of examples/github do what they say, with an emulator in Cloudflare's place."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.submissions import Submission
from tests.acceptance.samples import (
    BUILD,
    COMMIT,
    PROJECT,
    ROOT,
    SAMPLES,
    deployments,
    make_checkout,
    make_projects,
)
from tests.acceptance.workflows import (
    REPOSITORY,
    Runner,
    load,
    pull_request,
    push,
    steps_of_ours,
    workflow_run,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.acceptance.workflows import MakeRunner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the samples are for Linux")

WORKFLOWS = ROOT / "examples/github"
ALL = sorted(WORKFLOWS.glob("*.yml"))
ONE_SITE = [WORKFLOWS / "preview.yml", SAMPLES / "gitea.yml"]
TWO_SITES = [WORKFLOWS / "monorepo.yml", WORKFLOWS / "matrix.yml"]
PROJECTS = ["my-docs", "my-shop"]
LONG_AGO = 1_700_000_000.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        make_projects(running, PROJECT, *PROJECTS)
        yield running


@pytest.fixture
def runner(emulator: Emulator, tmp_path: Path) -> MakeRunner:
    def make(
        event_name: str,
        event: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        has_secrets: bool = True,
    ) -> Runner:
        folder = tmp_path / event_name
        folder.mkdir()
        (folder / "event.json").write_text(json.dumps(event), "utf-8")
        make_checkout(folder / "checkout", folder / "bin")
        for name in ("docs", "shop"):
            (folder / "checkout" / name).mkdir()
            (folder / "checkout" / name / "build.sh").symlink_to("../build.sh")
        token = emulator.api_token if has_secrets else ""
        contexts = {
            # No token, so that nobody talks to GitHub.
            "github": {"token": "", "repository": REPOSITORY, "event": event},
            "secrets": {"CLOUDFLARE_API_TOKEN": token, "GITHUB_TOKEN": ""},
            "vars": {"CLOUDFLARE_ACCOUNT_ID": emulator.account_id},
        }
        told = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": event_name,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "PAGES_DEPLOY_API_BASE_URL": emulator.api_base_url,
        }
        return Runner(folder / "checkout", contexts, {**told, **environ})

    return make


def seen(emulator: Emulator, *projects: str) -> list[tuple[str, str, str]]:
    return [
        (deployment.environment, deployment.trigger.branch, deployment.trigger.commit_hash)
        for project in projects
        for deployment in deployments(emulator, project)
    ]


@pytest.mark.parametrize("file", [WORKFLOWS / "basic.yml", *ONE_SITE], ids=lambda file: file.stem)
def test_a_push_to_the_production_branch_is_published(
    file: Path, runner: MakeRunner, emulator: Emulator
) -> None:
    made = push(runner)
    assert made.run(file), made.log
    assert seen(emulator, PROJECT) == [("production", "main", COMMIT)]


def test_a_later_step_gets_the_address(runner: MakeRunner, emulator: Emulator) -> None:
    made = push(runner)
    assert made.run(WORKFLOWS / "basic.yml"), made.log
    assert re.search(r"^Published at http://\S+$", made.log, flags=re.MULTILINE)


@pytest.mark.parametrize("file", ONE_SITE, ids=lambda file: file.stem)
def test_a_pull_request_gets_a_preview(file: Path, runner: MakeRunner, emulator: Emulator) -> None:
    made = pull_request(runner)
    assert made.run(file), made.log
    assert seen(emulator, PROJECT) == [("preview", "feature", COMMIT)]


@pytest.mark.parametrize("file", [*ONE_SITE, *TWO_SITES], ids=lambda file: file.stem)
def test_a_pull_request_without_secrets_publishes_nothing_and_succeeds(
    file: Path, runner: MakeRunner, emulator: Emulator
) -> None:
    made = pull_request(runner, source="mallory/site", branch="main")
    assert made.run(file), made.log
    assert "Nothing is deployed" in made.log
    assert seen(emulator, PROJECT, *PROJECTS) == []


@pytest.mark.parametrize("file", TWO_SITES, ids=lambda file: file.stem)
def test_each_of_two_sites_gets_into_its_own_project(
    file: Path, runner: MakeRunner, emulator: Emulator
) -> None:
    made = pull_request(runner)
    assert made.run(file), made.log
    for project in PROJECTS:
        assert seen(emulator, project) == [("preview", "feature", COMMIT)]


@pytest.mark.parametrize("file", TWO_SITES, ids=lambda file: file.stem)
def test_a_site_that_cannot_be_published_does_not_keep_the_other_from_it(
    file: Path, runner: MakeRunner, emulator: Emulator
) -> None:
    made = push(runner)
    script = made.checkout / "docs/build.sh"
    script.unlink()
    script.write_text(f"#!/usr/bin/env bash\n{BUILD} && ln -s /etc/hostname dist/link\n", "utf-8")
    script.chmod(0o755)
    assert not made.run(file)
    assert seen(emulator, "my-docs") == []
    assert seen(emulator, "my-shop") == [("production", "main", COMMIT)]


def test_where_the_build_fails_no_site_is_published(runner: MakeRunner, emulator: Emulator) -> None:
    made = push(runner)
    (made.checkout / "build.sh").write_text("#!/usr/bin/env bash\nexit 1\n", "utf-8")
    assert not made.run(WORKFLOWS / "monorepo.yml")
    assert seen(emulator, *PROJECTS) == []


@pytest.mark.parametrize(
    ("source", "branch", "expected"),
    [
        ("mallory/site", "main", ("preview", "mallory-main", COMMIT)),
        (REPOSITORY, "feature", ("preview", "feature", COMMIT)),
        (REPOSITORY, "main", ("production", "main", COMMIT)),
    ],
)
def test_what_one_workflow_built_is_published_by_the_other(
    runner: MakeRunner,
    emulator: Emulator,
    source: str,
    branch: str,
    expected: tuple[str, str, str],
) -> None:
    built = pull_request(runner, source=source, branch=branch)
    assert built.run(WORKFLOWS / "fork-build.yml"), built.log
    assert seen(emulator, PROJECT) == []
    deploying = workflow_run(runner, built, source=source, branch=branch)
    assert deploying.run(WORKFLOWS / "fork-deploy.yml"), deploying.log
    assert seen(emulator, PROJECT) == [expected]


def test_settings_among_a_forks_files_are_files_and_no_settings(
    runner: MakeRunner, emulator: Emulator
) -> None:
    built = pull_request(runner, source="mallory/site")
    assert built.run(WORKFLOWS / "fork-build.yml"), built.log
    settings = f'name = "{PROJECTS[0]}"\npages_build_output_dir = "."\n'
    (built.artifacts["site"] / "wrangler.toml").write_text(settings, "utf-8")
    deploying = workflow_run(runner, built, source="mallory/site", branch="feature")
    assert deploying.run(WORKFLOWS / "fork-deploy.yml"), deploying.log
    assert seen(emulator, PROJECT) == [("preview", "mallory-feature", COMMIT)]
    assert seen(emulator, *PROJECTS) == []


def test_variables_among_a_forks_files_are_neither_read_nor_published(
    runner: MakeRunner, emulator: Emulator
) -> None:
    built = pull_request(runner, source="mallory/site")
    assert built.run(WORKFLOWS / "fork-build.yml"), built.log
    variables = f"PAGES_DEPLOY_BRANCH=main\nPAGES_DEPLOY_PROJECT_NAME={PROJECTS[0]}\n"
    (built.artifacts["site"] / ".env").write_text(variables, "utf-8")
    deploying = workflow_run(runner, built, source="mallory/site", branch="feature")
    assert not deploying.run(WORKFLOWS / "fork-deploy.yml")
    assert "must not be published: /.env" in deploying.log
    assert seen(emulator, PROJECT, *PROJECTS) == []


def test_what_deploys_forks_runs_nothing_of_theirs() -> None:
    workflow = load(WORKFLOWS / "fork-deploy.yml")
    assert workflow["on"]["workflow_run"]["workflows"] == [
        load(WORKFLOWS / "fork-build.yml")["name"]
    ]
    (job,) = workflow["jobs"].values()
    check_out, fetch, publish = job["steps"]
    # The default branch's, since no other is named.
    assert set(check_out["with"]) == {"persist-credentials", "sparse-checkout"}
    assert check_out["with"]["sparse-checkout"] == ".github/actions"
    assert fetch["uses"].startswith("actions/download-artifact@")
    assert fetch["with"]["path"] == publish["with"]["directory"] == "dist"
    # A branch that is given would be taken at its word, also where it is a fork's `main`.
    assert not {"branch", "command", "workingDirectory"} & set(publish["with"])


def test_what_builds_forks_has_no_secret() -> None:
    text = (WORKFLOWS / "fork-build.yml").read_text("utf-8")
    assert "secrets." not in text
    assert "write" not in str(load(WORKFLOWS / "fork-build.yml")["jobs"]["build"]["permissions"])


def test_the_previews_of_a_closed_pull_request_go(runner: MakeRunner, emulator: Emulator) -> None:
    for made in (push(runner), pull_request(runner)):
        assert made.run(WORKFLOWS / "preview.yml"), made.log
    assert len(deployments(emulator)) == 2
    closing = pull_request(runner, event_name="pull_request_target")
    assert closing.run(WORKFLOWS / "cleanup.yml"), closing.log
    assert seen(emulator, PROJECT) == [("production", "main", COMMIT)]


def test_what_cleans_up_takes_the_place_of_what_still_publishes() -> None:
    closing = load(WORKFLOWS / "cleanup.yml")["concurrency"]
    assert closing["cancel-in-progress"] is True
    group = closing["group"].removesuffix(" }}")
    for name in ("preview", "monorepo", "matrix"):
        assert load(WORKFLOWS / f"{name}.yml")["concurrency"]["group"].startswith(f"{group} ||")


def test_old_deployments_go_and_what_is_served_stays(tmp_path: Path) -> None:
    settings = EmulatorSettings(clock=lambda: LONG_AGO)
    with Emulator(settings=settings) as emulator:
        make_projects(emulator, PROJECT)
        project = emulator.store.projects.get(emulator.account_id, PROJECT)
        for branch in ["main"] * 7 + ["open"] * 6 + ["new"]:
            emulator.store.deployments.create(project, Submission(manifest={}, branch=branch))
        make_checkout(tmp_path / "checkout", tmp_path / "bin")
        contexts = {
            "secrets": {"CLOUDFLARE_API_TOKEN": emulator.api_token},
            "vars": {"CLOUDFLARE_ACCOUNT_ID": emulator.account_id},
        }
        environ = {"PAGES_DEPLOY_API_BASE_URL": emulator.api_base_url}
        made = Runner(tmp_path / "checkout", contexts, environ)
        assert made.run(WORKFLOWS / "prune.yml"), made.log
        left = [deployment.trigger.branch for deployment in deployments(emulator)]
    assert sorted(left) == ["main"] * 5 + ["new"] + ["open"] * 5


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_a_workflow_grants_nothing_but_what_a_job_asks_for(file: Path) -> None:
    workflow = load(file)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
    for step in steps_of_ours(workflow):
        granted = workflow["jobs"][next(iter(workflow["jobs"]))]["permissions"]
        has_token = "gitHubToken" in step["with"]
        assert has_token == ("deployments" in granted) == ("pull-requests" in granted)
