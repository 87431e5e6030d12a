"""Hosts of production that lag behind, on order, as where nobody has purged a cache.

Nothing runs in the background: whenever somebody looks, what has arrived follows from the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages_deploy.emulator.state.records import Deployment
    from pages_deploy.emulator.state.settings import EmulatorSettings


@dataclass(frozen=True)
class _Lag:
    seconds: float | None
    known: frozenset[str]


class Lags:
    """What was ordered, by host."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._ordered: dict[str, _Lag] = {}

    def order(self, host: str, *, seconds: float | None, known: frozenset[str]) -> None:
        """Deployments arrive at this host so many seconds after their creation, with None never.

        Those whose ids are `known` are there already. A later order takes the place of this one.
        """
        self._ordered[host] = _Lag(seconds, known)

    def has_arrived(self, host: str, deployment: Deployment) -> bool:
        """Whether a deployment can be seen at a host."""
        lag = self._ordered.get(host)
        if lag is None or deployment.id in lag.known:
            return True
        return lag.seconds is not None and (
            deployment.created_on + lag.seconds <= self._settings.now()
        )
