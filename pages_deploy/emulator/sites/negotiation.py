"""Whether a client takes an answer that is not compressed, which is all that this emulator sends.

Read as Cloudflare's own server reads the field, letter by letter: names in lower case alone, and
`q` as the only parameter. After workers-sdk: `parseQualityWeightedList` in
`packages/pages-shared/asset-server/handler.ts`.
"""

from __future__ import annotations

import re

from pages_deploy.rules.lines import BLANKS

_BLANKS = str.maketrans("", "", BLANKS)
# A number that is zero, at the start of a text, as JavaScript's `parseFloat` finds it.
_ZERO = re.compile(r"[+-]?(?:0++(?:\.0*+)?+|\.0++)(?![0-9])")


def refuses_plain(accepted: str) -> bool:
    """Whether an Accept-Encoding field refuses the plain form: by its name, or by refusing all."""
    refused: dict[str, bool] = {}
    for entry in accepted.translate(_BLANKS).split(","):
        name, _, weight = entry.partition(";q=")
        refused[name] = _ZERO.match(weight.partition(";q=")[0]) is not None
    return refused.get("identity", refused.get("*", False))
