"""What of a build directory is no asset: names that are left out, set aside, or refused.

The names left out are wrangler's (workers-sdk, `packages/wrangler/src/pages/validate.ts`), so that
one directory gives one manifest with either tool.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.reading import unreadable

if TYPE_CHECKING:
    from pathlib import Path

# Left out at any depth, but not below a directory whose name starts with a dot: wrangler's
# patterns do not reach there.
IGNORED_NAMES = frozenset({".DS_Store", ".git", "node_modules"})
IGNORED_IN_ROOT = frozenset({".wrangler"})
# In the root they say how the site is served, and are sent beside the assets.
SPECIAL_FILES = ("_headers", "_redirects", "_routes.json")
WORKER_SCRIPT = "_worker.js"
FUNCTIONS = "functions"
RESERVED_IN_ROOT = frozenset({WORKER_SCRIPT, FUNCTIONS, *SPECIAL_FILES})


def is_ignored(name: str, *, is_in_root: bool, is_below_hidden: bool) -> bool:
    """Whether an entry of this name is left out in silence."""
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
