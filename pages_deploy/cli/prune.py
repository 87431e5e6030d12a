"""`pages-deploy deployments prune`: delete old deployments by a rule."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from pages_deploy.ci.git import list_remote_branches
from pages_deploy.cli.announcing import FORGE
from pages_deploy.cli.closed_pull_request import ClosedPullRequest
from pages_deploy.cli.confirmation import confirm
from pages_deploy.cli.connection import PROJECT_OPTIONS, connected
from pages_deploy.cli.deletion import delete_all
from pages_deploy.cli.deployment_fields import show_all
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_api_options, with_yes
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.errors import SettingsError
from pages_deploy.manage.pruning import PruneRule, select_prunable
from pages_deploy.settings import options
from pages_deploy.text.amounts import counted

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# What a fork's pull requests are called; they are branches of nobody's that git could know.
NOT_IN_GIT = re.compile(r"(?:pr|fork)-.*")


@click.command(
    "prune",
    cls=HelpfulCommand,
    help="Delete deployments: of each branch all but the newest --keep, if they are old enough and "
    "the branch matches. Never the live production deployment.",
)
@click.option(
    "--keep", type=click.IntRange(min=0), help="How many to keep of each branch; default 1."
)
@click.option("--older-than", metavar="AGE", help="Only older ones: 90m, 12h, 30d, 4w.")
@click.option("--branch", "branch_glob", default="", metavar="GLOB", help="Only these branches.")
@click.option(
    "--closed-branches",
    is_flag=True,
    help="Only branches that the git remote of the working directory no longer has; all of theirs.",
)
@click.option(
    "--closed-pull-request",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only previews of this closed pull or merge request; all of them. Its GitHub deployments "
    "become inactive, and its comment says so.",
)
@click.option(
    "--remote", default="origin", show_default=True, help="The git remote to compare with."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@with_yes
@with_api_options((*PROJECT_OPTIONS, *FORGE))
def command(
    runtime: Runtime,
    /,
    *,
    keep: int | None,
    older_than: str | None,
    branch_glob: str,
    closed_branches: bool,
    closed_pull_request: int | None,
    remote: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    if closed_branches and closed_pull_request is not None:
        raise SettingsError("Give --closed-branches or --closed-pull-request, not both.")
    if keep is None and older_than is None and not (closed_branches or closed_pull_request):
        raise SettingsError(
            "Choose what to delete with --keep, --older-than, --closed-branches or "
            "--closed-pull-request."
        )
    if not (yes or dry_run or runtime.interactive):
        raise SettingsError(
            "Pruning deletes deployments, and there is no terminal for the answer.",
            "Add --yes to confirm, or --dry-run to see which would be deleted.",
        )
    with connected(settings, runtime) as client:
        project = client.projects.get(project_name)
        deployments = list(client.deployments.list(project_name))
        closed = None
        pull_request = None
        if closed_pull_request is not None:
            pull_request = ClosedPullRequest(closed_pull_request, settings, runtime)
            closed = pull_request.branches() - {project.production_branch}
            deployments = [one for one in deployments if one.environment == "preview"]
        elif closed_branches:
            branches = {deployment.branch for deployment in deployments if deployment.branch}
            there = list_remote_branches(settings.working_directory, remote, runtime.environ)
            closed = gone_from_remote(there, branches - {project.production_branch}, remote)
        rule = PruneRule(
            keep=1 if keep is None else keep,
            older_than=timedelta(0) if older_than is None else parse_age(older_than),
            branch=branch_glob,
            closed_branches=closed,
        )
        live = project.canonical_deployment
        prunable = select_prunable(
            deployments, rule, live_id=live.id if live is not None else "", now=runtime.now()
        )
        if as_json or prunable:
            show_all(runtime, prunable, as_json=as_json)
        share = f"{len(prunable)} of {counted(len(deployments), 'deployment')}"
        if dry_run or not prunable:
            runtime.console.step(f"{share} would be deleted.")
            return
        confirm(runtime, f"Delete {share}?", yes=yes)
        delete_all(runtime, client, project_name, prunable)
        if pull_request is not None:
            pull_request.retire(project_name, prunable)


def parse_age(text: str) -> timedelta:
    """Read an age such as 30d; raises SettingsError for anything else."""
    match = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    if match is None:
        raise SettingsError(
            f"--older-than is '{text}'; it has to be a number with m, h, d or w, such as 30d."
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def gone_from_remote(
    there: frozenset[str] | None, branches: set[str], remote: str
) -> frozenset[str]:
    """Return those branches that are not among a remote's, which are None where nobody could tell.

    Raises SettingsError where they cannot be told, or there are none.
    """
    if there is None:
        raise SettingsError(
            f"git cannot list the branches of the remote '{remote}', so which are closed is not "
            "known.",
            "Run in a checkout that can reach its remote, or name another with --remote.",
        )
    if not there:
        raise SettingsError(
            f"The remote '{remote}' has no branch at all, so every branch would count as closed.",
            "Name the right remote with --remote.",
        )
    return frozenset(branch for branch in branches - there if NOT_IN_GIT.fullmatch(branch) is None)
