"""What `_headers`, `_redirects`, `_routes.json` and names of files mean: no HTTP, no files."""

from __future__ import annotations
