"""Workflows that were written for other actions run as they are but for their `uses:` line.

By act, against an emulator and a GitHub of this process: what a workflow does not say (the API's
address, the packages' place) comes from the runner's environment. act is known as act, where
nothing is asked of GitHub, unless that environment says otherwise. It takes an input only in the
case in which the Action declares it; GitHub does not mind.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.runner import ACTION, Ran, Repository
from tests.forge.forges import TOKEN, FakeGitHub, running
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Deployment
    from pages_deploy.emulator.server import Emulator

pytestmark = pytest.mark.action

WORKFLOWS = Path(__file__).parent / "workflows"
OTHERS = re.compile(
    r"(?<=uses: )"
    r"(?:cloudflare/pages-action|AdrianGonz97/refined-cf-pages-action|cloudflare/wrangler-action)"
    r"@\S+"
)
COMMIT = "b" * 40
# Of somebody who calls a branch as the production branch is called.
FORK = {"full_name": "someone/site", "owner": {"login": "someone"}}
# `npm ci` and `npm run build`, and nothing else.
NPM = """\
#!/bin/sh
case "$*" in
  ci) mkdir node_modules ;;
  "run build") mkdir dist && echo home >dist/index.html ;;
  *) exit 1 ;;
esac
"""
NODE = """\
name: In the place of actions/setup-node
description: npm is on the path already.
inputs: {node-version: {description: Not used}, cache: {description: Not used}}
runs: {using: composite, steps: [{run: "true", shell: bash}]}
"""
CHECKOUT = """\
name: In the place of actions/checkout
description: act checks out only what it is started in.
inputs: {ref: {description: A branch}, repository: {description: Whose}}
runs:
  using: composite
  steps:
    - shell: bash
      run: test "${{ inputs.repository }} ${{ inputs.ref }}" = "someone/site main"
"""
ARTIFACT = """\
name: In the place of actions/download-artifact
description: Makes what another workflow would have uploaded.
inputs:
  name: {description: Of the artifact}
  path: {description: Where to}
  github-token: {description: For another run}
  run-id: {description: That run}
outputs: {download-path: {description: Absolute, value: "${{ steps.made.outputs.at }}"}}
runs:
  using: composite
  steps:
    - id: made
      shell: bash
      run: |
        mkdir -p "${{ inputs.path }}"
        echo home >"${{ inputs.path }}/index.html"
        echo "at=$PWD/${{ inputs.path }}" >>"$GITHUB_OUTPUT"
"""


@dataclass(frozen=True)
class Scene:
    """A user's repository with a site, the Cloudflare it goes to, and the GitHub it is from."""

    repository: Repository
    emulator: Emulator
    client: PagesClient
    hub: FakeGitHub
    wheelhouse: Path

    def run(
        self,
        name: str,
        *options: str,
        event: str = "push",
        payload: Mapping[str, Any] | None = None,
        branch: str = "main",
        **environ: str,
    ) -> Ran:
        text, count = OTHERS.subn(ACTION, (WORKFLOWS / name).read_text("utf-8"))
        assert count == 1
        environ |= {
            "CLOUDFLARE_API_BASE_URL": self.emulator.api_base_url,
            "GITHUB_API_URL": self.hub.url,
            "PIP_NO_INDEX": "1",
            # As an address, which may have a blank in it.
            "PIP_FIND_LINKS": self.wheelhouse.as_uri(),
        }
        secrets = {
            "CLOUDFLARE_API_TOKEN": self.emulator.api_token,
            "CLOUDFLARE_ACCOUNT_ID": self.emulator.account_id,
            "GITHUB_TOKEN": TOKEN,
        }
        happened = self.repository.home / "event.json"
        happened.write_text(json.dumps(payload or {}), "utf-8")
        self.repository.write({f".github/workflows/{name}": text})
        return self.repository.run(
            name,
            *("--json", f"--eventpath={happened}"),
            *(f"--env={variable}={value}" for variable, value in environ.items()),
            *(f"--secret={variable}={value}" for variable, value in secrets.items()),
            *options,
            event=event,
            branch=branch,
        )

    @property
    def production_url(self) -> str:
        """Where people see production."""
        return self.client.projects.get(PROJECT).production_url.rstrip("/")

    def published(self, ran: Ran) -> Deployment:
        """Return the one deployment of a good run, whose outputs say what Pages says."""
        assert ran.exit_code == 0, ran.log
        project = self.emulator.store.projects.get(self.emulator.account_id, PROJECT)
        (made,) = self.emulator.store.deployments.all(project)
        deployment = self.client.deployments.get(PROJECT, made.id)
        is_preview = deployment.environment == "preview"
        alias = deployment.aliases[0] if is_preview else self.production_url
        said = ran.outputs_of("Publish")
        for names, value in {
            ("id", "pages-deployment-id"): deployment.id,
            ("url", "deployment-url"): deployment.url,
            ("alias", "pages-deployment-alias-url"): alias,
            ("environment", "pages-environment"): deployment.environment,
        }.items():
            assert [said[name] for name in names] == [value, value]
        return deployment


