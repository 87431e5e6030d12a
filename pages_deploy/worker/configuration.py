"""The configuration file of a Pages project, as far as it is about the Worker.

1. Everything is checked for both environments, whichever is deployed to; all that is wrong is told
   at once.
2. Where the file has a table of its own for an environment, bindings and variables are taken from
   there alone; date, flags, limits, placement and switches go over from the top level.
3. What an environment has becomes the metadata of a bundle.

https://developers.cloudflare.com/pages/functions/wrangler-configuration/, and workers-sdk:
`packages/workers-utils/src/config/validation-pages.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bindings import BINDING_KEYS, Binding, check_names
from pages_deploy.worker.configuration_part import Part, read_part
from pages_deploy.worker.configuration_section import JsonObject, Report, Section

T = TypeVar("T")

Environment = Literal["production", "preview"]

ENVIRONMENTS: tuple[Environment, ...] = ("production", "preview")

_HINT = (
    "Correct the key, or remove it: with it Pages would refuse the deployment, or the Worker would "
    "run without what it needs. Nothing was sent."
)


@dataclass(frozen=True)
class EnvironmentConfiguration:
    """What the file says of one environment, with what goes over from its top level."""

    bindings: tuple[Binding, ...] = ()
    compatibility_date: str = ""
    """`2024-09-23`; empty where the file has none."""
    compatibility_flags: tuple[str, ...] | None = None
    """None where the file has none, which an empty list is not."""
    placement: JsonObject | None = None
    """Where the Worker runs, in the form that Pages takes; None for wherever it is asked."""
    limits: JsonObject | None = None
    """`cpu_ms` and `subrequests`."""
    no_bundle: bool = False
    """Whether modules are to be sent as they are."""
    upload_source_maps: bool = False
    """Whether the source map of the main module is to be sent with it."""
    warnings: tuple[str, ...] = ()
    """What this environment does not get although the file has it, each with file and line."""


@dataclass(frozen=True)
class WorkerConfiguration:
    """A configuration file that Pages takes."""

    file_name: str
    name: str
    """The project's name as the file has it."""
    name_place: str
    """Where that stands: `wrangler.toml:1:`."""
    production: EnvironmentConfiguration
    preview: EnvironmentConfiguration

    def of(self, environment: Environment) -> EnvironmentConfiguration:
        """Return what counts for an environment."""
        return self.production if environment == "production" else self.preview

    def compatibility(
        self, environment: Environment, *, project_date: str, project_flags: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...]]:
        """Return date and flags: those of the file, and where it has none those of the project."""
        found = self.of(environment)
        flags = found.compatibility_flags
        return found.compatibility_date or project_date, project_flags if flags is None else flags

    # Any: an object of JSON.
    def metadata(
        self,
        environment: Environment,
        *,
        project_date: str = "",
        project_flags: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Return the metadata of a Worker, but for the name of its main module.

        Without the project's date and flags it is what wrangler sends.
        """
        found = self.of(environment)
        compatibility_date, flags = self.compatibility(
            environment, project_date=project_date, project_flags=project_flags
        )
        metadata: dict[str, Any] = {"bindings": [dict(one.sent) for one in found.bindings]}
        if compatibility_date:
            metadata["compatibility_date"] = compatibility_date
        metadata["compatibility_flags"] = list(flags)
        if found.placement is not None:
            metadata["placement"] = dict(found.placement)
        if found.limits is not None:
            metadata["limits"] = dict(found.limits)
        return metadata

    def warnings(self, environment: Environment, *, project_name: str) -> tuple[str, ...]:
        """Return what people should know before they deploy, each with file and line.

        `project_name` is where the deployment goes; empty where that is of no account.
        """
        if project_name in {"", self.name}:
            return self.of(environment).warnings
        said = (
            f"{self.name_place} `name` is {self.name}, but this run deploys to the project "
            f"{project_name}. It gets the bindings of this file all the same."
        )
        return (said, *self.of(environment).warnings)


def read_configuration(data: JsonObject, file_name: str, *, text: str = "") -> WorkerConfiguration:
    """Read a parsed configuration file that has `pages_build_output_dir`.

    With its text, messages have lines. Raises WorkerError, which names every key that is wrong.
    """
    report = Report(file_name, text)
    top = Section(data, (), report)
    whole = read_part(top)
    environments = _environment_tables(top)
    both = {name: _combined(whole, environments.get(name), name) for name in ENVIRONMENTS}
    if report.problems:
        raise WorkerError("\n".join(report.problems), _HINT)
    return WorkerConfiguration(
        file_name, top.text("name"), report.place(("name",)), both["production"], both["preview"]
    )


def _environment_tables(top: Section) -> dict[str, Part]:
    table = top.table("env")
    parts: dict[str, Part] = {}
    for name in table.values if table is not None else ():
        if table is None:
            continue
        if name not in ENVIRONMENTS:
            table.refuse(name, "is not an environment of Pages: there are production and preview.")
        elif (own := table.table(name)) is not None:
            parts[name] = read_part(own)
    return parts


def _combined(whole: Part, own: Part | None, name: str) -> EnvironmentConfiguration:
    def inherited(ours: T | None, theirs: T | None) -> T | None:
        return theirs if ours is None else ours

    part = own or whole
    bindings = tuple(one for key in BINDING_KEYS for one in part.bindings[key])
    check_names(part.section, bindings)
    warnings = whole.warnings
    if own is not None:
        warnings += (*own.warnings, *_missing(whole, own, name))
    return EnvironmentConfiguration(
        bindings,
        part.date or whole.date,
        inherited(part.flags, whole.flags),
        inherited(part.placement, whole.placement) or None,
        inherited(part.limits, whole.limits),
        no_bundle=bool(inherited(part.no_bundle, whole.no_bundle)),
        upload_source_maps=bool(inherited(part.upload_source_maps, whole.upload_source_maps)),
        warnings=warnings,
    )


def _missing(whole: Part, own: Part, name: str) -> tuple[str, ...]:
    """Say which bindings stand at the top level alone, where this environment has its own table."""
    said = []
    for key in BINDING_KEYS:
        there = {binding.name for binding in own.bindings[key]}
        lost = [one for one in whole.bindings[key] if one.name not in there]
        if lost:
            place = whole.section.report.place(lost[0].path)
            names = ", ".join(one.name for one in lost)
            said.append(
                f"{place} `{key}` {names}: missing in {name}, because `env.{name}` does not "
                "inherit bindings from the top level. Repeat it there."
            )
    return tuple(said)
