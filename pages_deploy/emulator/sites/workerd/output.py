"""What a workerd says, line by line: where it listens, what its Worker logs and throws.

Standard output and standard error are one stream here, which keeps their order. Three kinds of
lines are among it:

1. where a socket listens, as JSON, by the secret name of the socket;
2. marks, which begin with the secret: an exception has been told, all of it;
3. all else is the Worker's, or workerd's own; of that only what was thrown is of use to people.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_LINES: Final = 100
_MAX_LINE_BYTES: Final = 2000
# For what is on its way when a process has ended.
_JOIN_SECONDS: Final = 5.0


class Output:
    """The output of one process, read in a thread of its own to its end.

    `on_line` gets each line that is for people, from that thread.
    """

    def __init__(self, stream: IO[bytes], *, secret: str, on_line: Callable[[str], None]) -> None:
        self._stream = stream
        self._secret = secret
        self._on_line = on_line
        self._changed = threading.Condition()
        self._lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._port: int | None = None
        self._marks = 0
        self._has_ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for_port(self, seconds: float) -> int | None:
        """The port on which the Worker is asked; None if it does not come in time, or never."""
        with self._changed:
            self._changed.wait_for(lambda: self._port is not None or self._has_ended, seconds)
            return self._port

    def wait_for_mark(self, number: int, seconds: float) -> None:
        """Wait until the mark of this number has come, or the output has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._marks >= number or self._has_ended, seconds)

    def wait_for_end(self, seconds: float) -> None:
        """Wait until there is nothing more to read."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended, seconds)

    def said(self) -> str:
        """The last lines that are for people."""
        with self._changed:
            return "\n".join(self._lines)

    def add(self, line: str) -> None:
        """Put a line of the emulator's own among the others."""
        with self._changed:
            self._lines.append(line)
        self._on_line(line)

    def close(self) -> None:
        """Let go of the stream; the process has ended."""
        self._thread.join(_JOIN_SECONDS)
        self._stream.close()

    def _read(self) -> None:
        try:
            while line := self._stream.readline(_MAX_LINE_BYTES):
                self._take(line.decode(errors="replace").rstrip("\r\n"))
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()

    def _take(self, line: str) -> None:
        if self._secret in line:
            with self._changed:
                self._port = _port_in(line, self._secret) or self._port
                self._marks += line.startswith(self._secret)
                self._changed.notify_all()
        elif shown := _shown(line):
            self.add(shown)


def _port_in(line: str, socket_name: str) -> int | None:
    """The port in a message that this socket listens; None for any other line."""
    # Something that the Worker has said may stand in front, in the same line.
    try:
        message = json.loads(line[line.rfind("{") :])
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("socket") != socket_name:
        return None
    return int(message["port"])


def _shown(line: str) -> str:
    """A line as people get to see it; nothing for what is about workerd itself."""
    place, is_note, note = line.partition(": info: ")
    if is_note and place.startswith("workerd/"):
        # `uncaught exception; source = Uncaught (in promise); stack = TypeError: it is so`
        _, is_thrown, thrown = note.partition("; source = ")
        return f"Uncaught {thrown.partition(' = ')[2]}" if is_thrown else ""
    # Of its own code, in hexadecimal numbers.
    return "" if line.startswith("stack: ") else line.removeprefix("service main: ")
