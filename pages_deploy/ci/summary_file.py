"""The file that a platform shows as the summary of a run, or of a step of it.

Others append to it too, and another of our own processes may at the same moment. So what is there
is read and its end is written anew under a lock, which costs nobody else anything; where the system
has none, or it cannot be had, ours is appended as if nothing were there.
"""

from __future__ import annotations

import stat
import sys
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.clock import Timer, poll

if TYPE_CHECKING:
    from typing import IO

    from pages_deploy.ci.platform import Addition

# Another of our processes has the lock for some milliseconds.
LOCK_SECONDS = 2.0
# More is no summary that anybody shows.
MAX_READ_BYTES = 2 * 1024 * 1024


def add_to(path: str, addition: Addition) -> None:
    """Change a file as an addition says, making it where it is missing.

    Raises OSError, or ValueError where the addition does.
    """
    file = Path(path)
    if file.exists() and not stat.S_ISREG(file.stat().st_mode):
        # The output of the step, or a pipe: there is nothing to read.
        with file.open("ab") as stream:
            stream.write(addition(b"")[1])
        return
    # Appending whatever the place, so that nothing that others append is written over.
    with file.open("a+b", buffering=0) as stream:
        is_alone = _is_locked(stream)
        stream.seek(0)
        there = stream.read(MAX_READ_BYTES) or b""
        kept, text = addition(there)
        if kept < len(there):
            # Whoever has no lock may have appended meanwhile.
            if is_alone and stream.seek(0, SEEK_END) == len(there):
                stream.truncate(kept)
            else:
                text = b"\n\n" + addition(b"")[1]
        stream.write(text)


def _is_locked(stream: IO[bytes]) -> bool:
    """Whether this process has the file for itself, until it closes it."""
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - Windows has none

    for _ in poll(Timer().deadline(LOCK_SECONDS)):
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        except OSError:
            return False
        return True
    return False
