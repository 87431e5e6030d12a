"""Where a live site is: the address of production, or one that was given."""

from __future__ import annotations

from urllib.parse import urlsplit

from pages_deploy.api.client import PagesClient
from pages_deploy.api.models import Project
from pages_deploy.api.readers import address_or_empty
from pages_deploy.cli.connection import connected
from pages_deploy.cli.runtime import Runtime
from pages_deploy.errors import ApiError, SettingsError
from pages_deploy.manage.domain_status import active_domains
from pages_deploy.settings import options
from pages_deploy.settings.settings import Settings

PRODUCTION = "production"


def live_address(place: str, settings: Settings, runtime: Runtime, *, flag: str) -> str:
    """Return the address that `production` or a URL means, without its final slash.

    Raises SettingsError for anything else, naming the flag, and ApiError.
    """
    if "://" in place:
        return given_address(place, flag=flag)
    if place != PRODUCTION:
        raise SettingsError(
            f"The value of {flag} is neither '{PRODUCTION}' nor the address of a site.",
            "Write an address as https://www.example.com",
        )
    project_name = settings.required(options.PROJECT_NAME)
    with connected(settings, runtime) as client:
        return production_address(client, client.projects.get(project_name), runtime)


def production_address(client: PagesClient, project: Project, runtime: Runtime) -> str:
    """Return where people see production: the first active custom domain, else `pages.dev`."""
    try:
        domains = active_domains(client, project)
    except ApiError as error:
        runtime.console.warn(f"The custom domains could not be read. {error.message}")
        domains = ()
    return domains[0].url if domains else project.production_url.rstrip("/")


def given_address(place: str, *, flag: str) -> str:
    """Return the address of a whole site as it is asked; raises SettingsError for another."""
    parts = urlsplit(address_or_empty(place))
    if not parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise SettingsError(
            f"The value of {flag} is not the address of a whole site.",
            "Write it as https://www.example.com",
        )
    return f"{parts.scheme}://{parts.netloc}"
