"""How much to try: a little and always the same in CI, much and something new by `make fuzz`.

PAGES_DEPLOY_FUZZ is how many times as many examples a long run makes. And what to try more often.
"""

from __future__ import annotations

import os
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

T = TypeVar("T")

TIMES = int(os.environ.get("PAGES_DEPLOY_FUZZ", "0"))


def effort(examples: int) -> settings:
    """Return the settings of one test; `examples` is what CI tries."""
    return settings(
        max_examples=examples * max(TIMES, 1),
        # CI says the same of the same commit; a long run looks elsewhere each time, and notes down
        # what it found in `.hypothesis`.
        derandomize=not TIMES,
        print_blob=bool(TIMES),
        deadline=None,
        # Trees and answers are large by intent.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def mostly(usual: st.SearchStrategy[T], *others: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Draw from the first strategy three times out of four; `one_of` has no weights."""
    return st.integers(0, 3).flatmap(lambda turn: st.one_of(others) if turn == 3 else usual)
