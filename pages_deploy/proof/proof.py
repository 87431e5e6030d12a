"""Prove that a deployed address serves a manifest.

1. Choose what to ask for: everything, or a sample that has the root, one asset of each type, and
   up to twenty of those that are new or changed. What the site itself redirects is left out.
2. Ask for all of it, and again for what was not right, while the edge catches up.
3. Where nothing at all could be seen, because somebody before the site lets nobody in, nothing is
   proved and nothing refuted. Else all of it has to be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.clock import Timer, poll
from pages_deploy.errors import VerificationError
from pages_deploy.net.failures import NoAnswerError
from pages_deploy.net.request import Request
from pages_deploy.proof.asking import Inquiry, ask_all
from pages_deploy.proof.served import ACCESS_LOGIN
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pages_deploy.net.received import Received
    from pages_deploy.net.sessions import Session
    from pages_deploy.proof.probe import Probe
    from pages_deploy.site.manifest import Asset

ProofMode = Literal["off", "sample", "all"]
MODES: tuple[ProofMode, ...] = ("off", "sample", "all")
CHANGED_IN_SAMPLE = 20
# How long a new deployment may take to be there everywhere.
PATIENCE_SECONDS = 60.0
# The paths named in an error; the rest is counted.
NAMED_PATHS = 5


@dataclass(frozen=True)
class Proof:
    """What is known of a deployment that was not found wrong."""

    is_proved: bool
    """Whether it serves what was sent; False means that this is not known."""
    checked: int = 0
    """How many assets were served as sent."""
    routes: int = 0
    """How many routes of the Worker have answered."""
    reason: str = ""
    """Why nothing is proved."""

    @property
    def words(self) -> str:
        """What was proved, as the end of a sentence."""
        said = []
        if self.checked or not self.routes:
            served = "is served as it was" if self.checked == 1 else "are served as they were"
            said.append(f"{counted(self.checked, 'file')} {served} sent")
        if self.routes:
            said.append(f"{counted(self.routes, 'route')} of the Worker answered")
        return ", ".join(said)


ANSWERED_FOR = "the site's own _redirects or its Worker answer for every file"
NO_PROOF = Proof(is_proved=False, reason="it was not asked for")


def prove(
    probe: Probe,
    *,
    timer: Timer,
    changed: Collection[str] = (),
    everything: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Proof:
    """Prove that a site serves the probe's manifest, by a sample or by everything.

    `changed` has the hashes that were uploaded. Raises VerificationError naming what is not served
    as it was sent.
    """
    chosen = comparable(probe)
    if not everything:
        chosen = sample_of(chosen, changed)
    if not chosen:
        return Proof(is_proved=False, reason=ANSWERED_FOR)
    inquiry = Inquiry(probe, chosen)
    ask_all([inquiry], timer=timer, patience_seconds=patience_seconds)
    return verdict(inquiry)


def comparable(probe: Probe) -> list[Asset]:
    """Return what can be compared: not what the site itself redirects, or a Worker answers for."""
    return [asset for asset in probe.manifest.assets if not probe.is_ruled(asset.path)]


def verdict(inquiry: Inquiry) -> Proof:
    """Return what the answers of a site prove; raises VerificationError where it is wrong."""
    right, wrong = inquiry.right, inquiry.not_right()
    if not wrong:
        reason = "" if right else f"{ANSWERED_FOR} asked for"
        return Proof(is_proved=right > 0, checked=right, reason=reason)
    kinds = {inquiry.served[asset.path].kind for asset in wrong}
    if right and kinds == {"guarded"}:
        # A part of the site that its owner has put behind a login.
        return Proof(is_proved=True, checked=right)
    if not right and kinds <= {"guarded", "blocked"}:
        return Proof(is_proved=False, reason=why_unseen(inquiry, wrong))
    raise mismatch(inquiry, wrong, "Deploy again; with --skip-caching every file is uploaded anew.")


def why_unseen(inquiry: Inquiry, unseen: Sequence[Asset]) -> str:
    """Say why nothing could be seen; a login is the reason that the site's owner knows of."""
    told = min(unseen, key=lambda asset: inquiry.served[asset.path].kind != "guarded")
    found = inquiry.served[told.path].found
    return found if found.startswith("no answer") else f"it answers with {found}"


def sample_of(assets: Collection[Asset], changed: Collection[str]) -> list[Asset]:
    """Choose the root, the first asset of each type, and up to twenty with a changed hash."""
    chosen = {asset.path: asset for asset in assets if asset.path == "/index.html"}
    kinds = {asset.content_type for asset in chosen.values()}
    new = 0
    for asset in assets:
        is_new = asset.hash in changed and new < CHANGED_IN_SAMPLE and asset.path not in chosen
        if is_new or asset.content_type not in kinds:
            kinds.add(asset.content_type)
            chosen[asset.path] = asset
            new += is_new
    return list(chosen.values())


def status_of(session: Session, address: str) -> tuple[int | None, str]:
    """Return the status with which an address answers and what that means, where it means much.

    None, and the reason, where there is no answer.
    """
    try:
        answer = _head(session, address)
    except NoAnswerError as error:
        return None, error.failure.reason
    return answer.status, ACCESS_LOGIN if answer.is_access_login else ""


def have_the_same_root(session: Session, one: str, other: str, *, timer: Timer) -> bool | None:
    """Whether two addresses come to serve the same root; None where that cannot be told."""
    for _ in poll(timer.deadline(PATIENCE_SECONDS)):
        tags = []
        for address in (one, other):
            try:
                answer = _head(session, address)
            except NoAnswerError:
                return None
            # A weak tag means the same content: Cloudflare weakens those of what it compresses.
            tags.append((answer.status, answer.header("ETag").removeprefix("W/")))
        if tags[0] == tags[1]:
            return True if tags[0][1] else None
    return False


def _head(session: Session, address: str) -> Received:
    return session.send(Request("HEAD", address))


def mismatch(
    inquiry: Inquiry, wrong: Sequence[Asset], hint: str, *, expected: str = "what was sent"
) -> VerificationError:
    """Return the error of a site that serves something else, naming some of it."""
    served = inquiry.served
    named = [
        f"{asset.path} (expected content {asset.hash}, found {served[asset.path].found})"
        for asset in wrong[:NAMED_PATHS]
    ]
    more = f" and {len(wrong) - NAMED_PATHS} more" if len(wrong) > NAMED_PATHS else ""
    return VerificationError(
        f"{inquiry.probe.url} does not serve {expected}: {'; '.join(named)}{more}.",
        hint,
        broken=[asset.hash for asset in wrong if served[asset.path].kind == "broken"],
    )
