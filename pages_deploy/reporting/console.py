"""What the world is told: sentences and progress on stderr, results on stdout and in files.

Whatever is printed goes through `Masker` (no secret, in any spelling) and `log_line` (text from
outside can neither start a line of its own nor a command of the CI platform).
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from pages_deploy.ci.platform import PLAIN, Dialect
from pages_deploy.deploy.watcher import Watcher
from pages_deploy.reporting.wrapping import wrapped
from pages_deploy.text.amounts import counted, human_bytes
from pages_deploy.text.escaping import log_line
from pages_deploy.text.masking import Masker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pages_deploy.clock import Timer
    from pages_deploy.errors import PagesDeployError
    from pages_deploy.upload.upload import Progress

PROGRESS_EVERY_SECONDS = 5.0
RED, GREEN, YELLOW, DIM = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m"
PLAIN_AGAIN = "\x1b[0m"


@dataclass
class Console(Watcher):
    """The talk on stderr, which tells what happens in a deployment as well; usable by threads.

    Where the stream cannot be written any more, what is said is lost and nothing is raised.
    """

    stream: TextIO
    """Where it is written, a whole line at a time."""
    timer: Timer
    """Paces the progress, and dates the sections."""
    mask: Masker = field(default_factory=Masker)
    """Takes the secrets out of every line."""
    quiet: bool = False
    """Whether only warnings and errors are said."""
    verbose: bool = False
    """Whether details are said too."""
    live: bool = False
    """Whether somebody watches a terminal, where a bar may move."""
    colored: bool = False
    """Whether lines may have colors, which a pipe and NO_COLOR never get."""
    dialect: Dialect = PLAIN
    """What the log's platform understands."""
    columns: Callable[[], int | None] = lambda: None
    """How wide the terminal is at the moment; None where there is none, and nothing is broken."""

    def __post_init__(self) -> None:
        # Upload threads report retries and progress beside the main thread's sentences.
        self._lock = threading.RLock()
        self._bar: Any = None
        self._spins = False
        # Of which kind the bar is: of a known amount, and of bytes.
        self._bar_kind: tuple[bool, bool] | None = None
        self._closed = False
        self._retried: set[str] = set()
        self._next_progress = self.timer.monotonic() + PROGRESS_EVERY_SECONDS

    def step(self, text: str) -> None:
        """Say what happens now."""
        if self.quiet:
            return
        is_proof = text.startswith("Verified") and self.colored
        self._write(f"\u2713 {text}" if is_proof else text, color=GREEN if is_proof else "")
        if self._spins and self.live:
            self._spin()

    def detail(self, text: str) -> None:
        """Say what only helps to find out why."""
        if self.verbose:
            self._write(text, color=DIM)

    def notice(self, text: str) -> None:
        """Say what must be seen although nothing is wrong."""
        self.command(self.dialect.notice(log_line(self.mask(text))))

    def warn(self, text: str) -> None:
        """Say what went wrong without harm to the deployment."""
        self._command(self.dialect.warning(log_line(self.mask(text))), YELLOW)

    def locate(self, kind: str, text: str, file: str, line: int) -> None:
        """Say a notice, warning or error about a file, where the platform can show it there.

        `file` is its path from the root of the checkout, `line` counts from 1; 0 is all of it.
        """
        if self.dialect.located is None or not file:
            say = {"notice": self.notice, "warning": self.warn}.get(kind)
            if say is None:
                self._fail(text, "")
            else:
                say(text)
            return
        words, place = log_line(self.mask(text)), log_line(self.mask(file))
        self.command(self.dialect.located(kind, words, place, line))

    def fail(self, error: PagesDeployError) -> None:
        """Say what went wrong, with the log lines it carries and what to do about it."""
        for line in getattr(error, "log_lines", ()):
            self._write(f"  | {log_line(line)}")
        self._fail(error.message, error.hint)

    def _fail(self, message: str, advice: str) -> None:
        hint = f"What to do: {advice}" if advice else ""
        if self.dialect.error is PLAIN.error:
            self._write(f"Error: {message}", color=RED)
            self._write(f"  {hint}" if hint else "")
        else:
            # One annotation has to carry all of it.
            text = log_line(self.mask(f"{message} {hint}".strip()))
            self.command(self.dialect.error(text))

    def crash(self, bug: Exception) -> None:
        """Show a bug's traceback, which may quote anything, as harmless as all else."""
        # Imported where it is needed: no other run has a use for it.
        import traceback  # noqa: PLC0415

        for line in self.mask("".join(traceback.format_exception(bug))).splitlines():
            self._write(f"  | {line}")
        self._fail(
            "this is a bug in pages-deploy, not a mistake of yours. Please report it with the "
            "lines above.",
            "",
        )

    @contextlib.contextmanager
    def section(self, title: str) -> Iterator[None]:
        """Keep what is said meanwhile in a part of the log that can be folded."""
        if self.quiet or self.dialect.open_section is None or self.dialect.close_section is None:
            self._spins = True
            try:
                yield
            finally:
                with self._lock:
                    self._spins = False
                    self._take_bar_away()
            return
        self.command(self.dialect.open_section(title, int(self.timer.wall())))
        try:
            yield
        finally:
            self.command(self.dialect.close_section(int(self.timer.wall())))

    def refuse(self, text: str, advice: str = "see --help") -> None:
        """Say that the command line cannot be understood."""
        self._fail(text, advice)

    def hashing(self, done: int, total: int) -> None:
        """Say from time to time how many files are hashed, and at the end that all are."""
        if done == total:
            self.step(f"Hashed {counted(total, 'file')}")
        elif self._progress_is_due():
            self.step(f"Hashing: {done:,} of {counted(total, 'file')}")

    def reading_links(self, done: int, total: int) -> None:
        """Say from time to time in how many pages the links were looked at, and at the end."""
        if done == total:
            self.step(f"Looked at the links of {counted(total, 'page')}")
        elif self._progress_is_due():
            self.step(f"Looking at links: {done:,} of {counted(total, 'page')}")

    def uploading(self, progress: Progress) -> None:
        """Show how far the upload is: by a bar on a terminal, else by a line now and then."""
        if self.quiet or not progress.total_files:
            return
        if self.live:
            files = f"{progress.files:,} of {counted(progress.total_files, 'file')}"
            self._move_bar(
                f"Uploading {files}", progress.bytes, progress.total_bytes, has_bytes=True
            )
        elif self._progress_is_due():
            share = progress.bytes * 100 // max(1, progress.total_bytes)
            self._write(
                f"Uploading: {progress.files:,} of {counted(progress.total_files, 'file')}, "
                f"{share} % of "
                f"{human_bytes(progress.total_bytes)}"
            )

    def comparing(self, done: int, total: int) -> None:
        """Show how many files are compared, as `uploading` does; called by several threads."""
        if self.quiet:
            return
        if self.live:
            self._move_bar(f"Comparing {done:,} of {counted(total, 'file')}", done, total)
            return
        with self._lock:
            if self._progress_is_due():
                self._write(f"Comparing: {done:,} of {counted(total, 'file')}")

    def retrying(self, error: PagesDeployError, seconds: float) -> None:
        """Say what failed, in full the first time, and in how many seconds it is tried again."""
        with self._lock:
            is_known = error.message in self._retried
            self._retried.add(error.message)
        why = "Failed again in the same way." if is_known else error.message
        self.step(f"{why} Trying again in {seconds:.1f} s.")

    def close(self) -> None:
        """Take the bar away, if there is one; there will be none again."""
        with self._lock:
            self._closed = True
            self._take_bar_away()

    def _take_bar_away(self) -> None:
        bar, self._bar, self._bar_kind = self._bar, None, None
        if bar is not None:
            with contextlib.suppress(OSError, ValueError):
                bar.stop()

    def _write(self, text: str, *, color: str = "") -> None:
        if text:
            self._command(log_line(self.mask(text)), color)

    def command(self, line: str) -> None:
        """Write a line as it is: one that a platform obeys, its text escaped for it already."""
        self._command(line, "")

    def _command(self, line: str, color: str) -> None:
        if self.dialect is PLAIN and (columns := self.columns()):
            line = wrapped(line, columns)
        if color and self.colored:
            line = f"{color}{line}{PLAIN_AGAIN}"
        # Where nobody can read what is said, the work still goes on.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._take_bar_away()
            self.stream.write(line + "\n")
            self.stream.flush()

    def _progress_is_due(self) -> bool:
        now = self.timer.monotonic()
        if now < self._next_progress:
            return False
        self._next_progress = now + PROGRESS_EVERY_SECONDS
        return True

    def _spin(self) -> None:
        """Show that time goes by until the next sentence."""
        self._move_bar("Working", 0, None)

    def _move_bar(
        self, title: str, done: int, total: int | None, *, has_bytes: bool = False
    ) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._closed:
                return
            if self._bar is not None and self._bar_kind != (total is not None, has_bytes):
                self._take_bar_away()
            if self._bar is None:
                self._bar = _bar(self.stream, is_known=total is not None, has_bytes=has_bytes)
                self._bar_kind = (total is not None, has_bytes)
                self._task = self._bar.add_task(title, total=total)
                self._bar.start()
            self._bar.update(self._task, description=title, completed=done, total=total)


def _bar(stream: TextIO, *, is_known: bool, has_bytes: bool) -> Any:
    """Make a bar for a known amount, with its rate where it is of bytes; else a spinner."""
    # Imported only where a terminal is: it costs more than all the rest.
    from rich import progress  # noqa: PLC0415
    from rich.console import Console as Terminal  # noqa: PLC0415

    columns: list[Any] = [progress.TextColumn("{task.description}", markup=False)]
    if is_known:
        columns.append(progress.BarColumn())
        if has_bytes:
            columns += [progress.DownloadColumn(), progress.TransferSpeedColumn()]
        columns.append(progress.TimeRemainingColumn())
    else:
        columns = [progress.SpinnerColumn(), *columns, progress.TimeElapsedColumn()]
    return progress.Progress(
        *columns,
        console=Terminal(file=stream),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
