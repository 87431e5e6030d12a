"""Worker code: the routes of `functions/`, modules, bundling, the form of a bundle."""

from __future__ import annotations
