"""Name what the newest release of Cloudflare's Python SDK says of Pages and the emulator's lacks.

Usage: python scripts/compare_sdk_types.py

1. The release that the emulator was compared with, `VERSION` of tests/emulator/sdk.py, is taken
   from the cache of the tests.
2. The newest one is installed into a venv that goes away again.
3. What either says of methods, fields and values (`sdk_types.py`) is compared.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.emulator.sdk import (  # noqa: E402 - the path has to be right before
    PACKAGE,
    SdkError,
    cached_sdk,
    install_sdk,
    run_program,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPES = ROOT / "scripts/sdk_types.py"


def main() -> None:
    try:
        ours = run_program(cached_sdk(), str(TYPES), environ={})
        with tempfile.TemporaryDirectory() as scratch:
            newest = run_program(
                install_sdk(PACKAGE, Path(scratch) / "sdk"), str(TYPES), environ={}
            )
    except SdkError as error:
        raise SystemExit(f"The SDK's types were not compared: {error}") from error
    for line in comparison(ours, newest):
        print(line)


def comparison(ours: Mapping[str, object], newest: Mapping[str, object]) -> Iterator[str]:
    """Yield in words what differs between what two releases know."""
    known, found = set(_texts(ours["known"])), set(_texts(newest["known"]))
    if ours["version"] == newest["version"]:
        yield f"Cloudflare's SDK {ours['version']}, which the emulator knows, is the newest."
        return
    both = f"{ours['version']}, which the emulator knows, and in {newest['version']}"
    if known == found:
        yield f"Cloudflare's SDK says the same of Pages in {both}."
        return
    yield f"Cloudflare's SDK does not say the same of Pages in {both}:"
    yield from (f"  new: {fact}" for fact in sorted(found - known))
    yield from (f"  gone: {fact}" for fact in sorted(known - found))
    yield "Look what the emulator should know of it, then set VERSION in tests/emulator/sdk.py."


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


if __name__ == "__main__":
    main()
