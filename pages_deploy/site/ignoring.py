"""What of a build directory is no asset: names that are left out or set aside.

The names left out are wrangler's (workers-sdk, `packages/wrangler/src/pages/validate.ts`), so that
one directory gives one manifest with either tool.
"""

from __future__ import annotations

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
