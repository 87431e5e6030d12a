"""Text that goes out: harmless for its target, without secrets, in amounts people read."""

from __future__ import annotations
