"""The build directory: manifest, asset hashes, content types, the secrets it must not hold."""

from __future__ import annotations
