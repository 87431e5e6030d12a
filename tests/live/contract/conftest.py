"""The cloud of this run: the emulator, or the real one where PAGES_DEPLOY_LIVE asks for it.

Nothing else looks at that variable, and without it no credentials are looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages_deploy.text.masking import Masker
from tests.live.cloud import Cloud, emulated, real
from tests.live.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

IS_LIVE = os.environ.get("PAGES_DEPLOY_LIVE") == "1"
NEEDED = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID")
REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    if not IS_LIVE:
        config.stash[REPORT] = Report(str)
        return
    file = os.environ.get("PAGES_DEPLOY_LIVE_REPORT") or "build/live-report.jsonl"
    # The account is nobody else's business either.
    mask = Masker(os.environ.get(name, "") for name in NEEDED)
    config.stash[REPORT] = Report(mask, Path(file).absolute())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if IS_LIVE:
        terminalreporter.section("the contract, live")
        for line in config.stash[REPORT].in_words():
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    return pytestconfig.stash[REPORT]


@pytest.fixture(scope="session")
def cloud(report: Report) -> Iterator[Cloud]:
    """A project that goes away at the end; tests share it and make their own deployments."""
    if not IS_LIVE:
        with emulated(report) as cloud_of_run:
            yield cloud_of_run
        return
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        pytest.fail(f"PAGES_DEPLOY_LIVE needs {' and '.join(missing)}", pytrace=False)
    with real(os.environ, report) as cloud_of_run:
        yield cloud_of_run
