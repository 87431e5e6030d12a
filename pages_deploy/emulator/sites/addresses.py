"""Where an emulator answers: its sites at hosts below `.localhost`, and its page for people.

Every browser and most resolvers take names below `.localhost` for this machine:
https://www.rfc-editor.org/rfc/rfc6761#section-6.3
"""

from __future__ import annotations

from dataclasses import dataclass

from pages_deploy.emulator.state.names import PAGES_SUFFIX, SITE_SUFFIX


@dataclass(frozen=True)
class SiteAddress:
    """Where the sites of one emulator answer: at `<labels>.localhost:<port>`."""

    port: int
    """The port of the emulator."""

    page_host: str = "localhost"
    """The host of the page for people, as in an address."""

    @property
    def page_url(self) -> str:
        """The URL of the page for people: `http://localhost:8788/`."""
        return f"http://{self.page_host}:{self.port}/"

    def host(self, label: str) -> str:
        """The host with port, such as `demo.localhost:8788`, which Pages calls subdomain."""
        return f"{label}{SITE_SUFFIX}:{self.port}"

    def url(self, label: str) -> str:
        """The URL without a final slash: `http://demo.localhost:8788`."""
        return f"http://{self.host(label)}"

    def domain(self, name: str) -> str:
        """A custom domain as it is shown: one that leads to this machine carries the port."""
        return f"{name}:{self.port}" if name.endswith(SITE_SUFFIX) else name

    def domain_url(self, name: str) -> str:
        """The URL of a custom domain, without a final slash."""
        scheme = "http" if name.endswith(SITE_SUFFIX) else "https"
        return f"{scheme}://{self.domain(name)}"


def site_labels(host: str) -> tuple[str, ...] | None:
    """The labels before `.localhost` of a host without port; None if it is no site's host.

    Whoever sends a request for `demo.pages.dev` here means the same site.
    """
    host = host.lower().rstrip(".")
    for suffix in (SITE_SUFFIX, PAGES_SUFFIX):
        if host.endswith(suffix):
            return tuple(host.removesuffix(suffix).split("."))
    return None
