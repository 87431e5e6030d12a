"""Texts and file names in UTF-8, whatever the locale: that of a CI's machine says nothing of them.

Python decodes the environment, the command line and the names of files by the locale, before any
line of ours runs. Where that is not UTF-8, it begins anew in its UTF-8 mode
(https://docs.python.org/3/library/os.html#utf8-mode), as the same process.
"""

from __future__ import annotations

import os
import sys


def ensure_utf8() -> None:
    """Begin anew in UTF-8 mode, with all that Python was started with, where it is needed.

    Whoever has chosen a mode on the command line (`-X utf8=0`) is left alone.
    """
    if sys.getfilesystemencoding() == "utf-8" or "utf8" in sys._xoptions or not sys.executable:
        return
    arguments = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.execv(sys.executable, arguments)  # noqa: S606 - this very program
