"""Prove that a deployed address serves a manifest: ask for every asset and compare its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import requests

from pages_deploy.errors import VerificationError
from pages_deploy.hashing import CHUNK_BYTES, asset_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.manifest import Manifest

# The paths named in an error; the rest is counted.
NAMED_PATHS = 5
TIMEOUT_SECONDS = 30.0


def verify_all(
    session: requests.Session,
    url: str,
    manifest: Manifest,
    *,
    on_asset: Callable[[str], None] = lambda _path: None,
) -> int:
    """Compare what `url` serves with every asset of a manifest; returns how many were compared.

    `on_asset` is called with each path that is right. Raises VerificationError naming those that
    are not.
    """
    wrong = []
    for asset in manifest.assets:
        found = _served_hash(session, url.rstrip("/") + quote(asset.path), asset.path)
        if found == asset.hash:
            on_asset(asset.path)
        else:
            wrong.append(f"{asset.path} (expected {asset.hash}, found {found})")
    if wrong:
        more = f" and {len(wrong) - NAMED_PATHS} more" if len(wrong) > NAMED_PATHS else ""
        raise VerificationError(
            f"{url} does not serve what was sent: {'; '.join(wrong[:NAMED_PATHS])}{more}.",
            "Deploy again; with --skip-caching every file is uploaded anew.",
        )
    return len(manifest.assets)


def status_of(session: requests.Session, address: str) -> tuple[int | None, str]:
    """Return the status with which an address answers, or None and the reason for no answer."""
    try:
        return session.head(address, timeout=TIMEOUT_SECONDS).status_code, ""
    except requests.RequestException as error:
        return None, type(error).__name__


def _served_hash(session: requests.Session, address: str, path: str) -> str:
    """Return the asset hash of the body at an address, or words for why there is none."""
    try:
        with session.get(address, stream=True, timeout=TIMEOUT_SECONDS) as response:
            if not response.ok:
                return f"HTTP {response.status_code}"
            return asset_hash(response.iter_content(CHUNK_BYTES), path)
    except requests.RequestException as error:
        return f"no answer ({type(error).__name__})"
