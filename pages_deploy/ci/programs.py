"""Programs of this machine, started so that nothing of the checkout runs and none sees our secrets.

1. A program is looked for in the absolute directories of PATH alone: not in the working directory,
   not below it, nor below where else the checkout is, and a link does not lead there either.
2. It gets an environment of its own: PATH without those directories, HOME, SYSTEMROOT, and what
   its caller names.
3. It has neither our input nor our terminal, and ends within `TIMEOUT_SECONDS`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TIMEOUT_SECONDS = 20.0
# What Windows runs by itself. Of PATHEXT's others, batch files take their arguments apart anew.
NATIVE_SUFFIXES = (".com", ".exe")


def find_program(
    name: str, environ: Mapping[str, str], *, outside: Sequence[Path] = ()
) -> str | None:
    """Return the absolute path of a program, or None where there is none that may run.

    `name` is that of a file in a directory of PATH, or an absolute path; a relative path is never a
    program. `outside` has directories in which the program must not be, beside the working one.
    """
    if os.path.isabs(name):  # noqa: PTH117 - takes every text; Path refuses some
        candidates: Iterator[str] = iter([name])
    elif name in {"", ".", ".."} or any(sign in name for sign in "/\\:\0"):
        return None
    else:
        folders = search_path(environ, outside=outside)
        suffixes = native_suffixes(os.name, environ.get("PATHEXT", ""), name)
        candidates = (f"{folder}{os.sep}{name}{end}" for folder in folders for end in suffixes)
    foreign = _foreign(outside)
    return next((file for file in candidates if _may_run(file, foreign)), None)


def search_path(environ: Mapping[str, str], *, outside: Sequence[Path] = ()) -> list[str]:
    """Return the directories of PATH in which programs may be."""
    foreign = _foreign(outside)
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    return [
        folder
        for folder in dict.fromkeys(folders)
        if os.path.isabs(folder) and not _is_below(folder, foreign)  # noqa: PTH117 - as above
    ]


def native_suffixes(system: str, pathext: str, name: str) -> Sequence[str]:
    """Return what a program's file has behind its name: nothing, but on Windows (`nt`).

    There PATHEXT tells the order, and a name may have its suffix already.
    """
    if system != "nt":
        return ("",)
    if name.lower().endswith(NATIVE_SUFFIXES):
        return ("",)
    wanted = [suffix for suffix in pathext.lower().split(";") if suffix in NATIVE_SUFFIXES]
    return wanted or NATIVE_SUFFIXES


def run_program(
    program: str,
    *arguments: str,
    directory: Path | None = None,
    environ: Mapping[str, str],
    given: bytes | None = None,
) -> bytes:
    """Run a program that `find_program` has found, and return what it printed.

    `environ` is all that it gets to see, mostly a `bare_environment`; `given` is its input. Raises
    OSError where it cannot be run, does not end in time, or ends badly.
    """
    try:
        done = subprocess.run(  # noqa: S603 - found by the rules above, with words of ours
            [program, *arguments],
            cwd=directory,
            env=dict(environ),
            input=b"" if given is None else given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, ValueError) as error:
        # Not the error's own words, which quote the arguments.
        name = Path(program).stem
        raise OSError(f"{name} failed: {type(error).__name__}") from error
    return done.stdout


def bare_environment(
    environ: Mapping[str, str], *, outside: Sequence[Path] = (), prefixes: Sequence[str] = ()
) -> dict[str, str]:
    """Return what a program needs of an environment, and no token of ours.

    `prefixes` are those of further variables, or whole names.
    """
    home = environ.get("HOME") or environ.get("USERPROFILE", "")
    kept = {"HOME": home, "SYSTEMROOT": environ.get("SYSTEMROOT", "")}
    kept |= {name: value for name, value in environ.items() if name.startswith(tuple(prefixes))}
    kept["PATH"] = os.pathsep.join(search_path(environ, outside=outside))
    return {name: value for name, value in kept.items() if value or name == "PATH"}


def _foreign(outside: Sequence[Path]) -> tuple[str, ...]:
    """Return the directories whose files may not run, each as it is called and as it really is."""
    try:
        here = os.getcwd()  # noqa: PTH109 - os.path below takes texts
    except OSError:
        # Deleted under us: nothing can be in it.
        here = ""
    named = [os.path.abspath(folder) for folder in (here, *map(str, outside)) if folder]  # noqa: PTH100
    spelled = dict.fromkeys(
        os.path.normcase(folder) for name in named for folder in (name, os.path.realpath(name))
    )
    # A container may well work in the root, where everything is.
    return tuple(folder for folder in spelled if os.path.dirname(folder) != folder)  # noqa: PTH120


def _is_below(path: str, folders: Sequence[str]) -> bool:
    spellings = {os.path.normcase(os.path.abspath(path)), os.path.normcase(os.path.realpath(path))}  # noqa: PTH100
    return any(
        spelling == folder or spelling.startswith(folder + os.sep)
        for spelling in spellings
        for folder in folders
    )


def _may_run(file: str, foreign: Sequence[str]) -> bool:
    try:
        is_program = os.path.isfile(file) and os.access(file, os.X_OK)  # noqa: PTH113 - any text
    except (OSError, ValueError):
        return False
    return is_program and not _is_below(file, foreign)
