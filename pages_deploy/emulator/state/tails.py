"""Tails: streams of a deployment's log. They end with the emulator, like the connections they are.

Only the calls that open and close one are emulated, not the stream itself: those of
`wrangler pages deployment tail`, https://developers.cloudflare.com/workers/wrangler/commands/pages/
"""

from __future__ import annotations

import threading
import uuid

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError


class Tails:
    """The open tails of all deployments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deployments: dict[str, str] = {}

    def open(self, deployment_id: str) -> str:
        """The id of a new tail."""
        tail_id = uuid.uuid4().hex
        with self._lock:
            self._deployments[tail_id] = deployment_id
        return tail_id

    def close(self, deployment_id: str, tail_id: str) -> None:
        """End a tail. Raises RefusalError if the deployment has no such one."""
        with self._lock:
            if self._deployments.get(tail_id) != deployment_id:
                raise RefusalError(404, NOT_DOCUMENTED, message="Tail not found")
            del self._deployments[tail_id]

    def count(self, deployment_id: str) -> int:
        """How many tails of a deployment are open."""
        with self._lock:
            return list(self._deployments.values()).count(deployment_id)
