"""What the log of a deployment says.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pages_deploy.emulator.state.stages import Progress

# A log is for people: a few wrong paths tell as much as twenty thousand.
_MAX_ERRORS: Final = 20


def errors_for_log(errors: tuple[str, ...]) -> tuple[str, ...]:
    """The errors that a log names: all of them, or a summary and the first ones."""
    if len(errors) <= _MAX_ERRORS:
        return errors
    # The summary is not the last line: that one is what clients show, and it has to name a path.
    more = f"{len(errors)} files of the manifest are wrong; the first {_MAX_ERRORS} follow"
    return (more, *errors[:_MAX_ERRORS])


def log_lines(
    seen: Progress, *, file_count: int, errors: tuple[str, ...]
) -> tuple[tuple[float, str], ...]:
    """The deployment's log so far, as (seconds since 1970, text).

    After a failure the last line starts with `Error:`; clients show that one to the user.
    """
    first = seen.stages[0].started_on or 0.0
    lines = [(first, f"Received a manifest of {file_count} files")]
    for stage in seen.stages:
        if stage.started_on is not None:
            lines.append((stage.started_on, f"Stage {stage.name} started"))
        if stage.ended_on is not None:
            lines.append((stage.ended_on, f"Stage {stage.name} ended: {stage.status}"))
    latest = seen.latest
    if latest.status == "failure":
        reasons = errors or (f"stage {latest.name} failed",)
        lines += [(latest.ended_on or first, f"Error: {reason}") for reason in reasons]
    return tuple(lines)
