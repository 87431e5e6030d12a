"""`python -m pages_deploy`."""

from __future__ import annotations

from pages_deploy.cli.start import run

run()
