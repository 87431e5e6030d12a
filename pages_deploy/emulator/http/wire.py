"""The form of requests and answers of the API: envelopes, JSON bodies, pages of a list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from werkzeug.wrappers import Response

from pages_deploy.emulator.errors import RefusalError

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from pages_deploy.emulator.state.names import SiteAddress
    from pages_deploy.emulator.state.records import JsonObject
    from pages_deploy.emulator.state.settings import EmulatorSettings
    from pages_deploy.emulator.state.store import Store


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the API that has found its route and is allowed to take it."""

    request: Request
    arguments: Mapping[str, str]
    """The parts of the path that the route names."""
    permissions: frozenset[str]
    settings: EmulatorSettings
    store: Store
    sites: SiteAddress

    def json(self) -> object:
        """The body as JSON, whatever its content type says: wrangler's is often text/plain.

        Raises RefusalError 6007.
        """
        try:
            return json.loads(self.request.get_data())
        except ValueError as error:
            raise RefusalError(400, 6007, message="Malformed JSON in request body") from error

    def json_object(self) -> JsonObject:
        """The body as a JSON object. Raises RefusalError 6007."""
        body = self.json()
        if not isinstance(body, dict):
            raise RefusalError(400, 6007, message="The request body is not a JSON object")
        return body


@dataclass(frozen=True, kw_only=True)
class Success:
    """What a call hands back."""

    result: object
    result_info: Mapping[str, int] | None = None
    messages: tuple[Mapping[str, object], ...] = ()


Handler = Callable[[Call], Success]
T = TypeVar("T")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


def success_response(success: Success) -> Response:
    """The envelope around a result."""
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
    """The envelope around an error."""
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


def page_of(
    call: Call,
    items: Sequence[T],
    *,
    show: Callable[[T], object] = lambda item: item,
    default_size: int,
    max_size: int,
) -> Success:
    """The page that the query's `page` and `per_page` name; `show` makes the JSON of an item.

    Raises RefusalError 8000024.
    """
    page = _count(call, "page", 1)
    size = _count(call, "per_page", default_size)
    if size > max_size:
        raise _bad_list_options()
    shown = items[(page - 1) * size : page * size]
    return Success(
        result=[show(item) for item in shown],
        result_info={
            "page": page,
            "per_page": size,
            "count": len(shown),
            "total_count": len(items),
            "total_pages": -(-len(items) // size),
        },
    )


def _count(call: Call, name: str, default: int) -> int:
    text = call.request.args.get(name)
    if text is None:
        return default
    if _COUNT.fullmatch(text) is None:
        raise _bad_list_options()
    return int(text)


def _bad_list_options() -> RefusalError:
    return RefusalError(
        400,
        8000024,
        message="Invalid list options provided. Review the `page` or `per_page` parameter",
    )
