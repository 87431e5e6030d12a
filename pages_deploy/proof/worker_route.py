"""Prove that the Worker of a deployment runs: ask some of its routes.

What a Worker answers is its own affair, so a route proves something where its status is known
beforehand; otherwise any answer will do but a failure of the Worker itself, which Cloudflare's page
1101 is, or another 5xx.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pages_deploy.clock import Timer, poll
from pages_deploy.errors import VerificationError
from pages_deploy.net.failures import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.proof.probe import Probe
    from pages_deploy.proof.proof import Proof

# A Worker that fails may be one of an edge that is still catching up.
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class WorkerRoute:
    """A path that the Worker has to answer."""

    path: str
    """As in the address: with its slash, percent-encoded, perhaps with a query."""
    status: int | None = None
    """The status of the answer; None for any but a failure."""

    def is_right(self, status: int | None) -> bool:
        """Whether an answer with a status is right; None is no answer."""
        if status is None:
            return False
        return status < 500 if self.status is None else status == self.status


def prove_worker(
    probe: Probe, routes: Sequence[WorkerRoute], *, timer: Timer, patience_seconds: float
) -> int:
    """Return how many of the routes have answered as they have to.

    Those that gave no answer at all are not among them.
    Raises VerificationError, naming the first route that answers otherwise.
    """
    waiting = list(routes)
    seen: dict[WorkerRoute, int | None] = {}
    for _ in poll(timer.deadline(min(patience_seconds, PATIENCE_SECONDS))):
        seen |= {route: _status(probe, route) for route in waiting}
        waiting = [route for route in waiting if not route.is_right(seen[route])]
        if not waiting:
            return len(routes)
    wrong = [route for route in waiting if seen[route] is not None]
    if not wrong:
        return len(routes) - len(waiting)
    first, status = wrong[0], seen[wrong[0]]
    wanted = "any answer but a failure" if first.status is None else f"HTTP {first.status}"
    raise VerificationError(
        f"The Worker does not answer as expected at {probe.url.rstrip('/')}{first.path}: expected "
        f"{wanted}, found HTTP {status}.",
        "Look at the Worker's log: an exception that nothing catches is Cloudflare's error 1101. "
        "PROBE says what has to be asked, and answered.",
    )


def with_worker(proof: Proof, answered: int) -> Proof:
    """Return a proof of assets with the routes that have answered: where some have, it is one."""
    if not answered:
        return proof
    return replace(proof, is_proved=True, routes=answered, reason="")


def _status(probe: Probe, route: WorkerRoute) -> int | None:
    try:
        return probe.status_at(route.path)
    except NoAnswerError:
        return None
