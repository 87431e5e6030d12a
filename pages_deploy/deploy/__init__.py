"""One deployment in order: target, upload, creation, waiting, proof, recovery, purge."""

from __future__ import annotations
