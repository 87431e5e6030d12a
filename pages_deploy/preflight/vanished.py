"""The addresses that the live site lists and that would be 404 after this deployment.

1. Take what the live site's sitemaps list, or else the links of its home page.
2. Leave out where something of ours answers, what may vanish, and what is not there now either.
3. Guess for each of the others where it has gone, and write a line of `_redirects`. A line is shown
   only if it works: all of them, above the site's own, are read as Pages reads them, and asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pages_deploy.net.threads import in_threads
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.successors import Successors
from pages_deploy.proof.baseline import MISSING, UnseenError
from pages_deploy.proof.listed import CONCURRENCY, listed_at
from pages_deploy.rules.addresses import as_sent
from pages_deploy.rules.redirects import MAX_STATIC_REDIRECTS, is_dynamic, read_redirects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pages_deploy.preflight.allowed import Allowed
    from pages_deploy.preflight.finding import Severity
    from pages_deploy.proof.baseline import Baseline, Seen
    from pages_deploy.rules.answers import Answers
    from pages_deploy.site.manifest import Manifest

# So many are asked whether they are there now; a site that loses more has moved.
MOST_ASKED = 1_000
REDIRECTS = "_redirects"
# At which Pages serves what it shows for all that is missing.
_ERROR_PAGE = "/404"


@dataclass(frozen=True)
class Vanished:
    """What came of the comparison."""

    lines: Mapping[str, str]
    """By the path that is gone, decoded, the line of `_redirects` that leads on; empty for none."""
    has_fallback: bool = False
    """Whether the home page would answer at these."""
    gaps: tuple[str, ...] = ()
    """What is not known, each as a part of a sentence."""
    unused: Mapping[str, int] = field(default_factory=dict)
    """The lines of the list of what may vanish that have allowed nothing, by their text."""
    list_name: str = ""
    """What that list is called."""

    def findings(self) -> Iterable[Finding]:
        """Yield what to tell: each address, then what is not known."""
        severity: Severity = "note" if self.has_fallback else "warning"
        for path, line in self.lines.items():
            yield Finding(
                severity=severity,
                code="vanished-page",
                message=f"The live site has {as_sent(path)}, and this deployment does not.",
                remedy=(
                    f"Put this line at the top of {REDIRECTS}: {line}"
                    if line
                    else f"Bring the page back, or write a rule for it into {REDIRECTS}: there is "
                    "none to show that would work."
                ),
                target=as_sent(path),
            )
        if self.lines and self.has_fallback:
            yield Finding(
                severity="note",
                code="vanished-fallback",
                message="The site has no 404.html, so Pages answers with its home page, by status "
                "200, at every address that is gone.",
                remedy="Add a 404.html, unless the site is a single-page application.",
            )
        for gap in self.gaps:
            yield Finding(
                severity="note",
                code="vanished-unknown",
                message=f"Which addresses would vanish is not fully known: {gap}.",
                remedy="Give the live site a sitemap.xml that lists its pages, and see that it can "
                "be read from here.",
            )
        for entry, number in self.unused.items():
            yield Finding(
                severity="note",
                code="vanished-allowance",
                message=f"{self.list_name}:{number} allows {entry} to vanish, and nothing there "
                "does.",
                remedy="Take the line away, or correct it.",
            )


def find_vanished(
    baseline: Baseline, manifest: Manifest, answers: Answers, allowed: Allowed
) -> Vanished:
    """Return what the live site lists and this manifest would not have.

    Whatever the live site does is no error: what could not be seen is said.
    """
    try:
        baseline.arrive()
    except UnseenError as error:
        return Vanished({}, gaps=(f"nothing of the live site could be seen: {error.message}",))
    listed = listed_at(baseline, hosts=answers.hosts)
    gaps = [] if listed.is_by_sitemap else ["the live site has no sitemap that could be read"]
    if listed.gap:
        gaps.append(listed.gap)
    gone = [path for path in listed.paths if not answers.at(as_sent(path)).is_there]
    gone = [path for path in gone if path != _ERROR_PAGE and not allowed.allows(path)]
    asked = in_threads(baseline.look, gone[:MOST_ASKED], threads=CONCURRENCY)
    never_there = {
        path
        for path, seen in zip(gone, asked, strict=False)
        if seen.status in MISSING or _is_fallback(seen, baseline)
    }
    if troubles := [seen.trouble for seen in asked if not seen.status]:
        gaps.append(f"whether some of them are there now could not be seen: {troubles[0]}")
    lines = _lines([path for path in gone if path not in never_there], manifest, answers)
    return Vanished(lines, answers.has_fallback, tuple(gaps), allowed.unused, allowed.name)


def _is_fallback(seen: Seen, baseline: Baseline) -> bool:
    return bool(seen.hash) and baseline.is_fallback(seen)


def _lines(paths: list[str], manifest: Manifest, answers: Answers) -> dict[str, str]:
    """Return for each path a line that leads it on, or nothing where none would."""
    own = manifest.special_files.get(REDIRECTS, b"").decode("utf-8", "replace")
    # Ours come first, and must push out none of theirs.
    room = MAX_STATIC_REDIRECTS - len(read_redirects(own).rules)
    successors = Successors((asset.path for asset in manifest.assets), answers)
    lines = dict.fromkeys(paths, "")
    for path in [path for path in paths if not is_dynamic(as_sent(path))][: max(room, 0)]:
        if (there := successors.of(path)) is not None:
            lines[path] = f"{as_sent(path)} {as_sent(there)} 301"
    then = answers.with_redirects(read_redirects("\n".join([*filter(None, lines.values()), own])))
    return {
        path: line if line and then.at(as_sent(path)).kind == "file" else ""
        for path, line in lines.items()
    }
