"""An end for what would otherwise hang: a test of something endless fails in good time."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# Hundreds of times what anything takes that is not endless.
PATIENCE_SECONDS = 60


@contextlib.contextmanager
def no_endless_work() -> Iterator[None]:
    """Fail the test when what is done inside has not ended after `PATIENCE_SECONDS`."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"not done after {PATIENCE_SECONDS} seconds")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
