"""The samples for other CI platforms do what they say: their scripts are run against an emulator.

Each with the variables that the platform sets for a push to `main` (their names are the platform's,
the values made up), and with `pip` and `build.sh` replaced.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pages_deploy.api.client import PagesClient
from pages_deploy.options import OPTIONS
from scripts import unpack_ci

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the samples are for Linux")

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "examples/ci"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROJECT = "my-site"
PUSHES = {
    "gitlab": {
        "GITLAB_CI": "true",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_SHA": COMMIT,
    },
    "jenkins": {
        "JENKINS_URL": "https://jenkins.example.com/",
        "BUILD_ID": "1",
        "GIT_BRANCH": "origin/main",
        "GIT_COMMIT": COMMIT,
    },
    "woodpecker": {
        "CI": "woodpecker",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_SHA": COMMIT,
    },
    "circleci": {"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "main", "CIRCLE_SHA1": COMMIT},
    "azure-pipelines": {
        "TF_BUILD": "True",
        "BUILD_SOURCEBRANCH": "refs/heads/main",
        "BUILD_SOURCEVERSION": COMMIT,
    },
    "buildkite": {
        "BUILDKITE": "true",
        "BUILDKITE_BRANCH": "main",
        "BUILDKITE_COMMIT": COMMIT,
        "BUILDKITE_PULL_REQUEST": "false",
    },
    "bitbucket-pipelines": {
        "BITBUCKET_BUILD_NUMBER": "1",
        "BITBUCKET_BRANCH": "main",
        "BITBUCKET_COMMIT": COMMIT,
    },
}


@pytest.fixture
def checkout(tmp_path: Path, emulator: Emulator) -> Path:
    """A checkout with a build script, and a project to deploy it to."""
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
    root = tmp_path / "checkout"
    root.mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    for program, script in {
        programs / "pages-deploy": f'exec "{sys.executable}" -I "{ROOT}/entrypoint.py" "$@"',
        programs / "pip": '[ "$*" = "install pages-deploy" ]',
        root / "build.sh": "mkdir dist && echo home >dist/index.html",
    }.items():
        program.write_text(f"#!/usr/bin/env bash\n{script}\n", "utf-8")
        program.chmod(0o755)
    return root


def run(script: str, checkout: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=checkout,
        env={"PATH": f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_production(done: subprocess.CompletedProcess[str], emulator: Emulator) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    project = emulator.store.project(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    assert deployment.environment == "production"
    assert deployment.file_count == 1


def sample(name: str) -> Any:
    return yaml.safe_load((SAMPLES / name).read_text("utf-8"))


@pytest.mark.parametrize("name", [*unpack_ci.FINDERS, "jenkins"])
def test_the_scripts_of_a_sample_deploy(name: str, checkout: Path, emulator: Emulator) -> None:
    script = unpack_ci.scripts()[name]
    done = run(script, checkout, {**emulator.environ(), **PUSHES[name]})
    assert_production(done, emulator)


def test_gitlabs_component_deploys_and_hands_on_the_address(
    checkout: Path, emulator: Emulator
) -> None:
    (include,) = sample("gitlab-ci.yml")["include"]
    rendered = unpack_ci.component(include["inputs"])
    assert "$[[" not in rendered
    (job,) = yaml.safe_load(rendered).values()
    for command in sample("gitlab-ci.yml")["build"]["script"]:
        assert run(command, checkout, {}).returncode == 0
    done = run(
        "\n".join(job["script"]),
        checkout,
        {**emulator.environ(), **PUSHES["gitlab"], **job["variables"]},
    )
    assert_production(done, emulator)
    report = (checkout / job["artifacts"]["reports"]["dotenv"]).read_text("utf-8")
    # https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
    assert re.fullmatch(r"PAGES_DEPLOY_URL=http://\S+\n", report)
    assert job["environment"]["url"] == "$PAGES_DEPLOY_URL"


def test_gitlabs_component_fails_with_its_deployment(checkout: Path, emulator: Emulator) -> None:
    (job,) = yaml.safe_load(unpack_ci.component({"directory": "none"})).values()
    script = "\n".join(job["script"])
    done = run(script, checkout, {**emulator.environ(), **PUSHES["gitlab"], **job["variables"]})
    assert done.returncode == 2
    assert not (checkout / "pages_deploy.env").exists()


def test_gitlabs_component_uses_the_options_and_their_words() -> None:
    (job,) = yaml.safe_load(unpack_ci.component({})).values()
    variables = {f"PAGES_DEPLOY_{option.name}": option for option in OPTIONS}
    assert set(job["variables"]) <= set(variables)
    inputs = unpack_ci.component_inputs()
    for variable in job["variables"]:
        option = variables[variable]
        assert inputs[option.name.lower().replace("_", "-")]["description"] == option.help
        assert not option.secret, "an input is shown to everybody"


def test_gitlabs_component_has_no_input_in_a_script() -> None:
    text = unpack_ci.COMPONENT.read_text("utf-8")
    (job,) = yaml.safe_load(text.partition("\n---\n")[2]).values()
    assert "$[[" not in "".join(job["script"])


def test_woodpeckers_settings_deploy(checkout: Path, emulator: Emulator) -> None:
    build, publish = sample("woodpecker.yml")["steps"]
    assert run("\n".join(build["commands"]), checkout, {}).returncode == 0
    settings = {
        # As Woodpecker turns settings into variables; camel case is not taken apart.
        f"PLUGIN_{name.replace('-', '_').upper()}": emulator.api_token
        if isinstance(value, dict)
        else value
        for name, value in publish["settings"].items()
    }
    environ = {name: value for name, value in emulator.environ().items() if "TOKEN" not in name}
    done = run("exec pages-deploy", checkout, {**environ, **PUSHES["woodpecker"], **settings})
    assert_production(done, emulator)


def test_the_jenkinsfile_is_whole() -> None:
    """No parser of Groovy is at hand: its brackets, and that every script is single-quoted."""
    text = re.sub(r"//.*|'[^']*'", "", (SAMPLES / "Jenkinsfile").read_text("utf-8"))
    for opening, closing in ("{}", "()", "[]"):
        assert text.count(opening) == text.count(closing)
    # In double quotes Groovy would put the secret into the text of the command.
    assert '"' not in text
    assert len(unpack_ci.jenkins_scripts()) == 2
