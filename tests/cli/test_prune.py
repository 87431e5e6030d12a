"""`pages-deploy deployments prune`: what goes, what stays, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from tests.ci.checkouts import git, needs_git
from tests.cli.reading import complaint, data, rows
from tests.making import ids, put
from tests.world import DEPLOYMENT, PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from tests.cli.reading import AtTerminal
    from tests.world import FakeTime, Outcome, RunCli

pytestmark = pytest.mark.usefixtures("client")

DAY = 86400
READER = "token-that-may-only-read"


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    settings = EmulatorSettings(clock=fake_time.read)
    reading = frozenset({"account:read", "pages:read"})
    tokens = {**settings.api_tokens, READER: reading}
    assert ALL_PERMISSIONS in tokens.values()
    with Emulator(settings=EmulatorSettings(clock=fake_time.read, api_tokens=tokens)) as running:
        yield running


@pytest.fixture
def prune(run_cli: RunCli, environ: dict[str, str], tmp_path: Path) -> Prune:
    return Prune(run_cli, environ, tmp_path)


class Prune:
    """Runs the command in a directory."""

    def __init__(self, run_cli: RunCli, environ: dict[str, str], cwd: Path) -> None:
        self._run_cli = run_cli
        self.environ = environ
        self.cwd = cwd

    def __call__(self, *arguments: str) -> Outcome:
        return self._run_cli("deployments", "prune", *arguments, environ=self.environ, cwd=self.cwd)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose remote has the branches `main`, `open` and `feature/open`."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
    clone.mkdir()
    git(clone, "init", "--quiet", "--initial-branch=main")
    git(clone, "commit", "--quiet", "--allow-empty", "--message=first")
    git(clone, "remote", "add", "origin", str(remote))
    git(clone, "push", "--quiet", "origin", "main", "main:open", "main:feature/open")
    # What the clone alone has is not open for others.
    git(clone, "branch", "closed")
    return clone


def test_all_but_the_newest_of_each_branch_go_and_never_the_live_one(
    prune: Prune, emulator: Emulator
) -> None:
    there = put(emulator, ["main", "x", "main", "x", "y", "x", "main"])
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    emulator.store.deployments.rollback(project, there[0])
    outcome = prune("--keep", "1", "--yes")
    gone = [there[1], there[2], there[3]]
    assert [row["id"] for row in rows(outcome)] == gone
    assert sorted(ids(emulator)) == sorted(set(there) - set(gone))
    assert "Deleted 3 of 3 deployments" in outcome.stderr


def test_with_nothing_to_keep_the_live_one_alone_stays(prune: Prune, emulator: Emulator) -> None:
    there = put(emulator, ["x", "main", "x", "main", "y"])
    assert prune("--keep", "0", "--yes").exit_code == 0
    assert ids(emulator) == [there[3]]


def test_a_hundred_deployments_are_pruned(prune: Prune, emulator: Emulator) -> None:
    there = put(emulator, ["x", "y"] * 50)
    assert prune("--keep", "2", "--yes", "-q").exit_code == 0
    assert ids(emulator) == there[-4:]


@pytest.mark.parametrize(
    ("age", "number"), [("30d", 2), ("5w", 1), ("720h", 2), ("90m", 3), ("99999w", 0), ("0m", 4)]
)
def test_only_those_that_are_old_enough_go(
    prune: Prune, emulator: Emulator, fake_time: FakeTime, age: str, number: int
) -> None:
    there = []
    for seconds in (6 * DAY, 29 * DAY, DAY, 0):
        there += put(emulator, ["x"])
        fake_time.now += seconds
    # Now they are 36, 30, 1 and 0 days old; the newest of the branch would stay without --keep.
    outcome = prune("--older-than", age, "--keep", "0", "--json", "--yes")
    assert [one["id"] for one in data(outcome)] == there[:number]
    assert ids(emulator) == there[number:]


def test_by_age_alone_the_newest_of_each_branch_still_stays(
    prune: Prune, emulator: Emulator, fake_time: FakeTime
) -> None:
    there = put(emulator, ["x", "x", "y"])
    fake_time.now += 60 * DAY
    assert prune("--older-than", "30d", "--yes").exit_code == 0
    assert ids(emulator) == there[1:]


@pytest.mark.parametrize("age", ["30", "d", "-1d", "1.5d", "30 d", "1y", "123456d"])
def test_an_age_that_is_none_is_refused(prune: Prune, emulator: Emulator, age: str) -> None:
    put(emulator, ["x", "x"])
    assert "such as 30d" in complaint(prune(f"--older-than={age}", "--yes"), 2)
    assert len(ids(emulator)) == 2


def test_only_branches_that_match_go(prune: Prune, emulator: Emulator) -> None:
    there = put(emulator, ["renovate/a", "x", "renovate/b", "main", "renovatex"])
    assert prune("--keep", "0", "--branch", "renovate/*", "--yes").exit_code == 0
    assert ids(emulator) == [there[1], there[3], there[4]]


def test_what_the_address_of_an_open_branch_serves_stays_although_a_newer_one_failed(
    prune: Prune, emulator: Emulator
) -> None:
    """Else whoever reviews the branch finds nothing at its address."""
    there = put(emulator, ["x", "x"])
    emulator.outcome_next(status="failure")
    there += put(emulator, ["x"])
    assert prune("--keep", "1", "--yes").exit_code == 0
    assert there[1] in ids(emulator)
    assert there[0] not in ids(emulator)


def test_what_may_go_has_to_be_said(prune: Prune, emulator: Emulator) -> None:
    put(emulator, ["x", "x"])
    for arguments in ([], ["--yes"], ["--branch", "x", "--yes"]):
        text = complaint(prune(*arguments), 2)
        assert "--keep, --older-than, --closed-branches or --closed-pull-request" in text
    assert len(ids(emulator)) == 2


def test_a_dry_run_shows_them_and_deletes_none(prune: Prune, emulator: Emulator) -> None:
    there = put(emulator, ["x", "x", "x"])
    for arguments in (["--dry-run"], ["--dry-run", "--yes"]):
        outcome = prune("--keep", "1", *arguments)
        assert [row["id"] for row in rows(outcome)] == there[:2]
        assert "2 of 3 deployments would be deleted" in outcome.stderr
    assert [one["id"] for one in data(prune("--keep", "1", "--dry-run", "--json"))] == there[:2]
    assert ids(emulator) == there


def test_without_a_terminal_a_prune_has_to_be_said_beforehand(
    prune: Prune, emulator: Emulator
) -> None:
    put(emulator, ["x", "x"])
    text = complaint(prune("--keep", "1"), 2)
    assert "--yes" in text
    assert "--dry-run" in text
    assert len(ids(emulator)) == 2
    assert asked(emulator, "DELETE", "*") == []


@pytest.mark.parametrize("answer", ["n\n", "y\n"])
def test_at_a_terminal_they_are_shown_and_the_question_decides(
    at_terminal: AtTerminal, environ: dict[str, str], emulator: Emulator, answer: str
) -> None:
    there = put(emulator, ["x", "x"])
    outcome = at_terminal("deployments", "prune", "--keep", "1", environ=environ, answer=answer)
    assert "Delete 1 of 2 deployments? [y/N]" in outcome.stderr
    assert there[0] in outcome.stdout
    assert outcome.exit_code == (0 if answer == "y\n" else 1)
    assert ids(emulator) == (there[1:] if answer == "y\n" else there)


def test_nothing_to_prune_is_no_failure(prune: Prune, emulator: Emulator) -> None:
    put(emulator, ["main"])
    outcome = prune("--keep", "0", "--yes")
    assert outcome.exit_code == 0
    assert outcome.stdout == ""
    assert data(prune("--keep", "0", "--yes", "--json")) == []


def test_a_deletion_that_fails_does_not_keep_the_others_from_going(
    prune: Prune, emulator: Emulator
) -> None:
    there = put(emulator, ["x"] * 5)
    refusal = Answer.error(400, 8000900, message="not this one")
    trouble = Answer.error(503, 8000000)
    emulator.fail_next("DELETE", f"*/deployments/{there[0]}", refusal)
    emulator.fail_next("DELETE", f"*/deployments/{there[2]}", trouble, times=None)
    outcome = prune("--keep", "1", "--yes")
    text = complaint(outcome, 1)
    assert "2 of 4 deployments could not be deleted; the first: " in text
    assert there[0] in text
    assert "not this one" in text
    assert outcome.stderr.count("Warning: ") == 2
    assert "Deleted 2 of 4 deployments" in outcome.stderr
    assert ids(emulator) == [there[0], there[2], there[4]]


def test_one_that_somebody_else_has_deleted_is_gone_as_well(
    prune: Prune, emulator: Emulator
) -> None:
    there = put(emulator, ["x"] * 3)
    gone = Answer(
        status=404,
        body='{"success":false,"errors":[{"code":8000009,"message":"Deployment not found"}]}',
        is_processed=True,
    )
    emulator.fail_next("DELETE", f"*/deployments/{there[0]}", gone)
    outcome = prune("--keep", "1", "--yes")
    assert outcome.exit_code == 0
    assert ids(emulator) == there[2:]


def test_a_rate_limit_changes_nothing_but_the_time(
    prune: Prune, emulator: Emulator, fake_time: FakeTime
) -> None:
    there = put(emulator, ["x"] * 4)
    busy = Answer.error(429, 971, headers={"Retry-After": "40"})
    emulator.fail_next("DELETE", f"*/deployments/{there[1]}", busy)
    assert prune("--keep", "1", "--yes").exit_code == 0
    assert ids(emulator) == there[3:]
    assert fake_time.slept == [40]


def test_force_is_used_only_where_an_alias_asks_for_it(prune: Prune, emulator: Emulator) -> None:
    old, new = put(emulator, ["x", "x"])
    assert prune("--keep", "0", "--yes").exit_code == 0
    queries = {request.path[-36:]: request.query for request in asked(emulator, "DELETE", "*")}
    assert queries == {old: "", new: "force=true"}


def test_a_token_that_may_not_delete_is_exit_code_3(prune: Prune, emulator: Emulator) -> None:
    there = put(emulator, ["x", "x"])
    prune.environ["CLOUDFLARE_API_TOKEN"] = READER
    outcome = prune("--keep", "1", "--yes")
    assert "Cloudflare Pages > Edit" in complaint(outcome, 3)
    assert ids(emulator) == there


def test_after_a_refused_credential_no_other_deletion_is_tried(
    prune: Prune, emulator: Emulator
) -> None:
    there = put(emulator, ["x"] * 6)
    prune.environ["CLOUDFLARE_API_TOKEN"] = READER
    outcome = prune("--keep", "1", "--yes")
    complaint(outcome, 3)
    assert len(asked(emulator, "DELETE", DEPLOYMENT)) == 1
    assert ids(emulator) == there


def test_a_credential_that_is_refused_in_the_middle_stops_the_rest(
    prune: Prune, emulator: Emulator
) -> None:
    there = put(emulator, ["x"] * 6)
    emulator.fail_next("DELETE", f"*/deployments/{there[2]}", Answer.error(403, 10000))
    complaint(prune("--keep", "1", "--yes"), 3)
    assert ids(emulator) == there[2:]


@needs_git
def test_of_branches_that_the_remote_no_longer_has_all_deployments_go(
    prune: Prune, emulator: Emulator, checkout: Path
) -> None:
    branches = ["main", "open", "closed", "feature/open", "feature/gone", "open", "closed"]
    there = put(emulator, branches)
    prune.cwd = checkout
    outcome = prune("--closed-branches", "--yes")
    gone = {"closed", "feature/gone"}
    assert {row["branch"] for row in rows(outcome)} == gone
    left = [one for one, branch in zip(there, branches, strict=True) if branch not in gone]
    assert ids(emulator) == left


@needs_git
def test_the_other_rules_hold_for_closed_branches_too(
    prune: Prune, emulator: Emulator, checkout: Path, fake_time: FakeTime
) -> None:
    there = put(emulator, ["closed", "other"])
    fake_time.now += 10 * DAY
    there += put(emulator, ["closed", "other"])
    prune.cwd = checkout
    outcome = prune(
        "--closed-branches", "--branch", "closed", "--older-than", "7d", "--keep", "5", "--yes"
    )
    assert outcome.exit_code == 0
    assert ids(emulator) == there[1:]


@needs_git
def test_what_cannot_be_a_branch_of_the_remote_is_not_taken_for_closed(
    prune: Prune, emulator: Emulator, checkout: Path, client: PagesClient
) -> None:
    """Pull requests of forks are named so; the production branch may be no branch of git's."""
    client.projects.update(PROJECT, production_branch="production")
    there = put(emulator, ["pr-12", "fork-x", "production", "production", "closed"])
    prune.cwd = checkout
    assert prune("--closed-branches", "--yes").exit_code == 0
    assert ids(emulator) == there[:4]


