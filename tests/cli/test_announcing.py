"""A deployment as GitHub and GitLab see it: by the command line, from the environment of a job."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.errors import Interrupted
from pages_deploy.forge.comment_text import HEADING
from tests import platform_readers as read
from tests.forge.forges import REPOSITORY, TOKEN, FakeGitHub, FakeGitLab, Reply, running
from tests.forge.stories import entry_in, row_in
from tests.hostile import TEXTS
from tests.world import COMMIT, DEPLOYMENT, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from pages_deploy.emulator.state.records import Trigger
    from tests.world import BuildSite, FakeTime, RunCli

pytestmark = pytest.mark.usefixtures("client")

Environ = dict[str, str]


@pytest.fixture
def hub() -> Iterator[FakeGitHub]:
    with running(FakeGitHub()) as forge:
        yield forge


def event_of(head: str = REPOSITORY, *, branch: str = "topic") -> dict[str, Any]:
    source = {"ref": branch, "sha": COMMIT, "repo": {"full_name": head}}
    return {"pull_request": {"number": 42, "head": source}}


@pytest.fixture
def environ(emulator: Emulator, hub: FakeGitHub, tmp_path: Path, site: BuildSite) -> Environ:
    """A pull request's job, with the token that the Action passes on."""
    site({"index.html": "home"})
    (tmp_path / "event.json").write_text(json.dumps(event_of()))
    return {
        **emulator.environ(),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": hub.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "9",
        "GITHUB_SERVER_URL": "https://github.test",
        "INPUT_DIRECTORY": "site",
        "INPUT_GITHUBTOKEN": TOKEN,
        "INPUT_PROJECTNAME": PROJECT,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }


def states(hub: FakeGitHub) -> list[str]:
    [deployment] = hub.deployments
    return hub.states(deployment)


def test_a_good_deployment_is_recorded_and_commented(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, tmp_path: Path
) -> None:
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    [deployment] = hub.deployments.values()
    assert (deployment["ref"], deployment["environment"]) == (COMMIT, "demo (Preview)")
    assert states(hub) == ["in_progress", "success"]
    status = hub.statuses[deployment["id"]][0]
    assert status["environment_url"] == outputs["alias"]
    assert status["log_url"] == f"https://github.test/{REPOSITORY}/actions/runs/9"
    [body] = hub.bodies()
    assert outputs["alias"] in row_in([body])
    assert "Ready" in body


def listed_in(hub: FakeGitHub) -> list[str]:
    """Return the words of each entry of the project's list of pages."""
    entries = entry_in(hub.bodies()).pages.split("<li>")[1:]
    return [re.sub("<[^>]*>", "", entry) for entry in entries]


def test_each_push_to_a_pull_request_lists_the_pages_that_differ_from_production_then(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, site: BuildSite, tmp_path: Path
) -> None:
    listed = "".join(f"<url><loc>https://x.test{path}</loc></url>" for path in ("/", "/old/"))
    base = {"index.html": "home", "\u00fcber/index.html": "us"}
    base["sitemap.xml"] = f"<urlset>{listed}</urlset>"

    def deploy(files: dict[str, str], *arguments: str) -> dict[str, Any]:
        # A build directory of its own each time, as a job has it.
        directory = site(files, name=f"build-{len(list(tmp_path.iterdir()))}")
        given = (str(directory), "--json-file=out.json", *arguments)
        outcome = run_cli("deploy", *given, environ=environ)
        assert outcome.exit_code == 0, outcome.stderr
        found: dict[str, Any] = json.loads((tmp_path / "out.json").read_text("utf-8"))
        return found

    deploy({**base, "old/index.html": "old"}, "--branch=main", "--no-comment")
    first = deploy({**base, "blog/post/index.html": "post"})
    assert listed_in(hub) == ["New: /blog/post/", "Removed: /old/"]
    assert first["changes"]["complete"] is True
    second = deploy({**base, "blog/post/index.html": "post", "\u00fcber/index.html": "us all"})
    assert listed_in(hub) == ["New: /blog/post/", "Changed: /\u00fcber/", "Removed: /old/"]
    assert (second["new-pages"], second["changed-pages"], second["removed-pages"]) == (1, 1, 1)
    # Meanwhile another pull request has brought the same post and taken the old page away.
    live = deploy({**base, "blog/post/index.html": "post"}, "--branch=main", "--no-comment")
    third = deploy({**base, "blog/post/index.html": "post", "\u00fcber/index.html": "us all"})
    assert listed_in(hub) == ["Changed: /\u00fcber/"]
    assert third["changes"] == {
        "baseline": live["id"],
        "new": [],
        "changed": ["/\u00fcber/"],
        "removed": [],
        "complete": True,
    }
    link = f'<a href="{third["alias"]}/%C3%BCber/">/\u00fcber/</a>'
    assert link in entry_in(hub.bodies()).pages


