"""Every error this project raises on purpose.

    PagesDeployError                    exit 1
    |- SettingsError                    2
    |- DirectoryError                   2
    |  `- WorkerError                       what is wrong with Worker code, and where
    |- ApiError                         1
    |  |- ApiConnectionError                no answer
    |  `- ApiResponseError                  an answer that says no
    |     |- AuthenticationError        3
    |     |  `- UploadTokenError            the short-lived token of the asset calls was refused
    |     |- NotFoundError
    |     |- RateLimitError
    |     `- ServerError
    |        `- UnexpectedAnswerError       no readable answer: a gateway's page, cut or odd JSON
    |- UploadError                      1
    |- DeploymentError                  4
    |  `- DeploymentTimeout             5
    |- DomainError                      4
    |  `- DomainTimeout                 5
    `- VerificationError                6
    Interrupted                         130 (SIGINT), 143 (SIGTERM); not an error of ours

The command line catches `PagesDeployError` and `Interrupted` and nothing else.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence


class PagesDeployError(Exception):
    """Something went wrong that the user can understand: what happened, and what to do about it."""

    exit_code = 1
    """With what the process ends."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        """What happened: a sentence or more, without any secret."""
        self.hint = hint
        """What to do about it; empty where there is nothing to say."""

    def with_hint(self, hint: str) -> Self:
        """Return the same error with another hint, to be raised in its place."""
        twin = type(self).__new__(type(self), *self.args)
        vars(twin).update(vars(self), hint=hint)
        return twin


class SettingsError(PagesDeployError):
    """An option is missing or cannot be used; names the option and the places it may be set."""

    exit_code = 2


class DirectoryError(PagesDeployError):
    """The build directory cannot be deployed as it is."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "", *, path: str = "", code: str = "") -> None:
        super().__init__(message, hint)
        self.path = path
        """The file or directory that it is about, with its leading slash; empty for the whole."""
        self.code = code
        """What is wrong, such as `file-too-large`; empty where nobody has to tell it apart."""


class WorkerError(DirectoryError):
    """Worker code cannot be deployed as it is; the message begins with file, line and column."""


class ApiError(PagesDeployError):
    """A call of Cloudflare's API failed."""

    retryable = False
    """Whether the same request may succeed a little later."""

    def __init__(self, message: str, hint: str = "", *, method: str, path: str) -> None:
        super().__init__(message, hint)
        self.method = method
        self.path = path
        """Without the API's base address, and without a query."""
        self.follows_lost_answer = False
        """Whether an earlier attempt of the call may have worked unseen."""

    @property
    def may_have_worked(self) -> bool:
        """Whether the server may have done what it was asked, and only its answer is missing."""
        return False


class ApiConnectionError(ApiError):
    """No answer came: no connection, a reset, silence beyond the timeout, or one without end."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        method: str,
        path: str,
        sent: bool = True,
        silent: bool = False,
        retryable: bool = True,
    ) -> None:
        super().__init__(message, hint, method=method, path=path)
        self.sent = sent
        """False where the request certainly never reached the server."""
        self.silent = silent
        """Whether the server took too long, and may still be at it."""
        self.retryable = retryable

    @property
    def may_have_worked(self) -> bool:
        """Whether the request may have reached the server."""
        return self.sent


class ApiResponseError(ApiError):
    """The server answered, and the answer is not a success."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        method: str,
        path: str,
        status: int,
        codes: Sequence[int] = (),
        ray_id: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, hint, method=method, path=path)
        self.status = status
        """The HTTP status."""
        self.codes = tuple(codes)
        """Cloudflare's own error numbers, the first being the one that counts."""
        self.ray_id = ray_id
        """What Cloudflare's support asks for to find the request."""
        self.retry_after_seconds = retry_after_seconds
        """The server's own word on when to come again; None without one."""


class AuthenticationError(ApiResponseError):
    """The credentials are not accepted, or lack a permission."""

    exit_code = 3


class UploadTokenError(AuthenticationError):
    """The upload token has expired or is refused; a new one may be accepted."""


class NotFoundError(ApiResponseError):
    """The account, project, deployment, domain or zone that the call names does not exist."""


class RateLimitError(ApiResponseError):
    """Too many requests for now."""

    retryable = True


class ServerError(ApiResponseError):
    """Cloudflare or a gateway before it is in trouble."""

    retryable = True

    @property
    def may_have_worked(self) -> bool:
        """Always: it may have failed after the work was done."""
        return True


class UnexpectedAnswerError(ServerError):
    """The answer is not what the API documents, so it proves nothing either way."""


class UploadError(PagesDeployError):
    """Some assets could not be uploaded, so no deployment was created."""


class DeploymentError(PagesDeployError):
    """Cloudflare ended the deployment without success."""

    exit_code = 4

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        deployment_id: str = "",
        url: str = "",
        stage: str = "",
        log_lines: Sequence[str] = (),
    ) -> None:
        super().__init__(message, hint)
        self.deployment_id = deployment_id
        self.url = url
        """The address of this deployment alone."""
        self.stage = stage
        """The stage that failed or was not left, such as `build`."""
        self.log_lines = tuple(log_lines)
        """The last lines of the deployment's log, the oldest first."""


class DeploymentTimeout(DeploymentError):  # noqa: N818 - the name design.md gives it
    """The deployment reached no final stage in the time allowed; it may still end well."""

    exit_code = 5


class DomainError(PagesDeployError):
    """A custom domain cannot become active as things are."""

    exit_code = 4


class DomainTimeout(DomainError):  # noqa: N818 - the sibling of DeploymentTimeout
    """A custom domain did not become active in the time allowed; it may still do so."""

    exit_code = 5


class VerificationError(PagesDeployError):
    """The deployed address does not serve what was sent."""

    exit_code = 6

    def __init__(self, message: str, hint: str = "", *, broken: Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.broken = tuple(broken)
        """The hashes of assets that answer 5xx or with other content although Pages took them."""


class Interrupted(BaseException):
    """A signal asked the process to stop.

    No Exception, so that no library takes it for a failure of its own, and no KeyboardInterrupt
    either, which click would turn into something else.
    """

    def __init__(self, signal_number: int = signal.SIGINT) -> None:
        super().__init__()
        self.exit_code = 128 + signal_number
        """The shell's convention for a process ended by a signal."""
        self.notice = ""
        """What the user should know about the state that is left."""
