"""The proof of serving: does an address serve this manifest, and what differs from production?"""

from __future__ import annotations
