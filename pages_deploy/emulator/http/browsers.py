"""The API is for programs: what a web page asks of it is refused.

Its tokens are public, so any page that a browser shows could use them, one of a deployed site first
of all. No page can hide that it is one: browsers add `Origin` to each request that leads to another
origin or may change something, and `Sec-Fetch-Site` to every request to this machine.

`Sec-Fetch-Mode` says nothing: Node.js sends it too, and so does wrangler.

https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import RefusalError

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

_ADDED_BY_BROWSERS: Final = ("Origin", "Sec-Fetch-Site")


def check(headers: Headers) -> None:
    """Raises RefusalError (HTTP 403) for a request that a browser sent."""
    found = [name for name in _ADDED_BY_BROWSERS if name in headers]
    if found:
        raise RefusalError(
            403,
            10000,
            message="The emulator's API answers programs, and no browser: its tokens are public, so"
            " any web page could use them. This request comes from a browser, as its header"
            f" {found[0]} tells",
        )
