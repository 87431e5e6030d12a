"""What may answer at a host of production in the place of its site, on order.

What Cloudflare's edge does before a site: https://developers.cloudflare.com/cloudflare-one/ and
https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
"""

from __future__ import annotations

from typing import Final, Literal

from pages_deploy.emulator.http.faults import Answer

HostAnswer = Literal["access", "challenge", "parking", "another project", "redirect", "nothing"]
"""The login of Cloudflare Access, a challenge for browsers, the page of somebody who has parked the
name, a site of Pages that has other files, a redirect to another host, or an edge that finds nobody
to ask."""

_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}

HOST_ANSWERS: Final[dict[HostAnswer, Answer]] = {
    "access": Answer(
        status=302,
        headers={"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/host?kid=1"},
    ),
    "challenge": Answer(
        status=403,
        body="<!doctype html><title>Just a moment...</title>",
        headers={**_HTML, "cf-mitigated": "challenge"},
    ),
    "parking": Answer(
        status=200, body="<!doctype html><title>This name is for sale</title>", headers=_HTML
    ),
    "another project": Answer(
        status=200,
        body="<!doctype html><title>Another site</title>",
        headers={**_HTML, "ETag": '"0123456789abcdef0123456789abcdef"'},
    ),
    "redirect": Answer(status=301, headers={"Location": "https://elsewhere.example.test/"}),
    "nothing": Answer(status=522, body="error code: 522", headers={"Content-Type": "text/plain"}),
}
"""The same answer to whatever is asked."""
