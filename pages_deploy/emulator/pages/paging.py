"""Long lists, of which a page shows one part at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from markupsafe import Markup

from pages_deploy.emulator.pages.html import link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Request

T = TypeVar("T")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a list."""

    name: str
    """The parameter of the query that says which part."""

    number: int
    """Which part, counted from 1."""

    size: int
    """Things that a part has."""

    total: int
    """Things in the whole list."""

    @property
    def start(self) -> int:
        """How many things come before this part."""
        return (self.number - 1) * self.size

    def of(self, things: Sequence[T]) -> Sequence[T]:
        """This part of the whole list."""
        return things[self.start : self.start + self.size]

    def links(self) -> Markup:
        """Which part this is, with links to its neighbors; nothing where it is the only one."""
        last = _last(self.total, self.size)
        if last == 1:
            return Markup("")
        steps = [Markup("Part {} of {}").format(self.number, last)]
        if self.number > 1:
            steps.insert(0, link(f"?{self.name}={self.number - 1}", "Previous"))
        if self.number < last:
            steps.append(link(f"?{self.name}={self.number + 1}", "Next"))
        return Markup('<nav class="parts" aria-label="Parts of this list">{}</nav>').format(
            Markup(" ").join(steps)
        )


def part_of(request: Request, name: str, *, size: int, total: int) -> Part:
    """The part that a request asks for; the nearest one that there is, else the first."""
    asked = request.args.get(name, "")
    number = int(asked) if _NUMBER.fullmatch(asked) else 1
    return Part(name=name, number=min(number, _last(total, size)), size=size, total=total)


def _last(total: int, size: int) -> int:
    """The number of the last part; an empty list has one."""
    return max(1, -(-total // size))
