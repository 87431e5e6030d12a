"""The door of the Action and of the container: hands its arguments to pages_deploy.cli."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

# Until the command line has its own handlers. Process 1 of a container has no default action: what
# it does not handle is ignored, and the host would wait its ten seconds before it kills.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _frame: os._exit(128 + number))

# In isolated mode (`python -I`) neither the script's own directory nor PYTHONPATH is searched.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages_deploy.cli.entrypoint import enter  # noqa: E402 - the path has to be right before

if __name__ == "__main__":
    enter()
