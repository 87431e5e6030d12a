"""How a Worker can fail its visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages_deploy.emulator.sites.worker_page import Reason


class WorkerFailedError(Exception):
    """There is no answer of the Worker; `said` is what it said last."""

    def __init__(self, reason: Reason, said: str) -> None:
        super().__init__(said)
        self.reason = reason
        self.said = said


class BrokenOffError(ConnectionError):
    """The answer of the Worker has no end: nothing more may be sent of it."""
