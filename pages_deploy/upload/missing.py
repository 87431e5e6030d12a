"""What Pages lacks of a manifest, and how it is going to be sent: only asked, nothing changes.

1. Get an upload token; it also states how many files the account allows.
2. Ask which hashes are missing.
3. Pack their assets into batches.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.upload.batches import Batch, make_batches
from pages_deploy.upload.token import UploadTokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.site.manifest import Asset, Manifest

DEFAULT_CONCURRENCY = 3


@dataclass(frozen=True)
class UploadPlan:
    """What an upload is to be, but for its files: those are the manifest's."""

    project_name: str
    """The project for which the files are."""
    concurrency: int = DEFAULT_CONCURRENCY
    """How many requests run at once."""
    skips_caching: bool = False
    """Whether everything is sent, without a question about what is missing."""
    resent: frozenset[str] = frozenset()
    """Hashes that are sent whatever Pages says of them."""


@dataclass(frozen=True)
class Missing:
    """What an upload has to send."""

    hashes: frozenset[str]
    """Those that Pages lacks, or that are wanted to be sent."""
    batches: tuple[Batch, ...]
    """One asset for each of these hashes, as they go into the requests."""
    bytes: int
    """The size of these assets."""


def tokens_for(client: PagesClient, plan: UploadPlan) -> UploadTokens:
    """Return what hands out the upload tokens of one upload; asks for none yet."""
    return UploadTokens(
        lambda: client.projects.upload_token(plan.project_name), client.transport.timer
    )


def find_missing(
    client: PagesClient, manifest: Manifest, plan: UploadPlan, tokens: UploadTokens
) -> Missing:
    """Ask what has to be sent of a manifest.

    Raises DirectoryError for more files than the account may deploy, ApiError for what is refused.
    """
    tokens.get()
    if len(manifest.assets) > tokens.max_files:
        raise DirectoryError(
            f"The build directory has {len(manifest.assets)} files; this account may deploy "
            f"{tokens.max_files}.",
            "Deploy fewer files, or see "
            "https://developers.cloudflare.com/pages/platform/limits/#files for the limits.",
        )
    return packed(_wanted(client, manifest, plan, tokens), plan)


def _wanted(
    client: PagesClient, manifest: Manifest, plan: UploadPlan, tokens: UploadTokens
) -> list[Asset]:
    """Return one asset for each hash that Pages lacks, or that is wanted to be sent."""
    assets = manifest.by_hash()
    if not assets or plan.skips_caching:
        return list(assets.values())
    lacking = tokens.use(lambda token: client.assets.check_missing(token, assets.keys()))
    # Each at most once, and none that is not ours, whatever the server names.
    found = (assets.pop(key, None) for key in itertools.chain(lacking, plan.resent))
    return [asset for asset in found if asset is not None]


def packed(assets: Iterable[Asset], plan: UploadPlan) -> Missing:
    """Return some assets, each of another hash, as an upload sends them."""
    several = tuple(assets)
    batches = make_batches(several, parallel=plan.concurrency)
    size_bytes = sum(asset.size_bytes for asset in several)
    return Missing(frozenset(asset.hash for asset in several), tuple(batches), size_bytes)
