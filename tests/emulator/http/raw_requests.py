"""Requests byte by byte, as no client library would send them."""

from __future__ import annotations

import contextlib
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.emulator import Emulator

HEAD = b"POST /client/v4/x HTTP/1.1\r\nHost: localhost\r\n"


@dataclass(frozen=True)
class Said:
    """All that came until the other side closed."""

    raw: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.raw)]


@contextlib.contextmanager
def connection_to(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def said_to(emulator: Emulator, sent: bytes, *, leaves: bool = False) -> Said:
    """Send bytes and read until the other side closes, which it has to do by itself."""
    with connection_to(emulator.port) as connection:
        connection.sendall(sent)
        if leaves:
            connection.shutdown(socket.SHUT_WR)
        return Said(read_all(connection))


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received
