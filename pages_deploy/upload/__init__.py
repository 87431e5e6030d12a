"""Make Pages hold every asset: batches, request bodies, the upload token."""

from __future__ import annotations
