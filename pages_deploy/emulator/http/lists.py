"""Lists that come page by page: the parameters `page` and `per_page`, and `result_info`.

https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http.call import Success

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages_deploy.emulator.http.call import Call

T = TypeVar("T")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


def page_of(
    call: Call,
    items: Sequence[T],
    *,
    show: Callable[[T], object] = lambda item: item,
    default_size: int = 20,
    max_size: int = 50,
) -> Success:
    """The page that the query asks for; `show` makes the JSON of an item.

    The sizes are those of the lists of accounts, memberships and zones. Raises RefusalError
    8000024 for parameters that are no positive numbers, and for more than `max_size` per page.
    """
    page = _count(call, "page", default=1)
    size = _count(call, "per_page", default=default_size)
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


def _count(call: Call, name: str, *, default: int) -> int:
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
