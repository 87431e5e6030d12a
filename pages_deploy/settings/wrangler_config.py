"""Wrangler's configuration file: the project's name and the build directory, where it has them.

https://developers.cloudflare.com/pages/functions/wrangler-configuration/
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

# In wrangler's own order of preference.
FILE_NAMES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")

# A string, or a comment that has no end; a comment; a comma before a closing bracket: only the
# first survives.
_BLOCK = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+"
_JSONC = re.compile(
    rf'("(?:\\.|[^"\\])*+"?+|{_BLOCK}\Z)|//[^\n]*+|{_BLOCK}\*/'
    rf"|,(?=(?:\s|//[^\n]*+|{_BLOCK}\*/)*+[}}\]])",
    re.DOTALL,
)


@dataclass(frozen=True)
class WranglerConfig:
    """What a configuration file says of a Pages project; empty where it says nothing."""

    file_name: str
    """One of `FILE_NAMES`."""
    project_name: str = ""
    """The file's `name`."""
    build_output_directory: str = ""
    """The file's `pages_build_output_dir`, relative to the file."""
    is_worker: bool = False
    """Whether it is a Worker's configuration, known by its lack of `pages_build_output_dir`."""


def read_wrangler_config(directory: Path) -> WranglerConfig | None:
    """Read the first configuration file of a directory; None when it has none.

    Raises SettingsError for a file that cannot be read or parsed.
    """
    for file_name in FILE_NAMES:
        file = directory / file_name
        if _is_there(file):
            return _read(file)
    return None


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError as error:
        raise SettingsError(
            f"Cannot look into {file.parent}: {error.strerror}.",
            "Let this user read the working directory, or choose another.",
        ) from error


def _read(file: Path) -> WranglerConfig:
    try:
        text = file.read_text("utf-8-sig")
        if file.suffix == ".toml":
            data: Any = tomllib.loads(text)
        else:
            data = json.loads(_JSONC.sub(lambda match: match[1] or "", text))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"Cannot read {file.name}: {error}.",
            "Mend the file, or remove it: it is only read for its name and pages_build_output_dir.",
        ) from error
    if not isinstance(data, dict):
        raise SettingsError(f"{file.name} is not an object.", "Mend the file, or remove it.")
    output, name = data.get("pages_build_output_dir"), data.get("name")
    if not isinstance(output, str) or not output:
        return WranglerConfig(file.name, is_worker=True)
    return WranglerConfig(file.name, name if isinstance(name, str) else "", output)
