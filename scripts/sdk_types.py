"""Print what Cloudflare's Python SDK knows of Pages, as a list of sentences in JSON.

Usage: PYTHON_WITH_THE_SDK scripts/sdk_types.py

Each method, each field of what is sent and answered, the fixed values of a field, and the fields
that an answer cannot be without.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import cloudflare
import cloudflare.types.pages
from cloudflare import BaseModel, Cloudflare
from typing_extensions import get_type_hints, is_typeddict

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.emulator.sdk_driver import methods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BELOW = f"{cloudflare.types.pages.__name__}."


def main() -> None:
    pages = Cloudflare(api_token="none").pages  # noqa: S106 - nothing is sent
    known = {f"method {name}()" for name in methods_of(pages)}
    for module in modules():
        for name in module.__all__:
            known.update(facts(getattr(module, name), module.__name__.removeprefix(BELOW)))
    json.dump({"version": cloudflare.__version__, "known": sorted(known)}, sys.stdout)


def modules() -> Iterator[Any]:
    """Yield the modules below `cloudflare.types.pages`."""
    for found in pkgutil.walk_packages(cloudflare.types.pages.__path__, BELOW):
        if not found.ispkg:
            yield importlib.import_module(found.name)


def facts(kind: Any, module: str) -> Iterator[str]:
    """Yield what is known of a type: of an answer, or of what is sent.

    Several modules have a type of the same name.
    """
    name_of_type = f"{module}.{getattr(kind, '__name__', '')}"
    is_record = isinstance(kind, type) and issubclass(kind, BaseModel)
    if is_typeddict(kind):
        hints = get_type_hints(kind, include_extras=True)
    elif is_record:
        hints = {name: field.annotation for name, field in kind.model_fields.items()}
        for name, field in kind.model_fields.items():
            if field.is_required():
                yield f"field {name_of_type}.{name} is never absent"
    else:
        # A name for other types, which are listed themselves.
        return
    for name, hint in hints.items():
        yield f"field {name_of_type}.{name}"
        yield from (f"field {name_of_type}.{name} = {value!r}" for value in values_of(hint))


def values_of(hint: Any) -> Iterator[Any]:
    """Yield the fixed values that a type names, however deep."""
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    else:
        for part in get_args(hint):
            yield from values_of(part)


if __name__ == "__main__":
    main()
