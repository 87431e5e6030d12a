"""Wrangler's configuration file: the project's name and the build directory, where it has them.

1. The first of `FILE_NAMES` that is there counts, in wrangler's own order of preference.
2. It is TOML 1.1, or JSON that may have comments and a comma before a closing bracket.
3. Without `pages_build_output_dir` it is a Worker's, and nothing of it is ours.
4. That directory is below the one of the file: a file of the checkout does not lead out of it.

https://developers.cloudflare.com/pages/functions/wrangler-configuration/
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAMES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
# Hundreds of times what people write; to parse it takes no time.
MAX_BYTES = 1024 * 1024
# Keys that make a file a Worker's: wrangler refuses them beside `pages_build_output_dir`.
WORKER_KEYS = (
    *("main", "assets", "routes", "route", "workers_dev", "triggers", "site", "build", "rules"),
    *("migrations", "workflows", "tail_consumers", "logpush", "minify", "define", "alias"),
)

# A text, which goes on to the end where nothing closes it, so that no position is looked at twice.
_TEXT = r'"(?:[^"\\]|\\.)*+"?'
_COMMENT = re.compile(rf"({_TEXT})|//[^\r\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_TEXT})|,(?=\s*+[}}\]])", re.DOTALL)
_NOT_BLANK = re.compile(r"[^\s]")


@dataclass(frozen=True)
class WranglerConfig:
    """What a configuration file says of a Pages project; empty where it says nothing."""

    file_name: str
    """One of `FILE_NAMES`."""
    project_name: str = ""
    """The file's `name`."""
    build_output_directory: str = ""
    """The file's `pages_build_output_dir`, relative to the file's directory, without `./`."""
    file_hash: str = ""
    """SHA-256 of the file's bytes, 64 hexadecimal digits."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """All that the file says: an object of JSON."""
    text: str = ""
    """The file itself, for the lines of messages."""
    why_ignored: str = ""
    """Why nothing of it counts, as the second half of a sentence: it is a Worker's."""

    @property
    def is_worker(self) -> bool:
        """Whether it is a Worker's configuration, known by its lack of `pages_build_output_dir`."""
        return bool(self.why_ignored)


def read_wrangler_config(directory: Path) -> WranglerConfig | None:
    """Read the first configuration file of a directory; None when it has none.

    Raises SettingsError for a file that cannot be read or parsed, or whose build directory is not
    below the file's.
    """
    file = find_wrangler_config(directory)
    return None if file is None else _read(file)


def find_wrangler_config(directory: Path) -> Path | None:
    """Return the configuration file that counts; raises SettingsError where it cannot be told."""
    return next((file for name in FILE_NAMES if _is_there(file := directory / name)), None)


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
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES} bytes")  # noqa: TRY301 - told below
        text = content.decode("utf-8-sig")
        data = _parse(file, text)
    except (OSError, ValueError, RecursionError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise SettingsError(f"Cannot read {file.name}: {reason}.", _REMEDY) from error
    if not isinstance(data, dict):
        raise SettingsError(f"{file.name} is not an object.", _REMEDY)
    output, name = data.get("pages_build_output_dir"), data.get("name")
    if not isinstance(output, str) or not output:
        return WranglerConfig(file.name, why_ignored=_why_ignored(data))
    return WranglerConfig(
        file.name,
        name if isinstance(name, str) else "",
        _below(file, output),
        hashlib.sha256(content).hexdigest(),
        data,
        text,
    )


def _parse(file: Path, text: str) -> Any:
    if file.suffix != ".toml":
        without_comments = _COMMENT.sub(lambda match: match[1] or _blank(match[0]), text)
        return json.loads(_LAST_COMMA.sub(lambda match: match[1] or " ", without_comments))
    # Imported where it is needed: most runs have no such file.
    import tomli  # noqa: PLC0415

    return tomli.loads(text)


def _blank(comment: str) -> str:
    """Keep the lines of a comment, so that an error names the right one."""
    return _NOT_BLANK.sub(" ", comment)


def _why_ignored(data: dict[str, Any]) -> str:
    keys = [key for key in WORKER_KEYS if key in data]
    if not keys:
        return "it has no pages_build_output_dir, as a Worker's has none"
    return f"it is a Worker's, by its {' and '.join(keys[:2])}, without a pages_build_output_dir"


def _below(file: Path, output: str) -> str:
    """Return the build directory relative to the file's; raises SettingsError where it is not."""
    here = os.path.abspath(file.parent)  # noqa: PTH100 - as the join below: no link is followed
    try:
        relative = os.path.relpath(os.path.join(here, output), here)  # noqa: PTH118
    except ValueError:
        # Another drive of Windows, or a name with a zero byte.
        relative = os.pardir
    if Path(relative).parts[:1] == (os.pardir,) or "\0" in relative:
        raise SettingsError(
            f"pages_build_output_dir in {file.name} is '{output}', which is not below the working "
            "directory.",
            "Name a directory below it there, or the directory to deploy by the argument or the "
            "input directory.",
        )
    return Path(relative).as_posix()


_REMEDY = (
    "Fix the file, or give the project and the directory otherwise (--project-name and the "
    "argument, or the inputs projectName and directory): it is only read for its `name` and "
    "`pages_build_output_dir`."
)
