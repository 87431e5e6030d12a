"""Typed client of the Cloudflare Pages REST API: one module a resource."""

from __future__ import annotations
