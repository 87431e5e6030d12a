"""What must not be published: credentials that lie in a build directory by accident.

1. Each file is searched while the manifest reads it anyway: its path, and the first
   `SEARCHED_BYTES` of its content.
2. Some names are refused, some of them only with what the file holds (`secret_names.py`).
3. Content gets a glance first (`secret_glance.py`); only where that finds something are the rules
   (`secret_contents.py`) applied.
4. A match whose random part repeats, counts, or says that it is an example is a placeholder, as
   documentation shows it.

What this cannot see: whatever stands further into a file, in a compressed one (pictures, fonts,
archives) or in an encoding, and every secret that has no form of its own, such as a password.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import DirectoryError
from pages_deploy.site.secret_contents import contents
from pages_deploy.site.secret_glance import glance_for
from pages_deploy.site.secret_names import refused_for_its_name
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Callable

# Files that hold credentials are short; all of a large site would take as long as hashing it.
SEARCHED_BYTES = 32 * 1024
# The files named in an error; the rest is counted.
NAMED_FILES = 5
# Thousands of times what one file takes.
BUDGET_SECONDS = 2.0
WHAT_TO_DO = (
    "Keep them out of the build output, or publish them all the same with --allow-secrets "
    "(input allowSecrets). A secret that was public before has to be replaced."
)
# What a text in two bytes a letter begins with, in either order.
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """One file that must not be published; as text, its place and what it is."""

    path: str
    """As in the manifest: starts with a slash."""
    what: str
    """The words of the rule that found it."""
    line: int = 0
    """The line on which the content was found, from 1; 0 where it is the name."""

    def __str__(self) -> str:
        place = f" line {self.line}" if self.line else ""
        return f"{self.path}{place} ({self.what})"


class SecretSearch:
    """Searches the files that it is shown, and remembers what it found.

    `monotonic` tells the seconds; a file that takes more than `BUDGET_SECONDS` is given up.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.found: list[FoundSecret] = []
        """One entry a file, in the order in which they were searched."""
        self.given_up: list[str] = []
        """The paths of the files that took too long."""
        self._monotonic = monotonic
        self._is_worth_a_look = glance_for(contents())

    def glance(self, path: str, head: bytes) -> bool:
        """Whether a file, by its path and how its content begins, may be one to find."""
        named = refused_for_its_name(path, head) is not None
        return named or self._is_worth_a_look(_readable(head)[:SEARCHED_BYTES])

    def search(self, path: str, head: bytes) -> None:
        """Search one file: its path, with the leading slash, and how its content begins."""
        rule = refused_for_its_name(path, head)
        if rule is not None:
            self.found.append(FoundSecret(path, rule.what))
            return
        head = _readable(head)
        if self._is_worth_a_look(head[:SEARCHED_BYTES]):
            self._apply_rules(path, head)

    def _apply_rules(self, path: str, head: bytes) -> None:
        until = self._monotonic() + BUDGET_SECONDS
        for rule in contents():
            place = rule.find(head, SEARCHED_BYTES)
            if place is not None:
                line = head[:place].count(b"\n") + 1
                self.found.append(FoundSecret(path, rule.what, line))
                return
            if self._monotonic() > until:
                self.given_up.append(path)
                return

    def judge(self, *, is_allowed: bool, warn: Callable[[str], None]) -> None:
        """Raise DirectoryError when anything was found; where that is allowed, warn of it.

        Of files that took too long to search it warns in any case.
        """
        if self.given_up:
            warn(
                f"The search for secrets gave up on {_named(self.given_up)} after "
                f"{BUDGET_SECONDS:g} seconds; look through what it holds yourself."
            )
        if not self.found:
            return
        files = counted(len(self.found), "file")
        named = _named(list(map(str, self.found)))
        if is_allowed:
            warn(f"Without ALLOW_SECRETS {files} would not be published: {named}.")
            return
        raise DirectoryError(
            f"{files} must not be published: {named}.",
            WHAT_TO_DO,
        )


def _readable(head: bytes) -> bytes:
    if head.startswith(UTF_16):
        return head[:SEARCHED_BYTES].decode("utf-16", "ignore").encode()
    return head


def _named(files: list[str]) -> str:
    more = f" and {len(files) - NAMED_FILES} more" if len(files) > NAMED_FILES else ""
    return ", ".join(files[:NAMED_FILES]) + more
