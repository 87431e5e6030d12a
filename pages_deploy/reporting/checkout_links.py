"""Links of the checkout, through which no file is written.

Whoever may commit can make `pages.json` a link to somebody's `~/.bashrc`, or a directory of its
path a link to anywhere. So a path is followed from its start, a part at a time:

1. Links outside of the checkout are the machine's own (`/var`, `/dev/stdout`), and are followed.
2. A link in the checkout may lead a directory elsewhere in it; out of it, none may.
3. In the checkout, the file itself is no link.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_in_checkout(file: Path, directories: Iterable[Path]) -> bool:
    """Whether a path ends in one of some directories, which are the checkout's.

    Raises SettingsError for a link that nothing may be written through, ValueError for what is no
    path at all.
    """
    real = {Path(os.path.realpath(directory)) for directory in directories}
    # Of a checkout at the root of the file system, every link of the machine would be a part.
    checkouts = [directory for directory in real if directory != Path(directory.anchor)]
    place = Path(file.anchor)
    *before, name = file.parts[1 if file.anchor else 0 :] or ("",)
    for part in before:
        # As the system does, `..` goes up from where a link has led.
        step = place.parent if part == ".." else place / part
        place = Path(os.path.realpath(step))
        holding = _holding(step, checkouts)
        if place != step and not all(place.is_relative_to(one) for one in holding):
            raise _refused(file, step)
    holding = _holding(place / name, checkouts)
    if holding and _is_link(place / name):
        raise _refused(file, place / name)
    return bool(holding)


def open_without_link(path: str, flags: int) -> int:
    """Open a file as `open` does by default, but for a link; raises OSError for one."""
    # Windows has no such flag; what was a link before was refused already.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _holding(path: Path, checkouts: Iterable[Path]) -> list[Path]:
    return [directory for directory in checkouts if directory in path.parents]


def _is_link(path: Path) -> bool:
    try:
        # Knows the junctions of Windows as well.
        path.readlink()
    except OSError:
        return False
    return True


def _refused(file: Path, link: Path) -> SettingsError:
    return SettingsError(
        f"Cannot write {file}: {link} is a link of the checkout, to {link.readlink()}.",
        "Nothing is written through such a link. Remove it, or give a path without one.",
    )
