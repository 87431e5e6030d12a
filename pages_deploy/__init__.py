"""Publish a built directory to Cloudflare Pages by Direct Upload.

The names of `__all__` are the public Python API; docs/client.md shows them at work. Each is
imported when it is asked for first, so that the import of the package itself costs nothing.
"""

from __future__ import annotations

import sys

# As type checkers know it; the import of `typing` would cost more than all the rest.
TYPE_CHECKING = False

__version__ = "0.1.0"

__all__ = [
    "Account",
    "ApiConnectionError",
    "ApiError",
    "ApiResponseError",
    "AuthenticationError",
    "ClientOptions",
    "Commit",
    "CommitOrder",
    "Credentials",
    "Deployed",
    "Deployment",
    "DeploymentError",
    "DeploymentTimeout",
    "DirectoryError",
    "Domain",
    "DomainError",
    "DomainTimeout",
    "EnvironmentChanges",
    "EnvironmentConfig",
    "FailedDeploymentError",
    "FileRules",
    "Interrupted",
    "LogLine",
    "Manifest",
    "NotFoundError",
    "PagesClient",
    "PagesDeployError",
    "Plan",
    "Progress",
    "Project",
    "Purge",
    "RateLimitError",
    "RetryPolicy",
    "ServerError",
    "SettingsError",
    "Stage",
    "SupersededDeploymentError",
    "Timer",
    "TokenStatus",
    "UnaddressedDeploymentError",
    "UnexpectedAnswerError",
    "UnservedDeploymentError",
    "UnservedDomainError",
    "UploadError",
    "UploadTokenError",
    "Variable",
    "VerificationError",
    "Watcher",
    "WorkerError",
    "Zone",
    "__version__",
    "build_manifest",
    "deploy",
    "wait_for_deployment",
    "wait_for_domain",
]

# Below the package: the module that has each of the names above.
_MODULES = {
    name: module
    for module, names in {
        "api.call": ("Credentials",),
        "api.client": ("ClientOptions", "PagesClient"),
        "api.deployments": ("Commit",),
        "api.models": (
            "Account",
            "Deployment",
            "Domain",
            "EnvironmentConfig",
            "LogLine",
            "Project",
            "Stage",
            "TokenStatus",
            "Variable",
            "Zone",
        ),
        "api.projects": ("EnvironmentChanges",),
        "clock": ("Timer",),
        "deploy.commit_order": ("CommitOrder",),
        "deploy.deploy": ("deploy",),
        "deploy.deployed": (
            "Deployed",
            "FailedDeploymentError",
            "SupersededDeploymentError",
            "UnaddressedDeploymentError",
            "UnservedDeploymentError",
            "UnservedDomainError",
        ),
        "deploy.plan": ("Plan",),
        "deploy.purge": ("Purge",),
        "deploy.waiting": ("wait_for_deployment",),
        "deploy.watcher": ("Watcher",),
        "errors": (
            "ApiConnectionError",
            "ApiError",
            "ApiResponseError",
            "AuthenticationError",
            "DeploymentError",
            "DeploymentTimeout",
            "DirectoryError",
            "DomainError",
            "DomainTimeout",
            "Interrupted",
            "NotFoundError",
            "PagesDeployError",
            "RateLimitError",
            "ServerError",
            "SettingsError",
            "UnexpectedAnswerError",
            "UploadError",
            "UploadTokenError",
            "VerificationError",
            "WorkerError",
        ),
        "manage.domain_status": ("wait_for_domain",),
        "retry": ("RetryPolicy",),
        "site.file_rules": ("FileRules",),
        "site.manifest": ("Manifest", "build_manifest"),
        "upload.upload": ("Progress",),
    }.items()
    for name in names
}

if TYPE_CHECKING:
    from pages_deploy.api.call import Credentials
    from pages_deploy.api.client import ClientOptions, PagesClient
    from pages_deploy.api.deployments import Commit
    from pages_deploy.api.models import (
        Account,
        Deployment,
        Domain,
        EnvironmentConfig,
        LogLine,
        Project,
        Stage,
        TokenStatus,
        Variable,
        Zone,
    )
    from pages_deploy.api.projects import EnvironmentChanges
    from pages_deploy.clock import Timer
    from pages_deploy.deploy.commit_order import CommitOrder
    from pages_deploy.deploy.deploy import deploy
    from pages_deploy.deploy.deployed import (
        Deployed,
        FailedDeploymentError,
        SupersededDeploymentError,
        UnaddressedDeploymentError,
        UnservedDeploymentError,
        UnservedDomainError,
    )
    from pages_deploy.deploy.plan import Plan
    from pages_deploy.deploy.purge import Purge
    from pages_deploy.deploy.waiting import wait_for_deployment
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.errors import (
        ApiConnectionError,
        ApiError,
        ApiResponseError,
        AuthenticationError,
        DeploymentError,
        DeploymentTimeout,
        DirectoryError,
        DomainError,
        DomainTimeout,
        Interrupted,
        NotFoundError,
        PagesDeployError,
        RateLimitError,
        ServerError,
        SettingsError,
        UnexpectedAnswerError,
        UploadError,
        UploadTokenError,
        VerificationError,
        WorkerError,
    )
    from pages_deploy.manage.domain_status import wait_for_domain
    from pages_deploy.retry import RetryPolicy
    from pages_deploy.site.file_rules import FileRules
    from pages_deploy.site.manifest import Manifest, build_manifest
    from pages_deploy.upload.upload import Progress
else:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from importlib import import_module  # noqa: PLC0415 - nothing is asked for by most

        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

    class _Package(type(sys)):
        def __setattr__(self, name: str, value: object) -> None:
            # The import of the room `deploy` would put it in the place of the function.
            if name not in _MODULES or not isinstance(value, type(sys)):
                super().__setattr__(name, value)

    sys.modules[__name__].__class__ = _Package
