"""Every code that a finding can have, with what it means: for SARIF, and for docs/findings.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A row for each kind of finding, in the order of docs/findings.md, which has a heading for each.
CODES: Mapping[str, str] = {
    "dead-link": "A link to a path of the site at which nothing is",
    "dead-link-fallback": "Pages shows the home page where a link leads to nothing",
    "dead-links-left-out": "More links lead nowhere than are named",
    "page-unread": "A page whose links were not looked at",
    "vanished-page": "An address that the live site lists and this deployment has not",
    "vanished-fallback": "Pages shows the home page at addresses that are gone",
    "vanished-unknown": "Which addresses would vanish is not fully known",
    "vanished-allowance": "A line that allows an address to vanish which does not",
}
