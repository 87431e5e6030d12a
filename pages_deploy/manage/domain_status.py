"""What the status of a custom domain means, and waiting for it to become active.

https://developers.cloudflare.com/pages/configuration/custom-domains/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.readers import address_or_empty
from pages_deploy.errors import DomainError, DomainTimeout
from pages_deploy.retry import PATIENT, Polling, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.api.models import Domain, Project

ACTIVE = "active"
# States that waiting alone does not change.
ENDED = frozenset({ACTIVE, "blocked", "deactivated", "error"})


def explain(domain: Domain, subdomain: str) -> str:
    """Say in words how a domain stands and what is missing.

    `subdomain` is the project's own address, where the domain's DNS record has to point.
    """
    errors = filter(None, (domain.verification_error, domain.validation_error))
    said = "; ".join(error.rstrip(". ") for error in errors)
    reason = f" Cloudflare says: {said}." if said else ""
    record = f"a CNAME record for {domain.name} that points to {subdomain}"
    if domain.status == ACTIVE:
        return "It is served."
    if domain.status == "initializing":
        return f"Cloudflare has just begun.{reason} It needs {record}."
    if domain.status == "pending":
        if domain.validation_method == "txt" and domain.txt_value:
            record += f", and a TXT record {domain.txt_name} with the value {domain.txt_value}"
        return f"Cloudflare waits for the DNS and the certificate.{reason} It needs {record}."
    if domain.status == "blocked":
        return (
            f"Cloudflare does not allow this domain here.{reason} Look at its CAA records and at "
            "holds on its zone."
        )
    if domain.status == "deactivated":
        return (
            f"The domain was switched off, usually because its DNS points elsewhere.{reason} It "
            f"needs {record}; then check again with: pages-deploy domains retry {domain.name}"
        )
    return (
        f"The domain could not be set up.{reason} It needs {record}; then check again by: "
        f"pages-deploy domains retry {domain.name}"
    )


def active_domains(
    client: PagesClient, project: Project, *, retry: RetryPolicy = PATIENT
) -> tuple[Domain, ...]:
    """Return the custom domains that lead to a project's production, in the order of the API.

    Only a project that has some is asked for them, and a name that no address can have is left out.
    The first is the one that people are given. Raises ApiError.
    """
    if not project.custom_domains:
        return ()
    listed = client.domains.list(project.name, retry=retry)
    return tuple(d for d in listed if d.status == ACTIVE and address_or_empty(d.url))


def wait_for_domain(
    client: PagesClient,
    name: str,
    *,
    project_name: str,
    timeout_seconds: float,
    on_status: Callable[[str], None],
) -> Domain:
    """Wait until a domain is active, and return it.

    Raises DomainError when it ends otherwise, DomainTimeout when time runs out.
    """
    subdomain = client.projects.get(project_name).subdomain
    reported = words = ""
    polling = Polling(
        lambda asking: client.domains.get(project_name, name, **asking),
        client.transport.timer.deadline(timeout_seconds),
    )
    for domain in polling:
        words = explain(domain, subdomain)
        if domain.status != reported:
            reported = domain.status
            on_status(f"{name} is {reported}. {words}")
        if domain.status == ACTIVE:
            return domain
        if domain.status in ENDED:
            raise DomainError(f"Domain {name} is {domain.status}.", words)
    raise DomainTimeout(
        f"Domain {name} was not active within {timeout_seconds:g} seconds; its status is "
        f"'{reported or 'not known'}'.{polling.trouble_sentence}",
        f"{words} Certificates can take longer; keep waiting with: "
        f"pages-deploy domains wait {name}".strip(),
    )
