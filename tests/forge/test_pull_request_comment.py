"""The comment on a GitHub pull request: which one it is, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.pull_request_comment import retire_comment
from tests.forge.forges import REPOSITORY, Reply
from tests.forge.stories import OLD, RUN_URL, Scene, build_of, old_comment, row_in
from tests.making import ALIAS, URL, deployed_of, project_of
from tests.world import COMMIT

COMMENTS = f"/repos/{REPOSITORY}/issues/42/comments"
ONE = f"/repos/{REPOSITORY}/issues/comments/*"
GITHUB_TOKEN = "ghs_0123456789abcdef"
PERSONAL_TOKEN = "github_pat_0123456789"


def test_one_comment_tells_of_the_building_and_of_the_end(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    [body] = scene.hub.bodies()
    assert body.startswith("<!-- pages-deploy -->\n")
    assert "| Name | Status | Preview | Commit | Updated (UTC) |" in body
    assert "| <!-- pages-deploy:project=demo --> **demo** |" in body
    assert "\U0001f528 Building" in body
    announcer.succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert "\u2705 Ready" in body
    assert f"[feature.demo.pages.dev]({ALIAS})" in body
    assert f"({URL})" in body
    assert f"[log]({RUN_URL})" in body
    assert COMMIT[:7] in body
    assert COMMIT not in body
    assert "| 2027-01-15 08:00 |" in body
    [number] = scene.hub.comments
    assert scene.hub.sequence == [
        f"GET {COMMENTS}",
        f"POST {COMMENTS}",
        f"GET {COMMENTS}",
        f"GET {COMMENTS}",
        f"PATCH /repos/{REPOSITORY}/issues/comments/{number}",
        f"GET {COMMENTS}",
    ]


def test_a_failure_is_shown_with_its_reason(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.failed("Cannot upload 3 files.")
    [body] = scene.hub.bodies()
    assert "\u274c Failed" in body
    assert f"\u274c Failed: Cannot upload 3 files. ([log]({RUN_URL}))" in body


def test_a_failure_is_shown_even_if_nothing_was_started(scene: Scene) -> None:
    scene.comment().failed("There is no project 'demo'.")
    [body] = scene.hub.bodies()
    assert "\u274c Failed" in body


def test_a_canceled_run_is_shown_as_one(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.failed("interrupted", canceled=True)
    [body] = scene.hub.bodies()
    assert "Canceled" in body


def test_a_canceled_run_waits_for_nothing(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    scene.hub.fail_next("PATCH", ONE, Reply(502), times=3)
    with pytest.raises(ForgeError):
        announcer.failed("interrupted", canceled=True)
    assert scene.time.slept == []


def test_a_superseded_run_shows_what_is_live_in_its_place(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "production")
    announcer.succeeded(replace(deployed_of(environment="production"), passed_over="superseded"))
    [body] = scene.hub.bodies()
    assert "\u23ed\ufe0f Superseded" in body
    assert URL in body


def test_a_superseded_push_says_nothing(scene: Scene) -> None:
    """Nor is a pull request looked for: it may not have begun."""
    announcer = scene.comment(build_of(pull_request=""))
    announcer.succeeded(replace(deployed_of(environment="production"), passed_over="superseded"))
    assert scene.hub.asked == []


def test_what_comes_after_success_takes_nothing_back(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.succeeded(deployed_of())
    announcer.failed("the outputs cannot be written")
    [body] = scene.hub.bodies()
    assert "\u2705 Ready" in body


def test_an_earlier_runs_comment_is_found_on_the_third_page(scene: Scene) -> None:
    for number in range(250):
        scene.hub.add_comment(f"comment {number}", author="somebody")
    ours = scene.hub.add_comment(OLD)
    scene.comment().succeeded(deployed_of())
    assert [one.query for one in scene.hub.asked_for("GET", COMMENTS)] == [
        {"per_page": "100"},
        {"per_page": "100", "page": "2"},
        {"per_page": "100", "page": "3"},
    ] * 2
    assert "\u2705 Ready" in scene.hub.comments[ours]["body"]
    assert len(scene.hub.comments) == 251


def test_somebody_elses_comment_with_our_marker_is_left_alone(scene: Scene) -> None:
    foreign = scene.hub.add_comment(OLD, author="mallory")
    scene.comment().succeeded(deployed_of())
    assert scene.hub.comments[foreign]["body"] == OLD
    assert len(scene.hub.bodies()) == 2
    assert not scene.hub.asked_for("PATCH", "*")


def test_a_comment_that_only_quotes_the_marker_is_not_the_one(scene: Scene) -> None:
    quote = scene.hub.add_comment(f"> {OLD}")
    scene.comment().succeeded(deployed_of())
    assert scene.hub.comments[quote]["body"] == f"> {OLD}"
    assert len(scene.hub.bodies()) == 2


def test_two_projects_in_one_pull_request_have_a_row_each_in_one_comment(scene: Scene) -> None:
    for _ in range(2):
        for project in ("docs", "demo"):
            announcer = scene.comment(project=project)
            announcer.started(project_of(name=project), "preview")
            announcer.succeeded(deployed_of(project_name=project))
    [body] = scene.hub.bodies()
    assert [line.split(" --> ")[1].split(" |")[0] for line in body.split("\n")[6:]] == [
        "**demo**",
        "**docs**",
    ]
    assert body.count("\u2705 Ready") == 2


def test_another_projects_row_stays_as_it_is(scene: Scene) -> None:
    old = old_comment("docs", "--> @everyone | `x`\n::error::")
    scene.hub.add_comment(old.replace("\n", "\r\n"))
    scene.comment().failed("later")
    [body] = scene.hub.bodies()
    assert set(old.split("\n")) <= set(body.split("\n"))
    assert "later" in row_in([body])


def test_what_somebody_added_to_our_comment_is_not_kept(scene: Scene) -> None:
    forged = old_comment("docs").replace("**docs**", "**docs** <img src=x>")
    scene.hub.add_comment(f"{forged}\n\n@everyone /merge")
    scene.comment().succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert "docs" not in body
    assert "everyone" not in body


def test_a_comment_that_would_say_the_same_is_not_sent_again(scene: Scene) -> None:
    scene.comment().succeeded(deployed_of())
    scene.time.sleep(3600)
    [number] = scene.hub.comments
    scene.hub.comments[number]["body"] = scene.hub.comments[number]["body"].replace("\n", "\r\n")
    scene.comment().succeeded(deployed_of())
    assert not scene.hub.asked_for("PATCH", "*")
    assert len(scene.hub.asked_for("POST", COMMENTS)) == 1


def test_a_comment_that_was_deleted_meanwhile_is_written_anew(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    scene.hub.comments.clear()
    announcer.succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert "\u2705 Ready" in body


def test_a_comment_that_may_not_be_changed_is_written_anew_once(scene: Scene) -> None:
    scene.hub.add_comment(OLD)
    scene.hub.fail_next("PATCH", ONE, Reply(403, {"message": "Forbidden"}))
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    old, new = scene.hub.bodies()
    assert old == OLD
    assert "\u2705 Ready" in new
    assert len(scene.hub.asked_for("POST", COMMENTS)) == 1


def test_a_limit_at_the_update_leads_to_no_second_comment(scene: Scene) -> None:
    scene.hub.add_comment(OLD)
    limit = Reply(403, {"message": "You have exceeded a secondary rate limit."})
    scene.hub.fail_next("PATCH", ONE, limit)
    with pytest.raises(ForgeError, match="secondary rate limit"):
        scene.comment().succeeded(deployed_of())
    assert scene.hub.bodies() == [OLD]


def test_github_token_is_known_without_asking(scene: Scene) -> None:
    scene.hub.add_comment(OLD)
    scene.comment(token=GITHUB_TOKEN).succeeded(deployed_of())
    assert not scene.hub.asked_for("GET", "/user")
    assert len(scene.hub.bodies()) == 1


def test_the_owner_of_another_token_is_asked_for_once_and_only_if_it_matters(
    scene: Scene,
) -> None:
    scene.hub.has_user, scene.hub.user = True, "Deploy-Bot"
    announcer = scene.comment(token=PERSONAL_TOKEN)
    announcer.started(project_of(), "preview")
    assert not scene.hub.asked_for("GET", "/user")
    foreign = scene.hub.add_comment(OLD, author="github-actions[bot]")
    for _ in range(2):
        scene.comment(token=PERSONAL_TOKEN).succeeded(deployed_of())
    assert len(scene.hub.asked_for("GET", "/user")) == 2
    assert len(scene.hub.bodies()) == 2
    assert scene.hub.comments[foreign]["body"] == OLD


def test_a_token_that_may_not_ask_who_it_is_counts_as_the_actions_own(scene: Scene) -> None:
    scene.hub.add_comment(OLD)
    scene.comment(token="v1.0123456789abcdef").succeeded(deployed_of())
    assert len(scene.hub.asked_for("GET", "/user")) == 1
    assert len(scene.hub.bodies()) == 1


def test_an_apps_token_finds_the_apps_own_comment(scene: Scene) -> None:
    scene.hub.user = "our-deployer[bot]"
    scene.hub.add_comment(OLD)
    viewer = {"data": {"viewer": {"login": "our-deployer[bot]"}}}
    scene.hub.fail_next("POST", "/graphql", Reply(200, viewer))
    scene.comment(token=GITHUB_TOKEN).succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert "\u2705 Ready" in body


def test_another_bots_comment_with_our_marker_is_left_alone(scene: Scene) -> None:
    foreign = scene.hub.add_comment(OLD, author="helpful[bot]")
    scene.hub.fail_next("POST", "/graphql", Reply(403, {"message": "Resource not accessible"}))
    scene.comment(token=GITHUB_TOKEN).succeeded(deployed_of())
    assert scene.hub.comments[foreign]["body"] == OLD
    assert len(scene.hub.bodies()) == 2


def test_a_build_without_a_pull_request_says_nothing(scene: Scene) -> None:
    announcer = scene.comment(build_of(pull_request=""))
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    assert scene.hub.sequence == [f"GET /repos/{REPOSITORY}/commits/{COMMIT}/pulls"]


def test_for_a_push_to_production_no_pull_request_is_looked_for(scene: Scene) -> None:
    scene.hub.add_pull(42, COMMIT)
    announcer = scene.comment(build_of(pull_request=""))
    announcer.started(project_of(), "production")
    announcer.succeeded(deployed_of(environment="production"))
    assert scene.hub.asked == []


def test_a_forge_in_trouble_at_the_beginning_is_told_of_the_end(scene: Scene) -> None:
    limit = Reply(403, {"message": "You have exceeded a secondary rate limit."})
    for reply, times in ((Reply(502), 3), (limit, 1)):
        scene.hub.comments.clear()
        scene.hub.fail_next("GET", COMMENTS, reply, times=times)
        announcer = scene.comment()
        announcer.started(project_of(), "preview")
        assert scene.hub.comments == {}
        announcer.succeeded(deployed_of())
        [body] = scene.hub.bodies()
        assert "\u2705 Ready" in body


def test_without_a_commit_no_pull_request_is_looked_for(scene: Scene) -> None:
    scene.comment(build_of(pull_request="", commit_hash="")).succeeded(deployed_of())
    assert scene.hub.asked == []


def test_the_pull_request_is_found_by_its_head_commit(scene: Scene) -> None:
    scene.hub.add_pull(1, "e" * 40)
    scene.hub.add_pull(41, COMMIT, state="closed")
    scene.hub.add_pull(40, COMMIT, base="upstream/site")
    scene.hub.add_pull(42, COMMIT)
    scene.comment(build_of(pull_request="")).succeeded(deployed_of())
    assert len(scene.hub.bodies("42")) == 1
    assert len(scene.hub.comments) == 1


def test_a_forks_pull_request_is_found_among_the_open_ones(scene: Scene) -> None:
    scene.hub.foreign_commits.add(COMMIT)
    scene.hub.add_pull(7, "e" * 40)
    scene.hub.add_pull(42, COMMIT)
    scene.comment(build_of(pull_request="", is_fork=True)).succeeded(deployed_of())
    assert len(scene.hub.bodies("42")) == 1


@pytest.mark.parametrize("status", [404, 422])
def test_a_commit_that_the_repository_does_not_know_has_no_pull_request(
    scene: Scene, status: int
) -> None:
    reply = Reply(status, {"message": f"No commit found for SHA: {COMMIT}"})
    scene.hub.fail_next("GET", "*/pulls", reply)
    scene.comment(build_of(pull_request="")).succeeded(deployed_of())
    assert scene.hub.comments == {}


def test_a_token_that_may_only_read_names_both_permissions_that_would_do(scene: Scene) -> None:
    scene.hub.may_write_comments = False
    with pytest.raises(ForgeError, match="Cannot comment on pull request #42") as info:
        scene.comment(build_of(is_fork=True)).succeeded(deployed_of())
    wanted = "add `issues: write` or `pull-requests: write` to the job's permissions"
    assert wanted in info.value.message


def test_a_locked_conversation_is_no_want_of_permission(scene: Scene) -> None:
    scene.hub.locked = True
    scene.hub.add_comment(OLD)
    with pytest.raises(ForgeError, match="issue is locked") as info:
        scene.comment().succeeded(deployed_of())
    assert "permissions" not in info.value.message


@pytest.mark.parametrize("reply", [None, Reply(502), Reply(201, raw=b"<html>")])
def test_a_comment_whose_answer_is_lost_is_found_again(scene: Scene, reply: Reply | None) -> None:
    scene.hub.fail_next("POST", COMMENTS, reply, after=True)
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of())
    [body] = scene.hub.bodies()
    assert "\u2705 Ready" in body
    assert len(scene.hub.asked_for("POST", COMMENTS)) == 1


def test_a_comment_that_did_not_arrive_is_written_after_a_look(scene: Scene) -> None:
    scene.hub.fail_next("POST", COMMENTS)
    scene.comment().succeeded(deployed_of())
    assert len(scene.hub.bodies()) == 1
    methods = [line.split()[0] for line in scene.hub.sequence]
    assert methods == ["GET", "POST", "GET", "POST", "GET"]


def test_comments_of_an_odd_shape_are_passed_over(scene: Scene) -> None:
    odd: list[object] = [None, 7, "text", {}, {"id": "5"}, {"id": 5, "user": None, "body": None}]
    odd += [{"id": 6, "user": {"login": 7}, "body": [OLD]}]
    scene.hub.fail_next("GET", COMMENTS, Reply(200, odd))
    scene.comment().succeeded(deployed_of())
    assert len(scene.hub.bodies()) == 1


def test_a_closed_pull_requests_comment_says_that_the_preview_is_gone(scene: Scene) -> None:
    scene.comment().succeeded(deployed_of())
    scene.comment(project="docs").succeeded(deployed_of(project_name="docs"))
    forge, timer = scene.github(), scene.time.timer
    assert retire_comment(forge, pull_request="42", project_name="demo", timer=timer)
    bodies = scene.hub.bodies()
    assert len(bodies) == 1
    assert "Removed" in row_in(bodies)
    assert ALIAS not in row_in(bodies)
    assert ALIAS in row_in(bodies, "docs")


def test_of_a_closed_pull_requests_comment_one_row_may_be_deleted(scene: Scene) -> None:
    scene.hub.add_comment(old_comment("demo", "docs"))
    forge, timer = scene.github(), scene.time.timer
    assert retire_comment(forge, pull_request="42", project_name="demo", timer=timer, delete=True)
    assert scene.hub.bodies() == [old_comment("docs")]
    assert not scene.hub.asked_for("DELETE", "*")


def test_where_the_project_has_no_row_nothing_is_retired(scene: Scene) -> None:
    scene.hub.add_comment(old_comment("docs"))
    forge, timer = scene.github(), scene.time.timer
    for delete in (False, True):
        assert not retire_comment(
            forge, pull_request="42", project_name="demo", timer=timer, delete=delete
        )
    assert scene.hub.bodies() == [old_comment("docs")]
    assert {asked.method for asked in scene.hub.asked} == {"GET"}


def test_a_closed_pull_requests_comment_is_deleted_with_its_last_row(scene: Scene) -> None:
    scene.comment().succeeded(deployed_of())
    forge, timer = scene.github(), scene.time.timer
    assert retire_comment(forge, pull_request="42", project_name="demo", timer=timer, delete=True)
    assert scene.hub.comments == {}
    assert not retire_comment(
        forge, pull_request="42", project_name="demo", timer=timer, delete=True
    )
    assert not retire_comment(forge, pull_request="42", project_name="demo", timer=timer)
    assert scene.hub.comments == {}
