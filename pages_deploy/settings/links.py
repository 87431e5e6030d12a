"""Whether a link of a stranger's checkout leads elsewhere.

In the build of a fork or of a pull request the files may be anybody's. What a directory is called
is for the owner to say, by an option; where it really is, no link of the checkout decides. On a
push a build directory may well be a link, as the results of Nix and Bazel are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pages_deploy.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pages_deploy.settings.sources import Found


def refuse_link(name: str, found: Found, place: Path, within: Sequence[Path]) -> None:
    """Raise SettingsError where a directory is not where it is said to be.

    `name` is that of the option that names the `place`; the first directory of `within` that it is
    said to be in has to be one that it really is in. Outside of all, it may be no link itself.
    """
    said = os.path.abspath(place)  # noqa: PTH100 - no link is followed, as Path.resolve would
    really = os.path.realpath(place)
    base = next((folder for folder in map(os.path.abspath, within) if _is_in(said, folder)), None)
    if base is None:
        parent, own_name = os.path.split(said)
        is_right = really == os.path.join(os.path.realpath(parent), own_name)  # noqa: PTH118
    else:
        is_right = _is_in(really, os.path.realpath(base))
    if not is_right:
        raise SettingsError(
            f"{name}, from {found.source}, is '{found.value}', and a link leads from there to "
            f"{really}. In the build of a pull request or a fork no link may lead out of the "
            "working directory.",
            "Copy what is to be deployed into a directory of the working directory.",
        )


def _is_in(place: str, folder: str) -> bool:
    return place == folder or place.startswith(os.path.join(folder, ""))  # noqa: PTH118
