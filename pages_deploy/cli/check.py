"""`pages-deploy check [DIRECTORY]`: what would go wrong, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from pages_deploy.cli.connection import PROJECT_OPTIONS
from pages_deploy.cli.examining import EXAMINING_OPTIONS, Live, examine, with_live
from pages_deploy.cli.findings import (
    counts_of,
    folder_of,
    print_or_annotate,
    stop_for,
)
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_api_options
from pages_deploy.cli.printing import print_json
from pages_deploy.cli.results import checkout_of
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.sarif import sarif_of
from pages_deploy.reporting.output_files import write_file
from pages_deploy.settings.settings import Settings
from pages_deploy.text.amounts import counted
from pages_deploy.text.escaping import json_text

# Needed by `--against production` alone.
FOR_PRODUCTION = tuple(replace(option, group="rare", needed=False) for option in PROJECT_OPTIONS)


@click.command(
    cls=HelpfulCommand,
    help="Look at DIRECTORY as Pages will: lines of _redirects and _headers without effect, names "
    "and sizes, secrets, links that lead nowhere. Needs no account and sends nothing. The exit "
    "code is 2 where something stands in the way, else 0.",
)
@click.option(
    "--sarif",
    "sarif_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the findings as SARIF too, for GitHub's code scanning.",
)
@with_api_options((*EXAMINING_OPTIONS, *FOR_PRODUCTION))
@with_live
def command(
    runtime: Runtime, /, *, sarif_file: Path | None, live: Live, as_json: bool, given: Given
) -> None:
    settings = runtime.settings(given)
    examined = examine(settings, runtime, live)
    findings = examined.findings
    if sarif_file is not None:
        _write_sarif(sarif_file, findings, settings, runtime)
    if as_json:
        print_json(runtime, {"findings": [finding.as_json() for finding in findings]})
    else:
        print_or_annotate(findings, settings, runtime)
        files = counted(len(examined.manifest.assets), "file")
        runtime.print_line(f"Checked {files}: {counts_of(findings) or 'nothing to report'}")
    stop_for(findings, settings)


def _write_sarif(
    file: Path, findings: Sequence[Finding], settings: Settings, runtime: Runtime
) -> None:
    log = sarif_of(findings, directory=folder_of(settings, runtime))
    text = runtime.mask(json_text(log, indent=2)) + "\n"
    write_file(runtime.current_directory / file, text, checkout=checkout_of(settings, runtime))
