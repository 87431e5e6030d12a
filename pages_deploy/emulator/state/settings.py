"""Everything about the emulated Cloudflare that a test or a user may want different."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.emulator.state.stages import StagePolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_MIB = 1024 * 1024

ALL_PERMISSIONS = frozenset(
    {
        "account:read",
        "memberships:read",
        "pages:read",
        "pages:edit",
        "zone:read",
        "zone:purge",
    }
)
"""What an API token can be good for; the names are the emulator's own."""

# Fixed, so that variables exported for one run are still right after a restart. What they are is
# said at the fields of `EmulatorSettings` that they are the defaults of.
DEFAULT_API_TOKEN = "emulator-api-token-is-no-secret-00000000"  # noqa: S105 - no secret
DEFAULT_API_KEY = "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e"
DEFAULT_API_EMAIL = "user@example.test"
DEFAULT_ACCOUNT_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
DEFAULT_ZONE_ID = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@dataclass(frozen=True, kw_only=True)
class EmulatorSettings:
    """How this Cloudflare is: who may do what, its limits, and the pace of its deployments."""

    api_tokens: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {DEFAULT_API_TOKEN: ALL_PERMISSIONS}
    )
    """API token -> what it may do: members of `ALL_PERMISSIONS`. `pages:edit` includes reading.
    The first token is the one that `Emulator.api_token` names."""

    api_key: str = DEFAULT_API_KEY
    """The legacy key for `X-Auth-Key`; together with `api_email` it may do everything."""

    api_email: str = DEFAULT_API_EMAIL
    """The address for `X-Auth-Email`."""

    accounts: Mapping[str, str] = field(
        default_factory=lambda: {DEFAULT_ACCOUNT_ID: "Emulated account"}
    )
    """Account id (32 hex digits) -> name. Every credential sees all of them; the first one is
    the one that `Emulator.account_id` names."""

    account_owned_tokens: frozenset[str] = frozenset()
    """Those of the API tokens that belong to an account and to no user. `/user/tokens/verify` does
    not know them."""

    api_hosts: frozenset[str] = frozenset()
    """Names, without a port, at which the API and the page for people answer beside the loopback
    ones. The one that the emulator listens on is among them without being named here."""

    front_project: str = ""
    """The project whose production answers at loopback addresses such as `127.0.0.1`, in place of
    the page for people, which `localhost` still shows; empty for none."""

    zones: Mapping[str, str] = field(default_factory=lambda: {DEFAULT_ZONE_ID: "example.test"})
    """Zone id (32 hex digits) -> domain."""

    taken_subdomains: frozenset[str] = frozenset()
    """Subdomains that some other Pages customer has: a project of that name gets the name, a
    hyphen and three characters as its subdomain."""

    upload_token_seconds: float = 300.0
    """Life of an upload token, from its making."""

    max_file_count: int = 20_000
    """Files a deployment may have; upload tokens carry it as `max_file_count_allowed`.
    https://developers.cloudflare.com/pages/platform/limits/#files"""

    max_file_bytes: int = 25 * _MIB
    """Bytes one asset may have, decoded.
    https://developers.cloudflare.com/pages/platform/limits/#file-size"""

    max_worker_bytes: int = 25 * _MIB
    """Bytes the Worker of a deployment may have, with all its modules.
    https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/methods/create/"""

    max_body_bytes: int = 100 * _MIB
    """Bytes a request body may have; above it the answer is HTTP 413."""

    max_commit_message_bytes: int = 384
    """UTF-8 bytes of a commit message, as received: a line break counts as the two bytes that
    multipart encoding makes of it."""

    max_items_per_page: int = 25
    """Largest `per_page` of project and deployment lists; above it: HTTP 400, code 8000024."""

    max_deployments_of_deletable_project: int = 100
    """Deployments that a project may still have when it is deleted; above it: HTTP 400, code
    8000076."""

    git_projects_refuse_direct_upload: bool = True
    """Whether a project that is connected to a Git repository gives no upload token and takes no
    manifest. Cloudflare's documentation said so until October 2024; since then it says that
    `wrangler pages deploy` works for them too."""

    max_purge_files: int = 30
    """URLs in one purge request. https://developers.cloudflare.com/cache/how-to/purge-cache/"""

    max_purge_items: int = 100
    """Tags, hosts or prefixes in one purge request, by the same page."""

    workerd: Path | None = None
    """The program that runs Workers; without it a page stands in for them.
    https://github.com/cloudflare/workerd"""

    workerd_environ: Mapping[str, str] = field(default_factory=dict)
    """All of its environment."""

    worker_start_seconds: float = 20.0
    """How long a Worker may take to start, by the clock, on a busy machine. Cloudflare allows one
    second of processor time: https://developers.cloudflare.com/workers/platform/limits/"""

    worker_answer_seconds: float = 30.0
    """How long a Worker may take until it answers a request; then it is stopped. Cloudflare allows
    as much processor time by default, by the same page."""

    stage_policy: StagePolicy = field(default_factory=StagePolicy)
    """How fast deployments move through their stages; at once unless told otherwise."""

    stages_stay_queued: bool = False
    """Whether `stages` still says `queued: active` of a deployment that has ended, as users have
    seen it; `latest_stage` is right all the same."""

    domain_polls: int = 0
    """GETs of a new custom domain until it is active; number `domain_polls` is the first to show
    it. With 0 the answer to its creation does."""

    requests_per_window: int | None = None
    """Requests to the API until the answer is HTTP 429; None for no limit. Cloudflare's is 1200:
    https://developers.cloudflare.com/fundamentals/api/reference/limits/"""

    window_seconds: float = 300.0
    """Length of the window in which those requests count, and of the blocking above them."""

    clock: Callable[[], float] = time.time
    """Seconds since 1970: creation times, expiry of upload tokens, stages by the clock, the
    `Date` of every answer."""

    clock_skew_seconds: float = 0.0
    """How far the emulator's time is ahead of `clock`, or behind if negative."""

    def now(self) -> float:
        """The emulator's time, in seconds since 1970."""
        return self.clock() + self.clock_skew_seconds
