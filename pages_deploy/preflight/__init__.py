"""Would a deployment work, and what would it do?"""

from __future__ import annotations
