"""From the API's JSON to records.

Each takes one `result`, or one item of it, as it was parsed. All raise KeyError, TypeError or
AttributeError for a wrong shape; the transport turns that into UnexpectedAnswerError. Unknown
fields are ignored, so that a new one breaks nothing; what nothing depends on may be missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pages_deploy.api.models import (
    Account,
    Deployment,
    Domain,
    EnvironmentConfig,
    LogLine,
    Project,
    Stage,
    TokenStatus,
    Variable,
    Zone,
)
from pages_deploy.api.server_time import ServerTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_account(data: Any) -> Account:
    """Read an account, which has to have an id and a name."""
    return Account(_text(data, "id"), _text(data, "name"))


def read_zone(data: Any) -> Zone:
    """Read a zone, which has to have an id and a name."""
    return Zone(_text(data, "id"), _text(data, "name"))


def read_project(data: Any) -> Project:
    """Read a project, which has to have an id and a name."""
    return Project(
        id=_text(data, "id"),
        name=_text(data, "name"),
        subdomain=_text_or_empty(data, "subdomain"),
        domains=_texts(data, "domains"),
        production_branch=_text_or_empty(data, "production_branch"),
        source_type=_text_or_empty(data.get("source") or {}, "type"),
        latest_deployment=_deployment_or_none(data, "latest_deployment"),
        canonical_deployment=_deployment_or_none(data, "canonical_deployment"),
        created_on=_time_or_none(data, "created_on"),
        build_command=_text_or_empty(data.get("build_config") or {}, "build_command"),
        build_output_directory=_text_or_empty(data.get("build_config") or {}, "destination_dir"),
        environments={
            _whole(name): _read_environment(config)
            for name, config in (data.get("deployment_configs") or {}).items()
        },
        builds_by_itself=_builds_by_itself(data.get("source")),
    )


def _builds_by_itself(source: Any) -> bool:
    """Whether pushes to a project's repository deploy; what is not said is so."""
    if not source:
        return False
    config = source.get("config") or {}
    production = config.get("production_deployments_enabled", True)
    previews = config.get("preview_deployment_setting", "all")
    return bool(config.get("deployments_enabled", True)) and (
        production is not False or previews != "none"
    )


def read_deployment(data: Any) -> Deployment:
    """Read a deployment, which has to have an id and an environment.

    One without a latest stage counts as one that has not begun. What is named as its address and
    can be none is left out: the deployment is there all the same.
    """
    trigger = data.get("deployment_trigger") or {}
    metadata = trigger.get("metadata") or {}
    return Deployment(
        id=_text(data, "id"),
        short_id=_text_or_empty(data, "short_id") or _text(data, "id")[:8],
        project_name=_text_or_empty(data, "project_name"),
        environment=_text(data, "environment"),
        url=address_or_empty(data.get("url")),
        aliases=tuple(filter(None, map(address_or_empty, _items(data, "aliases")))),
        created_on=_time_or_none(data, "created_on"),
        latest_stage=_stage(data.get("latest_stage") or {"name": "queued", "status": "idle"}),
        stages=tuple(_stage(stage) for stage in data.get("stages") or ()),
        branch=_text_or_empty(metadata, "branch"),
        commit_hash=_text_or_empty(metadata, "commit_hash"),
        commit_message=_text_or_empty(metadata, "commit_message"),
        trigger=_text_or_empty(trigger, "type"),
        is_skipped=data.get("is_skipped") is True,
        skip_reason=_text_or_empty(data, "skip_reason"),
    )


def read_domain(data: Any) -> Domain:
    """Read a custom domain, which has to have a name and a status."""
    verification = data.get("verification_data") or {}
    validation = data.get("validation_data") or {}
    return Domain(
        id=_text_or_empty(data, "id"),
        name=_text(data, "name"),
        status=_text(data, "status"),
        verification_error=_text_or_empty(verification, "error_message"),
        validation_error=_text_or_empty(validation, "error_message"),
        validation_method=_text_or_empty(validation, "method"),
        txt_name=_text_or_empty(validation, "txt_name"),
        txt_value=_text_or_empty(validation, "txt_value"),
        created_on=_time_or_none(data, "created_on"),
    )


def read_domains(data: Any) -> list[Domain]:
    """Read a list of custom domains."""
    if not isinstance(data, list):
        raise TypeError("the result is not a list")
    return [read_domain(entry) for entry in data]


def read_token_status(data: Any) -> TokenStatus:
    """Read what the verification of a token answers, which has to have a status."""
    return TokenStatus(_text_or_empty(data, "id"), _text(data, "status"))


def read_log_lines(data: Any) -> list[LogLine]:
    """Read the lines of a log, in the order of the answer."""
    return [LogLine(_time_or_none(line, "ts"), _text(line, "line")) for line in data["data"]]


def read_hashes(data: Any) -> list[str]:
    """Read a list of asset hashes."""
    if not isinstance(data, list) or not all(isinstance(entry, str) for entry in data):
        raise TypeError("the result is not a list of hashes")
    return [_whole(entry) for entry in data]


def read_upload_token(data: Any) -> str:
    """Read an upload token, a JWT."""
    return _text(data, "jwt")


def read_nothing(_data: Any) -> None:
    """Take no notice of a result that carries nothing."""


def _read_environment(data: Mapping[str, Any]) -> EnvironmentConfig:
    variables = {
        _whole(name): Variable(value.get("type") == "secret_text", _text_or_empty(value, "value"))
        for name, value in (data.get("env_vars") or {}).items()
        if isinstance(value, dict)
    }
    return EnvironmentConfig(
        variables,
        _text_or_empty(data, "compatibility_date"),
        _texts(data, "compatibility_flags"),
    )


def _deployment_or_none(data: Mapping[str, Any], name: str) -> Deployment | None:
    value = data.get(name)
    return None if value is None else read_deployment(value)


def _stage(data: Mapping[str, Any]) -> Stage:
    return Stage(_text(data, "name"), _text_or_empty(data, "status"))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"'{name}' is not a text")
    return _whole(value)


def _text_or_empty(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return _whole(value) if isinstance(value, str) else ""


def address_or_empty(value: Any) -> str:
    """Return an address that can be asked for, and nothing in place of any other."""
    if not isinstance(value, str) or re.search(r"[\s\x00-\x1f\x7f\\]", value):
        return ""
    try:
        parts = urlsplit(value)
        # Reading the port is what checks it.
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return _whole(value) if usable and "@" not in parts.netloc else ""


def _time_or_none(data: Mapping[str, Any], name: str) -> ServerTime | None:
    try:
        return ServerTime.parse(_text_or_empty(data, name))
    except ValueError:
        return None


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_whole(value) for value in _items(data, name) if isinstance(value, str))


def _items(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else ()


def _whole(text: str) -> str:
    """Replace half characters, which JSON can spell and nothing can print or store."""
    # Of a hundred thousand hashes none needs another one.
    return text if text.isascii() else text.encode(errors="replace").decode()
