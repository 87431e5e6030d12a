"""The samples for other CI platforms do what they say: their scripts meet an emulator."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from pages_deploy.settings.options import OPTIONS
from scripts import unpack_ci
from tests.acceptance.samples import (
    COMMIT,
    PROJECT,
    PUSHES,
    SAMPLES,
    assert_production,
    deployments,
    make_checkout,
    make_projects,
    run,
    sample,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the samples are for Linux")

MERGE_REQUEST = {
    "GITLAB_CI": "true",
    "CI_COMMIT_REF_NAME": "feature/x",
    "CI_COMMIT_SHA": COMMIT,
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/x",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "3",
}


@pytest.fixture
def checkout(tmp_path: Path, emulator: Emulator) -> Path:
    """A checkout with a build script, and a project to deploy it to."""
    make_projects(emulator, PROJECT)
    make_checkout(tmp_path / "checkout", tmp_path / "bin")
    return tmp_path / "checkout"


@pytest.mark.parametrize("name", [*unpack_ci.WHOLE, *map(str.lower, unpack_ci.JENKINSFILES)])
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
    assert re.search(r"^PAGES_DEPLOY_URL=http://\S+$", report, flags=re.MULTILINE)
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


def test_teamcitys_script_deploys(checkout: Path, emulator: Emulator) -> None:
    properties = checkout.parent / "build.properties"
    properties.write_text("teamcity.build.branch=main\n", "latin-1")
    environ = {**PUSHES["teamcity"], "TEAMCITY_BUILD_PROPERTIES_FILE": str(properties)}
    done = run(unpack_ci.teamcity_script(), checkout, {**emulator.environ(), **environ})
    assert_production(done, emulator)


def test_gitlabs_merge_request_gets_a_preview_and_its_address(
    checkout: Path, emulator: Emulator
) -> None:
    jobs = sample("gitlab-review.yml")
    assert jobs["review"]["extends"] == jobs["production"]["extends"] == ".publish"
    script = "\n".join(jobs["build"]["script"] + jobs[".publish"]["script"])
    done = run(script, checkout, {**emulator.environ(), **MERGE_REQUEST, **jobs["variables"]})
    assert done.returncode == 0, done.stdout + done.stderr
    (deployment,) = deployments(emulator)
    assert (deployment.environment, deployment.trigger.branch) == ("preview", "feature/x")
    reports = jobs[".publish"]["artifacts"]["reports"]
    written = dict(
        line.split("=", 1) for line in (checkout / reports["dotenv"]).read_text("utf-8").split()
    )
    for name in ("production", "review"):
        assert written[jobs[name]["environment"]["url"].removeprefix("$")].startswith("http://")
    assert json.loads((checkout / reports["annotations"]).read_text("utf-8"))


def test_gitlabs_stop_job_removes_the_previews_of_its_branch(
    checkout: Path, emulator: Emulator
) -> None:
    jobs = sample("gitlab-review.yml")
    environ = {**emulator.environ(), **jobs["variables"]}
    publish = "\n".join([*jobs["build"]["script"], *jobs[".publish"]["script"] * 2])
    for told in (PUSHES["gitlab"], MERGE_REQUEST):
        done = run(f"rm -rf dist\n{publish}", checkout, {**environ, **told})
        assert done.returncode == 0, done.stdout + done.stderr
    script = "\n".join(jobs["stop_review"]["script"])
    # GIT_STRATEGY: none
    empty = checkout.parent / "empty"
    empty.mkdir()
    done = run(script, empty, {**environ, **MERGE_REQUEST})
    assert done.returncode == 0, done.stdout + done.stderr
    assert {one.environment for one in deployments(emulator)} == {"production"}


def test_gitlabs_stop_job_belongs_to_the_review_job_under_the_same_rule() -> None:
    jobs = sample("gitlab-review.yml")
    review, stop = jobs["review"], jobs["stop_review"]
    assert review["environment"]["on_stop"] == "stop_review"
    assert stop["environment"] == {"name": review["environment"]["name"], "action": "stop"}
    assert [rule["if"] for rule in review["rules"]] == [rule["if"] for rule in stop["rules"]]


@pytest.mark.parametrize("name", ["woodpecker", "drone"])
def test_a_plugins_settings_deploy(name: str, checkout: Path, emulator: Emulator) -> None:
    build, publish = sample(f"{name}.yml")["steps"]
    assert run("\n".join(build["commands"]), checkout, {}).returncode == 0
    settings = {
        # As both turn settings into variables; camel case is not taken apart.
        f"PLUGIN_{name.replace('-', '_').upper()}": emulator.api_token
        if isinstance(value, dict)
        else value
        for name, value in publish["settings"].items()
    }
    environ = {name: value for name, value in emulator.environ().items() if "TOKEN" not in name}
    done = run("exec pages-deploy", checkout, {**environ, **PUSHES[name], **settings})
    assert_production(done, emulator)


@pytest.mark.parametrize("name", unpack_ci.JENKINSFILES)
def test_a_jenkinsfile_is_whole(name: str) -> None:
    """No parser of Groovy is at hand: its brackets, and that every script is single-quoted."""
    text = re.sub(r"//.*|'[^']*'", "", (SAMPLES / name).read_text("utf-8"))
    for opening, closing in ("{}", "()", "[]"):
        assert text.count(opening) == text.count(closing)
    # In double quotes Groovy would put the secret into the text of the command.
    assert '"' not in text
    assert len(unpack_ci.jenkins_scripts(name)) == 2


@pytest.mark.parametrize("name", unpack_ci.JENKINSFILES)
def test_what_builds_the_site_on_jenkins_has_no_token(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    before, build, publish = re.split(r"stage\('\w+'\)", text)
    assert "credentials(" not in before + build
    assert "credentials(" in publish


def test_every_sample_is_run() -> None:
    run_here = {*PUSHES, "gitlab-review", "gitlab-ci"} - {"gitlab"}
    # test_github_samples.py runs this one.
    names = {file.name for file in SAMPLES.iterdir()} - {"gitea.yml"}
    assert {re.sub(r"\.(?:yml|kts)$", "", name).lower() for name in names} == run_here
