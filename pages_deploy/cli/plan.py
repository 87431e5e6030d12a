"""`pages-deploy plan [DIRECTORY]`: what a deployment would do; so does `deploy --dry-run`."""

from __future__ import annotations

import click

from pages_deploy.cli.announcing import forge_of_build
from pages_deploy.cli.connection import connected
from pages_deploy.cli.deployment_plan import SKIPPED, PlanWatcher, plan_of, with_worker
from pages_deploy.cli.examining import NOTHING_LIVE, Live, examine, with_live
from pages_deploy.cli.findings import counts_of, print_or_annotate, stop_for
from pages_deploy.cli.parameters import SwitchingCommand, with_api_options
from pages_deploy.cli.printing import print_facts, print_json
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.preflight.forecast import Forecast, forecast
from pages_deploy.preflight.forecast_text import facts_of, markdown_of
from pages_deploy.settings import options
from pages_deploy.settings.options import OPTIONS
from pages_deploy.settings.settings import Settings

# What a deployment does beside itself; all else decides what it would be.
WITHOUT_EFFECT = (
    *(options.PURGE_API_TOKEN, options.JSON_FILE, options.DOTENV_FILE, options.PROPERTIES_FILE),
    *(options.GITLAB_ANNOTATIONS_FILE, options.DEPLOYMENT_NAME, options.SUMMARY, options.CHANGES),
    options.DRY_RUN,
)
PLAN_OPTIONS = tuple(option for option in OPTIONS if option not in WITHOUT_EFFECT)


@click.command(
    cls=SwitchingCommand,
    help="Say what a deployment of DIRECTORY would do: production or preview, the address, files "
    "new and unchanged, what is sent, what is wrong with it. Sends nothing that changes "
    "anything. The exit code is 2 where something stands in the way, else 0.",
)
@click.option(
    "--markdown",
    "as_markdown",
    is_flag=True,
    help="Print Markdown, for a comment on a pull request.",
)
@with_api_options(PLAN_OPTIONS)
@with_live
def command(
    runtime: Runtime, /, *, as_markdown: bool, live: Live, as_json: bool, given: Given
) -> None:
    if as_markdown and as_json:
        raise click.UsageError("--markdown and --json are two forms: choose one.")
    settings = runtime.settings(given)
    if settings.skips_for_want_of_a_token:
        runtime.console.notice(SKIPPED)
        return
    show_plan(settings, runtime, live=live, as_json=as_json, as_markdown=as_markdown)


def show_plan(
    settings: Settings,
    runtime: Runtime,
    *,
    as_json: bool,
    as_markdown: bool = False,
    live: Live = NOTHING_LIVE,
) -> None:
    """Print what a deployment would do; raises as it would, and FindingsError."""
    runtime.interrupt_notice = "Nothing was sent."
    foretold = _forecast(settings, runtime, live)
    if as_json:
        print_json(runtime, foretold.as_json())
    elif as_markdown:
        runtime.print_text(markdown_of(foretold, runtime.mask))
    else:
        print_facts(runtime, facts_of(foretold))
        print_or_annotate(foretold.findings, settings, runtime)
        found = counts_of(foretold.findings)
        runtime.print_line("Nothing was sent" + (f"; found: {found}" if found else ""))
    if as_json or as_markdown:
        runtime.console.step("Nothing was sent.")
    stop_for(foretold.findings, settings)


def _forecast(settings: Settings, runtime: Runtime, live: Live) -> Forecast:
    plan = plan_of(settings, runtime, forge_of_build(settings, runtime))
    examined = examine(settings, runtime, live)
    plan = with_worker(plan, settings, runtime)
    watcher = PlanWatcher(settings, runtime)
    with connected(settings, runtime) as client:
        return forecast(client, examined.manifest, plan, watcher, findings=examined.findings)
