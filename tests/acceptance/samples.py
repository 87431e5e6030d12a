"""A checkout with all that the samples call, and what each platform says of a push to `main`.

The names of the variables are the platforms', the values made up; `pip`, `timeout` and `build.sh`
are replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pages_deploy.api.client import PagesClient
from tests.world import inherited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.server import Emulator
    from pages_deploy.emulator.state.records import Deployment

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "examples/ci"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROJECT = "my-site"
LOCKED = "--require-hashes --only-binary=:all: --requirement pages-deploy.txt"
BUILD = "mkdir dist && echo home >dist/index.html"
JENKINS = {
    "JENKINS_URL": "https://jenkins.example.com/",
    "BUILD_ID": "1",
    "GIT_COMMIT": COMMIT,
}
PUSHES = {
    "gitlab": {
        "GITLAB_CI": "true",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_SHA": COMMIT,
    },
    "jenkinsfile": {**JENKINS, "GIT_BRANCH": "origin/main"},
    "jenkinsfile.multibranch": {**JENKINS, "BRANCH_NAME": "main", "GIT_BRANCH": "main"},
    "woodpecker": {
        "CI": "woodpecker",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_SHA": COMMIT,
    },
    "drone": {"DRONE": "true", "DRONE_BRANCH": "main", "DRONE_COMMIT_SHA": COMMIT},
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
    "travis": {
        "TRAVIS": "true",
        "TRAVIS_BRANCH": "main",
        "TRAVIS_COMMIT": COMMIT,
        "TRAVIS_PULL_REQUEST": "false",
    },
    "buildspec": {
        "CODEBUILD_BUILD_ID": "site:1",
        "CODEBUILD_WEBHOOK_TRIGGER": "branch/main",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
    },
    # The rest is in a file of properties.
    "teamcity": {"TEAMCITY_VERSION": "2025.03", "BUILD_VCS_NUMBER": COMMIT},
}


def make_projects(emulator: Emulator, *names: str) -> None:
    """Create projects whose production branch is `main`."""
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        for name in names:
            client.projects.create(name, production_branch="main")


def make_checkout(root: Path, programs: Path) -> None:
    """Write a site's build script, and the programs that samples expect on PATH."""
    root.mkdir()
    programs.mkdir()
    for program, script in {
        programs / "pages-deploy": f'exec "{sys.executable}" -I "{ROOT}/entrypoint.py" "$@"',
        programs / "pip": f'[ "$*" = "install {LOCKED}" ]',
        programs / "timeout": '[ "$1" = 15m ] && shift && exec "$@"',
        root / "build.sh": BUILD,
    }.items():
        program.write_text(f"#!/usr/bin/env bash\n{script}\n", "utf-8")
        program.chmod(0o755)


def path_of(checkout: Path) -> str:
    return f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"


def run(
    script: str, checkout: Path, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=checkout,
        env={**inherited(), "PATH": path_of(checkout), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def deployments(emulator: Emulator, project: str = PROJECT) -> tuple[Deployment, ...]:
    return emulator.store.deployments.all(emulator.store.projects.get(emulator.account_id, project))


def assert_production(done: subprocess.CompletedProcess[str], emulator: Emulator) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    (deployment,) = deployments(emulator)
    assert deployment.environment == "production"
    assert deployment.file_count == 1


def sample(name: str) -> Any:
    return yaml.safe_load((SAMPLES / name).read_text("utf-8"))
