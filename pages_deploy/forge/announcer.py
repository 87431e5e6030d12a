"""Whoever is told how a deployment goes, so that people see it where they review code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pages_deploy.forge.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pages_deploy.api.models import Project
    from pages_deploy.deploy.deployed import Deployed


class Announcer(Protocol):
    """Is told of one deployment; each method may raise ForgeError."""

    def started(self, project: Project, environment: str) -> None:
        """Take note that an upload to production or preview begins."""

    def succeeded(self, deployed: Deployed) -> None:
        """Take note of the good end."""

    def failed(self, reason: str, *, canceled: bool = False) -> None:
        """Take note of a bad end, be it before anything was started."""


@dataclass(frozen=True)
class Announced:
    """An announcer, and what becomes of its failure."""

    announcer: Announcer
    tell: Callable[[str], None]
    """Takes the sentence: as a warning where somebody asked for the announcement, else a notice."""


class BestEffortAnnouncer(Announcer):
    """Tells several announcers, and tells of each one's failure.

    None of them can harm a deployment: whatever one raises ends here, and it is not asked again.
    """

    def __init__(self, announced: Iterable[Announced] = ()) -> None:
        self._listening = list(announced)

    def started(self, project: Project, environment: str) -> None:
        """Tell all that an upload begins."""
        self._tell(lambda announcer: announcer.started(project, environment))

    def succeeded(self, deployed: Deployed) -> None:
        """Tell all of the good end."""
        self._tell(lambda announcer: announcer.succeeded(deployed))

    def failed(self, reason: str, *, canceled: bool = False) -> None:
        """Tell all of the bad end."""
        self._tell(lambda announcer: announcer.failed(reason, canceled=canceled))

    def _tell(self, say: Callable[[Announcer], None]) -> None:
        for announced in tuple(self._listening):
            try:
                say(announced.announcer)
            except ForgeError as error:
                self._give_up(announced, f"{error.message} {error.hint}".rstrip())
            except Exception as error:  # noqa: BLE001 - an ornament must not bring the house down
                # Not the error's own words, which may quote what was sent.
                what = f"{type(announced.announcer).__name__} ({type(error).__name__})"
                self._give_up(announced, f"{what} failed: the answer was not understood.")

    def _give_up(self, announced: Announced, text: str) -> None:
        self._listening.remove(announced)
        announced.tell(text)
