"""The proof of serving: does an address serve this manifest?"""

from __future__ import annotations
