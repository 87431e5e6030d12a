"""What esbuild's program says on its standard error: errors and warnings, each with its place.

X [ERROR] Could not resolve "./nope"

    functions/a.js:1:14:
      1 | import a from "./nope";
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.errors import WorkerError
from pages_deploy.worker.node_modules import BARE_NAMES, BARE_SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = re.compile(r"^\S+ \[(ERROR|WARNING)\] (.*)$")
# Four blanks, and no more: what esbuild quotes of the file has six.
_PLACE = re.compile(r"^ {4}(\S.*):(\d+):(\d+):$")
_UNRESOLVED = re.compile(r'Could not resolve "(.*)"')
_SHOWN = 10


@dataclass(frozen=True)
class Message:
    """One thing that esbuild says."""

    kind: Literal["ERROR", "WARNING"]
    text: str
    place: str = ""
    """`file:line:column`, the column from 1; empty where there is none."""

    def __str__(self) -> str:
        text = self.text.rstrip(".")
        return f"{self.place}: {text}." if self.place else f"{text}."


def errors_of(said: str) -> list[Message]:
    """Return the errors."""
    return [message for message in _messages(said) if message.kind == "ERROR"]


def warnings_of(said: str) -> Iterator[str]:
    """Yield the warnings as sentences."""
    return (str(message) for message in _messages(said) if message.kind == "WARNING")


def failure(said: str) -> WorkerError:
    """Return the error that esbuild's words amount to."""
    errors = errors_of(said)
    if not errors:
        line = next(iter(said.strip().splitlines()), "it gave no reason")
        return WorkerError(f"esbuild failed: {line}.", _OTHER_VERSION)
    first, *others = errors
    message = str(first)
    if others:
        places = ", ".join(other.place or other.text for other in others[:_SHOWN])
        message += f" {len(others)} more: {places}{', ...' if len(others) > _SHOWN else ''}."
    return WorkerError(message, _hint(first))


_OTHER_VERSION = "Run esbuild yourself to see more. Version 0.17 or newer is needed."


def _hint(error: Message) -> str:
    found = _UNRESOLVED.match(error.text)
    if found is None:
        return "Correct the file." if error.place else _OTHER_VERSION
    name = found[1]
    if name.startswith("assets:"):
        return (
            "Static files of a Pages plugin are not supported. Copy them into the build directory."
        )
    if name.startswith((".", "/")):
        return "Correct the import, or add the file."
    if name.split("/")[0] in BARE_NAMES:
        return (
            "This is a module of Node.js. Set the compatibility flag nodejs_compat, and either a "
            f"compatibility date of {BARE_SINCE} or later, or import it as node:{name}."
        )
    return (
        "Install the packages before this step, for example with `npm ci`, or correct the import."
    )


def _messages(said: str) -> Iterator[Message]:
    kind: Literal["ERROR", "WARNING"] | None = None
    text = place = ""
    for line in said.splitlines():
        if (head := _HEAD.match(line)) is not None:
            if kind is not None:
                yield Message(kind, text, place)
            kind = "ERROR" if head[1] == "ERROR" else "WARNING"
            text, place = head[2], ""
        elif not place and (found := _PLACE.match(line)) is not None:
            place = f"{found[1]}:{found[2]}:{int(found[3]) + 1}"
    if kind is not None:
        yield Message(kind, text, place)
