"""What answers a request: a site, the API, or the page for people.

1. A site's own host is that site's, whatever the path.
2. Below `/client/v4` it is the API, which looks at the host by itself.
3. A loopback address is the project's that the settings put in front, if they name one.
4. The emulator's other names are the page's; at all other hosts nothing answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages_deploy.emulator.http import api_hosts
from pages_deploy.emulator.http.routes import PREFIX
from pages_deploy.emulator.sites import hosts
from pages_deploy.emulator.state.names import SITE_SUFFIX, without_port

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pages_deploy.emulator.state.store import Store


@dataclass(frozen=True)
class Destination:
    """Where a request leads."""

    kind: Literal["site", "api", "page", "nothing"]
    """What answers."""

    site_host: str = ""
    """Whose site, as a host without port: for the project in front its own, not the request's."""


def destination(request: Request, store: Store) -> Destination:
    """Return what answers a request."""
    host = without_port(request.host)
    if hosts.is_site(host, store):
        return Destination("site", host)
    if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
        return Destination("api")
    settings = store.settings
    if settings.front_project and api_hosts.is_loopback_address(host):
        return Destination("site", _host_of(settings.front_project, store))
    return Destination("page" if api_hosts.is_known(request, settings) else "nothing")


def _host_of(project_name: str, store: Store) -> str:
    project = store.projects.named(project_name)
    return (project_name if project is None else project.subdomain) + SITE_SUFFIX
