"""Deployments of a project.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from pages_deploy.api.call import Call, segment
from pages_deploy.api.projects import project_path
from pages_deploy.api.readers import read_deployment, read_log_lines
from pages_deploy.net.bodies import json_in_parts
from pages_deploy.retry import ONCE, PATIENT, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pages_deploy.api.models import Deployment, LogLine
    from pages_deploy.api.transport import Transport
    from pages_deploy.net.bodies import FormField

# The order in which wrangler sends them; nobody has said that it means nothing.
_PARTS = (
    *("manifest", "branch", "commit_message", "commit_hash", "commit_dirty"),
    *("_headers", "_redirects", "functions-filepath-routing-config.json"),
    *("wrangler_config_hash", "pages_build_output_dir", "_worker.bundle", "_routes.json"),
)
# More than this is refused with code 8000024.
DEPLOYMENTS_PER_PAGE = 25
# Cloudflare keeps this much of a commit message and refuses one it has to cut in a character.
MAX_COMMIT_MESSAGE_BYTES = 384


@dataclass(frozen=True)
class ConfigurationFile:
    """The configuration file of wrangler's that was in force, as it is told to Pages."""

    hash: str
    """SHA-256 of the file's bytes, 64 hex digits."""
    build_output_directory: str
    """Its `pages_build_output_dir`, relative to the working directory."""


@dataclass(frozen=True)
class Commit:
    """Where the deployed files come from; what is not known is empty or None."""

    hash: str = ""
    """40 hex digits."""
    message: str = ""
    """Of any length; what Cloudflare does not take is cut off."""
    dirty: bool | None = None
    """Whether the files differ from the commit."""
    configuration: ConfigurationFile | None = None
    """The configuration file that was in force; it is a fact of the same checkout."""


