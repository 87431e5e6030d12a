"""The Action as a runner runs it, against an emulator of this process.

By act, which `.ci/action` names in PAGES_DEPLOY_ACT; and its script alone, with the variables that
a runner sets, for what happens around Python and pip. act sets INPUT_* in composite actions and
GitHub does not: tests/test_documents.py looks after that mapping.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from tests.acceptance.runner import ACTION, PATIENCE_SECONDS, ROOT, Repository, tracked_files
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator

# Nobody listens there.
NOWHERE = "http://127.0.0.1:9/simple"
OFFLINE = {"PIP_INDEX_URL": NOWHERE, "PIP_EXTRA_INDEX_URL": NOWHERE, "PIP_RETRIES": "0"}

pytestmark = [pytest.mark.action, pytest.mark.usefixtures("act")]


@pytest.fixture
def inputs(emulator: Emulator, wheelhouse: Path) -> dict[str, str]:
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create(PROJECT, production_branch="main")
    return {
        "directory": "site",
        "projectName": PROJECT,
        "branch": "main",
        "apiToken": emulator.api_token,
        "accountId": emulator.account_id,
        "apiBaseUrl": emulator.api_base_url,
        "wheelhouse": str(wheelhouse),
    }


def deployments(emulator: Emulator) -> list[str]:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [deployment.id for deployment in emulator.store.deployments.all(project)]


# The script alone.


@dataclass
class Job:
    """One job of a runner: the Action, a checkout, RUNNER_TEMP, and steps in it."""

    action: Path
    checkout: Path
    temp: Path
    environ: dict[str, str] = field(default_factory=dict)

    def step(self, inputs: Mapping[str, str], **environ: str) -> subprocess.CompletedProcess[str]:
        with self.start(inputs, **environ) as process:
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess((), process.returncode, stdout, stderr)

    def start(self, inputs: Mapping[str, str], **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                "bash",
                "--noprofile",
                "--norc",
                "-eo",
                "pipefail",
                str(self.action / "scripts/action.sh"),
            ],
            cwd=self.checkout,
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ["HOME"],
                "PAGES_DEPLOY_PYTHON": sys.executable,
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(self.action),
                "RUNNER_TEMP": str(self.temp),
                **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
                **self.environ,
                **environ,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def installed(self) -> list[Path]:
        return sorted(self.temp.iterdir())


@pytest.fixture
def job(tmp_path: Path) -> Job:
    # A space in every path.
    action, checkout, temp = tmp_path / "the action", tmp_path / "my site", tmp_path / "runner temp"
    for name in (
        "entrypoint.py",
        "requirements-action.txt",
        "scripts/action.sh",
        "scripts/action_packages.py",
    ):
        (action / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, action / name)
    (action / "pages_deploy").symlink_to(ROOT / "pages_deploy")
    (checkout / "site").mkdir(parents=True)
    (checkout / "site/index.html").write_text("home", "utf-8")
    temp.mkdir()
    return Job(action, checkout, temp)


@pytest.fixture
def path_of_programs(tmp_path: Path) -> Callable[[Mapping[str, str]], str]:
    """Make a PATH with the programs that the script itself needs, and some of the test's own."""

    def make(programs: Mapping[str, str]) -> str:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("bash", "mktemp", "rm"):
            found = shutil.which(name)
            assert found is not None
            (folder / name).symlink_to(found)
        for name, script in programs.items():
            (folder / name).write_text(f"#!{folder}/bash\n{script}\n", "utf-8")
            (folder / name).chmod(0o755)
        return str(folder)

    return make


def test_two_steps_of_a_job_install_once(job: Job, inputs: dict[str, str]) -> None:
    first = job.step(inputs)
    assert first.returncode == 0, first.stdout + first.stderr
    (packages,) = job.installed()
    # An index that cannot be reached and no wheelhouse: nothing can be installed any more.
    second = job.step({**inputs, "wheelhouse": ""}, **OFFLINE)
    assert second.returncode == 0, second.stdout + second.stderr
    assert job.installed() == [packages]


def test_two_steps_at_once_do_not_meet(
    job: Job, inputs: dict[str, str], emulator: Emulator
) -> None:
    processes = [job.start(inputs) for _ in range(3)]
    for process in processes:
        with process:
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, stdout + stderr
    (packages,) = job.installed()
    assert (packages / "blake3").is_dir()
    assert [path for path in packages.iterdir() if path.name.startswith("pages-deploy-")] == []
    assert len(deployments(emulator)) == 3


