"""What people see of an emulator in a browser: its projects, their deployments, what is in them."""

from __future__ import annotations
