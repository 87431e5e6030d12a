"""The command line: finds the command, and turns what ends it into words and an exit code.

The only place that catches PagesDeployError.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from pages_deploy.cli.program import PROGRAM, commands
from pages_deploy.cli.runtime import READER_GONE_EXIT_CODE, ReaderGoneError, Runtime
from pages_deploy.cli.utf8 import ensure_utf8
from pages_deploy.errors import Interrupted, PagesDeployError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

USAGE_EXIT_CODE = 2


def main(
    arguments: Sequence[str], runtime: Runtime, *, signals: Sequence[signal.Signals] = ()
) -> int:
    """Run one command and return its exit code; bugs alone raise.

    The signals interrupt it, which only the process's own main thread may ask for.
    """
    try:
        _handle(signals, _interrupt)
        # Without its standalone mode, click returns the exit code that a command leaves with.
        left_with = commands.main(
            list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=runtime
        )
    except (ReaderGoneError, SystemExit) as end:
        # The other is how click ends: with 0 after a completion, else nobody reads its help.
        return READER_GONE_EXIT_CODE if getattr(end, "code", 1) else 0
    except PagesDeployError as error:
        runtime.console.fail(error)
        return error.exit_code
    except Interrupted as interrupt:
        notice = interrupt.notice or runtime.interrupt_notice
        runtime.console.warn(f"Interrupted. {notice}".strip())
        return interrupt.exit_code
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EPIPE, errno.EIO}:
            raise
        runtime.console.fail(PagesDeployError(f"The result cannot be printed: {error.strerror}."))
        return 1
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        path = context.command_path if context is not None else PROGRAM
        runtime.console.refuse(error.format_message(), f"see {path} --help")
        return USAGE_EXIT_CODE
    finally:
        # From here on there is nothing to tell any more.
        _handle(signals, _leave)
        runtime.console.close()
    return left_with if isinstance(left_with, int) else 0


def run() -> NoReturn:
    """Run as the program of this process, started by `start.py`, and end it."""
    # A run has many objects and hardly a cycle; looking for some takes a twentieth of its time.
    gc.set_threshold(100_000, 20, 20)
    gc.enable()
    ensure_utf8()
    stdout, stderr = _usable(sys.stdout), _usable(sys.stderr)
    try:
        current_directory = Path.cwd()
    except OSError:
        # Deleted under us; what needs it will say so.
        current_directory = Path()
    runtime = Runtime(
        environ=os.environ,
        # A CI may start us with none at all.
        stdin=sys.stdin or io.StringIO(),
        stdout=stdout,
        stderr=stderr,
        current_directory=current_directory,
    )
    try:
        exit_code = main(sys.argv[1:], runtime, signals=(signal.SIGINT, signal.SIGTERM))
    except Interrupted as interrupt:
        # While something else was being told.
        exit_code = interrupt.exit_code
    except Exception as bug:  # noqa: BLE001 - Python would print it with every secret in it
        runtime.console.crash(bug)
        exit_code = 1
    for stream, number in ((stdout, 1), (stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError):
            # Or Python would try once more at its end, and replace our exit code.
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    # Nothing is left to do; Python would take each object apart, and wait for no thread of ours.
    os._exit(exit_code)


def _usable(stream: TextIO | None) -> TextIO:
    """Make a stream take every character, with plain line ends; one that is closed takes all."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace", newline="\n")
    return stream


def _handle(
    signals: Sequence[signal.Signals], handler: Callable[[int, FrameType | None], None]
) -> None:
    for number in signals:
        signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # Whoever is in a hurry and asks twice is not kept waiting.
    signal.signal(number, _leave)
    raise Interrupted(number)


def _leave(number: int, _frame: FrameType | None) -> None:
    # The system's default would do nothing for the first process of a container.
    os._exit(128 + number)
