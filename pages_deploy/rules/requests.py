"""The address of a request as Pages sees it, and where a redirect leads from there.

Pages reads addresses as browsers do: https://url.spec.whatwg.org/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from pages_deploy.rules.host_names import host_of, user_of
from pages_deploy.rules.paths import stored_form

# In a query only these and what is no ASCII are encoded: https://url.spec.whatwg.org/#query-state
_PLAIN_IN_QUERY = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_AUTHORITY = re.compile(r"(?:https:)?//+([^/?#]*+)(.*+)", re.DOTALL)
# Of the answers that Pages redirects by itself.
_PLAIN_IN_LOCATION = "-_.!~*'()"
_LEADING_SLASHES = re.compile(r"(?:/|\\|%2f|%5c|%09)+", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """Where a visitor is: on a host, at a path, with a query."""

    host: str
    """In lower case, with a port where it is not that of HTTPS."""
    path: str
    """Percent-encoded, its dots resolved."""
    query: str = ""
    """With its question mark; empty for none."""


def read_address(host: str, target: str) -> Address:
    """Read what a request asks for: path and query as sent, in ASCII, and the Host field."""
    path, _, query = target.partition("#")[0].partition("?")
    query = quote(query, _PLAIN_IN_QUERY, errors="replace")
    return Address(host_of(host) or host.lower(), _path(path), f"?{query}" if query else "")


def own_location(path: str, query: str) -> str:
    """Return the Location of a redirect that Pages makes by itself, from a decoded path.

    It leads to no other host, whatever the path begins with.
    """
    escaped = "/".join(quote(segment, _PLAIN_IN_LOCATION) for segment in path.split("/"))
    return _LEADING_SLASHES.sub("/", escaped, count=1) + query


def resolved(target: str, address: Address) -> str | None:
    """Return the Location of a rule's target; None where it is no address at all.

    What stays on the host is a path; the query is the target's own, or else the request's.
    """
    rest, mark, fragment = target.partition("#")
    rest, question, query = rest.partition("?")
    query = quote(query, _PLAIN_IN_QUERY, errors="replace")
    hash_ = f"#{fragment}" if fragment else ""
    end = (f"?{query}" if query else address.query) + hash_
    elsewhere = _AUTHORITY.fullmatch(rest.replace("\\", "/"))
    if elsewhere is None:
        return _path(rest) + end
    user, sign, authority = elsewhere[1].rpartition("@")
    host = host_of(authority)
    if not host:
        return None
    path = _path(elsewhere[2] or "/")
    if host == address.host:
        return path + end
    # Cut off as Pages does it, by the lengths of what was found: a `?` or a `#` with nothing behind
    # stays where it is.
    begin = f"{path}{question}{query}{mark}{fragment}"
    own = (len(query) + 1 if query else 0) + len(hash_)
    return f"https://{user_of(user) if sign else ''}{host}{begin[: len(begin) - own]}{end}"


def rewritten(target: str) -> str:
    """Return the path that a rule with the status 200 shows in place of the request's."""
    path = target.partition("#")[0].partition("?")[0].replace("\\", "/")
    elsewhere = _AUTHORITY.fullmatch(path)
    return _path(path if elsewhere is None else elsewhere[2])


def _path(path: str) -> str:
    # Only in addresses of the web a backslash is a slash.
    return stored_form(path.replace("\\", "/")) if path.startswith(("/", "\\")) else "/"
