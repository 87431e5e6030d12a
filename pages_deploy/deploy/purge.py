"""Empty the cache in front of the custom domains after a production deployment.

Pages itself serves the new files at once; a zone's own cache rules may keep old ones
(https://developers.cloudflare.com/cache/how-to/purge-cache/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from pages_deploy.errors import ApiError, AuthenticationError, SettingsError
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pages_deploy.api.models import Project
    from pages_deploy.api.zones import Zones
    from pages_deploy.site.manifest import Asset

WHAT = ("off", "everything", "hosts", "files")


@dataclass(frozen=True)
class Purge:
    """What to purge where."""

    zone_id: str
    """The zone of the custom domains."""
    what: str
    """`everything`, `hosts` (the project's custom domains) or `files` (the uploaded ones there)."""


def purge_cache(zones: Zones, purge: Purge, *, project: Project, changed: Iterable[Asset]) -> str:
    """Purge, and return what was done in words.

    `zones` has the credentials that may do it, `changed` the assets that were uploaded. Raises
    ApiError, and SettingsError for a project without a custom domain.
    """
    if purge.what == "everything":
        zones.purge_everything(purge.zone_id)
        return f"Purged the whole cache of zone {purge.zone_id}"
    domains = project.custom_domains
    if not domains:
        raise SettingsError(
            f"Project '{project.name}' has no custom domain whose cache could be purged.",
            "Use --purge everything, or attach the domain to the project.",
        )
    if purge.what == "hosts":
        zones.purge_hosts(purge.zone_id, domains)
        return f"Purged the cache of {', '.join(domains)}"
    urls = served_urls(domains, changed)
    zones.purge_files(purge.zone_id, urls)
    return f"Purged {counted(len(urls), 'file')} from the cache"


def served_urls(domains: Sequence[str], assets: Iterable[Asset]) -> list[str]:
    """Return the address at which each domain serves each asset, as Pages spells it.

    `/docs/index.html` is served at `/docs/` and `/about.html` at `/about`: the longer forms only
    redirect there.
    """
    paths = sorted(quote(served_path(asset.path)) for asset in assets)
    return [f"https://{domain}{path}" for domain in domains for path in paths]


# What a token for purging needs, beyond those for Pages.
PERMISSION_HINT = (
    "The token needs the permission Zone > Cache Purge > Purge for this zone; a separate one may "
    "be given as PURGE_API_TOKEN."
)


def explain_failure(error: ApiError | SettingsError) -> str:
    """Say what a failed purge means; it never fails a good deployment."""
    hint = PERMISSION_HINT if isinstance(error, AuthenticationError) else error.hint
    return f"The cache was not purged. {error.message} {hint}".strip()


def served_path(path: str) -> str:
    """Return the path at which Pages serves a file, as it spells it."""
    if path.endswith("/index.html"):
        return path.removesuffix("index.html")
    return path.removesuffix(".html")
