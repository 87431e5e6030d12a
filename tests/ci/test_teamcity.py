"""TeamCity: a chain of Java properties files.

https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.completion import with_git
from pages_deploy.ci.detection import read_build
from tests.ci.checkouts import fake_git_dir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Build = Callable[..., BuildContext]

COMMIT = "1" * 40
RUN = "https://ci.example.test/buildConfiguration/Site_Deploy/7"


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write what TeamCity writes and read it: the build's properties, the configuration's."""

    def read(*configuration: str, **environ: str) -> BuildContext:
        config = tmp_path / "teamcity.config.parameters"
        config.write_text("#TeamCity configuration parameters\n" + "\n".join(configuration))
        properties = tmp_path / "teamcity.build.parameters"
        properties.write_text(
            "#TeamCity build properties without 'system.' prefix\n"
            "#Tue Sep 01 10:00:00 UTC 2026\n"
            "build.number=7\n"
            f"teamcity.configuration.properties.file={str(config).replace(':', chr(92) + ':')}\n"
        )
        variables = {
            "BUILD_NUMBER": "7",
            "BUILD_URL": RUN,
            "BUILD_VCS_NUMBER": COMMIT,
            "TEAMCITY_BUILD_PROPERTIES_FILE": str(properties),
            "TEAMCITY_PROJECT_NAME": "Site",
            "TEAMCITY_VERSION": "2025.03 (build 186049)",
            **environ,
        }
        return read_build(variables, tmp_path)

    return read


def test_a_build_of_a_branch_is_read_through_both_files(build: Build) -> None:
    context = build(
        "teamcity.build.branch=feature/x",
        "teamcity.build.branch.is_default=false",
        "vcsroot.url=https\\://github.com/acme/site.git",
    )
    assert context == BuildContext(
        platform="TeamCity",
        is_ci=True,
        branch="feature/x",
        commit_hash=COMMIT,
        commit_dirty=False,
        run_url=RUN,
        repository="acme/site",
    )


def test_a_pull_request_is_of_its_source_branch(build: Build) -> None:
    context = build(
        "teamcity.build.branch=pull/42",
        "teamcity.pullRequest.number=42",
        "teamcity.pullRequest.source.branch=feature/x",
        "teamcity.pullRequest.target.branch=main",
    )
    assert (context.branch, context.pull_request, context.is_fork) == ("feature/x", "42", False)


@pytest.mark.parametrize(
    "configuration",
    [
        ["teamcity.build.branch=pull/42", "teamcity.pullRequest.number=42"],
        ["teamcity.build.branch=main", "teamcity.pullRequest.number=42"],
        ["teamcity.build.branch=pull/42"],
        ["teamcity.build.branch=pull/42/head"],
        ["teamcity.build.branch=refs/pull/42/merge"],
    ],
    ids=range(5),
)
def test_a_pull_request_whose_source_branch_is_not_told_is_a_forks(
    build: Build, configuration: list[str]
) -> None:
    context = build(*configuration)
    assert (context.branch, context.pull_request, context.is_fork) == ("pr-42", "42", True)


def test_a_tag_that_is_built_as_a_branch_is_a_tag(build: Build) -> None:
    context = build("teamcity.build.branch=refs/tags/v1")
    assert (context.branch, context.no_branch_reason) == ("", "this build is of the tag v1")


@pytest.mark.parametrize(
    ("line", "branch"),
    [
        ("teamcity.build.branch = feature/x", "feature/x"),
        ("teamcity.build.branch\\:x=a\nteamcity.build.branch:main", "main"),
        ("  teamcity.build.branch=a\\=b\\:c", "a=b:c"),
        ("teamcity.build.branch=caf\\u00e9", "café"),
        ("teamcity.build.branch=\\uD83D\\uDE80", "🚀"),
        ("teamcity.build.branch=x\\uD83D", "x\ufffd"),
        ("teamcity.build.branch=refs/heads/main", "main"),
        ("#teamcity.build.branch=main", ""),
        ("!teamcity.build.branch=main", ""),
        ("teamcity.build.branch", ""),
        ("", ""),
    ],
    ids=range(11),
)
def test_the_files_are_java_properties(build: Build, line: str, branch: str) -> None:
    assert build(line).branch == branch


@pytest.mark.parametrize("place", ["", "gone", ".", "\x00"])
def test_without_its_files_only_the_environment_is_known(
    build: Build, tmp_path: Path, place: str
) -> None:
    file = place if place in {"", "\x00"} else str(tmp_path / place)
    context = build("teamcity.build.branch=main", TEAMCITY_BUILD_PROPERTIES_FILE=file)
    assert (context.branch, context.commit_hash, context.run_url) == ("", COMMIT, RUN)


def test_a_chain_that_leads_nowhere_stops_nothing(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "odd.properties"
    file.write_text("teamcity.configuration.properties.file=\\u0000\nvcsroot.url=a@b\\:c/d\n")
    context = build(TEAMCITY_BUILD_PROPERTIES_FILE=str(file))
    assert (context.branch, context.repository) == ("", "c/d")


def test_the_agents_checkout_of_a_forks_pull_request_does_not_name_its_branch(
    build: Build, tmp_path: Path
) -> None:
    fake_git_dir(tmp_path, {"HEAD": "ref: refs/heads/main", "refs/heads/main": "2" * 40})
    context = with_git(
        build("teamcity.build.branch=pull/42", BUILD_VCS_NUMBER=""), tmp_path, os.environ
    )
    assert (context.branch, context.commit_hash) == ("pr-42", "")
