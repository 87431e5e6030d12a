"""The names at which the API answers, so that no foreign page reaches it through a name of its own.

A page may let its own name lead to 127.0.0.1 once it is loaded (DNS rebinding); the browser then
takes the emulator for that page's server, and only the Host field tells. So the API answers, and
the page for people too, at

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
    if not is_known(request, settings):
        raise RefusalError(
            421,
            7003,
            message=f"Could not route to the host {without_port(request.host)}: the emulator's API "
            "answers at loopback addresses and at names that it was given by --host or "
            "--allow-host",
        )


def is_known(request: Request, settings: EmulatorSettings) -> bool:
    """Whether the host of a request is one of those."""
    name = _bare(without_port(request.host))
    if name == "localhost" or name in {given.lower() for given in settings.api_hosts}:
        return True
    address = _address(name)
    if address is None:
        return False
    return address.is_loopback or address == _address(request.environ[LOCAL_ADDRESS])


def is_loopback_address(host: str) -> bool:
    """Whether a host without port is an address of this machine alone, not a name."""
    address = _address(_bare(host))
    return address is not None and address.is_loopback


def _bare(host: str) -> str:
    return host.removesuffix(".").strip("[]")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket for both kinds shows the older one's addresses inside of the newer one's.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
