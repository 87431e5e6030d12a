"""Everything that is read from whole environments, as the vendors document them.

The documentation is named in the first lines of the platforms' modules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.ci.detection import read_build
from tests.ci.environment_cases import CASES, NOTHING_SAID, Case, case_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_everything_is_read_from_the_environment_that_the_vendor_documents(
    tmp_path: Path, case: Case
) -> None:
    context = read_build(case.written(tmp_path), tmp_path)
    assert {name: getattr(context, name) for name in case.expected} == case.expected
    assert case.expected.keys() == {"platform", *NOTHING_SAID}


def test_no_two_cases_are_called_alike() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("repository", "actor", "lacks_secrets"),
    [
        ("acme/site", "octocat", False),
        ("bob/site", "bob", True),
        (None, "bob", True),
        ("acme/site", "dependabot[bot]", True),
    ],
    ids=["own", "fork", "deleted fork", "dependabot"],
)
def test_github_keeps_its_secrets_from_pull_requests_of_forks_and_of_dependabot(
    tmp_path: Path, repository: str | None, actor: str, lacks_secrets: bool
) -> None:
    pull_request = case_of("github-pull-request")
    event = json.loads(pull_request.event)
    event["pull_request"]["head"]["repo"] = repository and {"full_name": repository}
    environ = {**pull_request.written(tmp_path), "GITHUB_ACTOR": actor}
    (tmp_path / "event.json").write_text(json.dumps(event))
    assert read_build(environ, tmp_path).lacks_secrets is lacks_secrets
    push = {**case_of("github-push").environ, "GITHUB_ACTOR": actor}
    assert read_build(push, tmp_path).lacks_secrets is False


def test_bytes_that_are_no_text_do_not_stop_an_address(tmp_path: Path) -> None:
    """Of a variable that is not UTF-8 Python makes lone surrogates."""
    azure = {**case_of("azure-push").environ, "SYSTEM_TEAMPROJECT": "Caf\udce9"}
    run_url = read_build(azure, tmp_path).run_url
    assert run_url == "https://dev.azure.com/acme/Caf%3F/_build/results?buildId=99"
    arn = "arn:aws:codebuild:eu-west-1:1:build/site:\udce9"
    codebuild = {**case_of("codebuild-push").environ, "CODEBUILD_BUILD_ARN": arn}
    run_url = read_build(codebuild, tmp_path).run_url
    assert run_url.endswith("/projects/site/build/site%3A%3F")
