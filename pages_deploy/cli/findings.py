"""How findings are told: in the log of a deployment, and as the result of `check` and `plan`.

What is the same in many places is told once, with their number and the first of them; of many
things of one code the first are told, and the rest is counted. `--json` has every place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import PagesDeployError
from pages_deploy.preflight.finding import SEVERITIES, Finding
from pages_deploy.preflight.preflight import answers_of, preflight
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.site.manifest import Manifest
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    # The room of Worker code is not for every site.
    from pages_deploy.deploy.planned_worker import PlannedWorker

TOLD_IN_A_LOG = 3
TOLD_BY_CHECK = 10
SHOWN_PLACES = 3
KINDS = {"error": "error", "warning": "warning", "note": "notice"}


class FindingsError(PagesDeployError):
    """Something was found that stands in the way."""

    exit_code = 2


@dataclass(frozen=True)
class Group:
    """The places at which one thing was found."""

    first: Finding
    """The first of them."""
    places: tuple[str, ...]
    """The first few; empty for a finding about the whole directory."""
    count: int

    @property
    def where(self) -> str:
        """The places, as the beginning of a line."""
        if not self.first.file:
            return ""
        more = f" and {self.count - len(self.places):,} more" * (self.count > len(self.places))
        return f"{', '.join(self.places)}{more}: "

    @property
    def line(self) -> str:
        """All of it."""
        first = self.first
        return f"{self.where}{first.message} {first.remedy} ({first.document})"


def grouped(findings: Sequence[Finding]) -> list[Group]:
    """Put together what is the same in several places: the worst first, then the most frequent."""
    alike: defaultdict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[finding.severity, finding.code, finding.message, finding.remedy].append(finding)
    groups = [
        Group(several[0], tuple(one.place for one in several[:SHOWN_PLACES]), len(several))
        for several in alike.values()
    ]
    return sorted(groups, key=lambda one: (SEVERITIES.index(one.first.severity), -one.count))


def look_before(
    manifest: Manifest, planned: PlannedWorker | None, settings: Settings, runtime: Runtime
) -> None:
    """Look at names, rules and limits before a deployment, as PREFLIGHT says, and tell of them.

    Raises FindingsError where something stands in the way.
    """
    if settings.text(options.PREFLIGHT) == "off":
        return
    rules = None if planned is None else planned.worker.rules
    answers = answers_of(manifest, worker_rules=rules)
    findings = preflight(manifest, answers, has_worker=planned is not None)
    tell(findings, settings, runtime)
    stop_for(findings, settings)


def tell(findings: Sequence[Finding], settings: Settings, runtime: Runtime) -> None:
    """Tell in the log what was found; a note about single files only at verbose level."""
    folder = folder_of(settings, runtime)
    notable = [one for one in findings if one.severity != "note" or not one.file]
    for finding in findings:
        if finding.severity == "note" and finding.file:
            runtime.console.detail(f"{finding.place}: {finding.message} ({finding.document})")
    more: Counter[str] = Counter()
    for group in _first(grouped(notable), TOLD_IN_A_LOG, more):
        first = group.first
        file = "/".join(part for part in (folder, first.file) if part) if first.file else ""
        runtime.console.locate(KINDS[first.severity], group.line, file, first.line or 0)
    for code, count in more.items():
        runtime.console.warn(
            f"{counted(count, 'more finding')} of the kind {code}; to see them all: pages-deploy "
            f"check {settings.text(options.DIRECTORY)}"
        )


def print_findings(findings: Sequence[Finding], runtime: Runtime) -> None:
    """Print what was found, the worst first."""
    more: Counter[str] = Counter()
    for group in _first(grouped(findings), TOLD_BY_CHECK, more):
        first = group.first
        runtime.print_line(f"{first.severity}: {group.where}{first.message}")
        runtime.print_line(f"  -> {first.remedy} ({first.document})")
    for code, count in more.items():
        runtime.print_line(f"{counted(count, 'more finding')} of the kind {code}: see --json")


def _first(groups: Sequence[Group], most: int, more: Counter[str]) -> Iterator[Group]:
    """Yield so many groups of each code, and count the others in `more`."""
    told: Counter[str] = Counter()
    for group in groups:
        code = group.first.code
        if told[code] < most:
            told[code] += 1
            yield group
        else:
            more[code] += group.count


def print_or_annotate(findings: Sequence[Finding], settings: Settings, runtime: Runtime) -> None:
    """Tell what was found: where the platform has annotations, each at its place."""
    if runtime.console.dialect.located is not None:
        tell(findings, settings, runtime)
    else:
        print_findings(findings, runtime)


def counts_of(findings: Sequence[Finding]) -> str:
    """Say how many findings there are of each severity."""
    severities = Counter(finding.severity for finding in findings)
    return ", ".join(counted(severities[one], one) for one in SEVERITIES if severities[one])


def stop_for(findings: Sequence[Finding], settings: Settings) -> None:
    """Raise FindingsError where something is an error, or made one by PREFLIGHT."""
    are_wrong = {"error"}
    if settings.text(options.PREFLIGHT) == "error":
        are_wrong.add("warning")
    groups = grouped([finding for finding in findings if finding.severity in are_wrong])
    if not groups:
        return
    first = groups[0]
    more = f" There are {counted(len(groups) - 1, 'more finding')} like this." * (len(groups) > 1)
    why = "" if first.first.severity == "error" else " PREFLIGHT=error makes it an error."
    raise FindingsError(
        f"{first.where}{first.first.message}{more} Nothing was sent.", first.first.remedy + why
    )


def folder_of(settings: Settings, runtime: Runtime) -> str:
    """Return the build directory as it is called from where the command runs, with slashes."""
    directory = settings.build_directory
    try:
        relative = directory.resolve().relative_to(runtime.current_directory.resolve())
    except (OSError, ValueError):
        return directory.as_posix()
    return "" if relative == Path() else relative.as_posix()
