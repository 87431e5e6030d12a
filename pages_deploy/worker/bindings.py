"""Bindings: what a configuration file gives a Worker, in the form that Pages takes.

https://developers.cloudflare.com/pages/functions/wrangler-configuration/#bindings
The form is that of workers-sdk, `create-worker-upload-form.ts` of its `packages/deploy-helpers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pages_deploy.worker.configuration_section import JsonObject, Section, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.worker.configuration_lines import Path

# What the site's own assets are called in the Worker.
RESERVED_NAME = "ASSETS"


# https://developers.cloudflare.com/r2/buckets/create-buckets/#bucket-level-operations
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class Binding:
    """One thing that the Worker finds in its `env`."""

    name: str
    """Under which name it is found."""
    path: Path
    """Where it stands in the file."""
    sent: JsonObject
    """The binding as the metadata of a Worker has it."""


@dataclass(frozen=True)
class _Field:
    name: str
    sent_as: str = ""
    """Empty for the same name."""
    kind: Literal["text", "number", "table"] = "text"
    is_needed: bool = True
    why: str = ""
    """Why it is needed, where that is not plain."""
    pattern: re.Pattern[str] | None = None
    """What a text has to look like; None for anything."""


@dataclass(frozen=True)
class _Kind:
    key: str
    """Of the file; the part after a dot is a list within a table."""
    type: str
    fields: tuple[_Field, ...] = ()
    local: tuple[str, ...] = ()
    """Fields for wrangler's own use, which are not sent."""
    name_key: str = "binding"
    is_list: bool = True


def _optional(name: str, kind: Literal["text", "number", "table"] = "text") -> _Field:
    return _Field(name, kind=kind, is_needed=False)


_KINDS = (
    _Kind("kv_namespaces", "kv_namespace", (_Field("id", "namespace_id"),), ("preview_id",)),
    _Kind(
        "durable_objects.bindings",
        "durable_object_namespace",
        (
            _Field("class_name"),
            _Field("script_name", why="Pages needs the name of the Worker that defines the class"),
            _optional("environment"),
        ),
        name_key="name",
    ),
    _Kind(
        "queues.producers",
        "queue",
        (_Field("queue", "queue_name"), _optional("delivery_delay", "number")),
    ),
    _Kind(
        "r2_buckets",
        "r2_bucket",
        (_Field("bucket_name", pattern=_BUCKET_NAME), _optional("jurisdiction")),
        ("preview_bucket_name", "local_dev"),
    ),
    _Kind(
        "d1_databases",
        "d1",
        (_Field("database_id", "id"),),
        (
            *("preview_database_id", "database_name", "jurisdiction"),
            *("migrations_dir", "migrations_pattern", "migrations_table"),
        ),
    ),
    _Kind("vectorize", "vectorize", (_Field("index_name"),)),
    _Kind("hyperdrive", "hyperdrive", (_Field("id"),), ("localConnectionString",)),
    _Kind(
        "services",
        "service",
        (
            _Field("service"),
            _optional("environment"),
            _optional("entrypoint"),
            _optional("props", "table"),
        ),
        ("dev",),
    ),
    _Kind("analytics_engine_datasets", "analytics_engine", (_optional("dataset"),)),
    _Kind("mtls_certificates", "mtls_certificate", (_Field("certificate_id"),)),
    _Kind("browser", "browser", is_list=False),
    _Kind("ai", "ai", is_list=False),
    _Kind("version_metadata", "version_metadata", is_list=False),
)

BINDING_KEYS = ("vars", *(kind.key.partition(".")[0] for kind in _KINDS))
"""The keys of the file that environments do not inherit, in the order in which they are sent."""


def read_bindings(section: Section) -> dict[str, tuple[Binding, ...]]:
    """Return the bindings of a table by its keys, all of `BINDING_KEYS`, in wrangler's order."""
    found = {"vars": tuple(_variables(section))}
    for kind in _KINDS:
        found[kind.key.partition(".")[0]] = tuple(_bindings(section, kind))
    return found


def unknown_fields(section: Section) -> Iterator[str]:
    """Yield a warning for each field of a binding that nobody reads."""
    for kind in _KINDS:
        known = {kind.name_key, *kind.local, "remote", *(field.name for field in kind.fields)}
        for one in _tables(section, kind):
            yield from one.unknown(known)


def check_names(section: Section, bindings: tuple[Binding, ...]) -> None:
    """Refuse a name that two bindings of one environment have, and the one of the assets."""
    first: dict[str, Binding] = {}
    for binding in bindings:
        other = first.setdefault(binding.name, binding)
        if binding.name == RESERVED_NAME:
            section.report.refuse(
                binding.path,
                f"is named {RESERVED_NAME}, which Pages reserves for the files of the site: use "
                "another name.",
            )
        elif other is not binding:
            section.report.refuse(
                binding.path,
                f"has the name {binding.name}, and `{shown_path(other.path)}` has it too: give "
                "each binding its own name.",
            )


def _variables(section: Section) -> Iterator[Binding]:
    table = section.table("vars")
    if table is None:
        return
    for of_text in (True, False):
        for name in table.values:
            value = table.json(name)
            if isinstance(value, str) is not of_text:
                continue
            kind = (
                {"type": "plain_text", "text": value}
                if of_text
                else {"type": "json", "json": value}
            )
            yield Binding(name, (*table.path, name), {"name": name, **kind})


def _bindings(section: Section, kind: _Kind) -> Iterator[Binding]:
    for one in _tables(section, kind):
        name = one.needed_text(kind.name_key)
        sent: dict[str, Any] = {"name": name, "type": kind.type}
        for field in kind.fields:
            value = _value_of(one, field)
            if value not in (None, ""):
                sent[field.sent_as or field.name] = value
        if name:
            yield Binding(name, one.path, sent)


# Any: as JSON has it.
def _value_of(section: Section, field: _Field) -> Any:
    if field.kind == "number":
        return section.number(field.name)
    if field.kind == "table":
        table = section.table(field.name)
        return None if table is None else section.json(field.name)
    if not field.is_needed:
        return section.text(field.name)
    text = section.needed_text(field.name, field.why)
    if text and field.pattern is not None and not field.pattern.fullmatch(text):
        section.refuse(
            field.name,
            f"is {text}, but such a name has 3 to 63 characters: a-z, 0-9, and dashes between "
            "them.",
        )
    return text


def _tables(section: Section, kind: _Kind) -> Iterator[Section]:
    outer, _, inner = kind.key.partition(".")
    if kind.is_list and not inner:
        yield from section.tables(outer)
        return
    table = section.table(outer)
    if table is not None and inner:
        yield from table.tables(inner)
    elif table is not None:
        yield table