@needs_git
def test_another_remote_can_be_named(
    prune: Prune, emulator: Emulator, checkout: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.git"
    other.mkdir()
    git(other, "init", "--quiet", "--bare")
    git(checkout, "remote", "add", "other", str(other))
    git(checkout, "push", "--quiet", "other", "main:closed")
    there = put(emulator, ["open", "closed"])
    prune.cwd = checkout
    assert prune("--closed-branches", "--remote", "other", "--yes").exit_code == 0
    assert ids(emulator) == there[1:]


@needs_git
@pytest.mark.parametrize("remote", ["nowhere", "--upload-pack=touch evil"])
def test_where_the_remote_cannot_be_asked_nothing_goes(
    prune: Prune, emulator: Emulator, checkout: Path, remote: str
) -> None:
    put(emulator, ["closed", "closed"])
    prune.cwd = checkout
    text = complaint(prune("--closed-branches", f"--remote={remote}", "--yes"), 2)
    assert f"'{remote}'" in text
    assert "--remote" in text
    assert len(ids(emulator)) == 2
    assert not (checkout / "evil").exists()


@needs_git
@pytest.mark.parametrize("rule", [[], ["--dry-run"], ["--keep", "0", "--branch", "*"]], ids=str)
def test_a_remote_without_any_branch_is_a_mistake_and_closes_nothing(
    prune: Prune, emulator: Emulator, checkout: Path, tmp_path: Path, rule: list[str]
) -> None:
    """A mirror that was just made, or a wrong address: every branch would count as closed."""
    empty = tmp_path / "empty.git"
    empty.mkdir()
    git(empty, "init", "--quiet", "--bare")
    git(checkout, "remote", "add", "empty", str(empty))
    there = put(emulator, ["open", "closed", "main"])
    prune.cwd = checkout
    text = complaint(prune("--closed-branches", "--remote", "empty", "--yes", *rule), 2)
    assert "'empty' has no branch" in text
    assert ids(emulator) == there
    assert asked(emulator, "DELETE", "*") == []


def test_outside_of_a_checkout_no_branch_is_known_to_be_closed(
    prune: Prune, emulator: Emulator, tmp_path: Path
) -> None:
    put(emulator, ["closed"])
    complaint(prune("--closed-branches", "--yes"), 2)
    assert asked(emulator, "DELETE", DEPLOYMENT) == []
