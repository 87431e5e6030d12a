"""What `entrypoint.py` runs: the command line, or a program that a CI asks a container for.

GitLab starts an image with `sh -c ...`, Jenkins with `cat`, Kubernetes runners with `tail`. So:

1. No argument, a flag, one of our commands or an existing directory: the command line.
2. Else, a program on PATH, or one of an absolute path: that program, in place of this process. It
   is never one below the working directory, where a build or a checkout could have put it.
3. Else the command line, which explains what it does not understand.
"""

from __future__ import annotations

import os
import sys

from pages_deploy.cli.commands import COMMANDS
from pages_deploy.cli.start import run_command_line


def enter() -> None:
    """Run the command line or become the program that the first argument names."""
    program = program_of(sys.argv[1:])
    if program is None:
        run_command_line()
    else:
        os.execv(program, sys.argv[1:])  # noqa: S606 - what whoever starts the container asks for


def program_of(arguments: list[str]) -> str | None:
    """Return the path of the program that the arguments call, or None for our own commands."""
    if not arguments:
        return None
    word = arguments[0]
    is_directory = os.path.isdir(word)  # noqa: PTH112 - takes every text; Path refuses long ones
    if word.startswith("-") or word in COMMANDS or is_directory:
        return None
    # Imported only now: most runs need no program.
    from pages_deploy.ci.programs import find_program  # noqa: PLC0415

    return find_program(word, os.environ)
