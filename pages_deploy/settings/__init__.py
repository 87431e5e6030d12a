"""Options, where their values come from, and the checked values."""

from __future__ import annotations
