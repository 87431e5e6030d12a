"""Finding and running a program that npm packages bring along, without ever starting Node.js.

1. The one that is named, by an option.
2. PATH, by its absolute entries alone: what lies in the working directory is data.
3. `node_modules`, from the working directory upwards: first the package of this system, then what
   the package itself has linked, if that is a program and no script for Node.js.
4. Beside this module, where the image keeps one.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAM_BEGINNINGS = (
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",  # Mach-O, and below for several machines at once
    b"\xca\xfe\xba\xbe",
    b"MZ",
)
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
# What programs need of the environment; never a token.
_PASSED_ON = ("TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SystemRoot")
# Of what a program says, people read the beginning.
MAX_SAID_BYTES = 1_000_000


@dataclass(frozen=True)
class Search:
    """Where a program is looked for."""

    directory: Path
    """The working directory; `node_modules` is looked for in it and above it."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The environment: PATH is searched, and of the rest next to nothing is passed on."""
    named: Path | None = None
    """The program that an option names; then there is no search."""
    takes_node_modules: bool = True
    """Whether those of the checkout count: what a stranger's brings along is not run, by PATH
    neither."""


@dataclass(frozen=True)
class Program:
    """A program, and where its npm packages keep it."""

    name: str
    option: str
    """The option that names one."""
    packages: dict[str, str]
    """For each system, as `system_name` says it, the place below `node_modules`."""


@dataclass(frozen=True)
class Tool:
    """A program that was found, and how it is started."""

    name: str
    file: Path
    """By its absolute path."""
    directory: Path
    """In which directory it runs."""
    environ: Mapping[str, str]
    """All of its environment."""

    def run(self, *arguments: str, timeout_seconds: float, entered: bytes = b"") -> tuple[int, str]:
        """Run it to its end, `entered` being its input; return its exit code and what it said.

        Raises WorkerError where it cannot be started, or does not end in time; then it is killed.
        """
        with tempfile.TemporaryFile() as said:
            try:
                done = subprocess.run(  # noqa: S603 - found where it says, with arguments of ours
                    [str(self.file), *arguments],
                    cwd=self.directory,
                    env=dict(self.environ),
                    input=entered,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    timeout=timeout_seconds,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise WorkerError(
                    f"{self.name} did not finish within {timeout_seconds:g} seconds.",
                    f"Run {self.file} yourself to see why.",
                ) from error
            except (OSError, ValueError) as error:
                raise WorkerError(
                    f"{self.file} cannot be started: {getattr(error, 'strerror', None) or error}.",
                    f"Install {self.name} for this system ({system_name()}).",
                ) from error
            said.seek(0)
            return done.returncode, said.read(MAX_SAID_BYTES).decode(errors="replace")


def find_program(program: Program, search: Search) -> Tool | None:
    """Return a program; None where there is none.

    Raises SettingsError where the one that is named is no program.
    """
    if search.named is not None:
        found: Path | None = (search.directory / search.named).absolute()
        if found is not None and not is_program(found):
            raise SettingsError(
                f"{program.option}: {search.named} cannot be started: "
                + (
                    "it is a script, or a program for another system."
                    if found.is_file()
                    else "there is no such file."
                ),
                f"Name the program itself, such as node_modules/{_place(program)}.",
            )
    else:
        found = next(filter(is_program, _candidates(program, search)), None)
    if found is None:
        return None
    environ = {name: search.environ[name] for name in _PASSED_ON if name in search.environ}
    return Tool(program.name, found, search.directory.absolute(), environ)


def is_program(file: Path) -> bool:
    """Whether a file is a program of the machine's own, not a script for some interpreter."""
    try:
        with file.open("rb") as opened:
            beginning = opened.read(4)
    except (OSError, ValueError):
        return False
    return beginning.startswith(_PROGRAM_BEGINNINGS) and os.access(file, os.X_OK)


def system_name() -> str:
    """Name this machine as esbuild's packages do: `linux-x64`."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(sys.platform, sys.platform)}-{_MACHINES.get(machine, machine)}"


def _is_below(folder: Path, directory: Path) -> bool:
    return Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(directory))


def _place(program: Program) -> str:
    return program.packages.get(system_name(), f".bin/{program.name}")


def _candidates(program: Program, search: Search) -> Iterator[Path]:
    directory = search.directory.absolute()
    file_name = f"{program.name}.exe" if sys.platform == "win32" else program.name
    for entry in search.environ.get("PATH", "").split(os.pathsep):
        folder = Path(entry)
        if not folder.is_absolute() or folder == directory:
            continue
        if search.takes_node_modules or not _is_below(folder, directory):
            yield folder / file_name
    above = (directory, *directory.parents) if search.takes_node_modules else ()
    for folder in above:
        modules = folder / "node_modules"
        if (place := program.packages.get(system_name())) is not None:
            yield modules / place
            # Where pnpm puts what nobody has asked for by its name.
            yield modules / ".pnpm/node_modules" / place
        yield modules / ".bin" / program.name
    yield Path(__file__).absolute().with_name(file_name)
