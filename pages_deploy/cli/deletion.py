"""`pages-deploy deployments delete`: one deployment, or all previews of a branch."""

from __future__ import annotations

import click

from pages_deploy.api.client import PagesClient
from pages_deploy.api.error_codes import DEPLOYMENT_HAS_ALIAS, DEPLOYMENT_IS_LIVE
from pages_deploy.api.models import Deployment
from pages_deploy.cli.confirmation import confirm
from pages_deploy.cli.connection import PROJECT_OPTIONS, connected
from pages_deploy.cli.helpful import HelpfulCommand
from pages_deploy.cli.parameters import with_api_options, with_yes
from pages_deploy.cli.printing import print_deleted, print_json
from pages_deploy.cli.runtime import Given, Runtime
from pages_deploy.errors import (
    ApiError,
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    PagesDeployError,
    SettingsError,
)
from pages_deploy.manage.following import deployment_of
from pages_deploy.settings import options


@click.command(
    "delete", cls=HelpfulCommand, help="Delete a deployment, or all previews of a branch."
)
@click.argument("deployment_id", metavar="[ID]", required=False)
@click.option("--branch", "of_branch", metavar="NAME", help="Every preview of this branch.")
@click.option("--force", is_flag=True, help="Also one that an alias points at.")
@with_yes
@with_api_options(PROJECT_OPTIONS)
def command(
    runtime: Runtime,
    /,
    *,
    deployment_id: str | None,
    of_branch: str | None,
    force: bool,
    yes: bool,
    as_json: bool,
    given: Given,
) -> None:
    settings = runtime.settings(given)
    project_name = settings.required(options.PROJECT_NAME)
    if (deployment_id is None) == (not of_branch):
        raise click.UsageError(
            "Choose what to delete: the ID of one deployment, or a branch with --branch."
        )
    with connected(settings, runtime) as client:
        if of_branch:
            previews = previews_of(client, project_name, branch=of_branch)
            if previews:
                question = f"Delete {len(previews)} previews of branch '{of_branch}'?"
                confirm(runtime, question, yes=yes)
            # The oldest first: the alias points at the newest, and would move to the next.
            delete_all(runtime, client, project_name, previews[::-1])
            if as_json:
                print_json(runtime, {"deleted": [deployment.id for deployment in previews]})
            return
        found = deployment_of(client, project_name, deployment_id)
        confirm(
            runtime,
            f"Delete the {found.environment} deployment {found.id} ({found.branch}, {found.url})?",
            yes=yes,
        )
        try:
            client.deployments.delete(project_name, found.id, force=force)
        except ApiResponseError as error:
            raise _with_way_out(error) from error
        print_deleted(runtime, "deployment", found.id, as_json=as_json)


def previews_of(client: PagesClient, project_name: str, *, branch: str) -> list[Deployment]:
    """Return every preview of a branch, the newest first; that there is none is no error.

    Raises SettingsError for the production branch.
    """
    if branch == client.projects.get(project_name).production_branch:
        raise SettingsError(
            f"'{branch}' is the production branch of '{project_name}'.",
            "Delete old production deployments with: pages-deploy deployments prune --keep N",
        )
    previews = client.deployments.list(project_name, environment="preview")
    return [deployment for deployment in previews if deployment.branch == branch]


def delete_all(
    runtime: Runtime, client: PagesClient, project_name: str, prunable: list[Deployment]
) -> None:
    """Delete deployments, going on after a failure; raises PagesDeployError if there was one."""
    failed: list[ApiError] = []
    for deployment in prunable:
        try:
            # The newest of a branch is where its alias points, which needs force.
            client.deployments.delete(project_name, deployment.id, force=bool(deployment.aliases))
        except NotFoundError:
            # Somebody else was faster, and gone is gone.
            runtime.console.detail(f"{deployment.id} is gone already")
        except AuthenticationError:
            # The next one would be refused as well.
            raise
        except ApiResponseError as error:
            failed.append(_with_way_out(error))
            runtime.console.warn(error.message)
        except ApiError as error:
            failed.append(error)
            runtime.console.warn(error.message)
        else:
            runtime.console.step(f"Deleted {deployment.id} ({deployment.branch})")
    done = len(prunable) - len(failed)
    runtime.console.step(f"Deleted {done} of {len(prunable)} deployments")
    if failed:
        raise PagesDeployError(
            f"{len(failed)} of {len(prunable)} deployments could not be deleted; the first: "
            f"{failed[0].message}",
            failed[0].hint,
        ) from failed[0]


def _with_way_out(error: ApiResponseError) -> ApiResponseError:
    """Return a refusal with a hint that says by which command the deployment goes all the same."""
    if DEPLOYMENT_HAS_ALIAS in error.codes:
        return error.with_hint(
            "An alias, such as the branch's address, points at this deployment, and would go with "
            "it. If you mean it: pages-deploy deployments delete ID --force"
        )
    if DEPLOYMENT_IS_LIVE in error.codes:
        return error.with_hint(
            "Production serves this deployment. Deploy another first, or go back to an earlier "
            "one: pages-deploy deployments rollback"
        )
    return error