@pytest.mark.parametrize(
    ("platform", "arguments", "expected"),
    [
        ({}, (), True),
        ({}, ("--no-changes",), False),
        # Neither the summary nor a comment would show them.
        ({}, ("--no-summary", "--no-comment"), False),
        ({}, ("--no-summary",), True),
        ({}, ("--no-comment",), True),
        ({"INPUT_GITHUBTOKEN": ""}, ("--no-summary",), False),
        ({"INPUT_GITHUBTOKEN": ""}, ("--no-summary", "--changes"), True),
    ],
    ids=str,
)
def test_pages_are_compared_where_somebody_is_shown_the_result(
    run_cli: RunCli,
    environ: Environ,
    tmp_path: Path,
    platform: Environ,
    arguments: tuple[str, ...],
    expected: bool,
) -> None:
    outcome = run_cli("deploy", "--json-file=out.json", *arguments, environ={**environ, **platform})
    assert outcome.exit_code == 0, outcome.stderr
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert ("changes" in found) == expected
    assert (found["new-pages"] == 1) == expected
    assert ("Pages:       1 new, 0 changed, 0 removed" in outcome.stdout) == expected


def test_the_users_own_name_of_the_environment_counts(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    assert run_cli(environ={**environ, "INPUT_DEPLOYMENTNAME": "Docs"}).exit_code == 0
    assert [one["environment"] for one in hub.deployments.values()] == ["Docs"]


def test_a_failed_deployment_is_told_as_one(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ
) -> None:
    emulator.outcome_next(status="failure")
    assert run_cli(environ=environ).exit_code == 4
    assert states(hub) == ["in_progress", "failure"]
    assert "Failed" in row_in(hub.bodies())


def test_a_run_that_stops_before_its_start_leaves_no_record_but_a_comment(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    assert run_cli(environ={**environ, "INPUT_DIRECTORY": "missing"}).exit_code == 2
    assert not hub.deployments
    assert "Failed" in row_in(hub.bodies())


def test_a_canceled_run_is_told_as_one(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ, fake_time: FakeTime
) -> None:
    # A wait in the middle of the upload's aftermath, in which the signal comes.
    emulator.fail_next("GET", DEPLOYMENT, Answer(status=503), times=1)

    def interrupt(_seconds: float) -> None:
        raise Interrupted

    fake_time.on_sleep = interrupt
    assert run_cli(environ=environ).exit_code == 130
    assert states(hub) == ["in_progress", "inactive"]
    assert "Canceled" in row_in(hub.bodies())


def test_a_bug_leaves_no_deployment_in_progress(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ, fake_time: FakeTime
) -> None:
    emulator.fail_next("GET", DEPLOYMENT, Answer(status=503), times=1)

    def fail(_seconds: float) -> None:
        raise RuntimeError("words that may hold anything")

    fake_time.on_sleep = fail
    with pytest.raises(RuntimeError):
        run_cli(environ=environ)
    assert states(hub) == ["in_progress", "failure"]
    assert not any("anything" in body for body in hub.bodies())


def test_no_refusal_of_the_forge_fails_a_good_deployment(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    hub.may_deploy = hub.may_write_comments = False
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0
    assert "deployments: write" in outcome.stderr
    assert "pull-requests: write" in outcome.stderr


@pytest.mark.parametrize("asked", [(), ("--comment",), ("--github-deployment",)], ids=str)
def test_only_what_was_asked_for_turns_a_run_yellow_for_want_of_a_permission(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, asked: tuple[str, ...]
) -> None:
    hub.may_deploy = hub.may_write_comments = False
    outcome = run_cli(*asked, environ=environ)
    assert outcome.exit_code == 0
    told = {"notice": "", "warning": ""}
    for command in read.github_commands(outcome.stderr):
        if command.name in told:
            told[command.name] += command.data
    comment, deployment = "`pull-requests: write`", "`deployments: write`"
    assert (comment in told["warning"]) == ("--comment" in asked)
    assert (deployment in told["warning"]) == ("--github-deployment" in asked)
    assert (comment in told["notice"]) == ("--comment" not in asked)
    assert (deployment in told["notice"]) == ("--github-deployment" not in asked)


def stored(emulator: Emulator) -> Trigger:
    """What Pages was told of the only deployment."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    return deployment.trigger


def test_a_pull_requests_message_is_asked_of_the_forge(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ
) -> None:
    hub.messages[COMMIT] = "Say more\n\nAnd why."
    assert run_cli(environ=environ).exit_code == 0
    assert stored(emulator).commit_message.splitlines() == ["Say more", "", "And why."]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("--commit-message=Mine", "Mine"), (f"--commit-hash={'a' * 40}", "")],
)
def test_what_is_given_is_not_asked_of_the_forge(
    run_cli: RunCli,
    hub: FakeGitHub,
    emulator: Emulator,
    environ: Environ,
    given: str,
    expected: str,
) -> None:
    hub.messages[COMMIT] = "The forge's"
    assert run_cli(given, environ=environ).exit_code == 0
    assert stored(emulator).commit_message == expected
    assert hub.asked_for("GET", f"*/commits/{COMMIT}") == []


def test_a_forge_that_does_not_tell_the_message_harms_nothing(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ
) -> None:
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0
    assert stored(emulator).commit_message == ""
    assert "read the commit" not in outcome.stderr
    assert "read the commit" in run_cli("-v", environ=environ).stderr


def test_a_forge_with_a_limit_of_an_hour_is_asked_once(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, fake_time: FakeTime
) -> None:
    limit = Reply(403, {"message": "API rate limit exceeded"}, {"Retry-After": "3600"})
    hub.fail_next("GET", "*", limit)
    assert run_cli(environ=environ).exit_code == 0
    assert len(hub.asked) == 1


def test_a_broken_forge_fails_no_good_deployment(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    hub.fail_next("GET", "*", Reply(500), times=50)
    hub.fail_next("POST", "*", Reply(502, raw=b"<html>"), times=50)
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert "::notice" in outcome.stderr
    assert "::warning" not in outcome.stderr


@pytest.mark.parametrize(
    ("option", "still"),
    [("INPUT_GITHUBDEPLOYMENT", "comments"), ("INPUT_COMMENT", "deployments")],
)
def test_each_can_be_turned_off(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, option: str, still: str
) -> None:
    assert run_cli(environ={**environ, option: "false"}).exit_code == 0
    done = {"comments": bool(hub.comments), "deployments": bool(hub.deployments)}
    assert [name for name, there in done.items() if there] == [still]


def test_the_plain_variable_counts_only_where_a_feature_is_asked_for(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    plain = {**environ, "INPUT_GITHUBTOKEN": "", "GITHUB_TOKEN": TOKEN}
    assert run_cli(environ=plain).exit_code == 0
    assert not hub.asked
    assert run_cli("--comment", environ=plain).exit_code == 0
    assert hub.comments


def test_what_is_asked_for_without_a_token_is_a_warning(run_cli: RunCli, environ: Environ) -> None:
    outcome = run_cli("--comment", environ={**environ, "INPUT_GITHUBTOKEN": ""})
    assert outcome.exit_code == 0
    assert "COMMENT has no effect without a token" in outcome.stderr


def test_a_fork_without_secrets_announces_nothing(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event_of("evil/site")))
    assert run_cli(environ={**environ, "CLOUDFLARE_API_TOKEN": ""}).exit_code == 0
    assert not hub.asked


def test_a_workflow_run_finds_its_pull_request_by_the_commit(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, tmp_path: Path
) -> None:
    hub.foreign_commits.add(COMMIT)
    hub.add_pull(42, COMMIT, source="evil/site", branch="main")
    run = {
        "head_branch": "main",
        "head_sha": COMMIT,
        "head_repository": {"full_name": "evil/site"},
    }
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run}))
    name = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main"}
    outcome = run_cli(environ={**environ, **name})
    assert outcome.exit_code == 0, outcome.stderr
    [body] = hub.bodies("42")
    assert "Ready" in body
    outputs = read.github_output((tmp_path / "output").read_text("utf-8"))
    assert outputs["environment"] == "preview"
    assert outputs["alias"].startswith("http://pr-42.")


@pytest.mark.parametrize("given", ["", "mine"])
def test_a_forks_workflow_run_whose_pull_request_is_not_known_is_named_by_its_owner(
    run_cli: RunCli,
    hub: FakeGitHub,
    emulator: Emulator,
    environ: Environ,
    tmp_path: Path,
    given: str,
) -> None:
    hub.foreign_commits.add(COMMIT)
    hub.fail_next("GET", "*/pulls", Reply(403, {"message": "Resource not accessible by x"}))
    run = {
        "head_branch": "main",
        "head_sha": COMMIT,
        "head_repository": {"full_name": "evil/site"},
        "head_commit": {"id": COMMIT, "message": "As the event has it"},
    }
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run}))
    name = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main"}
    outcome = run_cli(environ={**environ, **name, "INPUT_BRANCH": given})
    assert outcome.exit_code == 0, outcome.stderr
    assert stored(emulator).branch == (given or "evil-main")
    assert stored(emulator).commit_message == "As the event has it"
    assert "`pull-requests: read`" in outcome.stderr


@pytest.mark.parametrize("text", [text for text in TEXTS if not re.search("[\ud800-\udfff]", text)])
def test_a_hostile_branch_and_message_leave_the_comment_harmless(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ, tmp_path: Path, text: str
) -> None:
    event = {**event_of(branch=text), "head_commit": {"message": text}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    run_cli(environ=environ)
    # One that Pages takes for no branch is a failure, which is told as well.
    [body] = hub.bodies()
    row_in([body])
    assert "@everyone" not in body
    lines = [line for line in body.splitlines() if line not in HEADING]
    assert not any(line.startswith(("::", "##", "/")) for line in lines)


def test_a_closed_pull_request_is_retired_everywhere(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ
) -> None:
    assert run_cli(environ=environ).exit_code == 0
    assert run_cli("deploy", "--branch", "main", "--no-comment", environ=environ).exit_code == 0
    hub.add_pull(42, COMMIT, state="closed")
    outside = {**environ, "GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": ""}
    outcome = run_cli(
        "deployments", "prune", "--closed-pull-request", "42", "--yes", environ=outside
    )
    assert outcome.exit_code == 0, outcome.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert [one.trigger.branch for one in emulator.store.deployments.all(project)] == ["main"]
    ends = {hub.deployments[key]["environment"]: hub.states(key)[-1] for key in hub.deployments}
    assert ends == {"demo (Preview)": "inactive", "demo (Production)": "success"}
    assert "Removed" in row_in(hub.bodies())


def test_a_forks_previews_go_under_both_of_its_names(
    run_cli: RunCli, hub: FakeGitHub, emulator: Emulator, environ: Environ
) -> None:
    for branch in ("pr-42", "evil-main", "other"):
        assert run_cli("deploy", "--branch", branch, environ=environ).exit_code == 0
    hub.add_pull(42, COMMIT, state="closed", source="evil/site", branch="main")
    outside = {**environ, "GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": ""}
    outcome = run_cli(
        "deployments", "prune", "--closed-pull-request", "42", "--yes", environ=outside
    )
    assert outcome.exit_code == 0, outcome.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert [one.trigger.branch for one in emulator.store.deployments.all(project)] == ["other"]


def test_an_open_pull_request_is_not_retired(
    run_cli: RunCli, hub: FakeGitHub, environ: Environ
) -> None:
    hub.add_pull(42, COMMIT)
    outside = {**environ, "GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": ""}
    outcome = run_cli(
        "deployments", "prune", "--closed-pull-request", "42", "--yes", environ=outside
    )
    assert outcome.exit_code == 2
    assert "is open" in outcome.stderr


def test_without_the_forge_a_closed_pull_request_is_known_by_its_number(
    run_cli: RunCli, emulator: Emulator, environ: Environ
) -> None:
    bare = {**environ, "GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": ""}
    bare["INPUT_GITHUBTOKEN"] = ""
    for branch in ("pr-42", "topic"):
        assert run_cli("deploy", "--branch", branch, environ=bare).exit_code == 0
    outcome = run_cli("deployments", "prune", "--closed-pull-request", "42", "--yes", environ=bare)
    assert outcome.exit_code == 0
    assert "only pr-42 is looked for" in outcome.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert [one.trigger.branch for one in emulator.store.deployments.all(project)] == ["topic"]


def test_a_merge_request_gets_a_note_and_loses_its_previews(
    run_cli: RunCli, emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    site({"index.html": "home"})
    with running(FakeGitLab()) as gitlab:
        environ = {
            **emulator.environ(),
            "CI": "true",
            "GITLAB_CI": "true",
            "GITLAB_TOKEN": TOKEN,
            "CI_API_V4_URL": gitlab.url,
            "CI_PROJECT_ID": "278964",
            "CI_COMMIT_SHA": COMMIT,
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "278964",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "278964",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic",
            "CLOUDFLARE_PROJECT_NAME": PROJECT,
        }
        outcome = run_cli("deploy", "site", environ=environ)
        assert outcome.exit_code == 0, outcome.stderr
        [note] = gitlab.comments.values()
        assert "Ready" in note["body"]
        assert "<b>demo</b>: 1 new page</summary>" in note["body"]
        assert stored(emulator).commit_message.splitlines() == ["Say more", "", "And why."]
        later = {**environ, "CI_MERGE_REQUEST_IID": ""}
        # Without a merge request there is nothing that would show the pages.
        assert "Pages:" not in run_cli("deploy", "site", "--branch=topic", environ=later).stdout
        outcome = run_cli(
            "deployments", "prune", "--closed-pull-request", "7", "--yes", environ=later
        )
        assert outcome.exit_code == 0, outcome.stderr
        assert "Removed" in note["body"]
    assert not emulator.store.deployments.all(
        emulator.store.projects.get(emulator.account_id, PROJECT)
    )


def test_all_previews_of_a_branch_are_deleted(
    run_cli: RunCli, emulator: Emulator, environ: Environ
) -> None:
    bare = {**environ, "INPUT_GITHUBTOKEN": ""}
    for branch in ("topic", "topic", "main", "other"):
        assert run_cli("deploy", "--branch", branch, environ=bare).exit_code == 0
    outcome = run_cli("deployments", "delete", "--branch", "topic", "--yes", environ=bare)
    assert outcome.exit_code == 0, outcome.stderr
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    left = {one.trigger.branch for one in emulator.store.deployments.all(project)}
    assert left == {"main", "other"}
    # An environment may be stopped twice.
    again = run_cli("deployments", "delete", "--branch", "topic", "--yes", environ=bare)
    assert again.exit_code == 0


def test_the_production_branch_is_not_deleted(run_cli: RunCli, environ: Environ) -> None:
    outcome = run_cli("deployments", "delete", "--branch", "main", "--yes", environ=environ)
    assert outcome.exit_code == 2
    assert "production branch" in outcome.stderr


@pytest.mark.parametrize("arguments", [[], ["12345678", "--branch", "topic"]])
def test_a_deletion_needs_one_target(
    run_cli: RunCli, environ: Environ, arguments: list[str]
) -> None:
    outcome = run_cli("deployments", "delete", *arguments, "--yes", environ=environ)
    assert outcome.exit_code == 2
    assert "Choose what to delete" in outcome.stderr