def test_without_the_network_and_without_a_wheelhouse_it_says_what_to_do(
    job: Job, inputs: dict[str, str]
) -> None:
    done = job.step({**inputs, "wheelhouse": ""}, **OFFLINE)
    assert done.returncode == 1
    assert "::error title=pages-deploy::" in done.stdout
    assert "needs the input wheelhouse" in done.stdout
    assert job.installed() == []


def test_a_wheelhouse_that_is_none_is_an_error(job: Job, inputs: dict[str, str]) -> None:
    done = job.step({**inputs, "wheelhouse": "no such directory"})
    assert done.returncode == 2
    assert "The input wheelhouse does not name a directory." in done.stdout


def test_a_relative_wheelhouse_is_one_of_the_checkout(
    job: Job, inputs: dict[str, str], wheelhouse: Path
) -> None:
    (job.checkout / "wheels").symlink_to(wheelhouse)
    done = job.step({**inputs, "wheelhouse": "wheels"}, **OFFLINE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_module_in_the_checkout_does_not_shadow_pythons_own(
    job: Job, inputs: dict[str, str]
) -> None:
    for name in (
        *("json", "hashlib", "runpy", "requests", "pip", "venv", "pages_deploy", "sysconfig"),
        *("sitecustomize", "usercustomize"),
    ):
        (job.checkout / f"{name}.py").write_text("raise SystemExit('shadowed')\n", "utf-8")
    done = job.step(
        inputs,
        PYTHONPATH=str(job.checkout),
        PYTHONHOME=str(job.checkout),
        PYTHONSTARTUP="json.py",
        PYTHONUSERBASE=str(job.checkout),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_of_pip_that_change_what_it_does_have_no_effect(
    job: Job, inputs: dict[str, str], tmp_path: Path
) -> None:
    away = tmp_path / "away"
    (job.checkout / "pip.conf").write_text(f"[global]\ntarget = {away}\n", "utf-8")
    (job.checkout / "constraints.txt").write_text("requests==1.0\n", "utf-8")
    done = job.step(
        inputs,
        **{name: str(away) for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DEST")},
        **dict.fromkeys(("PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_DRY_RUN"), "1"),
        **{"PIP_PLATFORM": "win_arm64", "PIP_PYTHON_VERSION": "3.8", "PIP_DRY-RUN": "1"},
        PIP_PYTHON="/bin/false",
        PIP_CONSTRAINT="constraints.txt",
        PIP_CONFIG_FILE="pip.conf",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not away.exists()
    (packages,) = job.installed()
    assert (packages / "requests").is_dir()


def test_a_directory_that_somebody_has_prepared_is_not_used(
    job: Job, inputs: dict[str, str], emulator: Emulator
) -> None:
    first = job.step(inputs)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "::warning" not in first.stdout
    (foretold,) = job.installed()
    (foretold / "requests/__init__.py").write_text("raise SystemExit('theirs')\n", "utf-8")
    second = job.step(inputs)
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"::warning title=pages-deploy::{foretold} is not what this Action" in second.stdout
    assert len(deployments(emulator)) == 2
    # What is not ours is left alone.
    assert "theirs" in (foretold / "requests/__init__.py").read_text("utf-8")


def test_no_program_of_the_checkout_is_run(job: Job, inputs: dict[str, str]) -> None:
    theirs = job.checkout / "bin"
    theirs.mkdir()
    for name in ("python3", "python", "py", "mktemp", "rm", "rustc", "lsb_release", "git"):
        for program in (theirs / name, job.checkout / name):
            program.write_text(f"#!/bin/sh\necho run >>'{job.checkout}/ran'\nexit 1\n", "utf-8")
            program.chmod(0o755)
    path = os.pathsep.join(["", ".", "bin", str(theirs), os.environ["PATH"]])
    done = job.step(inputs, PATH=path, PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (job.checkout / "ran").exists()


@pytest.mark.parametrize("ends", ["exit 49", "echo 'Python was not found'; exit 0"])
def test_the_windows_stores_stand_in_is_passed_over(
    job: Job,
    inputs: dict[str, str],
    path_of_programs: Callable[[Mapping[str, str]], str],
    ends: str,
) -> None:
    path = path_of_programs({"python3": ends, "python": f'exec "{sys.executable}" "$@"'})
    done = job.step(inputs, PATH=path, PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_launcher_of_windows_will_do(
    job: Job, inputs: dict[str, str], path_of_programs: Callable[[Mapping[str, str]], str]
) -> None:
    path = path_of_programs({"py": f'exec "{sys.executable}" "$@"'})
    done = job.step(inputs, PATH=path, PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("programs", [{}, {"python3": "exit 1"}, {"python3": "exit 49"}])
def test_without_a_python_that_suits_it_names_setup_python(
    job: Job,
    inputs: dict[str, str],
    path_of_programs: Callable[[Mapping[str, str]], str],
    programs: dict[str, str],
) -> None:
    done = job.step(inputs, PATH=path_of_programs(programs), PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 2
    assert done.stdout == (
        "::error title=pages-deploy::Python 3.11 or newer is needed and was not found. "
        "Add actions/setup-python before this step.\n"
    )


def test_a_python_without_pip_is_named(
    job: Job, inputs: dict[str, str], path_of_programs: Callable[[Mapping[str, str]], str]
) -> None:
    """As in many images for job containers."""
    no_pip = f'answer=$("{sys.executable}" "$@")\necho "${{answer% pip}} nothing"'
    done = job.step(inputs, PATH=path_of_programs({"python3": no_pip}), PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 2
    assert "has no pip. Add actions/setup-python" in done.stdout


@pytest.mark.parametrize("entry", ["{}/bin", "bin", "", ".", "{}/../linked"])
def test_no_program_of_the_checkout_is_run_whatever_path_says(
    job: Job,
    inputs: dict[str, str],
    path_of_programs: Callable[[Mapping[str, str]], str],
    entry: str,
) -> None:
    (job.checkout.parent / "linked").symlink_to(job.checkout / "bin")
    for name in ("python3", "mktemp", "rm", "git"):
        for folder in (job.checkout, job.checkout / "bin"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(f"#!/bin/sh\n: > '{job.temp}/trapped'\n", "utf-8")
            (folder / name).chmod(0o755)
    programs = path_of_programs({"python3": f'exec "{sys.executable}" "$@"'})
    path = f"{entry.format(job.checkout)}:{programs}:{os.environ['PATH']}"
    done = job.step(inputs, PATH=path, PAGES_DEPLOY_PYTHON="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (job.temp / "trapped").exists()


def test_no_program_but_the_deployment_itself_sees_a_secret(
    job: Job, inputs: dict[str, str], path_of_programs: Callable[[Mapping[str, str]], str]
) -> None:
    seen = job.checkout.parent / "seen"
    script = f'case "$*" in *action_packages.py) ;; *) env >> "{seen}" ;; esac\n'
    script += f'exec "{sys.executable}" "$@"'
    path = f"{path_of_programs({'python3': script})}:{os.environ['PATH']}"
    secrets = {"GITHUB_TOKEN": "a-github-token", "CLOUDFLARE_API_KEY": "a-legacy-key"}
    done = job.step(inputs, PATH=path, PAGES_DEPLOY_PYTHON="", **secrets)
    assert done.returncode == 0, done.stdout + done.stderr
    text = seen.read_text("utf-8")
    assert "RUNNER_TEMP=" in text
    for secret in (inputs["apiToken"], *secrets.values()):
        assert secret not in text


class Proxy(http.server.BaseHTTPRequestHandler):
    """Notes down what it is asked for and refuses it."""

    asked: list[str]

    def answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.send_error(404)

    do_CONNECT = do_GET = do_POST = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
        pass


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Proxy,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_pip_and_the_deployment_go_through_the_proxy_of_the_runner(
    job: Job, inputs: dict[str, str], proxy: tuple[str, list[str]]
) -> None:
    url, asked = proxy
    away = {"http_proxy": url, "https_proxy": url, "no_proxy": "", "PIP_RETRIES": "0"}
    done = job.step(
        {**inputs, "wheelhouse": ""}, **away, PIP_INDEX_URL="https://packages.invalid/simple"
    )
    assert done.returncode == 1
    assert asked[0] == "CONNECT packages.invalid:443"
    asked.clear()
    done = job.step({**inputs, "apiBaseUrl": "http://api.invalid/client/v4"}, **away, CI="true")
    assert done.returncode == 1
    assert asked[0].startswith("GET http://api.invalid/client/v4/")


# By act.

STEP = f"""\
      - name: Publish
        id: pages
        uses: {ACTION}
        with: """
AFTER = """\
      - name: Look
        if: always()
        env:
          OUTPUTS: ${{ toJSON(steps.pages.outputs) }}
          OUTCOME: ${{ steps.pages.outcome }}
        run: |
          printf '%s' "$OUTPUTS" >"$RESULTS/outputs.json"
          printf '%s' "$OUTCOME" >"$RESULTS/outcome"
          find "$RUNNER_TEMP" -maxdepth 1 -name 'pages-deploy-*' >"$RESULTS/installed"
"""
HEAD = """\
name: Publish
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
"""


NOT_CALLED = """\
name: Not called
description: The runner's Python is new enough.
runs: {using: composite, steps: [{run: exit 1, shell: bash}]}
"""


@pytest.fixture
def repository(empty_repository: Repository) -> Repository:
    empty_repository.write({"site/index.html": "home", "site/a b.css": "a{}"})
    return empty_repository


def workflow(*steps: str) -> str:
    return HEAD + "".join(steps)


def step(inputs: Mapping[str, Any]) -> str:
    return f"{STEP}{json.dumps(inputs)}\n"


def test_a_workflow_gets_the_outputs_of_its_deployment(
    repository: Repository, inputs: dict[str, str], emulator: Emulator
) -> None:
    ran = repository.push(workflow(step(inputs), AFTER))
    assert ran.exit_code == 0, ran.log
    assert ran.outcome == "success"
    (deployment_id,) = deployments(emulator)
    outputs = ran.outputs
    assert outputs["id"] == outputs["pages-deployment-id"] == deployment_id
    assert outputs["url"] == outputs["deployment-url"]
    assert outputs["alias"] == outputs["production-url"]
    assert outputs["environment"] == outputs["pages-environment"] == "production"
    assert (outputs["status"], outputs["files"], outputs["uploaded-files"]) == ("success", "2", "2")
    # Each step has a summary of its own, which act shows.
    _, _, summary = ran.log.partition("Summary - ")
    assert outputs["url"] in summary.partition("Run Main Look")[0]
    assert emulator.api_token not in ran.log


def test_a_failed_deployment_is_red_and_has_no_outputs(
    repository: Repository, inputs: dict[str, str], emulator: Emulator
) -> None:
    emulator.outcome_next(stage="deploy", status="failure")
    ran = repository.push(workflow(step(inputs), AFTER))
    assert ran.exit_code != 0
    assert ran.outcome == "failure"
    assert {value for value in ran.outputs.values() if value} == set()
    assert "exit status 4" in ran.log


def test_a_hostile_checkout_a_second_use_and_no_network(
    repository: Repository, inputs: dict[str, str], emulator: Emulator
) -> None:
    for name in ("json", "requests", "pages_deploy"):
        repository.write({f"{name}.py": "raise SystemExit('shadowed')\n"})
    again = step({**inputs, "wheelhouse": ""}).replace("id: pages", "id: again")
    again += "        env: " + json.dumps({**OFFLINE, "PYTHONPATH": "."}) + "\n"
    ran = repository.push(workflow(step(inputs), again, AFTER))
    assert ran.exit_code == 0, ran.log
    assert len(deployments(emulator)) == 2
    assert len((ran.results / "installed").read_text("utf-8").splitlines()) == 1


def test_the_packages_come_from_the_index_where_no_wheelhouse_is_given(
    repository: Repository, inputs: dict[str, str], emulator: Emulator
) -> None:
    ran = repository.push(workflow(step({**inputs, "wheelhouse": ""}), AFTER))
    assert ran.exit_code == 0, ran.log
    assert len(deployments(emulator)) == 1


def test_our_own_workflow_tests_the_action(repository: Repository) -> None:
    """The job `selftest` of ci.yml, as GitHub runs it on each system."""
    for file in tracked_files():
        target = repository.root / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, target)
    ran = repository.run(
        "ci.yml",
        *("--job=selftest", "--matrix=os:ubuntu-24.04"),
        "--platform=ubuntu-24.04=-self-hosted",
        # act loads every action of a job, used or not.
        repository.write_action(setup_python(), NOT_CALLED),
    )
    assert ran.exit_code == 0, ran.log
    assert "Job succeeded" in ran.log


def setup_python() -> str:
    """Name setup-python as ci.yml pins it."""
    found = re.search(r"actions/setup-python@\w+", (ROOT / ".github/workflows/ci.yml").read_text())
    assert found is not None
    return found[0]
