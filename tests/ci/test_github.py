"""GitHub Actions: which branch and commit a workflow is about.

Event payloads: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.ci import github
from pages_deploy.ci.build_context import BuildContext
from pages_deploy.ci.detection import read_build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MERGE = "1111111111111111111111111111111111111111"
HEAD = "2222222222222222222222222222222222222222"
REPOSITORY = "octo-org/octo-repo"


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., BuildContext]:
    def read(event: Any = None, **environ: str) -> BuildContext:
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": MERGE,
            **environ,
        }
        if event is not None:
            file = tmp_path / "event.json"
            file.write_text(event if isinstance(event, str) else json.dumps(event))
            variables["GITHUB_EVENT_PATH"] = str(file)
        return github.PLATFORM.build(variables)

    return read


def pull_request(repository: str | None, *, ref: str = "patch-1", number: Any = 42) -> Any:
    repo = None if repository is None else {"full_name": repository}
    return {"pull_request": {"number": number, "head": {"ref": ref, "sha": HEAD, "repo": repo}}}


PULL_REQUEST = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REF": "refs/pull/42/merge",
    "GITHUB_REF_NAME": "42/merge",
    "GITHUB_REF_TYPE": "branch",
}


def test_it_is_known_by_its_own_variable() -> None:
    assert github.PLATFORM.detect({"GITHUB_ACTIONS": "true"})
    assert not github.PLATFORM.detect({"GITHUB_ACTIONS": "false"})
    assert not github.PLATFORM.detect({"CI": "true"})


def test_a_push_is_of_its_branch_and_commit(build: Callable[..., BuildContext]) -> None:
    context = build(
        {"ref": "refs/heads/feature/x", "head_commit": {"message": "Fix it\n\nReally"}},
        GITHUB_REF="refs/heads/feature/x",
        GITHUB_REF_NAME="feature/x",
        GITHUB_REF_TYPE="branch",
    )
    assert context == BuildContext(
        platform="GitHub Actions",
        is_ci=True,
        branch="feature/x",
        commit_hash=MERGE,
        commit_message="Fix it\n\nReally",
        commit_dirty=False,
        lacks_secrets=False,
        repository=REPOSITORY,
    )


def test_a_push_that_deletes_a_branch_has_no_commit_to_tell_of(
    build: Callable[..., BuildContext],
) -> None:
    assert build({"head_commit": None}, GITHUB_REF_NAME="main").commit_message == ""


def test_a_pull_request_is_of_its_source_branch_and_its_authors_commit(
    build: Callable[..., BuildContext],
) -> None:
    context = build(pull_request(REPOSITORY), GITHUB_HEAD_REF="patch-1", **PULL_REQUEST)
    assert context.branch == "patch-1"
    assert context.commit_hash == HEAD


@pytest.mark.parametrize("repository", ["somebody/octo-repo", None], ids=["fork", "deleted fork"])
@pytest.mark.parametrize("ref", ["main", "patch-1"])
def test_a_forks_pull_request_never_has_the_name_of_a_branch_of_ours(
    build: Callable[..., BuildContext], repository: str | None, ref: str
) -> None:
    context = build(pull_request(repository, ref=ref), GITHUB_HEAD_REF=ref, **PULL_REQUEST)
    assert context.branch == "pr-42"
    assert context.commit_hash == HEAD


@pytest.mark.parametrize("number", [None, "x", {}, 0, True])
def test_a_forks_pull_request_whose_event_has_no_number_has_that_of_its_ref(
    build: Callable[..., BuildContext], number: Any
) -> None:
    event = pull_request("somebody/octo-repo", ref="main", number=number)
    assert build(event, GITHUB_HEAD_REF="main", **PULL_REQUEST).branch == "pr-42"


@pytest.mark.parametrize(
    ("repository", "branch"), [("somebody/octo-repo", "somebody-main"), (None, "fork-main")]
)
def test_a_forks_pull_request_without_a_number_is_still_no_branch_of_ours(
    build: Callable[..., BuildContext], repository: str | None, branch: str
) -> None:
    event = pull_request(repository, ref="main", number=None)
    environ = PULL_REQUEST | {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    assert build(event, GITHUB_HEAD_REF="main", **environ).branch == branch


def test_a_pull_request_of_nobody_knows_which_repository_is_a_forks(
    build: Callable[..., BuildContext],
) -> None:
    """Two unknown repositories are not the same one."""
    event = pull_request(None, ref="main")
    context = build(event, GITHUB_HEAD_REF="main", **PULL_REQUEST, GITHUB_REPOSITORY="")
    assert (context.branch, context.is_fork) == ("pr-42", True)


def workflow_run(repository: str | None) -> Any:
    run = {"head_branch": "main", "head_sha": HEAD}
    return {
        "workflow_run": {
            **run,
            "head_repository": None if repository is None else {"full_name": repository},
        }
    }


def test_a_workflow_run_is_of_the_branch_whose_workflow_ran(
    build: Callable[..., BuildContext],
) -> None:
    context = build(workflow_run(REPOSITORY), GITHUB_REF_NAME="default-branch")
    assert context.branch == "main"
    assert context.commit_hash == HEAD


@pytest.mark.parametrize(
    ("repository", "branch"), [("somebody/octo-repo", "somebody-main"), (None, "fork-main")]
)
def test_a_workflow_run_of_a_fork_is_no_branch_of_ours(
    build: Callable[..., BuildContext], repository: str | None, branch: str
) -> None:
    context = build(workflow_run(repository), GITHUB_REF_NAME="default-branch")
    assert (context.branch, context.is_fork) == (branch, True)
    assert context.commit_hash == HEAD


def test_a_workflow_run_that_follows_a_release_is_of_a_tag(
    build: Callable[..., BuildContext],
) -> None:
    event = workflow_run(REPOSITORY)
    event["workflow_run"] |= {"event": "release", "head_branch": "v1.2"}
    context = build(event, GITHUB_REF="refs/heads/main", GITHUB_REF_NAME="main")
    assert (context.branch, context.commit_hash, context.is_fork) == ("", HEAD, False)
    assert context.no_branch_reason == "this build is of the tag v1.2"


@pytest.mark.parametrize("event", [None, "{", "{}"])
def test_a_workflow_run_without_an_event_is_not_taken_for_the_default_branch(
    build: Callable[..., BuildContext], event: str | None
) -> None:
    """The ref is the default branch, the artifacts may be a fork's."""
    context = build(
        event,
        GITHUB_EVENT_NAME="workflow_run",
        GITHUB_REF="refs/heads/main",
        GITHUB_REF_NAME="main",
        GITHUB_REF_TYPE="branch",
    )
    assert (context.branch, context.commit_hash, context.is_fork) == ("", "", True)
    assert "refs/heads/main" in context.no_branch_reason


