"""Environment variables and secrets of a project, from flags or from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pages_deploy.api.models import Variable
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import SettingsError


def parse_variable(text: str) -> tuple[str, Variable | None]:
    """Read `NAME=VALUE`; raises SettingsError for anything else."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SettingsError(
            f"--variable takes NAME=VALUE, not '{text}'.", "For a secret, use --variables-file."
        )
    return name, Variable(is_secret=False, value=value)


def read_variables(file: Path, runtime: Runtime) -> dict[str, Variable | None]:
    """Read variables and secrets from a JSON file; raises SettingsError for an odd one."""
    try:
        data = json.loads((runtime.current_directory / file).read_text("utf-8"))
        variables = {name: _variable(value) for name, value in data.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(
            f"Cannot read variables from {file}: {type(error).__name__}.",
            'It has to be like {"NAME": "value", "KEY": {"type": "secret_text", "value": "..."}}; '
            "null deletes a variable.",
        ) from error
    runtime.mask.add(v.value for v in variables.values() if v is not None and v.is_secret)
    return variables


def _variable(value: Any) -> Variable | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Variable(is_secret=False, value=value)
    kind, text = value["type"], value["value"]
    if kind not in {"plain_text", "secret_text"} or not isinstance(text, str):
        raise ValueError("no such type of variable")
    return Variable(kind == "secret_text", text)
