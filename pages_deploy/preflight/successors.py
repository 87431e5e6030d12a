"""Where an address that is gone may have gone: the best guess by the names of what is there.

1. The same address in other letters of case.
2. The same last segment elsewhere, at the address that has most segments in common.
3. The same last segment with a date before it, or without the one it had.
4. The nearest address above it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pages_deploy.rules.addresses import address_of, as_sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pages_deploy.rules.answers import Answers

_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}-")
_PAGE = ".html"
# No place to lead anybody to.
_ERROR_PAGE = "/404.html"
# Of a name that very many have, none is the likely one.
_MOST_NAMESAKES = 100


class Successors:
    """The addresses of a site, to guess among."""

    def __init__(self, files: Iterable[str], answers: Answers) -> None:
        self._answers = answers
        self._folded: dict[str, str] = {}
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for file in files:
            address = address_of(file, answers.has)
            if address is None:
                continue
            self._folded.setdefault(_bare(address).casefold(), address)
            for name in {_name(address), _undated(_name(address))} - {""}:
                if len(self._by_name[name]) < _MOST_NAMESAKES:
                    self._by_name[name].append(address)

    def of(self, path: str) -> str | None:
        """Return the address that most likely stands for a path, both decoded; None for none."""
        name = _name(path)
        candidates = [
            *([found] if (found := self._folded.get(_bare(path).casefold())) else []),
            *_nearest_first(path, self._by_name.get(name, ())),
            *_nearest_first(path, self._by_name.get(_undated(name), ())),
        ]
        return next((one for one in candidates if self._is_there(one)), None) or self._above(path)

    def _above(self, path: str) -> str | None:
        path = path.rstrip("/")
        while path:
            path = path.rpartition("/")[0]
            for address in (f"{path}/", path):
                if address and self._is_there(address):
                    return address
        return None

    def _is_there(self, address: str) -> bool:
        """Whether a file answers at an address, without a further redirect."""
        answer = self._answers.at(as_sent(address))
        is_page = answer.kind == "file" and not answer.file.endswith(_ERROR_PAGE)
        return is_page and answer.path == as_sent(address)


def _bare(path: str) -> str:
    return path.rstrip("/").removesuffix(_PAGE).removesuffix("/index")


def _name(path: str) -> str:
    return _bare(path).rpartition("/")[2]


def _undated(name: str) -> str:
    found = _DATE.match(name)
    return name[found.end() :] if found else name


def _nearest_first(path: str, addresses: Iterable[str]) -> list[str]:
    """Sort addresses by what they have in common with a path, the shorter ones first."""
    segments = set(path.split("/"))

    def distance(address: str) -> tuple[int, int, str]:
        return -len(segments.intersection(address.split("/"))), len(address), address

    return sorted(addresses, key=distance)
