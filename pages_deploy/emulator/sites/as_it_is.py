"""An answer that goes to the visitor as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers


class AsItIs(Response):
    """An answer to which Werkzeug adds no content type, and whose Location it does not rewrite."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:  # noqa: ARG002 - Werkzeug's
        """Return the fields as they are."""
        return self.headers
