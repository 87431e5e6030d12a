"""Publish a built directory to Cloudflare Pages by Direct Upload."""

from __future__ import annotations

__version__ = "0.1.0"
