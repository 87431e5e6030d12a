"""The first lines of the console script and of `python -m pages_deploy`: signals end it quietly.

Importing the command line takes a while, in which Python would answer Ctrl-C with a traceback.
`entrypoint.py` does the same for itself, before it knows where this package is.
"""

from __future__ import annotations

import os

INTERRUPTED = 130


def run() -> None:
    """Run the command line; until it has handlers of its own, a signal ends the process at once."""
    try:
        import signal  # noqa: PLC0415 - even this takes a hundredth of a second

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: os._exit(128 + number))
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    # Imported only now, for the same reason.
    from pages_deploy.cli.main import run as run_command_line  # noqa: PLC0415

    run_command_line()
