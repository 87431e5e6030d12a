"""What of a build directory is no asset: names that are left out, set aside, or refused.

The names left out are wrangler's (workers-sdk, `packages/wrangler/src/pages/validate.ts`), so that
one directory gives one manifest with either tool.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pages_deploy.errors import DirectoryError
from pages_deploy.site.reading import unreadable

# Left out at any depth, but not below a directory whose name starts with a dot: wrangler's
# patterns do not reach there.
NODE_MODULES = "node_modules"
REPOSITORY = ".git"
IGNORED_NAMES = frozenset({".DS_Store", REPOSITORY, NODE_MODULES})
IGNORED_IN_ROOT = frozenset({".wrangler"})
# In the root they say how the site is served, and are sent beside the assets.
SPECIAL_FILES = ("_headers", "_redirects", "_routes.json")
WORKER_SCRIPT = "_worker.js"
FUNCTIONS = "functions"
RESERVED_IN_ROOT = frozenset({WORKER_SCRIPT, FUNCTIONS, *SPECIAL_FILES})


@dataclass(frozen=True, slots=True)
class LeftOutFiles:
    """Files that are not deployed although somebody may want them."""

    count: int = 0
    """How many there are."""
    first: str = ""
    """The first of their paths in the order of the letters, with its leading slash."""

    def __add__(self, other: LeftOutFiles) -> LeftOutFiles:
        first = min(filter(None, (self.first, other.first)), default="")
        return LeftOutFiles(self.count + other.count, first)


def files_below(place: Path, path: str) -> LeftOutFiles:
    """Count what is below an ignored entry, links as one file each; what cannot be read is not.

    `place` is where it is on this machine, `path` what its address would begin with.
    """
    if place.is_symlink() or not place.is_dir():
        return LeftOutFiles(1, path)
    found = LeftOutFiles()
    for directory, directories, files in os.walk(place):
        here = Path(directory)
        names = [name for name in files if name not in IGNORED_NAMES]
        names += [name for name in directories if (here / name).is_symlink()]
        below = "/".join(("", *here.relative_to(place).parts))
        first = min((f"{path}{below}/{name}" for name in names), default="")
        found += LeftOutFiles(len(names), first)
    return found


def is_ignored(name: str, *, is_in_root: bool, is_below_hidden: bool) -> bool:
    """Whether an entry of this name is left out."""
    if name in IGNORED_NAMES:
        return not is_below_hidden
    return is_in_root and name in IGNORED_IN_ROOT


def refuse_worker_code(name: str, *, is_directory: bool) -> None:
    """Raise DirectoryError where an entry of the root is Worker code, not to lose it in silence."""
    if name == WORKER_SCRIPT or (name == FUNCTIONS and is_directory):
        raise DirectoryError(
            f"The build directory contains {name}: Worker code, which is not supported yet.",
            f"Remove {name} from the build output to deploy the static files alone, or use "
            "wrangler for this project.",
        )


def refuse_functions_beside(working_directory: Path, directory: Path) -> None:
    """Refuse a `functions` directory of the working directory, where wrangler would compile it.

    Raises DirectoryError when there is one with any entry in it.
    """
    beside = working_directory / FUNCTIONS
    if beside == directory:
        return
    try:
        with os.scandir(beside) as entries:
            empty = next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreadable(FUNCTIONS, error) from error
    if not empty:
        raise DirectoryError(
            f"{beside} looks like Pages Functions, which are not supported yet.",
            "Deploy without it by --no-functions (input noFunctions), or use wrangler for it.",
        )
