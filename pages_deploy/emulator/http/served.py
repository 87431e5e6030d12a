"""An application that a thread of its own serves, from a listening socket on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.http.connections import Server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

# How long a closing emulator may take to notice that it should stop accepting.
_POLL_SECONDS: Final = 0.02


class Served:
    """Connections are accepted until `stop_accepting`, and answered until `close`."""

    def __init__(
        self,
        listener: socket.socket,
        application: WSGIApplication,
        *,
        report: Callable[[str], None],
        max_body_bytes: int,
    ) -> None:
        self._server = Server(listener, application, report=report, max_body_bytes=max_body_bytes)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_SECONDS},
            name=f"emulator on port {listener.getsockname()[1]}",
            daemon=True,
        )
        self._thread.start()

    def stop_accepting(self) -> None:
        """Take no further connections."""
        self._server.shutdown()
        self._thread.join()

    def close(self) -> None:
        """End every connection. Only after `stop_accepting`."""
        self._server.close_connections()
