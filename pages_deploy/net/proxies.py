"""Which proxy a request would go through, and why it cannot be one.

Proxies come from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in lower case too, or from the
system; requests looks them up itself.
"""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

SCHEMES = frozenset({"http", "https"})
SOCKS_SCHEMES = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
# What urllib3 needs for them.
SOCKS_PACKAGE = "socks"
NO_SOCKS = "SOCKS needs the package PySocks, which is not installed here"


def unusable_proxy(address: str) -> str:
    """Say which proxy of an address cannot be used, and why; nothing where all is well."""
    try:
        proxies = get_environ_proxies(address)
        proxy = select_proxy(address, proxies)
    except ValueError:
        # Of the address itself.
        return ""
    if not proxy or (reason := _wrong_in(proxy)) is None:
        return ""
    variable = "ALL_PROXY" if proxy == proxies.get("all") else f"{_scheme_of(address)}_PROXY"
    # User and password stay out.
    shown = proxy.rpartition("@")[2]
    return f"the proxy '{shown}' of {variable} (or {variable.lower()}) cannot be used: {reason}"


def _wrong_in(proxy: str) -> str | None:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = parts.port
    except ValueError:
        return "it is not an address with a host and a port"
    if parts.scheme not in SCHEMES | SOCKS_SCHEMES:
        return f"'{parts.scheme}' is not a scheme of a proxy"
    if parts.scheme in SOCKS_SCHEMES and importlib.util.find_spec(SOCKS_PACKAGE) is None:
        return NO_SOCKS
    if not parts.hostname or any(character.isspace() for character in proxy):
        return "it names no host"
    return None if port else "it names no port"


def _scheme_of(address: str) -> str:
    return urlsplit(address).scheme.upper()
