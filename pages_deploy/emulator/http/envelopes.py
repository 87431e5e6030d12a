"""Answers of the API: the envelope around a result or an error.

https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from pages_deploy.emulator.errors import RefusalError
    from pages_deploy.emulator.http.call import Success


def success_response(success: Success) -> Response:
    """The envelope around a result, with HTTP 200."""
    envelope: dict[str, object] = {
        "result": success.result,
        "success": True,
        "errors": [],
        "messages": list(success.messages),
    }
    if success.result_info is not None:
        envelope["result_info"] = dict(success.result_info)
    return _json_response(200, envelope)


def refusal_response(refusal: RefusalError) -> Response:
    """The envelope around an error, with the status of the refusal."""
    error: dict[str, object] = {"code": refusal.code, "message": refusal.message}
    if refusal.chain:
        error["error_chain"] = [
            {"code": code, "message": message} for code, message in refusal.chain
        ]
    envelope = {"result": None, "success": False, "errors": [error], "messages": []}
    return _json_response(refusal.status, envelope)


def expired_token_response() -> Response:
    """How Pages answers an upload token whose time is over: not in JSON."""
    return Response("Expired JWT", status=403, content_type="text/plain;charset=UTF-8")


def _json_response(status: int, envelope: object) -> Response:
    return Response(json.dumps(envelope), status=status, content_type="application/json")
