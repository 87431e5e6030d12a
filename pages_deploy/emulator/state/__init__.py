"""What the emulated Cloudflare remembers, and the rules for changing it."""

from __future__ import annotations
