"""The wire: connections, the API below `/client/v4`, its JSON, faults to order."""

from __future__ import annotations
