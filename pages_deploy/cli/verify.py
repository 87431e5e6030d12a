"""`pages-deploy verify [DIRECTORY]`: does what is live still equal this directory?

1. Find the address: production's, a branch's, a deployment's own, or the one that is given.
2. Read the directory, and which of its paths a Worker answers in its place.
3. Ask for its files, for some seconds again where an answer is not right. Nothing is sent.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from pages_deploy.cli.connection import PROJECT_OPTIONS, ca_bundle_of, connected
from pages_deploy.cli.file_rules import FILE_OPTIONS, file_rules_of, tell_ignored
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.live_address import PRODUCTION, given_address, production_address
from pages_deploy.cli.parameters import with_api_options
from pages_deploy.cli.printing import print_json, print_table
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.cli.worker_presence import may_have_worker
from pages_deploy.errors import PagesDeployError, SettingsError
from pages_deploy.manage.following import deployment_at
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.asking import SHORT_PATIENCE_SECONDS, Inquiry, ask_all
from pages_deploy.proof.probe import TIMEOUT_SECONDS, Probe
from pages_deploy.proof.proof import ANSWERED_FOR, comparable, mismatch, sample_of
from pages_deploy.proof.visitors import visit_of, wrong_in
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.site.manifest import build_manifest
from pages_deploy.site.refusing import check_directory
from pages_deploy.text.amounts import counted

if TYPE_CHECKING:
    from pages_deploy.rules.routes_json import RoutesRules

VERIFY = replace(
    options.VERIFY,
    help="What to compare: a sample (the root, and one file of each type) or all.",
    choices=("sample", "all"),
    default="all",
)
VERIFY_OPTIONS = (
    options.DIRECTORY,
    VERIFY,
    options.NO_FUNCTIONS,
    options.FUNCTIONS,
    options.WORKER_BUNDLE,
    *FILE_OPTIONS,
    *PROJECT_OPTIONS,
)
REMEDY = (
    "See who has deployed since with: pages-deploy deployments list. At a custom domain, a "
    "cache may keep what was there before: pages-deploy zones purge --everything"
)


@click.command(
    cls=HelpfulCommand,
    help="Compare what is live with DIRECTORY, and name what differs; nothing is sent. The exit "
    "code is 0 where they are equal, 6 where they are not, 1 where that cannot be seen.",
)
@click.option(
    "--at",
    "place",
    metavar="PLACE",
    default=PRODUCTION,
    show_default=True,
    help="Where to look: production, a URL (which needs neither token nor project), the ID of a "
    "deployment, or a BRANCH.",
)
@with_api_options(VERIFY_OPTIONS)
def command(runtime: Runtime, /, *, place: str, as_json: bool, given: Given) -> None:
    settings = runtime.settings(given)
    place = place.strip()
    if "://" in place:
        # Whatever else is missing is not missed.
        settings = replace(settings, missing=())
    # What is wrong here is told before anybody is asked.
    check_directory(settings.build_directory)
    rules = file_rules_of(settings)
    url = _address(place, settings, runtime)
    manifest = build_manifest(
        settings.build_directory, rules=rules, on_file=runtime.console.hashing
    )
    tell_ignored(manifest, runtime.console)
    with new_session(ca_bundle=ca_bundle_of(runtime)) as session:
        probe = Probe(
            session,
            url,
            manifest,
            timeout_seconds=min(TIMEOUT_SECONDS, settings.number(options.REQUEST_TIMEOUT)),
            worker_rules=_worker_rules(settings, runtime),
        )
        inquiry = _asked(probe, settings, runtime)
    _report(inquiry, settings, runtime, as_json=as_json)


def _address(place: str, settings: Settings, runtime: Runtime) -> str:
    """Return the address that a place means; raises SettingsError for none."""
    if "://" in place:
        return given_address(place, flag="--at")
    if not place:
        # An unset variable in a script must not come to mean production.
        raise SettingsError("The place to look at is empty.", "Give --at one, or leave it out.")
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        project = client.projects.get(project_name)
        if place not in {PRODUCTION, project.production_branch}:
            deployment, url = deployment_at(client, project_name, place)
            if not url:
                raise PagesDeployError(f"The API names no address of deployment {deployment.id}.")
            return url
        return production_address(client, project, runtime)


def _worker_rules(settings: Settings, runtime: Runtime) -> RoutesRules | None:
    if not may_have_worker(settings):
        return None
    # Imported where it is needed: most sites have no Worker code.
    from pages_deploy.cli.worker_code import read_rules  # noqa: PLC0415

    return read_rules(settings, runtime)


def _asked(probe: Probe, settings: Settings, runtime: Runtime) -> Inquiry:
    """Ask for what can be compared; raises PagesDeployError where that is nothing."""
    assets = comparable(probe)
    if left_out := len(probe.manifest.assets) - len(assets):
        runtime.console.step(
            f"Left out: {counted(left_out, 'file')} whose paths the site's own _redirects or its "
            "Worker answer"
        )
    if not assets:
        raise PagesDeployError(f"Nothing can be compared at {probe.url}: {ANSWERED_FOR}.")
    if settings.text(options.VERIFY) == "sample":
        assets = sample_of(assets, ())
    inquiry, done = Inquiry(probe, assets), itertools.count(1)
    ask_all(
        [inquiry],
        timer=runtime.timer,
        patience_seconds=SHORT_PATIENCE_SECONDS,
        # What is asked for again counts once.
        on_answer=lambda: runtime.console.comparing(min(next(done), len(assets)), len(assets)),
    )
    return inquiry


def _report(inquiry: Inquiry, settings: Settings, runtime: Runtime, *, as_json: bool) -> None:
    """Print what was found; raises VerificationError, or PagesDeployError where nothing was."""
    url, directory = inquiry.probe.url, settings.text(options.DIRECTORY)
    wrong = wrong_in(inquiry)
    proof = visit_of(inquiry, remedy="").proof
    is_equal = not wrong and proof.is_proved and not proof.reason
    hidden = sum(served.kind == "guarded" for served in inquiry.served.values())
    if hidden and is_equal:
        runtime.console.warn(f"{counted(hidden, 'file')} behind a login could not be checked.")
    if as_json:
        print_json(runtime, {"at": url, "equal": is_equal, "paths": _paths(inquiry)})
    elif is_equal:
        runtime.print_line(f"{url} is equal to {directory}: {counted(proof.checked, 'file')}")
    elif wrong:
        rows = [
            (asset.path, asset.hash, served.found, str(served.status or ""))
            for asset in wrong
            if (served := inquiry.served[asset.path])
        ]
        print_table(runtime, ("path", "expected", "found", "status"), rows)
    if wrong:
        raise mismatch(inquiry, wrong, REMEDY, expected=f"what {directory} has")
    if not is_equal:
        raise PagesDeployError(
            f"Could not check whether {url} serves what {directory} has: {proof.reason}.",
            "Compare at another address, with --at.",
        )


def _paths(inquiry: Inquiry) -> list[dict[str, object]]:
    answers = ((asset, inquiry.served[asset.path]) for asset in inquiry.assets)
    return [
        {
            "path": asset.path,
            "expected": asset.hash,
            "found": served.content or served.words,
            "status": served.status,
        }
        for asset, served in answers
        if served.kind != "ruled"
    ]
