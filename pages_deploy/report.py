"""What the world is told: sentences and progress on stderr, results on stdout and in files.

Whatever is printed goes through `Masker` (no secret, in any spelling) and `one_line` (text from
outside can neither start a line of its own nor a command of the CI platform).
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote, quote_plus

from pages_deploy.errors import PagesDeployError, SettingsError
from pages_deploy.upload import human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pages_deploy.deploy import Deployed
    from pages_deploy.retry import Timer
    from pages_deploy.upload import Progress

PROGRESS_EVERY_SECONDS = 5.0
# A secret this short would blacken half of any text.
SHORTEST_SECRET = 6
# What GitHub (the first: at the start of a line), Azure, TeamCity and GitLab take for a command.
_COMMANDS = re.compile(r"^(\s*:)(:)|(#)(#(?:\[|vso\[|teamcity\[))|(section)(_(?:start|end):)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

Value = str | int | float | bool


class Masker:
    """Replaces secrets by stars, plain, percent-encoded and in base64."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: set[str] = set()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        for secret in secrets:
            if len(secret) >= SHORTEST_SECRET:
                encoded = base64.b64encode(secret.encode()).decode()
                self._spellings |= {secret, quote(secret, ""), quote_plus(secret), encoded}
                self._spellings.add(encoded.rstrip("="))

    def __call__(self, text: str) -> str:
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return text


def one_line(text: str) -> str:
    """Make text from outside harmless in a log: one line, no control characters, no commands."""
    flat = _CONTROLS.sub(" ", text).rstrip()
    # An invisible character in the middle breaks the command and nothing else.
    return _COMMANDS.sub(lambda found: "\u200b".join(filter(None, found.groups())), flat)


