"""What of a build directory is no asset: names that are left out or set aside.

The names left out are wrangler's (workers-sdk, `packages/wrangler/src/pages/validate.ts`), so that
one directory gives one manifest with either tool.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# Left out at any depth, but not below a directory whose name starts with a dot: wrangler's
# patterns do not reach there.
NODE_MODULES = "node_modules"
REPOSITORY = ".git"
IGNORED_NAMES = frozenset({".DS_Store", REPOSITORY, NODE_MODULES})
IGNORED_IN_ROOT = frozenset({".wrangler"})
# In the root they say how the site is served, and are sent beside the assets.
SPECIAL_FILES = ("_headers", "_redirects", "_routes.json")
WORKER_SCRIPT = "_worker.js"
# Says what else is left out, and is never published; one of another directory is a file like any.
IGNORE_FILE = ".assetsignore"
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
