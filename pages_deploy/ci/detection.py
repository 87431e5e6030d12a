"""Which CI platform this is: the first in a list that recognizes the environment.

The order matters where platforms imitate each other's variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.ci import github, gitlab, jenkins, local, other

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.ci.base import BuildContext, Platform

PLATFORMS: tuple[Platform, ...] = (github, gitlab, jenkins, other, local)
NAMES = tuple(platform.NAME for platform in PLATFORMS)


def detect(environ: Mapping[str, str], directory: Path, *, name: str = "") -> BuildContext:
    """Return what is known of this build; `name` overrides the detection.

    Raises KeyError for a name that is not in NAMES.
    """
    if name:
        platform = {platform.NAME: platform for platform in PLATFORMS}[name]
    else:
        platform = next(platform for platform in PLATFORMS if platform.detect(environ))
    return platform.build(environ, directory)
