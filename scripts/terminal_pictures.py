"""Commands on a real terminal of a given width, and what it shows in the end as an SVG.

1. The command runs on a pseudo terminal, while an emulator stands in for Cloudflare.
2. What it writes is played on a screen, which folds what is too long as terminals do.
3. The screen is drawn by Rich, without the fonts that it would fetch from elsewhere.

Whatever is new in each run (identifiers, the port, times) is replaced, so that the same words make
the same picture.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.emulator.server import Emulator

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 120
LINES = 50
FORMAT = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; }}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
_WRITTEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


def environ_of(emulator: Emulator) -> dict[str, str]:
    """Return the environment of somebody at a terminal, whose account the emulator is."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        **emulator.environ(),
    }


def at_terminal(
    arguments: Iterable[str], *, environ: Mapping[str, str], columns: int, directory: Path = ROOT
) -> str:
    """Return all that a command line of ours writes to a terminal, with its control sequences."""
    # No system but Unix has these.
    import fcntl  # noqa: PLC0415
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "pages_deploy", *arguments],
        cwd=directory,
        env=environ,
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    written = b""
    try:
        while piece := _read(ours):
            written += piece
        process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
        os.close(ours)
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # How Linux tells that nobody has the other end any more.
        return b""


def screen(written: str, *, columns: int) -> list[Text]:
    """Return the lines that a terminal shows in the end, each with its colors."""
    rows: list[list[tuple[str, str]]] = [[]]
    row = column = 0
    style = ""
    for found in _WRITTEN.finditer(written):
        parameters, command, move, text = found.groups()
        if move == "\r":
            column = 0
        elif move == "\n":
            row += 1
        elif text:
            for character in text:
                if column == columns:
                    row, column = row + 1, 0
                _put(rows, row, column, (character, style))
                column += 1
        elif command == "m":
            style = "" if parameters in {"", "0"} else f"{style}\x1b[{parameters}m"
        elif command == "A":
            row = max(0, row - int(parameters or 1))
        elif command == "K":
            rows[row : row + 1] = [[]]
        elif command not in {"h", "l"}:
            raise ValueError(f"this screen does not know {found[0]!r}")
    lines = [_text(row) for row in rows]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    return lines


def _put(rows: list[list[tuple[str, str]]], row: int, column: int, cell: tuple[str, str]) -> None:
    while len(rows) <= row:
        rows.append([])
    line = rows[row]
    line += [(" ", "")] * (column + 1 - len(line))
    line[column] = cell


def _text(row: list[tuple[str, str]]) -> Text:
    parts = (
        f"{style}{''.join(character for character, _ in cells)}\x1b[0m"
        for style, cells in itertools.groupby(row, key=lambda cell: cell[1])
    )
    return Text.from_ansi("".join(parts))


def settled(text: str, emulator: Emulator) -> str:
    """Replace what is new in each run: the deployments' identifiers, the port, times."""
    store = emulator.store
    projects = store.projects.all(emulator.account_id)
    made = [one for project in projects for one in store.deployments.all(project)]
    for number, one in enumerate(sorted(made, key=lambda one: one.created_on), 1):
        text = text.replace(one.id, f"{number:x}a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d")
        text = text.replace(one.id[:8], f"{number:x}a2b3c4d")
    text = text.replace(f":{emulator.port}", ":8790")
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-01-15 08:30", text)
    return re.sub(r"(?<=Seconds:     )\d+\.\d|\d+\.\d(?= s\b)", "0.4", text)


def drawn(command: str, lines: Iterable[Text], *, columns: int, title: str) -> str:
    """Return the SVG of a terminal in which a command has shown some lines."""
    console = Console(record=True, file=io.StringIO(), width=columns, legacy_windows=False)
    prompt = f"\x1b[1m$ {command}\x1b[0m"
    # The last line has none below that its letters could reach into.
    for line in (*screen(prompt, columns=columns), *lines, Text()):
        console.print(line, no_wrap=True, crop=False, highlight=False)
    return console.export_svg(
        title="pages-deploy",
        theme=MONOKAI,
        code_format=FORMAT.replace("TITLE", title),
        unique_id="terminal",
    )
