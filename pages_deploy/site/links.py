"""Where the links of a build directory lead: to something inside of it, or it is an error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.reading import is_link, status_below

if TYPE_CHECKING:
    import os


@dataclass(frozen=True)
class Root:
    """The build directory itself, which links may not leave."""

    place: str
    """Where it is on this machine, with no link in it."""
    identity: int
    """By which the system knows it."""

    def resolved(self, place: str, path: str, status: os.stat_result) -> tuple[str, os.stat_result]:
        """Return where an entry really is and its status; raises DirectoryError."""
        if not is_link(status):
            return place, status
        target = self._target(Path(place), path)
        return str(target), status_below(
            self.place, target.relative_to(self.place).parts, path, self.identity
        )

    def _target(self, link: Path, path: str) -> Path:
        """Return what a link leads to, as long as that is inside of the root."""
        try:
            target = link.resolve(strict=True)
        except FileNotFoundError as error:
            raise DirectoryError(
                f"{path} is a link to something that does not exist.",
                "Remove the link, or create what it points to.",
                path=path,
                code="link-broken",
            ) from error
        except (OSError, RuntimeError) as error:
            # Python up to 3.12 raises RuntimeError for a loop of links, later ones OSError.
            raise DirectoryError(
                f"{path} is a link that leads back to itself: a loop.",
                "Remove the link from the build directory.",
                path=path,
                code="link-loop",
            ) from error
        if not target.is_relative_to(self.place):
            raise DirectoryError(
                f"{path} is a link that leaves the build directory.",
                "Copy the file into the build directory: a link could publish anything that this "
                "machine can read.",
                path=path,
                code="link-outside",
            )
        return target
