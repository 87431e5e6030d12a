"""The names at which the API answers, so that no foreign page reaches it through a name of its own.

A page may let its own name lead to 127.0.0.1 once it is loaded (DNS rebinding); the browser then
takes the emulator for that page's server, and only the Host field tells. So the API answers at

1. a loopback address, and `localhost`; names below `.localhost` are the sites';
2. the name or address that it was told to listen on, and those in the settings;
3. the address at which the connection arrived, where it listens on all of the machine's.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.state.names import without_port

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pages_deploy.emulator.state.settings import EmulatorSettings

LOCAL_ADDRESS: Final = "pages_deploy.local_address"
"""Key of the WSGI environment: the address of this machine at which the connection arrived."""


def check(request: Request, settings: EmulatorSettings) -> None:
    """Raises RefusalError (HTTP 421) for a request to a host that the API does not answer at."""
    host = without_port(request.host)
    if not _is_here(host, request.environ[LOCAL_ADDRESS], settings.api_hosts):
        raise RefusalError(
            421,
            7003,
            message=f"Could not route to the host {host}: the emulator's API answers at loopback "
            "addresses and at names that it was given by --host or --allow-host",
        )


def _is_here(host: str, arrived_at: str, names: frozenset[str]) -> bool:
    name = host.removesuffix(".").strip("[]")
    if name == "localhost" or name in {given.lower() for given in names}:
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address == _address(arrived_at))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket for both kinds shows the older one's addresses inside of the newer one's.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
