"""What stands in the way of a deployment, as findings: files that Pages refuses, and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.preflight.codes import CODES
from pages_deploy.preflight.finding import Finding
from pages_deploy.site.secret_search import WHAT_TO_DO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pages_deploy.errors import DirectoryError
    from pages_deploy.site.secret_search import SecretSearch


def refused_files(problems: Iterable[DirectoryError]) -> Iterator[Finding]:
    """Yield what a walk could not take."""
    for problem in problems:
        yield Finding(
            severity="error",
            code=problem.code if problem.code in CODES else "unreadable",
            file=problem.path.removeprefix("/"),
            message=problem.message,
            remedy=problem.hint,
        )


def secrets_found(search: SecretSearch, *, is_allowed: bool) -> Iterator[Finding]:
    """Yield the secrets that were found: errors, unless they are allowed."""
    for secret in search.found:
        yield Finding(
            severity="warning" if is_allowed else "error",
            code="secret",
            file=secret.path.removeprefix("/"),
            line=secret.line or None,
            message=f"This must not be published: {secret.what}.",
            remedy=WHAT_TO_DO,
        )
    for path in search.given_up:
        yield Finding(
            severity="warning",
            code="secret-unsearched",
            file=path.removeprefix("/"),
            message="The search for secrets gave up on this file, which took it too long.",
            remedy="Look through what it holds yourself.",
        )
