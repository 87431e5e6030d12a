"""Deployments as their visitors see them."""

from __future__ import annotations
