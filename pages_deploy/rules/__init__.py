"""The grammar of `_headers`, `_redirects` and `_routes.json`: no HTTP, no files."""

from __future__ import annotations
