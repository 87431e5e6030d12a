"""Names that Pages makes or accepts: of projects, custom domains and branch aliases."""

from __future__ import annotations

import random
import re
from typing import Final

# "Lower-case letters, digits, hyphens, beginning with a letter or a digit"; at most 58 characters,
# which leaves room in a host label (63) for what Cloudflare appends to a taken subdomain.
_PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,57}")
_NOT_IN_LABEL = re.compile(r"[^a-z0-9-]")
# A host name (RFC 1123) of at least two labels; the last one is no number.
_DOMAIN_NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]"
)
_MAX_DOMAIN_CHARACTERS: Final = 253
_ALPHANUMERICS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"

ALIAS_CHARACTERS: Final = 28
"""Length to which the alias of a branch is cut:
https://developers.cloudflare.com/pages/configuration/preview-deployments/"""

SITE_SUFFIX: Final = ".localhost"
"""What stands here for Cloudflare's `.pages.dev`."""

PAGES_SUFFIX: Final = ".pages.dev"
"""Where Cloudflare itself serves sites."""


def is_project_name(name: str) -> bool:
    """Whether Pages takes `name` for a project."""
    return _PROJECT_NAME.fullmatch(name) is not None


def is_domain_name(name: str) -> bool:
    """Whether Pages takes `name`, in lower case and without a port, for a custom domain."""
    return len(name) <= _MAX_DOMAIN_CHARACTERS and _DOMAIN_NAME.fullmatch(name) is not None


def without_port(authority: str) -> str:
    """The host of an authority: `demo.localhost:8788` -> `demo.localhost`."""
    return re.sub(r":\d*$", "", authority).lower()


def random_suffix(length: int) -> str:
    """Random lower-case letters and digits, to tell names apart; nothing secret."""
    return "".join(random.choices(_ALPHANUMERICS, k=length))  # noqa: S311 - no secret


def branch_alias(branch: str) -> str:
    """The host label under which the newest preview of `branch` answers.

    A branch without a single usable character gets a random label, so the caller has to remember
    the alias of a branch.
    """
    label = _NOT_IN_LABEL.sub("-", branch.lower()).strip("-")
    # Cut after the hyphens are stripped, and not stripped again: the alias may end in a hyphen.
    return (label or f"branch-{random_suffix(10)}")[:ALIAS_CHARACTERS]
