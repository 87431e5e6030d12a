"""Running the Workers of deployments by workerd, Cloudflare's own runtime."""

from __future__ import annotations
