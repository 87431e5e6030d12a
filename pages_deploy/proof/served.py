"""What a site serves for one asset, as an answer shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["right", "ruled", "guarded", "blocked", "missing", "broken"]
"""ruled: the site's own _redirects answer. guarded: Cloudflare Access asks who is there. blocked:
nobody is let in, for whatever reason. missing: nothing is there. broken: the server fails, or
serves other content.
"""


@dataclass(frozen=True)
class Served:
    """What is served for an asset."""

    kind: Kind
    words: str = ""
    """What is there, where it is neither right nor other content."""
    status: int | None = None
    """The HTTP status; None where there was no answer."""
    content: str = ""
    """The asset hash of what is there, where it is known."""
    is_of_pages: bool = False
    """Whether the answer names an asset hash as Pages does, or has the asset's own content."""
    leads_to: str = ""
    """The other host that a redirect leads to."""
    is_silence: bool = False
    """Whether the answer did not come, or not end, in time, or there is no way to the server."""

    @property
    def found(self) -> str:
        """What is there in words, where it is not right."""
        return self.words or f"content {self.content}"

    @property
    def is_final(self) -> bool:
        """Whether asking again is of no use: it is right, or somebody means it to be as it is."""
        is_meant = self.kind in {"right", "ruled", "guarded"} or bool(self.leads_to)
        return is_meant or self.words == CHALLENGE


ACCESS_LOGIN = "the login page of Cloudflare Access"
CHALLENGE = "a challenge for browsers"
