"""`python -m pages_deploy`."""

from __future__ import annotations

from pages_deploy.cli.main import run

run()
