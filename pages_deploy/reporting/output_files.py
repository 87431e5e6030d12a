"""The files in which a run hands over its outputs, each in a form that somebody reads.

JSON; dotenv, for GitLab's report; Java properties, for Jenkins; GitLab's annotations, which show as
links on the job's page; and the ND-JSON that wrangler writes, for what reads that already.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pages_deploy.ci.platform import variable_names
from pages_deploy.errors import SettingsError
from pages_deploy.reporting.checkout_links import is_in_checkout, open_without_link
from pages_deploy.reporting.outputs import json_of, own_outputs
from pages_deploy.text.escaping import dotenv_value, java_property, json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.reporting.outputs import Value


@dataclass(frozen=True)
class OutputFile:
    """A file to write when the deployment has ended well."""

    path: Path
    """Where it is."""
    content: Callable[[Mapping[str, Value], Deployed], str]
    """Makes what it says of the outputs and of the deployment that they are about."""
    appends: bool = False
    """Whether it is added to, since others write to it too."""
    makes_directory: bool = False
    """Whether a missing directory is made, as wrangler does for its own."""
    checkout: tuple[Path, ...] = ()
    """The directories through whose links it is not written; none for a file of the platform."""

    def check(self) -> None:
        """Raise SettingsError where it cannot be written later; leaves its content alone."""
        try:
            is_in_checkout(self.path, self.checkout)
            if self.makes_directory:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            existed = self.path.exists()
            with self.path.open("a"):
                pass
        except (OSError, ValueError) as error:
            raise _cannot_write(self.path, error) from error
        if not existed:
            # A run that fails leaves no empty file that looks like a result.
            self.path.unlink(missing_ok=True)

    def write(self, outputs: Mapping[str, Value], deployed: Deployed) -> None:
        """Write it; raises SettingsError when that is not possible after all."""
        write_file(
            self.path,
            self.content(outputs, deployed),
            appends=self.appends,
            checkout=self.checkout,
        )


def write_file(
    path: Path, text: str, *, appends: bool = False, checkout: Sequence[Path] = ()
) -> None:
    """Write a file, or add to it, through no link of the checkout's directories.

    Raises SettingsError where that is not possible.
    """
    # What a server answers may hold half a character, which no file can.
    content = text.encode(errors="replace")
    try:
        opener = open_without_link if is_in_checkout(path, checkout) else None
        with open(path, "ab" if appends else "wb", opener=opener) as stream:
            stream.write(content)
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error


def as_json(outputs: Mapping[str, Value], deployed: Deployed) -> str:
    """One JSON object of all outputs, numbers as numbers, and the lists of changed pages."""
    return json_of(outputs, deployed) + "\n"


def as_dotenv(outputs: Mapping[str, Value], _deployed: Deployed) -> str:
    """One `PAGES_DEPLOY_URL=...` a line; a value that cannot stand there is left out."""
    values = {
        name: dotenv_value(text) for name, text in variable_names(own_outputs(outputs)).items()
    }
    return "".join(f"{name}={value}\n" for name, value in values.items() if value is not None)


def as_properties(outputs: Mapping[str, Value], _deployed: Deployed) -> str:
    """One `PAGES_DEPLOY_URL=...` a line, as Java reads properties."""
    variables = variable_names(own_outputs(outputs))
    return "".join(f"{name}={java_property(value)}\n" for name, value in variables.items())


def as_gitlab_annotations(outputs: Mapping[str, Value], _deployed: Deployed) -> str:
    """Links for the job's page.

    https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations
    """
    links = {"Deployment": outputs["url"]}
    if outputs["alias"] != outputs["url"]:
        label = "Production" if outputs["environment"] == "production" else "Preview"
        links = {label: outputs["alias"], **links}
    entries = [{"external_link": {"label": label, "url": url}} for label, url in links.items()]
    return json_text({"Cloudflare Pages": entries}, indent=2) + "\n"


def as_wrangler_records(_outputs: Mapping[str, Value], deployed: Deployed) -> str:
    """The two records that `wrangler pages deploy` writes (workers-sdk, `src/output.ts`)."""
    deployment = deployed.deployment
    aliases = [alias for alias in deployment.aliases if alias.endswith(".pages.dev")]
    record = {
        "version": 1,
        "pages_project": deployed.project.name,
        "deployment_id": deployment.id,
        "url": deployment.url,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    detailed = {
        "alias": aliases[0] if aliases else None,
        "environment": deployment.environment,
        "production_branch": deployed.project.production_branch,
        "deployment_trigger": {"metadata": {"commit_hash": deployment.commit_hash}},
    }
    records = [
        {"type": "pages-deploy", **record},
        {"type": "pages-deploy-detailed", **record, **detailed},
    ]
    return "".join(json_text(entry) + "\n" for entry in records)


def wrangler_output_file(
    environ: Mapping[str, str],
    current_directory: Path,
    now: datetime,
    *,
    checkout: tuple[Path, ...] = (),
) -> OutputFile | None:
    """Return the file that wrangler's own variables ask for, if they do."""
    if named := environ.get("WRANGLER_OUTPUT_FILE_PATH"):
        path = current_directory / named
    elif directory := environ.get("WRANGLER_OUTPUT_FILE_DIRECTORY"):
        time = now.strftime("%Y-%m-%d_%H-%M-%S_") + f"{now.microsecond // 1000:03d}"
        name = f"wrangler-output-{time}-{uuid.uuid4().hex[:6]}.json"
        path = current_directory / directory / name
    else:
        return None
    return OutputFile(
        path, as_wrangler_records, appends=True, makes_directory=True, checkout=checkout
    )


def _cannot_write(file: Path, error: Exception) -> SettingsError:
    return SettingsError(
        f"Cannot write {file}: {getattr(error, 'strerror', None) or error}.",
        "Give a path that can be written.",
    )
