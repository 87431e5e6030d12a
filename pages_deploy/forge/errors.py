"""The one error of the forges."""

from __future__ import annotations

from pages_deploy.errors import PagesDeployError


class ForgeError(PagesDeployError):
    """Something could not be left behind on the forge; the deployment itself is as it was."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int = 0,
        retryable: bool = False,
        may_have_worked: bool = False,
        is_limit: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        """Of the answer; 0 without one."""
        self.retryable = retryable
        """Whether the same request may succeed a little later."""
        self.may_have_worked = may_have_worked
        """Whether the forge may have done what it was asked, and only its answer is missing."""
        self.is_limit = is_limit
        """Whether the request was refused for being one too many, and certainly not done."""
        self.wait_seconds = wait_seconds
        """The forge's own word on when to come again."""
