"""GitLab CI: branch, merge request and tag pipelines.

https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

from pages_deploy.ci import gitlab
from pages_deploy.ci.build_context import BuildContext

COMMIT = "1111111111111111111111111111111111111111"
SOURCE = "2222222222222222222222222222222222222222"


def build(**environ: str) -> BuildContext:
    return gitlab.PLATFORM.build({"GITLAB_CI": "true", "CI_COMMIT_SHA": COMMIT, **environ})


def test_it_is_known_by_its_own_variable() -> None:
    assert gitlab.PLATFORM.detect({"GITLAB_CI": "true"})
    assert not gitlab.PLATFORM.detect({"CI": "true"})
    assert not gitlab.PLATFORM.detect({"GITLAB_CI": ""})


def test_a_branch_pipeline_is_of_its_branch() -> None:
    context = build(
        CI_COMMIT_BRANCH="feature/x",
        CI_COMMIT_REF_NAME="feature/x",
        CI_COMMIT_MESSAGE="Fix it",
    )
    assert context == BuildContext(
        platform="GitLab CI",
        is_ci=True,
        branch="feature/x",
        commit_hash=COMMIT,
        commit_message="Fix it",
        commit_dirty=False,
    )


def test_a_merge_request_is_of_its_source_branch() -> None:
    context = build(
        CI_MERGE_REQUEST_IID="7",
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="patch-1",
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID="5",
        CI_MERGE_REQUEST_PROJECT_ID="5",
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA="",
        CI_COMMIT_REF_NAME="patch-1",
    )
    assert context.branch == "patch-1"
    assert context.commit_hash == COMMIT


def test_a_merged_results_pipeline_is_of_the_commit_that_its_author_pushed() -> None:
    context = build(
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="patch-1",
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=SOURCE,
        CI_COMMIT_MESSAGE="Merge branch 'patch-1' into 'main'",
    )
    assert context.commit_hash == SOURCE
    assert context.commit_message == ""


def test_a_merge_request_of_a_fork_never_has_the_name_of_a_branch_of_ours() -> None:
    context = build(
        CI_MERGE_REQUEST_IID="7",
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="main",
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID="99",
        CI_MERGE_REQUEST_PROJECT_ID="5",
    )
    assert context.branch == "pr-7"


def test_an_external_pull_request_is_of_its_source_branch() -> None:
    context = build(
        CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME="patch-1",
        CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA=SOURCE,
    )
    assert (context.branch, context.commit_hash) == ("patch-1", SOURCE)


def test_an_external_pull_request_of_another_repository_is_a_forks() -> None:
    context = build(
        CI_EXTERNAL_PULL_REQUEST_IID="8",
        CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY="somebody/site",
        CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY="acme/site",
        CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME="main",
    )
    assert (context.branch, context.pull_request, context.is_fork) == ("pr-8", "8", True)


def test_a_tag_pipeline_has_no_branch_and_says_so() -> None:
    context = build(CI_COMMIT_TAG="v1.2", CI_COMMIT_REF_NAME="v1.2")
    assert context.branch == ""
    assert context.no_branch_reason == "this build is of the tag v1.2"


def test_an_old_runner_that_knows_only_the_ref_is_understood() -> None:
    assert build(CI_COMMIT_REF_NAME="main").branch == "main"
