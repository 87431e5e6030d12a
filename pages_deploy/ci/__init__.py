"""What the CI platform says about this build: one module a platform."""

from __future__ import annotations
