"""What becomes of a request that a fault was ordered for.

The connection is the one that `werkzeug.socket` in the WSGI environment names.
"""

from __future__ import annotations

import contextlib
import io
import socket
import struct
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from pages_deploy.emulator.http import faults
from pages_deploy.emulator.http.envelopes import expired_token_response

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from werkzeug.wrappers import Request


class WithheldAnswerError(ConnectionError):
    """The connection is gone on purpose: nothing may be written to it."""


def answer(
    fault: faults.Fault,
    request: Request,
    *,
    process: Callable[[], Response],
    closing: threading.Event,
) -> Response:
    """The answer under this fault; `process` lets the request take effect and answers it.

    Raises WithheldAnswerError where there is none, as for a stall while the emulator is `closing`.
    """
    connection: socket.socket = request.environ["werkzeug.socket"]
    match fault:
        case faults.Answer():
            if fault.is_processed:
                process().close()
            return Response(fault.body, status=fault.status, headers=dict(fault.headers))
        case faults.ExpiredUploadToken():
            return expired_token_response()
        case faults.ConnectionReset():
            _reset(connection)
            raise WithheldAnswerError
        case faults.LostAnswer():
            process().close()
            if fault.is_reset:
                _reset(connection)
            raise WithheldAnswerError
        case faults.Stall():
            # With the body out of the way, what is left to read is the sender's goodbye.
            _read_body(request)
            response = process() if fault.is_processed else None
            if closing.wait(fault.seconds) or _has_left(connection):
                raise WithheldAnswerError
            return process() if response is None else response
        case faults.TruncatedAnswer():
            return _truncated(process())
        case faults.EndlessAnswer():
            _read_body(request)
            if fault.is_processed:
                process().close()
            _send_without_end(connection, fault, closing)
            raise WithheldAnswerError


def _read_body(request: Request) -> None:
    # A body that cannot be read is for the real answer to complain about.
    with contextlib.suppress(HTTPException):
        # The form and the JSON are read from what is kept; a Worker reads the input itself.
        request.environ["wsgi.input"] = io.BytesIO(request.get_data(cache=True))


def _truncated(response: Response) -> Response:
    body = response.get_data()
    cut = Response(body[: len(body) // 2], status=response.status, headers=response.headers)
    cut.automatically_set_content_length = False
    # At least one byte short, even where there was no body.
    cut.headers["Content-Length"] = str(max(len(body), 1))
    cut.headers["Connection"] = "close"
    return cut


def _send_without_end(
    connection: socket.socket, fault: faults.EndlessAnswer, closing: threading.Event
) -> None:
    begin, piece = b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"x" * 1000 + b"\r\n"
    if fault.part == "body":
        begin += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        piece = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    if fault.seconds_between:
        # Byte by byte, and never any farther than into one long field or chunk.
        begin += b"X-Filler: " if fault.part == "head" else b"ffffff\r\n"
        piece = b" "
    # Whoever reads it has left, or the emulator has closed the connection.
    with contextlib.suppress(OSError):
        connection.sendall(begin)
        while not closing.wait(fault.seconds_between):
            connection.sendall(piece)


def _reset(connection: socket.socket) -> None:
    # With RST in place of FIN, at once and for every holder of the socket.
    # Linger on with zero seconds: closing throws away what is unsent and resets.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # An ordinary close() waits for the files made of the socket; this one does not.
    socket.close(connection.detach())


def _has_left(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
