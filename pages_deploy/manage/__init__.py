"""Deployments and domains that are there: find, follow, roll back, prune."""

from __future__ import annotations
