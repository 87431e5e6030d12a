"""`pages-deploy doctor`: would a deployment work?"""

from __future__ import annotations

import click

from pages_deploy.cli.connection import CONNECTION_OPTIONS, ca_bundle_of, connected
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_json, with_options, with_verbosity
from pages_deploy.cli.printing import print_json
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.errors import PagesDeployError
from pages_deploy.preflight.diagnosis import Diagnosis
from pages_deploy.preflight.doctor import Doctor
from pages_deploy.settings import options

SUBJECT_WIDTH = 11


@click.command(
    cls=HelpfulCommand,
    help="Check token, permissions, account, project, branch, network: one line each, with what to "
    "do. The exit code is that of a deployment: 0 when it would work. Changes nothing.",
)
@with_options([options.PROJECT_NAME, options.BRANCH, options.ZONE_ID, *CONNECTION_OPTIONS])
@with_json
@with_verbosity
@click.pass_context
def command(context: click.Context, /, *, as_json: bool, given: Given) -> None:
    runtime = context.find_object(Runtime)
    assert runtime is not None  # noqa: S101 - main() always brings one
    findings = examine(runtime, given, quiet=as_json)
    if as_json:
        print_json(runtime, findings)
    context.exit(findings[-1].exit_code)


def examine(runtime: Runtime, given: Given, *, quiet: bool) -> list[Diagnosis]:
    """Print (unless quiet) and return the findings."""
    findings: list[Diagnosis] = []

    def note(finding: Diagnosis) -> None:
        findings.append(finding)
        if not quiet:
            mark = "ok  " if finding.fine else "FAIL"
            runtime.print_line(f"{mark}  {finding.subject:<{SUBJECT_WIDTH}} {finding.words}")
            if finding.remedy:
                runtime.print_line(f"{'':<6}{'':<{SUBJECT_WIDTH}} -> {finding.remedy}")

    try:
        settings = runtime.settings(given)
        project_name = settings.required(options.PROJECT_NAME)
        with connected(settings, runtime) as client:
            doctor = Doctor(
                client,
                is_legacy_key=not settings.text(options.API_TOKEN),
                project_name=project_name,
                branch=settings.branch,
                zone_id=settings.text(options.ZONE_ID),
                ca_bundle=ca_bundle_of(runtime),
            )
            for finding in doctor.examine():
                note(finding)
    except PagesDeployError as error:
        note(Diagnosis("settings", False, error.message, error.hint, error.exit_code))
    return findings
