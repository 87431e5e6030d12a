"""Deployments: the form that is sent, and the commit message that fits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.api.deployments import Commit, ConfigurationFile, fitting_message
from pages_deploy.emulator.http import deployment_calls
from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault, LostAnswer
from pages_deploy.emulator.state.submissions import Submission, read_submission
from pages_deploy.errors import (
    ApiConnectionError,
    ApiResponseError,
    NotFoundError,
    UnexpectedAnswerError,
)
from tests.making import NO_DEPLOYMENT, ids, made, put
from tests.world import COMMIT, DEPLOYMENT, DEPLOYMENTS, PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import FakeTime

# What Cloudflare keeps of a message, counted after multipart encoding.
LIMIT = 384


def on_the_wire(message: str) -> bytes:
    """Return what multipart encoding makes of a text."""
    lines = message.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Fix it", "Fix it"),
        ("  Fix it\n\n", "Fix it"),
        ("", ""),
        ("x" * 384, "x" * 384),
        ("x" * 385, "x" * 384),
        ("x" * 383 + "é", "x" * 383),
        ("x" * 382 + "é", "x" * 382 + "é"),
        ("x" * 381 + "🚀", "x" * 381),
        ("x" * 380 + "🚀", "x" * 380 + "🚀"),
        ("a\nb", "a\r\nb"),
        ("a\r\nb", "a\r\nb"),
        ("a\rb", "a\r\nb"),
        ("x" * 383 + "\ny", "x" * 383),
        ("x" * 382 + "\ny", "x" * 382),
        ("a\ud800b", "a?b"),
        ("\udcff", "?"),
    ],
)
def test_a_message_is_cut_at_a_character_border(message: str, expected: str) -> None:
    assert fitting_message(message) == expected


def test_two_hundred_lines_fit_after_their_ends_have_doubled() -> None:
    message = "\n".join("x" for _ in range(200))
    assert len(on_the_wire(fitting_message(message))) <= LIMIT


@given(st.text(st.characters() | st.sampled_from("\r\n 🚀\ud83d\ude80")))
def test_any_message_fits_and_is_the_beginning_of_itself(message: str) -> None:
    fitting = fitting_message(message)
    wire = on_the_wire(fitting)
    assert len(wire) <= LIMIT
    whole = on_the_wire(message.encode(errors="replace").decode().strip())
    assert whole.startswith(wire)
    # What is missing is at most a character, or the white space before it.
    assert len(wire) == len(whole) or len(whole[: LIMIT - 3].rstrip()) <= len(wire)


@pytest.mark.parametrize(
    "message", ["x" * 1000, "é" * 1000, "🚀" * 1000, "a\n" * 1000, "\ud800" * 1000, "x" * 383 + "é"]
)
def test_the_service_takes_every_message_that_fits(
    client: PagesClient, emulator: Emulator, message: str
) -> None:
    deployment = client.deployments.create(
        PROJECT, manifest={}, branch="main", commit=Commit("", message), special_files={}
    )
    assert deployment.commit_message


def test_what_is_not_known_is_not_sent(client: PagesClient, emulator: Emulator) -> None:
    deployment = client.deployments.create(
        PROJECT, manifest={}, branch="", commit=Commit(), special_files={}
    )
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    trigger = emulator.store.deployments.get(project, deployment.id).trigger
    assert (trigger.commit_hash, trigger.commit_message, trigger.commit_dirty) == ("", "", False)
    assert deployment.environment == "production"
    assert deployment.trigger == "ad_hoc"


def test_a_configuration_file_in_force_is_told_as_wrangler_tells_it(
    client: PagesClient, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, str]] = []

    def note(texts: dict[str, str], *arguments: Any, **more: Any) -> Submission:
        sent.append(texts)
        return read_submission(texts, *arguments, **more)

    monkeypatch.setattr(deployment_calls, "read_submission", note)
    for configuration in (ConfigurationFile("ab" * 32, "a/dist"), None):
        client.deployments.create(PROJECT, manifest={}, commit=Commit(configuration=configuration))
    with_file, without = sent
    assert with_file["wrangler_config_hash"] == "ab" * 32
    assert with_file["pages_build_output_dir"] == "a/dist"
    assert without.keys() == {"manifest"}


@pytest.mark.parametrize("dirty", [True, False])
def test_whether_files_differ_from_the_commit_is_told(
    client: PagesClient, emulator: Emulator, dirty: bool
) -> None:
    deployment = client.deployments.create(
        PROJECT,
        manifest={},
        branch="main",
        commit=Commit(dirty=dirty),
        special_files={},
    )
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert emulator.store.deployments.get(project, deployment.id).trigger.commit_dirty is dirty


def test_odd_names_in_manifest_and_branch_arrive_unharmed(
    client: PagesClient, emulator: Emulator
) -> None:
    paths = ["/a b.txt", "/日本.html", '/"quoted".js', "/new\nline", "/🚀", "/a\\b"]
    deployment = client.deployments.create(
        PROJECT,
        manifest=dict.fromkeys(paths, "0" * 32),
        branch="feature/ü 🚀",
        commit=Commit(),
        special_files={},
    )
    assert deployment.branch == "feature/ü 🚀"
    lines = [line.text for line in client.deployments.logs(PROJECT, deployment.id)]
    for path in paths:
        assert any(path in line for line in lines)


def test_a_creation_is_sent_once_whatever_happens(client: PagesClient, emulator: Emulator) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, Answer(status=200, body="{"), times=None)
    with pytest.raises(UnexpectedAnswerError):
        client.deployments.create(
            PROJECT, manifest={}, branch="main", commit=Commit(), special_files={}
        )
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


def test_the_newest_deployments_are_one_page_newest_first(
    client: PagesClient, emulator: Emulator
) -> None:
    made = [
        client.deployments.create(
            PROJECT, manifest={}, branch=f"b{number}", commit=Commit(), special_files={}
        ).id
        for number in range(27)
    ]
    assert [found.id for found in client.deployments.newest(PROJECT)] == made[:1:-1]
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 1


def test_a_deployment_that_does_not_exist_is_not_found(client: PagesClient) -> None:
    with pytest.raises(NotFoundError) as info:
        client.deployments.get(PROJECT, "00000000-0000-0000-0000-000000000000")
    assert info.value.codes == (8000009,)


def test_five_hundred_deployments_are_listed_completely(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    made_ids = put(emulator, ("main" if number % 5 == 0 else "x" for number in range(500)))
    listing = client.deployments.list(PROJECT)
    first = list(itertools.islice(listing, 100))
    busy = Answer.error(429, 971, headers={"Retry-After": "7"})
    emulator.fail_next("GET", DEPLOYMENTS, busy)
    assert [deployment.id for deployment in [*first, *listing]] == made_ids[::-1]
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 21
    assert fake_time.slept == [7]


def test_one_environment_is_listed_alone(client: PagesClient, emulator: Emulator) -> None:
    put(emulator, ["main", "x", "main", "x", "x"])
    for environment, number in (("production", 2), ("preview", 3), ("", 5)):
        listed = list(client.deployments.list(PROJECT, environment=environment))
        assert len(listed) == number
        assert all(environment in {"", one.environment} for one in listed)
    queries = [request.query for request in asked(emulator, "GET", DEPLOYMENTS)]
    assert queries == [
        "env=production&page=1&per_page=25",
        "env=preview&page=1&per_page=25",
        "page=1&per_page=25",
    ]


def test_a_retry_makes_a_new_deployment_of_the_same_source(
    client: PagesClient, emulator: Emulator
) -> None:
    old = made(client, "x", commit=COMMIT)
    new = client.deployments.retry(PROJECT, old.id)
    assert new.id != old.id
    assert (new.branch, new.commit_hash) == ("x", COMMIT)
    assert ids(emulator) == [old.id, new.id]


def test_a_retry_is_sent_once_since_a_lost_answer_may_hide_a_deployment(
    client: PagesClient, emulator: Emulator
) -> None:
    old = made(client)
    emulator.fail_next("POST", f"{DEPLOYMENT}/retry", LostAnswer())
    with pytest.raises(ApiConnectionError):
        client.deployments.retry(PROJECT, old.id)
    assert len(ids(emulator)) == 2


@pytest.mark.parametrize("fault", [None, LostAnswer(), ConnectionReset()])
def test_a_rollback_moves_production_even_where_an_answer_was_lost(
    client: PagesClient, emulator: Emulator, fault: Fault | None
) -> None:
    old, _new = made(client), made(client)
    if fault is not None:
        emulator.fail_next("POST", f"{DEPLOYMENT}/rollback", fault)
    assert client.deployments.rollback(PROJECT, old.id).id == old.id
    live = client.projects.get(PROJECT).canonical_deployment
    assert live is not None
    assert live.id == old.id


@pytest.mark.parametrize("fault", [None, LostAnswer(), ConnectionReset()])
def test_a_deletion_happens_once_even_where_an_answer_was_lost(
    client: PagesClient, emulator: Emulator, fault: Fault | None
) -> None:
    old, new = made(client), made(client)
    if fault is not None:
        emulator.fail_next("DELETE", DEPLOYMENT, fault)
    client.deployments.delete(PROJECT, old.id)
    assert ids(emulator) == [new.id]


def test_what_production_serves_is_never_deleted(client: PagesClient, emulator: Emulator) -> None:
    live = made(client)
    for force in (False, True):
        with pytest.raises(ApiResponseError, match=live.id) as info:
            client.deployments.delete(PROJECT, live.id, force=force)
        assert info.value.codes == (8000034,)
    assert ids(emulator) == [live.id]


def test_what_an_alias_points_at_is_deleted_by_force_alone(
    client: PagesClient, emulator: Emulator
) -> None:
    preview = made(client, "x")
    with pytest.raises(ApiResponseError) as info:
        client.deployments.delete(PROJECT, preview.id)
    assert info.value.codes == (8000035,)
    client.deployments.delete(PROJECT, preview.id, force=True)
    assert ids(emulator) == []
    assert [request.query for request in asked(emulator, "DELETE", DEPLOYMENT)] == [
        "",
        "force=true",
    ]


def test_the_log_comes_with_its_times_the_oldest_first(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="failure", error="no such module")
    failed = made(client)
    lines = client.deployments.logs(PROJECT, failed.id)
    assert lines[0].text == "Received a manifest of 0 files"
    assert lines[-1].text == "Error: no such module"
    times = [line.time for line in lines if line.time is not None]
    assert len(times) == len(lines)
    assert times == sorted(times)


@pytest.mark.parametrize("call", ["get", "retry", "rollback", "delete", "logs"])
def test_each_call_names_the_deployment_that_does_not_exist(client: PagesClient, call: str) -> None:
    with pytest.raises(NotFoundError, match=NO_DEPLOYMENT) as info:
        getattr(client.deployments, call)(PROJECT, NO_DEPLOYMENT)
    assert info.value.codes == (8000009,)
    assert not info.value.follows_lost_answer
