"""Answers by the Workers of deployments, which are run here.

1. The deployment's process is found, or started with what its project has for it by now.
2. The request goes to it, and its answer to the visitor, piece by piece.
3. Where there is no answer, a page says why, with what the Worker said last.
"""

from __future__ import annotations

import contextlib
from functools import partial
from http.client import HTTPException
from typing import IO, TYPE_CHECKING, Final

from werkzeug import exceptions
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from pages_deploy.emulator.sites import worker_page
from pages_deploy.emulator.sites.as_it_is import AsItIs
from pages_deploy.emulator.sites.workerd.bindings import bindings_of, compatibility_of
from pages_deploy.emulator.sites.workerd.config import SECRET_HEADER, WorkerSetup
from pages_deploy.emulator.sites.workerd.exchange import (
    WorkerAnswer,
    WorkerRequest,
    ask,
    received,
)
from pages_deploy.emulator.sites.workerd.failures import WorkerFailedError
from pages_deploy.emulator.sites.workerd.pool import WorkerPool

if TYPE_CHECKING:
    from pages_deploy.emulator.sites.workerd.process import Launch, WorkerProcess
    from pages_deploy.emulator.state.records import Deployment
    from pages_deploy.emulator.state.store import Store

_MAX_THROWN_BYTES: Final = 64 * 1024
# For what a process has said already, and for its end where it has hung up.
_SOON_SECONDS: Final = 2.0
# Cloudflare says who it is itself, and so does the emulator.
_OF_SERVER: Final = "server"


class WorkerRunner:
    """The Workers of one emulator. Its methods may be called from any thread."""

    def __init__(self, store: Store, launch: Launch) -> None:
        self._store = store
        self._seconds = store.settings.worker_answer_seconds
        self._pool = WorkerPool(launch)

    def answer(self, request: WorkerRequest, deployment: Deployment) -> Response:
        """The answer of the deployment's Worker, or a page about what became of it."""
        if request.wants_websocket:
            return Response("The emulator has no WebSockets for Workers.\n", status=501)
        with contextlib.ExitStack() as resources:
            try:
                body = resources.enter_context(received(request.body))
                process = resources.enter_context(
                    self._pool.visit(deployment.id, partial(self._setup, deployment))
                )
                answer = self._asked(request, body, process, resources.pop_all())
            except WorkerFailedError as failure:
                return worker_page.failed(failure.reason, failure.said)
            except exceptions.HTTPException as refused:
                # Such as 413 for a body above the limit.
                return Response(f"{refused.description}\n", status=refused.code)
        response = AsItIs(answer, status=answer.status)
        response.headers = Headers(
            [(name, value) for name, value in answer.fields if name.lower() != _OF_SERVER]
        )
        return response

    def deployment_of(self, secret: str) -> Deployment | None:
        """The deployment whose running Worker has this secret; None where none has."""
        deployment_id = self._pool.deployment_of(secret)
        return None if deployment_id is None else self._store.deployments.find(deployment_id)

    def close(self) -> None:
        """Stop all Workers."""
        self._pool.close()

    def _setup(self, deployment: Deployment) -> WorkerSetup:
        worker = self._store.workers.of(deployment)
        project = self._store.projects.of_deployment(deployment)
        if worker is None or project is None:
            raise WorkerFailedError("end", "The deployment has just been deleted.")
        return WorkerSetup(
            modules=tuple(
                sorted(worker.modules, key=lambda module: module.name != worker.main_module)
            ),
            compatibility=compatibility_of(worker.metadata, deployment, project),
            bindings=bindings_of(worker.metadata, deployment, project),
        )

    def _asked(
        self,
        request: WorkerRequest,
        body: IO[bytes],
        process: WorkerProcess,
        resources: contextlib.ExitStack,
    ) -> WorkerAnswer:
        """Ask; `resources` are closed with the answer, or else here. Raises WorkerFailedError."""
        with contextlib.ExitStack() as here:
            here.enter_context(resources)
            try:
                answer = ask(
                    request, body, port=process.port, seconds=self._seconds, resources=resources
                )
                _check_thrown(answer, process)
            except TimeoutError as error:
                process.output.add(f"It has not answered within {self._seconds:g} seconds.")
                process.stop()
                raise WorkerFailedError("time", process.output.said()) from error
            except OSError as error:
                # While it says its last words, it may look alive.
                process.output.wait_for_end(_SOON_SECONDS)
                process.stop()
                raise WorkerFailedError("end", process.output.said() or str(error)) from error
            except HTTPException as error:
                raise WorkerFailedError("answer", str(error) or repr(error)) from error
            here.pop_all()
        return answer


def _check_thrown(answer: WorkerAnswer, process: WorkerProcess) -> None:
    """Raise WorkerFailedError where an answer is what the Worker has thrown."""
    for name, value in answer.fields:
        secret, _, number = value.partition(" ")
        if name.lower() == SECRET_HEADER.lower() and process.knows(secret):
            message = answer.beginning(_MAX_THROWN_BYTES)
            # By then everything else has been said that belongs to it.
            process.output.wait_for_mark(int(number), _SOON_SECONDS)
            raise WorkerFailedError("throw", f"{message}\n\n{process.output.said()}")