QUEUE = f"gh-readonly-queue/release/1.0/pr-42-{MERGE}"


def test_a_workflow_run_of_a_merge_queue_is_of_its_pull_request(
    build: Callable[..., BuildContext],
) -> None:
    event = workflow_run(REPOSITORY)
    event["workflow_run"]["head_branch"] = QUEUE
    context = build(event)
    assert (context.branch, context.pull_request, context.is_fork) == ("pr-42", "42", False)


def test_a_fork_cannot_pretend_to_be_a_merge_queue(build: Callable[..., BuildContext]) -> None:
    event = workflow_run("somebody/octo-repo")
    event["workflow_run"]["head_branch"] = QUEUE
    context = build(event)
    assert (context.branch, context.pull_request) == (f"somebody-{QUEUE}", "")


def test_a_comment_on_a_pull_request_is_not_a_build_of_the_default_branch(
    build: Callable[..., BuildContext],
) -> None:
    event = {"issue": {"number": 42, "pull_request": {"url": "https://x"}}, "comment": {}}
    refs = {"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
    context = build(event, GITHUB_EVENT_NAME="issue_comment", **refs)
    assert (context.branch, context.commit_hash) == ("pr-42", "")
    assert (context.pull_request, context.is_fork) == ("42", True)
    plain = build({"issue": {"number": 42}}, GITHUB_EVENT_NAME="issue_comment", **refs)
    assert (plain.branch, plain.pull_request, plain.is_fork) == ("main", "", False)


@pytest.mark.parametrize("named", [True, False])
def test_a_pull_request_that_needed_no_right_to_push_is_treated_as_a_forks(
    build: Callable[..., BuildContext], named: bool
) -> None:
    """Forgejo's AGit workflow: the source is a ref of the target repository itself."""
    ref = "refs/pull/7/head"
    event = pull_request(REPOSITORY, ref=ref, number=7)
    context = build(event, GITHUB_REF=ref, **({"GITHUB_HEAD_REF": ref} if named else {}))
    assert (context.branch, context.commit_hash, context.is_fork) == ("pr-7", HEAD, True)


def test_a_tag_has_no_branch_and_says_so(build: Callable[..., BuildContext]) -> None:
    context = build({}, GITHUB_REF="refs/tags/v1.2", GITHUB_REF_NAME="v1.2", GITHUB_REF_TYPE="tag")
    assert context.branch == ""
    assert context.no_branch_reason == "this build is of the tag v1.2"


@pytest.mark.parametrize("head_ref", ["main", "patch-1"])
def test_a_pull_request_without_an_event_could_be_a_forks_and_is_never_production(
    build: Callable[..., BuildContext], head_ref: str
) -> None:
    assert build(**PULL_REQUEST, GITHUB_HEAD_REF=head_ref).branch == "pr-42"


def test_a_pull_request_without_an_event_or_a_number_has_no_branch(
    build: Callable[..., BuildContext],
) -> None:
    context = build(**(PULL_REQUEST | {"GITHUB_REF": "refs/heads/main"}), GITHUB_HEAD_REF="main")
    assert context.branch == ""
    assert "refs/heads/main" in context.no_branch_reason


def test_a_merge_ref_alone_is_no_branch(build: Callable[..., BuildContext]) -> None:
    context = build(**(PULL_REQUEST | {"GITHUB_EVENT_NAME": "push"}))
    assert context.branch == ""
    assert "refs/pull/42/merge" in context.no_branch_reason


@pytest.mark.parametrize(
    "event",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "[" * 100_000,
        '{"pull_request": 5}',
        '{"pull_request": {}}',
        '{"issue": {"pull_request": 5}}',
        '{"workflow_run": []}',
        '{"head_commit": "x"}',
    ],
    ids=range(11),
)
def test_a_broken_event_file_stops_nothing(build: Callable[..., BuildContext], event: str) -> None:
    context = build(event, GITHUB_REF_NAME="main")
    assert context.is_ci
    assert context.commit_hash == MERGE


