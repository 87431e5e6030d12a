"""The checks of one part of the contract: each is reported, and the next one is made whatever came.

A difference fails the test at its end, with all the others of the same test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pytest

from pages_deploy.clock import poll
from pages_deploy.errors import ApiResponseError, PagesDeployError
from tests.live.report import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from pages_deploy.clock import Timer
    from tests.live.report import Report


class Checks:
    """Compares what is expected with what is found; a context manager, which tells at its end.

    An error of ours inside the block is a difference too, and ends the block.
    """

    def __init__(
        self, report: Report, contract: str, *, timer: Timer, patience_seconds: float
    ) -> None:
        self._report = report
        self._contract = contract
        self._timer = timer
        self._patience_seconds = patience_seconds
        self._differences: list[Line] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, PagesDeployError):
            self.equal("the call that failed", "no error", f"{type(error).__name__}: {error}")
        elif error is not None:
            return False
        if self._differences:
            words = [words for line in self._differences for words in line.in_words()]
            pytest.fail("\n".join(words), pytrace=False)
        return True

    def equal(self, request: str, expected: Any, found: Any) -> bool:
        """Compare; of two objects, only the names that are expected."""
        is_equal = agrees(expected, found)
        line = self._report.add(Line(self._contract, request, expected, found, is_equal))
        if not is_equal:
            self._differences.append(line)
        return is_equal

    def eventually(self, request: str, expected: Any, look: Callable[[], Any]) -> bool:
        """Compare with what is found sooner or later, since the edge may take its time."""
        found: Any = None
        for _ in poll(self._timer.deadline(self._patience_seconds)):
            found = look()
            if agrees(expected, found):
                break
        return self.equal(request, expected, found)

    def refused(
        self, request: str, expected: Mapping[str, int], call: Callable[[], object]
    ) -> None:
        """Make a call that has to be refused, with this `status` and `code`."""
        found: dict[str, Any] = {"status": 200, "code": None}
        try:
            call()
        except ApiResponseError as error:
            code = error.codes[0] if error.codes else None
            found = {"status": error.status, "code": code, "message": error.message}
        self.equal(request, dict(expected), found)


def agrees(expected: Any, found: Any) -> bool:
    """Whether what is found is what is expected."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(name in found and found[name] == value for name, value in expected.items())
    return bool(expected == found)


def shape(value: Any, prefix: str = "") -> dict[str, str]:
    """Return what there is in a document, by dotted names: text, number, boolean or list.

    Nothing, be it null or empty, is as good as an absent field: Cloudflare's own answers have
    either.
    """
    if value is None or value in ({}, [], ""):
        return {}
    if not isinstance(value, dict):
        kinds = {str: "text", bool: "boolean", list: "list"}
        return {prefix: kinds.get(type(value), "number")}
    found: dict[str, str] = {}
    for name, item in value.items():
        found |= shape(item, f"{prefix}.{name}" if prefix else name)
    return found