@pytest.fixture
def scene(
    empty_repository: Repository,
    emulator: Emulator,
    client: PagesClient,
    wheelhouse: Path,
) -> Iterator[Scene]:
    empty_repository.write({"README.md": "A monorepo", "my-site/dist/index.html": "home"})
    with running(FakeGitHub()) as hub:
        yield Scene(empty_repository, emulator, client, hub, wheelhouse)


@pytest.fixture
def npm(scene: Scene) -> None:
    program = scene.repository.home / "bin/npm"
    program.parent.mkdir()
    program.write_text(NPM, "utf-8")
    program.chmod(0o755)


@pytest.mark.parametrize("name", ["pages-action.yml", "refined.yml"])
def test_a_site_in_a_monorepo_is_published(scene: Scene, name: str) -> None:
    ran = scene.run(name)
    deployment = scene.published(ran)
    assert (deployment.environment, deployment.branch) == ("production", "main")
    assert deployment.commit_message == "A site"
    assert ran.outputs_of("Publish")["files"] == "1"
    assert ran.printed.count("wranglerVersion") == 1
    assert scene.hub.asked == []


def test_a_branch_is_the_one_that_was_pushed_where_none_is_given(scene: Scene, npm: None) -> None:
    stand_in = scene.repository.write_action("actions/setup-node@v4", NODE)
    ran = scene.run("pages-action-outputs.yml", stand_in, branch="topic")
    deployment = scene.published(ran)
    assert (deployment.environment, deployment.branch) == ("preview", "topic")
    alias = f"http://topic.{PROJECT}.localhost:"
    assert ran.outputs_of("Publish")["alias"].startswith(alias)
    for name in ("id", "url", "alias", "environment"):
        assert f"{name}={ran.outputs_of('Publish')[name]}\n" in ran.printed


def test_a_forks_preview_is_published_by_the_run_that_follows_its_build(scene: Scene) -> None:
    """Without a checkout, and from a branch of the fork that is called `main`."""
    ran = scene.run(
        "refined-workflow-run.yml",
        scene.repository.write_action("actions/download-artifact@v4", ARTIFACT),
        event="workflow_run",
        payload={
            "workflow_run": {
                "id": 7,
                "conclusion": "success",
                "event": "pull_request",
                "head_branch": "main",
                "head_sha": COMMIT,
                "head_repository": FORK,
                "pull_requests": [],
            }
        },
    )
    deployment = scene.published(ran)
    assert (deployment.environment, deployment.branch) == ("preview", "someone-main")
    assert deployment.commit_hash == COMMIT
    assert scene.hub.asked == []


def test_a_forks_preview_is_published_by_a_run_with_secrets(scene: Scene, npm: None) -> None:
    ran = scene.run(
        "refined-pull-request-target.yml",
        scene.repository.write_action("actions/checkout@v4", CHECKOUT),
        event="pull_request_target",
        payload={
            "action": "opened",
            "number": 42,
            "pull_request": {
                "number": 42,
                "head": {"ref": "main", "sha": COMMIT, "repo": FORK},
                "base": {"ref": "main"},
            },
        },
    )
    deployment = scene.published(ran)
    assert (deployment.environment, deployment.branch) == ("preview", "pr-42")
    assert deployment.commit_hash == COMMIT
    assert scene.hub.asked == []


@pytest.mark.parametrize("name", ["pages-action.yml", "wrangler-action.yml"])
def test_a_deployment_is_recorded_on_github(scene: Scene, name: str) -> None:
    deployment = scene.published(scene.run(name, PAGES_DEPLOY_CI="github"))
    [(number, recorded)] = scene.hub.deployments.items()
    assert recorded["ref"] == deployment.commit_hash
    assert recorded["environment"] == f"{PROJECT} (Production)"
    assert scene.hub.states(number) == ["in_progress", "success"]
    assert scene.hub.statuses[number][0]["environment_url"] == scene.production_url
    assert scene.hub.comments == {}


def test_a_command_without_a_directory_takes_it_from_wranglers_file(scene: Scene) -> None:
    scene.repository.write({"my-site/wrangler.toml": 'pages_build_output_dir = "./dist"'})
    ran = scene.run("wrangler-action-outputs.yml", branch="topic")
    deployment = scene.published(ran)
    assert (deployment.environment, deployment.branch) == ("preview", "topic")
    for name, value in {
        "deployment-url": deployment.url,
        "pages-deployment-alias-url": deployment.aliases[0],
        "pages-deployment-id": deployment.id,
        "pages-environment": "preview",
    }.items():
        assert f"{name}={value}\n" in ran.printed
