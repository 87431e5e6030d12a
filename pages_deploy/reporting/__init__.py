"""What people and later steps are told: console, outputs, files, summary."""

from __future__ import annotations
