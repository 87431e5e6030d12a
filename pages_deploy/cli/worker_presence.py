"""Whether there may be Worker code: the room that compiles it is imported only then.

Most sites have none, and pay nothing for those that have.
"""

from __future__ import annotations

import os

from pages_deploy.cli.file_rules import is_excluded
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

FUNCTIONS_NAME = "functions"
SCRIPT_NAME = "_worker.js"
# Whoever gives one of these means Worker code, or has to hear that there is none.
_MEANT = (
    options.FUNCTIONS,
    options.BUNDLE,
    options.NO_BUNDLE,
    options.WORKER_BUNDLE,
    options.ESBUILD,
    options.WORKERD,
    options.PROBE,
)


def may_have_worker(settings: Settings) -> bool:
    """Whether the settings or the names of files speak of Worker code, a dangling link too."""
    if any(map(settings.text, _MEANT)):
        return True
    script = settings.build_directory / SCRIPT_NAME
    has_script = os.path.lexists(script) and not is_excluded(settings, SCRIPT_NAME)
    return has_script or os.path.lexists(settings.working_directory / FUNCTIONS_NAME)
