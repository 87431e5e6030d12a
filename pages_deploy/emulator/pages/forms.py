"""The page's forms, which no other page can send.

1. A form has in it a secret that is made anew with each start of the emulator; no other origin can
   read it.
2. A browser says by itself from where a form was sent: `Origin` and `Sec-Fetch-Site`, where they
   are there, have to say that it was here.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from pages_deploy.emulator.errors import NOT_DOCUMENTED, RefusalError
from pages_deploy.emulator.pages.html import Text, lines

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

MAX_FORM_BYTES: Final = 16 * 1024
"""What a form may have, which is a few short fields."""

_TOKEN: Final = "token"  # noqa: S105 - the name of a field


class Forms:
    """The forms of one run of an emulator."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(32)

    def form(self, action: str, *fields: Text, button: str) -> Markup:
        """A form that is sent to the path `action`."""
        return Markup(
            '<form method="post" action="{}">\n'
            '<input type="hidden" name="{}" value="{}">\n{}\n<button>{}</button>\n</form>'
        ).format(action, _TOKEN, self._token, lines(fields), button)

    def check(self, request: Request) -> None:
        """Raises RefusalError (HTTP 403) for a form that was not sent from a page of this run."""
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site")
        given = request.form.get(_TOKEN, "")
        is_from_here = (
            (origin is None or origin.lower() == f"http://{request.host.lower()}")
            and site in (None, "same-origin")
            and hmac.compare_digest(given.encode(errors="replace"), self._token.encode())
        )
        if not is_from_here:
            raise RefusalError(
                403,
                NOT_DOCUMENTED,
                message="This form was sent from another page, or from one that was open before"
                " the emulator started. Nothing was changed",
            )


def checkbox(name: str, label: Text, *, is_required: bool = False) -> Markup:
    """A box to tick, with its label."""
    return Markup(
        '<p><label><input type="checkbox" name="{}" value="yes"{}> {}</label></p>'
    ).format(name, Markup(" required") if is_required else "", label)
