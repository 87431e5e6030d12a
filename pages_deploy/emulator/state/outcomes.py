"""Outcomes that a test has ordered for what will be made next."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Order(Generic[T]):
    outcome: T
    times_left: int


class OrderedOutcomes(Generic[T]):
    """First ordered, first taken. Callers hold the lock of the store that it belongs to."""

    def __init__(self) -> None:
        self._orders: deque[_Order[T]] = deque()

    def order(self, outcome: T, *, times: int) -> None:
        """The next `times` takers get this outcome."""
        self._orders.append(_Order(outcome, times))

    def take(self) -> T | None:
        """The next outcome; None if nothing was ordered."""
        if not self._orders:
            return None
        order = self._orders[0]
        order.times_left -= 1
        if order.times_left <= 0:
            self._orders.popleft()
        return order.outcome
