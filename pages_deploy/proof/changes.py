"""Which pages differ from what production served before.

The deployment that production served is asked at its own address (`baseline.py`), so that it does
not matter what this run happened to upload:

1. A page of ours that is not there is new; one with another content is changed.
2. A page that the site lists (`listed.py`) and has, and where nothing of ours answers, is removed.
3. All are asked for side by side, within a few seconds; what is not seen by then is said.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

from pages_deploy.net.threads import in_threads
from pages_deploy.proof.baseline import MISSING, Baseline, Seen, UnseenError
from pages_deploy.proof.listed import listed_at
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from pages_deploy.api.models import Project
    from pages_deploy.clock import Timer
    from pages_deploy.net.sessions import Session
    from pages_deploy.proof.pages import Pages

Kind = Literal["new", "changed", "removed"]
_Verdict = Kind | Literal["same", "unseen"]
PATIENCE_SECONDS = 20.0
CONCURRENCY = 8
# A whole site that has moved; they are asked for before the pages, which need some of the time.
MOST_GONE = 1_000
# At which Pages serves what it shows for all that is missing.
_ERROR_PAGE = "/404"


class Change(NamedTuple):
    """A page that differs."""

    kind: Kind
    path: str
    """As in the address bar, decoded."""


@dataclass(frozen=True)
class Changes:
    """The pages that are new, changed or removed: paths as in the address bar, decoded."""

    baseline: str
    """The id of the deployment that was compared with; empty where there was none."""
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_complete: bool = True
    """Whether every page was compared and the removed ones could be known."""
    gap: str = ""
    """What is not known and why, where something is not: a sentence without its full stop."""

    @property
    def by_kind(self) -> dict[Kind, tuple[str, ...]]:
        """The paths of each kind."""
        return {"new": self.new, "changed": self.changed, "removed": self.removed}

    @property
    def count(self) -> int:
        """How many pages differ."""
        return sum(map(len, self.by_kind.values()))

    @property
    def words(self) -> str:
        """How many pages differ, and how: `3 new, 2 changed, 1 removed page`."""
        counts = {kind: len(paths) for kind, paths in self.by_kind.items() if paths}
        if not counts:
            return "no difference found"
        *_, last = counts.values()
        listed = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        return f"{listed} page" if last == 1 else f"{listed} pages"

    def first(self, most: int) -> list[Change]:
        """Return so many of the pages; where they are more, each kind has its share."""
        kinds = [[Change(kind, path) for path in paths] for kind, paths in self.by_kind.items()]
        in_turn = chain.from_iterable(zip_longest(*kinds))
        chosen = set(islice((change for change in in_turn if change is not None), most))
        return [change for changes in kinds for change in changes if change in chosen]


def compare_pages(
    session: Session,
    pages: Pages,
    project: Project,
    *,
    timer: Timer,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Changes:
    """Return how our pages differ from those that production served when `project` was asked for.

    Whatever the site does is no error: what could not be compared is missing in the result, which
    says so.
    """
    before = project.canonical_deployment
    if before is None:
        return Changes("", new=tuple(sorted(pages.hashes)))
    baseline = Baseline(session, before.url, timer.deadline(patience_seconds))
    try:
        baseline.arrive()
    except UnseenError as error:
        gap = f"nothing of production could be seen: {error.message}"
        return Changes(before.id, is_complete=False, gap=gap)
    listed = listed_at(baseline, hosts=project.domains)
    gone = [path for path in listed.paths if not pages.answers(path)]
    candidates = gone[:MOST_GONE]
    seen = in_threads(baseline.look, [*candidates, *pages.hashes], threads=CONCURRENCY)
    there, ours = seen[: len(candidates)], seen[len(candidates) :]
    verdicts: list[tuple[str, _Verdict, Seen]] = [
        (answer.path, _of_gone(answer, baseline, pages), answer) for answer in there
    ]
    verdicts += [
        (path, _of_page(answer, baseline, wanted), answer)
        for (path, wanted), answer in zip(pages.hashes.items(), ours, strict=True)
    ]
    paths: dict[_Verdict, set[str]] = defaultdict(set)
    for path, verdict, _ in verdicts:
        paths[verdict].add(path)
    gaps = []
    if troubles := [answer.trouble for _, verdict, answer in verdicts if verdict == "unseen"]:
        gaps.append(f"{counted(len(troubles), 'page')} could not be compared: {troubles[0]}")
    if listed.gap:
        gaps.append(f"of production not every page is known: {listed.gap}")
    if len(gone) > MOST_GONE:
        gaps.append(f"of {len(gone)} pages that may be gone, {MOST_GONE} were looked at")
    if pages.left_to_worker:
        gaps.append(f"the Worker answers at {counted(pages.left_to_worker, 'page')}")
    return Changes(
        before.id,
        tuple(sorted(paths["new"])),
        tuple(sorted(paths["changed"])),
        tuple(sorted(paths["removed"])),
        is_complete=not gaps,
        gap="; ".join(gaps),
    )


def _of_page(answer: Seen, baseline: Baseline, wanted: str) -> _Verdict:
    """Return what an answer of the earlier deployment says of a page of ours."""
    if answer.hash == wanted:
        return "same"
    if answer.status in MISSING or (answer.hash and baseline.is_fallback(answer)):
        return "new"
    return "changed" if answer.hash else "unseen"


def _of_gone(answer: Seen, baseline: Baseline, pages: Pages) -> _Verdict:
    """Return what an answer of the earlier deployment says of an address that we do not have."""
    is_fallback = baseline.is_fallback(answer)
    if not answer.status or (is_fallback and not answer.hash):
        return "unseen"
    is_page = answer.is_html and not is_fallback and not answer.path.endswith(_ERROR_PAGE)
    # It may have led to another spelling, which we do have.
    return "removed" if is_page and not pages.answers(answer.path) else "same"
