"""What a command gets from outside: environment, streams, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from pages_deploy.report import Console, Masker, one_line
from pages_deploy.retry import Timer
from pages_deploy.settings import Settings, load_settings, secret_values


@dataclass
class Runtime:
    """The world around one command; the tests bring their own."""

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    current_directory: Path
    timer: Timer = field(default_factory=Timer)

    def __post_init__(self) -> None:
        self.mask = Masker(secret_values(self.environ))
        self.console = Console(
            self.stderr,
            self.timer,
            mask=self.mask,
            live=self.stderr.isatty() and not self.environ.get("CI"),
        )

    def settings(self, flags: Mapping[str, str]) -> Settings:
        """Load the settings, telling where each came from at verbose level."""
        settings = load_settings(
            flags,
            self.environ,
            current_directory=self.current_directory,
            log=self.console.detail,
            warn=self.console.warn,
        )
        self.mask.add(settings.secrets)
        return settings

    def print_line(self, text: str) -> None:
        """Print one line of the result."""
        self.stdout.write(one_line(self.mask(text)) + "\n")
        self.stdout.flush()

    def print_text(self, text: str) -> None:
        """Print a result of several lines that is our own in form, such as JSON."""
        self.stdout.write(self.mask(text) + "\n")
        self.stdout.flush()
