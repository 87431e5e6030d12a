"""How findings are told: in the log of a deployment, and as the result of `check`.

Of many findings of one code the first are told, and the rest is counted; `--json` has them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import PagesDeployError
from pages_deploy.preflight.finding import SEVERITIES, Finding
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.text.amounts import counted

TOLD_IN_A_LOG = 3
TOLD_BY_CHECK = 10
KINDS = {"error": "error", "warning": "warning", "note": "notice"}


class FindingsError(PagesDeployError):
    """Something was found that stands in the way."""

    exit_code = 2


def tell(findings: Sequence[Finding], settings: Settings, runtime: Runtime) -> None:
    """Tell in the log what was found; a note about a single file only at verbose level."""
    told: Counter[str] = Counter()
    folder = folder_of(settings, runtime)
    for finding in findings:
        if finding.severity == "note" and finding.file:
            runtime.console.detail(text_of(finding))
            continue
        told[finding.code] += 1
        if told[finding.code] <= TOLD_IN_A_LOG:
            file = "/".join(part for part in (folder, finding.file) if part)
            runtime.console.locate(
                KINDS[finding.severity], text_of(finding), file, finding.line or 0
            )
    for code, count in told.items():
        if count > TOLD_IN_A_LOG:
            directory = settings.text(options.DIRECTORY)
            runtime.console.warn(
                f"There {'is' if count - TOLD_IN_A_LOG == 1 else 'are'} "
                f"{count - TOLD_IN_A_LOG:,} more of the kind {code}; see: pages-deploy check "
                f"{directory}"
            )


def print_findings(findings: Sequence[Finding], runtime: Runtime) -> None:
    """Print what was found, the worst first."""
    told: Counter[str] = Counter()
    for severity in SEVERITIES:
        for finding in findings:
            if finding.severity != severity:
                continue
            told[finding.code] += 1
            if told[finding.code] <= TOLD_BY_CHECK:
                runtime.print_line(f"{severity}: {finding.place}: {finding.message}")
                runtime.print_line(f"  -> {finding.remedy} ({finding.document})")
    for code, count in told.items():
        if count > TOLD_BY_CHECK:
            runtime.print_line(f"{count - TOLD_BY_CHECK:,} more of the kind {code}: see --json")


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
    """Raise FindingsError where something was found that PREFLIGHT makes an end of."""
    are_wrong = {"error"}
    if settings.text(options.PREFLIGHT) == "error":
        are_wrong.add("warning")
    wrong = [finding for finding in findings if finding.severity in are_wrong]
    if not wrong:
        return
    more = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
    first = wrong[0]
    where = f"{first.place}: " if first.file else ""
    remedy = first.remedy
    if first.severity == "warning":
        remedy += " Without PREFLIGHT=error this would be a warning."
    raise FindingsError(f"{where}{first.message.rstrip('.')}{more}. Nothing was sent.", remedy)


def text_of(finding: Finding) -> str:
    """Return a finding as one line."""
    where = f"{finding.place}: " if finding.file else ""
    return f"{where}{finding.message} {finding.remedy} ({finding.document})"


def folder_of(settings: Settings, runtime: Runtime) -> str:
    """Return the build directory as it is called from where the command runs, with slashes."""
    directory = settings.build_directory
    try:
        relative = directory.resolve().relative_to(Path(runtime.current_directory).resolve())
    except (OSError, ValueError):
        return directory.as_posix()
    return "" if relative == Path() else relative.as_posix()
