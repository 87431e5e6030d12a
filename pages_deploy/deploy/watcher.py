"""Whoever is told what happens in a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pages_deploy.upload.upload import Progress


class Watcher(Protocol):
    """Whoever is told what happens."""

    def step(self, text: str) -> None:
        """Take a sentence about what happens now."""

    def warn(self, text: str) -> None:
        """Take a sentence about what went wrong without harm to the deployment."""

    def uploading(self, progress: Progress) -> None:
        """Take the state of the upload; called often."""
