"""The first lines of the console script and of `python -m pages_deploy`: signals end it quietly.

Importing the command line takes a while, in which Python would answer Ctrl-C with a traceback.
`entrypoint.py` does the same for itself, before it knows where this package is.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings

from pages_deploy import __version__

INTERRUPTED = 130
VERSION_LINE = f"pages-deploy, version {__version__}"


def run() -> None:
    """Run the command line; until it has handlers of its own, a signal ends the process at once."""
    try:
        import signal  # noqa: PLC0415 - even this takes a hundredth of a second

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: os._exit(128 + number))
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    run_command_line()


def run_command_line() -> None:
    """Run what the arguments ask for; the version alone needs nothing else of the package."""
    if sys.argv[1:] == ["--version"] and sys.stdout is not None and not sys.stdout.closed:
        # Around the stream, which would keep what nobody takes. Where this fails, what follows has
        # the words for it.
        try:
            os.write(sys.stdout.fileno(), f"{VERSION_LINE}\n".encode())
        except (OSError, ValueError):
            pass
        else:
            return
    # Imports make many objects and no garbage; the command line looks for some again.
    gc.disable()
    _leave_out_guessers()
    # Imported only now, for the same reason.
    from pages_deploy.cli.main import run as run_main  # noqa: PLC0415

    run_main()


def _leave_out_guessers() -> None:
    """Have requests do without what guesses the encoding of a text: nothing here needs a guess.

    It would take a tenth of the memory, and of the time to start.
    """
    for name in ("chardet", "charset_normalizer"):
        sys.modules[name] = None  # type: ignore[assignment] # says that there is none
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection")
