"""Every code that a finding can have, with what it means: for SARIF, and for docs/findings.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A row for each kind of finding, in the order of docs/findings.md, which has a heading for each.
CODES: Mapping[str, str] = {}
