"""Records of what the API answers: the fields that are documented and that somebody uses.

`read_*` functions raise KeyError or TypeError for a wrong shape; the transport turns that into
UnexpectedAnswerError. Unknown fields are ignored, so that a new one breaks nothing.

Shapes: https://developers.cloudflare.com/api/resources/pages/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FINAL_FAILURES = frozenset({"failure", "canceled"})


@dataclass(frozen=True)
class Account:
    id: str
    name: str


@dataclass(frozen=True)
class Zone:
    id: str
    name: str


@dataclass(frozen=True)
class Stage:
    """One step of a deployment: queued, initialize, clone_repo, build or deploy."""

    name: str
    # idle, active, success, failure, canceled or skipped.
    status: str


@dataclass(frozen=True)
class Deployment:
    id: str
    # The first eight digits of the id: the deployment's own label under the project's domain.
    short_id: str
    project_name: str
    # production or preview.
    environment: str
    # The address of this deployment alone; it stays for ever.
    url: str
    # Further addresses that point here now: the branch alias, or custom domains.
    aliases: tuple[str, ...]
    # RFC 3339, UTC; empty where the server does not say.
    created_on: str
    latest_stage: Stage
    stages: tuple[Stage, ...]
    branch: str
    commit_hash: str
    commit_message: str
    # ad_hoc for a direct upload.
    trigger: str

    @property
    def succeeded(self) -> bool:
        """Whether the last stage, deploy, ended in success; no other stage proves anything."""
        return self.latest_stage == Stage("deploy", "success")

    @property
    def failed_stage(self) -> Stage | None:
        """The stage that failed or was canceled, which ends the deployment, if there is one."""
        for stage in (self.latest_stage, *self.stages):
            if stage.status in FINAL_FAILURES:
                return stage
        return None


@dataclass(frozen=True)
class Project:
    id: str
    name: str
    # Where production is served: `<name>.pages.dev`, or with a suffix where that was taken.
    subdomain: str
    # The subdomain and the custom domains.
    domains: tuple[str, ...]
    production_branch: str
    # github or gitlab for a project that Pages builds itself, empty for direct upload.
    source_type: str
    latest_deployment: Deployment | None
    # The deployment that production serves now.
    canonical_deployment: Deployment | None

    @property
    def custom_domains(self) -> tuple[str, ...]:
        return tuple(domain for domain in self.domains if domain != self.subdomain)


@dataclass(frozen=True)
class LogLine:
    # RFC 3339, UTC.
    time: str
    text: str


def read_account(data: Any) -> Account:
    return Account(_text(data, "id"), _text(data, "name"))


def read_zone(data: Any) -> Zone:
    return Zone(_text(data, "id"), _text(data, "name"))


def read_project(data: Any) -> Project:
    return Project(
        id=_text(data, "id"),
        name=_text(data, "name"),
        subdomain=_text_or_empty(data, "subdomain"),
        domains=_texts(data, "domains"),
        production_branch=_text_or_empty(data, "production_branch"),
        source_type=_text_or_empty(data.get("source") or {}, "type"),
        latest_deployment=_deployment_or_none(data, "latest_deployment"),
        canonical_deployment=_deployment_or_none(data, "canonical_deployment"),
    )


def read_deployment(data: Any) -> Deployment:
    trigger = data.get("deployment_trigger") or {}
    metadata = trigger.get("metadata") or {}
    return Deployment(
        id=_text(data, "id"),
        short_id=_text_or_empty(data, "short_id") or _text(data, "id")[:8],
        project_name=_text_or_empty(data, "project_name"),
        environment=_text(data, "environment"),
        url=_text(data, "url"),
        aliases=_texts(data, "aliases"),
        created_on=_text_or_empty(data, "created_on"),
        latest_stage=_stage(data.get("latest_stage") or {"name": "queued", "status": "idle"}),
        stages=tuple(_stage(stage) for stage in data.get("stages") or ()),
        branch=_text_or_empty(metadata, "branch"),
        commit_hash=_text_or_empty(metadata, "commit_hash"),
        commit_message=_text_or_empty(metadata, "commit_message"),
        trigger=_text_or_empty(trigger, "type"),
    )


def read_log_lines(data: Any) -> list[LogLine]:
    return [LogLine(_text_or_empty(line, "ts"), _text(line, "line")) for line in data["data"]]


def read_hashes(data: Any) -> list[str]:
    if not isinstance(data, list) or not all(isinstance(entry, str) for entry in data):
        raise TypeError("the result is not a list of hashes")
    return data


def read_upload_token(data: Any) -> str:
    return _text(data, "jwt")


def read_nothing(_data: Any) -> None:
    """Take no notice of a result that carries nothing."""


def _deployment_or_none(data: Mapping[str, Any], name: str) -> Deployment | None:
    value = data.get(name)
    return None if value is None else read_deployment(value)


def _stage(data: Mapping[str, Any]) -> Stage:
    return Stage(_text(data, "name"), _text_or_empty(data, "status"))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"'{name}' is not a text")
    return value


def _text_or_empty(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values: Sequence[Any] = data.get(name) or ()
    return tuple(value for value in values if isinstance(value, str))
