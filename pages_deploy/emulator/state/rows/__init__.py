"""Records to rows of the database and back. No rules, and no transactions of its own."""

from __future__ import annotations
