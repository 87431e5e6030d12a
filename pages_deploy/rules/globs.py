"""A path pattern in which `*` stands for any characters, slashes too, as in `_routes.json`."""

from __future__ import annotations


def globs(pattern: str, path: str) -> bool:
    """Whether a pattern matches a whole path; without expressions, so that none can be slow."""
    first, *rest = pattern.split("*")
    if not rest:
        return path == first
    *middle, last = rest
    if len(path) < len(first) + len(last):
        return False
    if not (path.startswith(first) and path.endswith(last)):
        return False
    at, end = len(first), len(path) - len(last)
    for part in middle:
        at = path.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