@dataclass(frozen=True)
class WorkerParts:
    """What a deployment with Worker code sends beside its assets."""

    bundle: bytes
    """`_worker.bundle`: the Worker's metadata and modules as one multipart body."""
    routing_config: bytes | None = None
    """`functions-filepath-routing-config.json`, which the dashboard shows; of functions alone."""
    routes_json: bytes | None = None
    """`_routes.json`: what reaches the Worker; without one, everything does."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """The parts by the names of their fields, as `create` takes them in `special_files`."""
        parts = {
            "functions-filepath-routing-config.json": self.routing_config,
            "_worker.bundle": self.bundle,
            "_routes.json": self.routes_json,
        }
        return {name: content for name, content in parts.items() if content is not None}


NO_COMMIT = Commit()
NO_FILES: Mapping[str, bytes] = MappingProxyType({})


class Deployments:
    """The deployments of the projects of one account.

    https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
    """

    def __init__(self, transport: Transport, account_id: str) -> None:
        self._transport = transport
        self._account_id = account_id

    def create(
        self,
        project_name: str,
        *,
        manifest: Mapping[str, str],
        branch: str = "",
        commit: Commit = NO_COMMIT,
        special_files: Mapping[str, bytes] = NO_FILES,
    ) -> Deployment:
        """Create a deployment from assets that the store holds; return it as it begins.

        `manifest` maps paths, with a leading slash, to asset hashes; `special_files` maps names
        such as `_headers` to contents, and has the `files` of `WorkerParts` where there is Worker
        code. The project's production branch makes it production, as does none, any other a
        preview.

        Sent once. After ApiConnectionError or ServerError the deployment may exist all the same,
        so the caller has to look before it asks again. Raises NotFoundError when the account has no
        project of this name.
        """
        fields: list[FormField] = [("manifest", (None, list(json_in_parts(manifest))))]
        texts = {
            "branch": branch,
            "commit_message": fitting_message(commit.message),
            "commit_hash": commit.hash,
            "commit_dirty": "" if commit.dirty is None else str(commit.dirty).lower(),
        }
        fields += [(name, (None, text)) for name, text in texts.items() if text]
        fields += [
            (name, (name, content, "application/octet-stream"))
            for name, content in special_files.items()
        ]
        if commit.configuration is not None:
            fields += [
                ("wrangler_config_hash", (None, commit.configuration.hash)),
                ("pages_build_output_dir", (None, commit.configuration.build_output_directory)),
            ]
        fields.sort(key=lambda field: _PARTS.index(field[0]) if field[0] in _PARTS else len(_PARTS))
        return self._transport.request(
            Call(
                "POST",
                self._path(project_name),
                f"create a deployment of project '{project_name}'",
                ONCE,
                fields=fields,
            ),
            read_deployment,
        )

    def get(
        self,
        project_name: str,
        deployment_id: str,
        *,
        retry: RetryPolicy = PATIENT,
        timeout_seconds: float | None = None,
    ) -> Deployment:
        """Return a deployment as it is now.

        `timeout_seconds` is the longest silence of the server within one attempt. Raises
        NotFoundError when the project has none of this id.
        """
        return self._transport.request(
            Call(
                "GET",
                self._path(project_name, deployment_id),
                f"look up deployment {deployment_id} of project '{project_name}'",
                retry,
                timeout_seconds=timeout_seconds,
            ),
            read_deployment,
        )

    def list(
        self, project_name: str, *, environment: str = "", retry: RetryPolicy = PATIENT
    ) -> Iterator[Deployment]:
        """Yield the deployments of a project, the newest first.

        `environment` is production, preview, or empty for both. The next page of 25 is asked for
        when it is needed. Raises NotFoundError when the account has no project of this name.
        """
        listing = Call(
            "GET",
            self._path(project_name),
            f"list the deployments of project '{project_name}'",
            retry,
            query={"env": environment} if environment else {},
        )
        return self._transport.pages(listing, read_deployment, per_page=DEPLOYMENTS_PER_PAGE)

    def newest(self, project_name: str, *, retry: RetryPolicy = PATIENT) -> Sequence[Deployment]:
        """Return the first page of deployments, up to 25, the newest first."""
        return tuple(itertools.islice(self.list(project_name, retry=retry), DEPLOYMENTS_PER_PAGE))

    def retry(self, project_name: str, deployment_id: str) -> Deployment:
        """Make a new deployment from the same source; return the new one.

        Sent once: after ApiConnectionError or ServerError there may be a new deployment all the
        same. Raises NotFoundError when the project has none of this id.
        """
        return self._transport.request(
            Call(
                "POST",
                f"{self._path(project_name, deployment_id)}/retry",
                f"retry deployment {deployment_id} of project '{project_name}'",
                ONCE,
            ),
            read_deployment,
        )

    def rollback(self, project_name: str, deployment_id: str) -> Deployment:
        """Let production serve an earlier (or later) successful production deployment; return it.

        Saying it twice changes nothing, so it is repeated like a look-up. Raises ApiResponseError
        for a preview or a failed one, and NotFoundError when the project has none of this id.
        """
        return self._transport.request(
            Call(
                "POST",
                f"{self._path(project_name, deployment_id)}/rollback",
                f"roll project '{project_name}' back to deployment {deployment_id}",
            ),
            read_deployment,
        )

    def delete(self, project_name: str, deployment_id: str, *, force: bool = False) -> None:
        """Delete a deployment; `force` also one that an alias points at.

        The live production deployment raises ApiResponseError with code 8000034, an aliased one
        without `force` with 8000035. Raises NotFoundError when the project has none of this id.
        """
        self._transport.delete(
            self._path(project_name, deployment_id),
            f"delete deployment {deployment_id} of project '{project_name}'",
            {"force": "true"} if force else {},
        )

    def logs(
        self,
        project_name: str,
        deployment_id: str,
        *,
        retry: RetryPolicy = PATIENT,
        timeout_seconds: float | None = None,
    ) -> Sequence[LogLine]:
        """Return the log lines of a deployment so far, the oldest first.

        `timeout_seconds` is the longest silence of the server within one attempt. Raises
        NotFoundError when the project has no deployment of this id.
        """
        return self._transport.request(
            Call(
                "GET",
                f"{self._path(project_name, deployment_id)}/history/logs",
                f"read the log of deployment {deployment_id}",
                retry,
                timeout_seconds=timeout_seconds,
            ),
            read_log_lines,
        )

    def _path(self, project_name: str, deployment_id: str | None = None) -> str:
        path = f"{project_path(self._account_id, project_name)}/deployments"
        return f"{path}/{segment(deployment_id)}" if deployment_id is not None else path


def fitting_message(message: str, *, trailer: str = "") -> str:
    """Cut a commit message so that it fits with CRLF line ends, at a character border.

    `trailer` is a line of ASCII that becomes the last paragraph, and is never cut.
    Cloudflare counts the bytes after multipart encoding has made each line end two of them
    (https://github.com/cloudflare/workers-sdk/issues/13938).
    """
    text = message.encode(errors="replace").decode().strip()
    wire = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    end = f"\r\n\r\n{trailer}" if trailer else ""
    fitting = wire[: MAX_COMMIT_MESSAGE_BYTES - len(end)].decode(errors="ignore").rstrip()
    return f"{fitting}{end}".lstrip()
