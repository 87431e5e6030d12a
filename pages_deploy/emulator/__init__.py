"""Cloudflare Pages on this machine: the API, the upload of assets and the sites it serves.

The emulator shares no code with the client, so that a wrong field name cannot pass in both.
"""

from __future__ import annotations

from pages_deploy.emulator.errors import EmulatorError
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings

__all__ = ["Emulator", "EmulatorError", "EmulatorSettings"]
