"""Whoever is told what happens in a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.upload.upload import UploadWatcher

if TYPE_CHECKING:
    from pages_deploy.api.models import Deployment, Project, Stage


class Watcher(UploadWatcher):
    """Is told what happens, and by itself takes no notice: override what is of interest.

    Whatever a method raises ends the deployment there. All but `uploading` are called by the thread
    that deploys.
    """

    def step(self, text: str) -> None:
        """Take a sentence, for people, about what happens now."""

    def detail(self, text: str) -> None:
        """Take a sentence that only helps to find out why."""

    def environment_known(self, environment: str) -> None:
        """Take note of where the deployment will land, `production` or `preview`.

        Called before anything is sent, the creation of a project that is missing included.
        """

    def target_found(self, project: Project, environment: str) -> None:
        """Take note of where the deployment goes, `production` or `preview` of a project.

        Called once, when the project is known and before anything is uploaded.
        """

    def deployment_created(self, deployment: Deployment) -> None:
        """Take note of a deployment that exists from now on.

        Called as soon as it does; for a second one too, where files had to be uploaded again.
        """

    def stage_reached(self, stage: Stage) -> None:
        """Take note of how far the deployment is; called for each new stage or status once."""


UNWATCHED = Watcher()
