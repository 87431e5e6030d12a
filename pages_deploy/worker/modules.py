"""The modules of a Worker, as they go into a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ModuleKind = Literal["esm", "commonjs", "wasm", "text", "data", "source-map"]


@dataclass(frozen=True, slots=True)
class Module:
    """One module, or the source map of one."""

    name: str
    """How others import it: relative to the bundle's root, `/` between its parts, not encoded."""
    kind: ModuleKind
    content: bytes


@dataclass(frozen=True)
class Script:
    """The code of a Worker, ready to be sent."""

    main: Module
    """The module whose default export answers requests."""
    others: tuple[Module, ...] = ()
    """What it imports, in the order in which it is sent."""
