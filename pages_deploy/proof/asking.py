"""Ask sites for their assets, until all of it is right or there is no sense in asking on.

1. The assets of several sites are asked for in turns, a few at once for all sites together, so that
   no site waits for another.
2. What is not right is asked for again, while the edge may be catching up: for a while what a slow
   edge shows, for a short time all else, and not at all what somebody means to be as it is.
3. A site that has often given no answer is not asked for the other thousands.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.clock import Timer, poll
from pages_deploy.net.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages_deploy.proof.probe import Probe
    from pages_deploy.proof.served import Kind, Served
    from pages_deploy.site.manifest import Asset

CONCURRENCY = 8
# After so many requests in a row without an answer in time, nobody waits for the other thousands.
SILENCES_ENOUGH = 2 * CONCURRENCY
# Failing servers and closed doors are no signs of a slow edge, nor is, at a deployment's own
# address, other content.
SHORT_PATIENCE_SECONDS = 12.0


@dataclass
class Inquiry:
    """What one site is asked for, and what it has answered."""

    probe: Probe
    assets: Sequence[Asset]
    slow: frozenset[Kind] = frozenset({"missing"})
    """What a slow edge shows at this address."""
    served: dict[str, Served] = field(default_factory=dict)
    """The latest answer for each path."""
    _silences: list[Served] = field(default_factory=list)

    def waiting(self) -> list[Asset]:
        """Return what was not asked for yet, or may come to be right."""
        served = self.served
        return [
            asset
            for asset in self.assets
            if asset.path not in served or not served[asset.path].is_final
        ]

    def not_right(self) -> list[Asset]:
        """Return what is not served as it should be, for whatever reason."""
        return [a for a in self.assets if self.served[a.path].kind not in {"right", "ruled"}]

    @property
    def right(self) -> int:
        """How many assets are served as they should be."""
        return sum(answer.kind == "right" for answer in self.served.values())

    def begin(self) -> list[Asset]:
        """Begin a round; returns what is to be asked for in it."""
        self._silences.clear()
        return self.waiting()

    def ask(self, asset: Asset) -> None:
        """Ask for one asset; used by several threads."""
        # As it is now, whatever the other threads do to it.
        if len(latest := tuple(self._silences)) >= SILENCES_ENOUGH:
            self.served[asset.path] = latest[-1]
            return
        served = self.served[asset.path] = self.probe.ask(asset)
        if served.is_silence:
            self._silences.append(served)
        else:
            self._silences.clear()


def ask_all(
    inquiries: Sequence[Inquiry],
    *,
    timer: Timer,
    patience_seconds: float,
    on_answer: Callable[[], None] = lambda: None,
) -> None:
    """Ask all sites side by side, within one patience; what they answer is in the inquiries.

    `on_answer` is called by several threads, after each answer.
    """

    def ask(task: tuple[Inquiry, Asset]) -> None:
        inquiry, asset = task
        inquiry.ask(asset)
        on_answer()

    short = timer.deadline(min(SHORT_PATIENCE_SECONDS, patience_seconds))
    going_on = list(inquiries)
    for _ in poll(timer.deadline(patience_seconds)):
        lines = [[(inquiry, asset) for asset in inquiry.begin()] for inquiry in going_on]
        turns = itertools.chain.from_iterable(itertools.zip_longest(*lines))
        in_threads(ask, [task for task in turns if task is not None], threads=CONCURRENCY)
        is_early = short.remaining_seconds > 0
        going_on = [inquiry for inquiry in going_on if _has_a_chance(inquiry, is_early=is_early)]
        if not going_on:
            return


def _has_a_chance(inquiry: Inquiry, *, is_early: bool) -> bool:
    kinds = {inquiry.served[asset.path].kind for asset in inquiry.waiting()}
    return bool(kinds) and (is_early or bool(kinds & inquiry.slow))
