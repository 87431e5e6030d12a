"""Where a Worker runs: `placement` of a configuration file, in the form that Pages takes.

https://developers.cloudflare.com/workers/configuration/placement/, checked as workers-sdk does:
`packages/workers-utils/src/config/validation.ts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages_deploy.worker.configuration_section import JsonObject, Section

_TARGETS = ("region", "host", "hostname")


def read_placement(section: Section) -> JsonObject | None:
    """Return the placement of a table, empty for none in particular; None where it has none."""
    table = section.table("placement")
    if table is None:
        return None
    targets = [key for key in _TARGETS if key in table.values]
    modes = ("targeted",) if targets else ("off", "smart")
    mode = table.text("mode") if targets else table.needed_text("mode")
    if mode and mode not in modes:
        table.refuse("mode", f"has to be {' or '.join(modes)} here, but is {mode}.")
    hint = table.text("hint")
    if hint and mode != "smart" and (targets or mode):
        table.refuse("hint", "is only allowed with the mode smart.")
    for key in targets:
        table.needed_text(key)
    if len(targets) > 1:
        table.refuse(targets[1], f"cannot be used together with `{targets[0]}`.")
    if targets:
        return {"mode": "targeted", targets[0]: table.text(targets[0])}
    if mode == "smart":
        return {"mode": "smart", **({"hint": hint} if hint else {})}
    return {}
