"""The door of the Action and of the container: hands its arguments to pages_deploy.cli."""

from __future__ import annotations

import os
import sys

# Until the command line has its own handlers. Python would answer Ctrl-C with a traceback; and
# process 1 of a container has no default action: what it does not handle is ignored, and the host
# would wait its ten seconds before it kills. Nothing that takes time to import comes before this.
try:
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: os._exit(128 + number))
except KeyboardInterrupt:
    os._exit(130)

# In isolated mode (`python -I`) neither the script's own directory nor PYTHONPATH is searched.
ROOT = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib takes time too
sys.path.insert(0, ROOT)

from pages_deploy.cli.entrypoint import enter  # noqa: E402 - the path has to be right before

if __name__ == "__main__":
    enter()
