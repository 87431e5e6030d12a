"""What a command gets from outside: environment, streams, time."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pages_deploy.ci.detection import NAMES, platform_of
from pages_deploy.clock import Timer
from pages_deploy.errors import PagesDeployError
from pages_deploy.reporting.console import Console
from pages_deploy.settings import options
from pages_deploy.settings.loading import load_settings, secret_values
from pages_deploy.settings.option import Option
from pages_deploy.settings.settings import Settings
from pages_deploy.text.escaping import log_line
from pages_deploy.text.masking import Masker

# As a shell tells the end of a program that the signal SIGPIPE ended.
READER_GONE_EXIT_CODE = 141


class ReaderGoneError(PagesDeployError):
    """Whoever reads standard output has seen enough, as `| head -1` has; nothing has to be told."""

    exit_code = READER_GONE_EXIT_CODE


@dataclass(frozen=True)
class Given:
    """What a command has of the table of options, and what of it was on the command line."""

    options: tuple[Option, ...]
    """Those that the command wants."""
    flags: Mapping[str, str]
    """What was on the command line, by option name, as text."""


@dataclass
class Runtime:
    """The world around one command; the tests bring their own."""

    environ: Mapping[str, str]
    """The environment's variables."""
    stdout: TextIO
    """Takes the result."""
    stderr: TextIO
    """Takes all else that is said."""
    current_directory: Path
    """What relative paths start from."""
    stdin: TextIO = field(default_factory=io.StringIO)
    timer: Timer = field(default_factory=Timer)
    interrupt_notice: str = ""
    """What an interrupt says of the state that is left, where the interrupt itself says nothing."""

    def __post_init__(self) -> None:
        self.platform = platform_of(self.environ, name=_known(self.environ))
        self.mask = Masker(secret_values(self.environ))
        is_watched = self.stderr.isatty() and not self.environ.get("CI")
        self.console = Console(
            self.stderr,
            self.timer,
            mask=self.mask,
            live=is_watched,
            colored=is_watched
            and not self.environ.get("NO_COLOR")
            and self.environ.get("TERM") != "dumb",
            dialect=self.platform.dialect,
            columns=lambda: self._columns_of(self.stderr) if is_watched else None,
        )

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        in_ci = bool(self.environ.get("CI"))
        return self.stdin.isatty() and self.stderr.isatty() and not in_ci

    @property
    def width(self) -> int | None:
        """The columns of the terminal that shows the result; None where it is none."""
        return self._columns_of(self.stdout)

    def _columns_of(self, stream: TextIO) -> int | None:
        if not stream.isatty():
            return None
        given = self.environ.get("COLUMNS", "")
        if given.isascii() and given.isdigit() and len(given) < 5:
            return int(given)
        try:
            return os.get_terminal_size(stream.fileno()).columns or None
        except (OSError, ValueError):
            return None

    def ask(self, question: str) -> str:
        """Ask the person at the terminal; an end of input is an empty answer."""
        self.stderr.write(log_line(self.mask(question)) + " ")
        self.stderr.flush()
        return self.stdin.readline()

    def now(self) -> datetime:
        """Return this moment, in UTC."""
        return datetime.fromtimestamp(self.timer.wall(), UTC)

    def settings(self, given: Given) -> Settings:
        """Load the settings, telling where each came from at verbose level.

        From here on the secrets are masked, and the platform is the one that the settings name.
        Raises SettingsError.
        """
        settings = load_settings(
            given.flags,
            self.environ,
            wanted=given.options,
            current_directory=self.current_directory,
            listener=self.console,
        )
        self.mask.add(settings.secrets)
        self.platform = platform_of(self.environ, name=settings.text(options.CI))
        self.console.dialect = self.platform.dialect
        return settings

    def print_line(self, text: str) -> None:
        """Print one line of the result.

        Raises ReaderGoneError where nobody reads it, PagesDeployError where it does not fit.
        """
        self._print(log_line(self.mask(text)))

    def print_text(self, text: str) -> None:
        """Print a result of several lines that is our own in form, such as JSON."""
        self._print(self.mask(text))

    def print_command(self, line: str) -> None:
        """Print a line that the CI platform obeys, its text escaped for it already."""
        self._print(line)

    def _print(self, text: str) -> None:
        try:
            self.stdout.write(text + "\n")
            self.stdout.flush()
        except BrokenPipeError as error:
            raise ReaderGoneError("The program that reads the result has ended.") from error
        except (OSError, ValueError) as error:
            raise PagesDeployError(
                f"The result cannot be printed: {getattr(error, 'strerror', None) or error}.",
                "Standard output is closed, or its device is full.",
            ) from error


def _known(environ: Mapping[str, str]) -> str:
    """Return the platform that the environment names, if it is one; settings judge it later."""
    name = environ.get("PAGES_DEPLOY_CI", "").strip()
    return name if name in NAMES else ""
