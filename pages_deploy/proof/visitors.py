"""Prove that visitors get a deployment at an address of production.

What stands before such an address is its owner's affair, so that there is a third outcome beside
right and wrong: it cannot be seen.

1. Files other than HTML come first into a sample: challenges and rewriting blur pages.
2. Whoever answers as Pages does, or with our content, is the site. What it lacks, has in another
   version or fails at is wrong: visitors get it so.
3. Whoever shows something, and nothing as Pages would, answers for something else. That, a login, a
   challenge, a redirect to another host and no answer say nothing of the deployment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.proof.asking import Inquiry
from pages_deploy.proof.proof import (
    ANSWERED_FOR,
    NO_PROOF,
    Proof,
    comparable,
    mismatch,
    sample_of,
    why_unseen,
)
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages_deploy.errors import VerificationError
    from pages_deploy.proof.probe import Probe
    from pages_deploy.proof.served import Kind, Served
    from pages_deploy.site.manifest import Asset

# An older version too: it is what a slow edge shows where another deployment was before.
SLOW: frozenset[Kind] = frozenset({"missing", "broken"})
# By these Cloudflare's edge says that the server behind it gave no answer that could be one:
# https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
NOBODY_THERE = frozenset({520, 521, 522, 523, 524, 525, 526, 530})
SOMETHING_ELSE = (
    "nothing that it serves is marked as Pages marks it, as with a parked name, another server or "
    "pages that are rewritten on the way"
)


@dataclass(frozen=True)
class Visit:
    """What visitors of one address get."""

    url: str
    """The address, without a final slash."""
    proof: Proof
    """What is known of it; one of a part has a reason too, which tells of the rest."""
    error: VerificationError | None = None
    """What is wrong there."""
    leads_to: str = ""
    """The other host to which all of it is redirected."""


def visitors_inquiry(probe: Probe, *, changed: Collection[str], everything: bool) -> Inquiry:
    """Return what to ask an address of production for; `changed` has the hashes of what is new."""
    assets = comparable(probe)
    if not everything:
        assets.sort(key=lambda asset: asset.is_page)
        assets = sample_of(assets, changed)
    return Inquiry(probe, assets, SLOW)


def visit_of(inquiry: Inquiry, *, remedy: str) -> Visit:
    """Return what visitors get, by the answers to an inquiry; `remedy` is for what is wrong."""
    url = inquiry.probe.url.rstrip("/")
    served, not_right = inquiry.served, inquiry.not_right()
    if _is_something_else(served.values()):
        return Visit(url, Proof(is_proved=False, reason=SOMETHING_ELSE))
    if wrong := wrong_in(inquiry):
        return Visit(url, NO_PROOF, mismatch(inquiry, wrong, remedy))
    right = inquiry.right
    if not not_right:
        reason = "" if right else f"{ANSWERED_FOR} asked for"
        return Visit(url, Proof(is_proved=right > 0, checked=right, reason=reason))
    reason = why_unseen(inquiry, not_right)
    if right:
        blocked = [asset for asset in not_right if served[asset.path].kind != "guarded"]
        # A part that its owner has put behind a login is no news to anybody.
        rest = f"for {counted(len(blocked), 'other file')} {reason}" if blocked else ""
        return Visit(url, Proof(is_proved=True, checked=right, reason=rest))
    hosts = {served[asset.path].leads_to for asset in not_right}
    leads_to = hosts.pop() if len(hosts) == 1 else ""
    return Visit(url, Proof(is_proved=False, reason=reason), leads_to=leads_to)


def wrong_in(inquiry: Inquiry) -> list[Asset]:
    """Return what a site lacks, has in another version or fails at; not what cannot be seen."""
    answers = ((asset, inquiry.served[asset.path]) for asset in inquiry.not_right())
    return [
        asset
        for asset, served in answers
        if served.kind in SLOW and served.status not in NOBODY_THERE
    ]


def _is_something_else(served: Collection[Served]) -> bool:
    is_seen = any(answer.status == 200 for answer in served)
    return is_seen and not any(answer.is_of_pages for answer in served)
