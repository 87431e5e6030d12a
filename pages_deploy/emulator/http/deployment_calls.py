"""Calls about deployments.

All raise RefusalError 8000007 without the project, those about one deployment 8000009 without it.

https://developers.cloudflare.com/api/resources/pages/subresources/projects/subresources/deployments/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.errors import RefusalError
from pages_deploy.emulator.http.call import Success
from pages_deploy.emulator.http.documents import timestamp
from pages_deploy.emulator.http.lists import page_of
from pages_deploy.emulator.http.project_calls import project_of
from pages_deploy.emulator.state.logs import log_lines
from pages_deploy.emulator.state.submissions import read_submission

if TYPE_CHECKING:
    from pages_deploy.emulator.http.call import Call

_DEPLOYMENTS_PER_PAGE: Final = 20


def list_deployments(call: Call) -> Success:
    """The project's deployments, the newest first; `env` leaves the others out.

    Raises RefusalError 8000024 for an `env` that is none, and as `page_of`.
    """
    environment = call.request.args.get("env")
    if environment not in (None, "production", "preview"):
        # No code is documented for a wrong `env`; the nearest one is about list options.
        raise RefusalError(400, 8000024, message="The parameter `env` is production or preview")
    project = project_of(call)
    return page_of(
        call,
        call.store.deployments.all(project, environment=environment),
        show=lambda deployment: call.documents.deployment(deployment, project),
        default_size=min(_DEPLOYMENTS_PER_PAGE, call.settings.max_items_per_page),
        max_size=call.settings.max_items_per_page,
    )


def create_deployment(call: Call) -> Success:
    """A new deployment of assets that are there already, or of a branch of the Git repository.

    Raises RefusalError as `read_submission`, and for a manifest for a project that takes its files
    from a Git repository only.
    """
    project = project_of(call)
    if project.source is not None and "manifest" not in call.request.form:
        rebuilt = call.store.deployments.rebuild(project, call.request.form.get("branch"))
        return Success(result=call.documents.deployment(rebuilt, project))
    call.store.projects.check_direct_upload(project)
    # Read first, so that the raw bytes are still there when the form has been taken apart.
    body = call.request.get_data(cache=True)
    submission = read_submission(
        call.request.form.to_dict(),
        {name: file.read() for name, file in call.request.files.items()},
        body=body,
        settings=call.settings,
    )
    deployment = call.store.deployments.create(project, submission)
    return Success(result=call.documents.deployment(deployment, project))


def get_deployment(call: Call) -> Success:
    """One deployment; this is the call that counts as a poll."""
    project = project_of(call)
    deployment = call.store.deployments.poll(project, call.arguments["deployment_id"])
    return Success(result=call.documents.deployment(deployment, project))


def retry_deployment(call: Call) -> Success:
    """A new deployment of the same files."""
    project = project_of(call)
    deployment = call.store.deployments.retry(project, call.arguments["deployment_id"])
    return Success(result=call.documents.deployment(deployment, project))


def rollback_deployment(call: Call) -> Success:
    """Let production serve this deployment again.

    Raises RefusalError as `DeploymentStore.rollback`.
    """
    project = project_of(call)
    deployment = call.store.deployments.rollback(project, call.arguments["deployment_id"])
    return Success(result=call.documents.deployment(deployment, project))


def delete_deployment(call: Call) -> Success:
    """Delete a deployment; `force=true` deletes one that an alias leads to.

    Raises RefusalError 8000034 or 8000035 for one that is still needed.
    """
    call.store.deployments.delete(
        project_of(call),
        call.arguments["deployment_id"],
        is_forced=call.request.args.get("force") == "true",
    )
    return Success(result=None)


def create_tail(call: Call) -> Success:
    """A stream of the deployment's log. Its URL has the right form, but nothing answers there."""
    deployment = call.store.deployments.get(project_of(call), call.arguments["deployment_id"])
    tail_id = call.store.tails.open(deployment.id)
    return Success(result={"id": tail_id, "url": f"ws://{call.sites.host('tail')}/{tail_id}"})


def delete_tail(call: Call) -> Success:
    """End a stream. Raises RefusalError if the deployment has no such tail."""
    deployment = call.store.deployments.get(project_of(call), call.arguments["deployment_id"])
    call.store.tails.close(deployment.id, call.arguments["tail_id"])
    return Success(result=None)


def get_logs(call: Call) -> Success:
    """The deployment's log so far, all of it whatever `size` says."""
    deployment = call.store.deployments.get(project_of(call), call.arguments["deployment_id"])
    lines = log_lines(
        call.store.deployments.progress(deployment),
        file_count=deployment.file_count,
        errors=deployment.errors,
    )
    data = [{"ts": timestamp(seconds), "line": line} for seconds, line in lines]
    # Clients take `data[total - 1]` for the last line.
    return Success(result={"total": len(data), "includes_container_logs": False, "data": data})
