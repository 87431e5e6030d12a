"""What is wrong, or may be wrong, with what is about to be deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

# Where each code has an anchor of its own.
DOCUMENT = "docs/findings.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was found before anything is sent."""

    severity: Severity
    """`error`: Pages would refuse it; `warning`: it will not do what it seems to; `note`: the
    rest."""
    code: str
    """One of `CODES`, by which docs/findings.md explains it."""
    message: str
    """What is the case, as a sentence."""
    remedy: str
    """What to do, as a sentence."""
    file: str = ""
    """Its path below the build directory, without a leading slash; empty for the directory."""
    line: int | None = None
    """Counted from 1; None for a finding about a whole file."""
    target: str | None = None
    """Of a link, where it leads, as it is written."""

    @property
    def document(self) -> str:
        """Where it is explained, such as `docs/findings.md#secret`."""
        return f"{DOCUMENT}#{self.code}"

    @property
    def place(self) -> str:
        """The file and line, such as `_redirects:12`; a dot for the directory."""
        return (self.file or ".") + (f":{self.line}" if self.line is not None else "")

    def as_json(self) -> dict[str, object]:
        """Return what `check --json` and `plan --json` show of it."""
        shown: dict[str, object] = {
            "severity": self.severity,
            "code": self.code,
            "file": self.file,
            "line": self.line,
        }
        if self.target is not None:
            shown["target"] = self.target
        return {
            **shown,
            "message": self.message,
            "remedy": self.remedy,
            "document": self.document,
        }