@dataclass
class Console:
    """The talk on stderr; a `deploy.Watcher`."""

    stream: TextIO
    timer: Timer
    mask: Masker = field(default_factory=Masker)
    quiet: bool = False
    verbose: bool = False
    # Whether somebody watches a terminal, where a bar may move.
    live: bool = False

    def __post_init__(self) -> None:
        # Upload threads report retries and progress beside the main thread's sentences.
        self._lock = threading.RLock()
        self._bar: Any = None
        self._next_progress = self.timer.monotonic() + PROGRESS_EVERY_SECONDS

    def step(self, text: str) -> None:
        if not self.quiet:
            self._write(text)

    def detail(self, text: str) -> None:
        if self.verbose:
            self._write(text)

    def warn(self, text: str) -> None:
        self._write(f"Warning: {text}")

    def fail(self, error: PagesDeployError) -> None:
        """Say what went wrong, with the log lines it carries and what to do about it."""
        for line in getattr(error, "log_lines", ()):
            self._write(f"  | {one_line(line)}")
        self._write(f"Error: {error.message}")
        if error.hint:
            self._write(f"  What to do: {error.hint}")

    def refuse(self, text: str) -> None:
        """Say that the command line cannot be understood."""
        self._write(f"Error: {text}")
        self._write("  What to do: see --help")

    def hashing(self, done: int, total: int) -> None:
        if done == total:
            self.step(f"Hashed {total} files")
        elif self._progress_is_due():
            self.step(f"Hashing: {done} of {total} files")

    def uploading(self, progress: Progress) -> None:
        if self.quiet or not progress.total_files:
            return
        if self.live:
            self._move_bar(progress)
        elif self._progress_is_due():
            share = progress.bytes * 100 // max(1, progress.total_bytes)
            self._write(
                f"Uploading: {progress.files} of {progress.total_files} files, {share} % of "
                f"{human_bytes(progress.total_bytes)}"
            )

    def retrying(self, error: PagesDeployError, seconds: float) -> None:
        self.step(f"{error.message} Trying again in {seconds:.1f} s.")

    def close(self) -> None:
        """Take the bar away, if there is one."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def _write(self, text: str) -> None:
        # Where nobody can read what is said, the work still goes on.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self.close()
            self.stream.write(one_line(self.mask(text)) + "\n")
            self.stream.flush()

    def _progress_is_due(self) -> bool:
        now = self.timer.monotonic()
        if now < self._next_progress:
            return False
        self._next_progress = now + PROGRESS_EVERY_SECONDS
        return True

    def _move_bar(self, progress: Progress) -> None:
        # Imported only where a terminal is: it costs more than all the rest.
        from rich.console import Console as Terminal  # noqa: PLC0415
        from rich.progress import Progress as Bar  # noqa: PLC0415

        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._bar is None:
                terminal = Terminal(file=self.stream)
                self._bar = Bar(
                    console=terminal, transient=True, redirect_stdout=False, redirect_stderr=False
                )
                self._task = self._bar.add_task("Uploading", total=progress.total_bytes)
                self._bar.start()
            self._bar.update(self._task, completed=progress.bytes, total=progress.total_bytes)


# Every output and what it is, in the order in which they are written; README and action.yml are
# tested against it.
OUTPUTS = {
    "id": "The deployment's id.",
    "url": "The address of this deployment alone; it stays for ever.",
    "alias": "A preview's branch address, else the same as `url`.",
    "environment": "`production` or `preview`.",
    "status": "`success`.",
    "files": "How many files the deployment has.",
    "uploaded-files": "How many different contents were uploaded; the rest Pages already held.",
    "uploaded-bytes": "Their size in bytes.",
    "duration-seconds": "How long the deployment took, without the hashing.",
    "pages-deployment-id": "The same as `id`, as wrangler-action calls it.",
    "deployment-url": "The same as `url`, as wrangler-action calls it.",
    "pages-deployment-alias-url": "The same as `alias`, as wrangler-action calls it.",
    "pages-environment": "The same as `environment`, as wrangler-action calls it.",
}


def outputs_of(deployed: Deployed) -> dict[str, Value]:
    """Return the outputs of a deployment by name, one for each entry of OUTPUTS."""
    deployment = deployed.deployment
    return {
        "id": deployment.id,
        "url": deployment.url,
        "alias": deployed.alias,
        "environment": deployment.environment,
        "status": deployment.latest_stage.status,
        "files": deployed.files,
        "uploaded-files": len(deployed.uploaded.hashes),
        "uploaded-bytes": deployed.uploaded.bytes,
        "duration-seconds": round(deployed.duration_seconds, 1),
        "pages-deployment-id": deployment.id,
        "deployment-url": deployment.url,
        "pages-deployment-alias-url": deployed.alias,
        "pages-environment": deployment.environment,
    }


def summary_lines(outputs: Mapping[str, Value]) -> list[str]:
    """Return the result for people, one fact a line."""
    facts = [("URL", outputs["url"])]
    if outputs["alias"] != outputs["url"]:
        facts.append(("Alias", outputs["alias"]))
    uploaded = human_bytes(int(outputs["uploaded-bytes"]))
    facts += [
        ("Environment", outputs["environment"]),
        ("Files", f"{outputs['files']} ({outputs['uploaded-files']} uploaded, {uploaded})"),
        ("Seconds", outputs["duration-seconds"]),
    ]
    return [f"{name + ':':<13}{value}" for name, value in facts]


def as_json(outputs: Mapping[str, Value]) -> str:
    # ASCII alone, which every terminal and every pipe can carry.
    return json.dumps(outputs, indent=2)


def write_json_file(file: Path, outputs: Mapping[str, Value]) -> None:
    """Write the outputs as one JSON object; raises SettingsError when that is not possible."""
    try:
        text = json.dumps(outputs, indent=2, ensure_ascii=False)
        file.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise _cannot_write(file, error) from error


def append_github_output(file: Path, outputs: Mapping[str, Value]) -> None:
    """Append the outputs to the file that GITHUB_OUTPUT names.

    Each gets a delimiter that nobody can guess, so that no value can end early and add another
    output (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
    """
    parts = []
    for name, value in outputs.items():
        delimiter = f"ghadelimiter_{uuid.uuid4()}"
        parts.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    try:
        with file.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(parts))
    except OSError as error:
        raise _cannot_write(file, error) from error


def check_writable(file: Path) -> None:
    """Raise SettingsError where a file cannot be written later; leaves it as it is."""
    try:
        with file.open("a"):
            pass
    except OSError as error:
        raise _cannot_write(file, error) from error


def _cannot_write(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"Cannot write {file}: {error.strerror or error}.",
        "Give a path that can be written.",
    )
