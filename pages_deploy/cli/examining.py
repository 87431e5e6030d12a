"""All that is found out about a build directory by `check` and `plan`, where deploying would stop.

1. Walk, hash and search it, going on past whatever stands in the way.
2. Look at names, rules and limits.
3. Look where its links lead; no network is needed for that.
4. If asked, look which addresses of the live site it has no longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from pages_deploy.cli.build_directory import walked
from pages_deploy.cli.connection import ca_bundle_of
from pages_deploy.cli.file_rules import FILE_OPTIONS
from pages_deploy.cli.live_address import live_address
from pages_deploy.cli.parameters import Command
from pages_deploy.cli.runtime import Runtime
from pages_deploy.cli.worker_presence import may_have_worker
from pages_deploy.errors import DirectoryError, SettingsError, WorkerError
from pages_deploy.net.sessions import new_session
from pages_deploy.preflight.allowed import Allowed, read_allowed
from pages_deploy.preflight.dead_links import find_dead_links
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.preflight import answers_of, preflight
from pages_deploy.preflight.refused import refused_files, secrets_found
from pages_deploy.preflight.vanished import find_vanished
from pages_deploy.proof.baseline import Baseline
from pages_deploy.rules.answers import Answers
from pages_deploy.rules.routes_json import EVERYTHING, RoutesRules
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings
from pages_deploy.site.manifest import Manifest
from pages_deploy.site.secret_search import SecretSearch

# For all that a live site is asked.
PATIENCE_SECONDS = 120.0
EXAMINING_OPTIONS = (
    options.DIRECTORY,
    replace(options.PREFLIGHT, choices=("warn", "error")),
    options.ALLOW_SECRETS,
    *FILE_OPTIONS,
    options.NO_FUNCTIONS,
    options.FUNCTIONS,
    options.WORKER_BUNDLE,
)


@dataclass(frozen=True)
class Live:
    """What a build directory is compared with."""

    place: str = ""
    """`production` or an address; empty for nothing."""
    allowed_file: Path | None = None
    """The file with the addresses that may vanish."""


NOTHING_LIVE = Live()


@dataclass(frozen=True)
class Examined:
    """What came of a look at a build directory."""

    manifest: Manifest
    """Without the files that stand in the way."""
    findings: list[Finding]
    worker_rules: RoutesRules | None
    """Which paths reach the Worker; None where there is none."""


def with_live(command: Command) -> Command:
    """Add --against and --allow-vanished; the command gets both as `live`."""

    def run(
        *arguments: object, against: str, allow_vanished: Path | None, **values: object
    ) -> object:
        return command(*arguments, live=Live(against.strip(), allow_vanished), **values)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    decorated = click.option(
        "--allow-vanished",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A file with the addresses that may vanish, one path a line; * stands for anything.",
    )(run)
    return click.option(
        "--against",
        metavar="PLACE",
        default="",
        help="Name the addresses in the sitemap of the live site that this directory lacks: "
        "production, or a URL.",
    )(decorated)


def examine(settings: Settings, runtime: Runtime, live: Live) -> Examined:
    """Look at the build directory.

    What would stop a deployment is among the findings. Raises DirectoryError for what is no
    directory, SettingsError for options that lead nowhere, ApiError where production is not found.
    """
    allowed = Allowed()
    if live.allowed_file is not None:
        if not live.place:
            raise SettingsError(
                "--allow-vanished is given without --against.", "Give --against production, too."
            )
        place = runtime.current_directory / live.allowed_file
        allowed = read_allowed(place, name=str(live.allowed_file))
    # Whatever is wrong here is told before the hashing takes its time.
    url = live_address(live.place, settings, runtime, flag="--against") if live.place else ""
    problems: list[DirectoryError] = []
    secrets = SecretSearch(monotonic=runtime.timer.monotonic)
    manifest = walked(settings, runtime, secrets, on_problem=problems.append)
    worker_rules, of_worker = _worker_rules(settings, runtime)
    hosts = [urlsplit(url).netloc] if url else []
    answers = answers_of(manifest, worker_rules=worker_rules, hosts=hosts)
    allows_secrets = settings.switch(options.ALLOW_SECRETS)
    in_rules = preflight(manifest, answers, has_worker=worker_rules is not None)
    # A wrong _routes.json is wrong Worker code too, and has its own words.
    if not any(finding.code == "routes-invalid" for finding in in_rules):
        problems += of_worker
    links = find_dead_links(manifest, answers, on_page=runtime.console.reading_links)
    findings = [
        *refused_files(problems),
        *secrets_found(secrets, is_allowed=allows_secrets),
        *in_rules,
        *links.findings(),
        *(_vanished(url, manifest, answers, allowed, runtime) if url else ()),
    ]
    return Examined(manifest, findings, worker_rules)


def _worker_rules(
    settings: Settings, runtime: Runtime
) -> tuple[RoutesRules | None, list[DirectoryError]]:
    """Return which paths reach the Worker, and what is wrong with its code."""
    if not may_have_worker(settings):
        return None, []
    # Imported where it is needed: most sites have no Worker code.
    from pages_deploy.cli.worker_code import read_rules  # noqa: PLC0415

    try:
        return read_rules(settings, runtime), []
    except WorkerError as error:
        return EVERYTHING, [DirectoryError(error.message, error.hint, code="worker-code")]


def _vanished(
    url: str, manifest: Manifest, answers: Answers, allowed: Allowed, runtime: Runtime
) -> list[Finding]:
    with new_session(ca_bundle=ca_bundle_of(runtime)) as session:
        baseline = Baseline(session, url, runtime.timer.deadline(PATIENCE_SECONDS))
        return list(find_vanished(baseline, manifest, answers, allowed).findings())
