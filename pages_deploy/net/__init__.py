"""How anything is asked over HTTP: sessions, TLS, proxies, failures, Retry-After."""

from __future__ import annotations
