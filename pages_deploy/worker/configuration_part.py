"""One table of wrangler's configuration file: the top level, or that of an environment, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pages_deploy.worker.bindings import BINDING_KEYS, Binding, read_bindings, unknown_fields
from pages_deploy.worker.placement import read_placement
from pages_deploy.worker.workers_keys import WORKERS_KEYS, says_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.worker.configuration_section import JsonObject, Section

_INHERITED_KEYS = frozenset(
    {
        *("name", "compatibility_date", "compatibility_flags", "limits", "placement"),
        *("no_bundle", "upload_source_maps"),
    }
)
_TOP_KEYS = frozenset({"pages_build_output_dir", "send_metrics", "dev", "env", "$schema"})
_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Part:
    """One table of the file, checked: its top level, or an environment's own."""

    section: Section
    bindings: Mapping[str, tuple[Binding, ...]]
    """By key, all of `BINDING_KEYS`."""
    date: str
    """Empty where it has none; None, in all that follows, likewise."""
    flags: tuple[str, ...] | None
    placement: JsonObject | None
    """As Pages takes it; empty for none in particular."""
    limits: JsonObject | None
    no_bundle: bool | None
    upload_source_maps: bool | None
    warnings: tuple[str, ...]
    """Of keys that nobody reads."""


def read_part(section: Section) -> Part:
    """Read a table; what is wrong with it goes to its report."""
    is_top = not section.path
    _check_keys(section, is_top=is_top)
    limits = section.table("limits")
    if limits is not None:
        limits.number("cpu_ms")
        limits.number("subrequests")
    known = {*BINDING_KEYS, *_INHERITED_KEYS, *WORKERS_KEYS, *(_TOP_KEYS if is_top else ())}
    return Part(
        section,
        read_bindings(section),
        _read_date(section),
        section.texts("compatibility_flags"),
        read_placement(section),
        None if limits is None else limits.values,
        section.flag("no_bundle"),
        section.flag("upload_source_maps"),
        (*section.unknown(known), *unknown_fields(section)),
    )


def _check_keys(section: Section, *, is_top: bool) -> None:
    if "main" in section.values:
        section.refuse(
            "main",
            "is for a Worker, and `pages_build_output_dir` is for a Pages project. One file cannot "
            "be for both: remove one of them.",
        )
    for key in sorted(WORKERS_KEYS & section.values.keys() - {"main"}):
        if not says_nothing(key, section.values[key]):
            section.refuse(key, "is for Workers only: Pages does not support it.")
    queues = section.table("queues")
    if queues is not None and queues.values.get("consumers"):
        queues.refuse(
            "consumers", "is for Workers only: Pages can send to a queue, but not consume it."
        )
    name = section.needed_text("name") if is_top else section.text("name")
    if name and not _NAME.fullmatch(name):
        section.refuse("name", "may only contain lower-case letters, digits, `-` and `_`.")
    if is_top:
        section.needed_text("pages_build_output_dir")
        section.flag("send_metrics")


def _read_date(section: Section) -> str:
    value = section.values.get("compatibility_date", "")
    if isinstance(value, date):
        section.refuse("compatibility_date", "has to be in quotes.")
        return ""
    text = section.text("compatibility_date")
    if text and not _is_date(text):
        section.refuse("compatibility_date", f"has to be a date like 2024-09-23, but is {text}.")
    return text


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None