@pytest.mark.parametrize("head", ["[]", "5", '{"ref": 5, "sha": [], "repo": "x"}', "null"])
def test_a_pull_request_whose_event_is_broken_could_be_a_forks(
    build: Callable[..., BuildContext], head: str
) -> None:
    event = f'{{"pull_request": {{"number": 42, "head": {head}}}}}'
    context = build(event, **PULL_REQUEST, GITHUB_HEAD_REF="main")
    assert (context.branch, context.commit_hash, context.is_fork) == ("pr-42", "", True)


def test_an_event_file_that_is_missing_or_no_text_stops_nothing(
    build: Callable[..., BuildContext], tmp_path: Path
) -> None:
    assert build(GITHUB_REF_NAME="main", GITHUB_EVENT_PATH=str(tmp_path / "gone")).branch == "main"
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    assert build(GITHUB_REF_NAME="main", GITHUB_EVENT_PATH=str(tmp_path / "odd")).branch == "main"


def test_a_hash_that_is_none_is_nothing(build: Callable[..., BuildContext]) -> None:
    assert build(GITHUB_REF_NAME="main", GITHUB_SHA="deadbeef").commit_hash == ""


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_run", "merge_group"])
@pytest.mark.parametrize("attempt", ["", "1", None])
def test_what_nobody_has_asked_for_starts_by_itself(
    build: Callable[..., BuildContext], event: str, attempt: str | None
) -> None:
    attempts = {} if attempt is None else {"GITHUB_RUN_ATTEMPT": attempt}
    assert build(GITHUB_EVENT_NAME=event, **attempts).starts_by_itself


@pytest.mark.parametrize(
    ("event", "attempt"),
    [
        ("push", "2"),
        ("schedule", "10"),
        ("push", "many"),
        ("workflow_dispatch", "1"),
        ("repository_dispatch", "1"),
        ("release", "1"),
        ("pull_request", "1"),
        ("", "1"),
    ],
)
def test_what_a_person_asks_for_or_may_ask_for_does_not_start_by_itself(
    build: Callable[..., BuildContext], event: str, attempt: str
) -> None:
    assert not build(GITHUB_EVENT_NAME=event, GITHUB_RUN_ATTEMPT=attempt).starts_by_itself


@pytest.mark.parametrize("mark", ["GITEA_ACTIONS", "FORGEJO_ACTIONS", "ACT"])
def test_of_what_only_looks_like_github_nobody_knows(mark: str, tmp_path: Path) -> None:
    environ = {
        "GITHUB_ACTIONS": "true",
        mark: "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_RUN_ATTEMPT": "1",
    }
    assert not read_build(environ, tmp_path).starts_by_itself
    assert read_build(environ, tmp_path, name="github").starts_by_itself
