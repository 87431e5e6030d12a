"""All that can be found out about a build directory before anything is sent, but for its links.

The findings are in the order of their files and lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.preflight.dropped_lines import dropped_lines, special_text
from pages_deploy.preflight.file_findings import file_findings
from pages_deploy.preflight.redirect_findings import redirect_findings
from pages_deploy.preflight.routes_findings import routes_findings
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.redirects import read_redirects

if TYPE_CHECKING:
    from collections.abc import Collection

    from pages_deploy.preflight.finding import Finding
    from pages_deploy.rules.routes_json import RoutesRules
    from pages_deploy.site.manifest import Manifest


def answers_of(
    manifest: Manifest, *, worker_rules: RoutesRules | None = None, hosts: Collection[str] = ()
) -> Answers:
    """Return what answers at the addresses of a manifest, at the hosts of its own."""
    return Answers(
        frozenset(asset.path for asset in manifest.assets),
        read_redirects(special_text(manifest.special_files, "_redirects")),
        worker_rules=worker_rules,
        hosts=hosts,
    )


def preflight(manifest: Manifest, answers: Answers, *, has_worker: bool) -> list[Finding]:
    """Return what is wrong, or may be, with names, rules and limits of a manifest."""
    special = manifest.special_files
    findings = [
        *dropped_lines(special),
        *redirect_findings(special, answers),
        *routes_findings(special, has_worker=has_worker),
        *file_findings(manifest, answers),
    ]
    return sorted(findings, key=lambda one: (one.file, one.line or 0))
