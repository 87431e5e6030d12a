"""Proving that a Worker runs, by what it answers at some of its routes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

import pytest

from pages_deploy.errors import VerificationError
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.probe import Probe
from pages_deploy.proof.proof import NO_PROOF, Proof
from pages_deploy.proof.worker_route import WorkerRoute, prove_worker, with_worker
from pages_deploy.site.manifest import build_manifest
from tests.raw_server import Break, cut, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.raw_server import Received
    from tests.world import BuildSite, FakeTime


class Proving(Protocol):
    def __call__(self, status_of: Callable[[str], int | None], routes: list[WorkerRoute], /) -> int:
        """Prove routes, given the status at each target, or None for no answer."""


@pytest.fixture
def proving(site: BuildSite, fake_time: FakeTime) -> Proving:
    """Prove routes at a Worker that answers each target with a status, or hangs up."""
    manifest = build_manifest(site({"index.html": "home"}))

    def run(status_of: Callable[[str], int | None], routes: list[WorkerRoute], /) -> int:
        def answer(received: Received) -> bytes:
            status = status_of(received.target)
            if status is None:
                raise Break(cut)
            return f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()

        with serving(answer) as port, contextlib.closing(new_session()) as session:
            probe = Probe(session, f"http://127.0.0.1:{port}/", manifest)
            return prove_worker(probe, routes, timer=fake_time.timer, patience_seconds=60.0)

    return run


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 418])
def test_any_answer_but_a_failure_will_do(proving: Proving, status: int) -> None:
    assert proving(lambda _target: status, [WorkerRoute("/a"), WorkerRoute("/b")]) == 2


@pytest.mark.parametrize("status", [500, 502, 530])
def test_a_failure_of_the_worker_is_an_error_that_names_the_route(
    proving: Proving, fake_time: FakeTime, status: int
) -> None:
    with pytest.raises(VerificationError, match=rf"/a\?b=1: expected any .* found HTTP {status}"):
        proving(lambda _target: status, [WorkerRoute("/a?b=1")])
    assert 15 < sum(fake_time.slept) <= 20


def test_where_a_status_is_named_no_other_will_do(proving: Proving) -> None:
    routes = [WorkerRoute("/a", 503), WorkerRoute("/b", 200)]
    told = {"/a": 503, "/b": 200}
    assert proving(told.get, routes) == 2
    with pytest.raises(VerificationError, match="/b: expected HTTP 200, found HTTP 204"):
        proving({**told, "/b": 204}.get, routes)


def test_what_gives_no_answer_proves_nothing_either_way(proving: Proving) -> None:
    assert proving(lambda _target: None, [WorkerRoute("/a")]) == 0
    told = {"/a": 200}
    assert proving(told.get, [WorkerRoute("/a"), WorkerRoute("/b")]) == 1


def test_a_worker_may_take_its_time_to_be_there(proving: Proving) -> None:
    asked: list[str] = []

    def late(target: str) -> int:
        asked.append(target)
        return 500 if len(asked) < 3 else 200

    assert proving(late, [WorkerRoute("/a")]) == 1
    assert asked == ["/a"] * 3


def test_an_answer_makes_a_proof_also_where_no_file_could_be_seen() -> None:
    assert with_worker(NO_PROOF, 0) == NO_PROOF
    assert with_worker(NO_PROOF, 1) == Proof(is_proved=True, routes=1)
    whole = with_worker(Proof(is_proved=True, checked=3), 2)
    assert whole == Proof(is_proved=True, checked=3, routes=2)


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (Proof(is_proved=True, checked=1), "1 file is served as it was sent"),
        (Proof(is_proved=True, checked=2), "2 files are served as they were sent"),
        (Proof(is_proved=True, routes=1), "1 route of the Worker answered"),
        (
            Proof(is_proved=True, checked=2, routes=2),
            "2 files are served as they were sent, 2 routes of the Worker answered",
        ),
    ],
)
def test_a_proof_is_told_in_words(proof: Proof, words: str) -> None:
    assert proof.words == words
