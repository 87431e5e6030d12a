"""The door of the Action and of the container: hands its arguments to pages_deploy.cli."""

from __future__ import annotations

import sys
from pathlib import Path

# In isolated mode (`python -I`) not even the script's own directory is searched.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages_deploy.cli.door import enter

if __name__ == "__main__":
    enter()
