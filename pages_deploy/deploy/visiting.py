"""Prove that visitors get what was deployed to production, after the purge of their cache.

1. The address that Pages gives production belongs to VERIFY, each active custom domain to
   VERIFY_DOMAINS; all are asked side by side within one patience.
2. Where one shows something else, the project is asked whether another run's deployment has taken
   this one's place: then there is nothing to prove.
3. What is wrong at Pages' own address is an error, and at a domain where that is wanted; else it
   is a warning, as is what could not be seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pages_deploy.deploy.deployed import UnservedDeploymentError, UnservedDomainError
from pages_deploy.errors import ApiError, Interrupted
from pages_deploy.proof.asking import ask_all
from pages_deploy.proof.proof import NO_PROOF, PATIENCE_SECONDS
from pages_deploy.proof.visitors import Visit, visit_of, visitors_inquiry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages_deploy.api.models import Deployment
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.deploy.run import Run
    from pages_deploy.deploy.watcher import Watcher
    from pages_deploy.proof.asking import Inquiry

OWN_REMEDY = (
    "Uploading again would not help. Check the address again in a few minutes with: "
    "pages-deploy verify"
)
DOMAIN_REMEDY = (
    "A cache in front of the site still has the earlier files. Purge it (--zone-id, or "
    "pages-deploy zones purge --everything), and remove the caching rule that makes it keep pages, "
    "such as Cache Everything or an Edge TTL: Pages needs none."
)


def prove_visitors(run: Run, deployed: Deployed) -> None:
    """Prove a production deployment at the addresses where visitors are.

    Raises UnservedDeploymentError where Pages' own address serves something else, and
    UnservedDomainError where a domain does that must not.
    """
    plan = run.plan
    own = [run.project.production_url.removesuffix("/")] if plan.proof != "off" else []
    domains = [domain.url for domain in run.domains()] if plan.verifies_domains != "off" else []
    inquiries = [
        visitors_inquiry(
            run.probe_at(url), changed=run.uploaded.hashes, everything=plan.proof == "all"
        )
        for url in (*own, *domains)
    ]
    # Where there is nothing to compare, that was told of the deployment's own address.
    if not any(inquiry.assets for inquiry in inquiries):
        return
    try:
        visits = _ask(run, deployed, inquiries, own=own)
    except Interrupted as interrupt:
        deployment = deployed.deployment
        interrupt.notice = (
            f"Deployment {deployment.id} exists at {deployment.url}. The check of what visitors "
            "get did not finish."
        )
        raise
    _judge(run, deployed, visits, own=own)


def _judge(run: Run, deployed: Deployed, visits: Sequence[Visit], *, own: Sequence[str]) -> None:
    """Say what was seen; raises the first that is wrong and must not be."""
    failed = replace(deployed, proof=NO_PROOF, is_wrong=True)
    errors: list[UnservedDeploymentError] = []
    # Two that lead to each other lead nowhere.
    hosts = {urlsplit(visit.url).netloc for visit in visits if not visit.leads_to}
    for visit in visits:
        if visit.error is None:
            _tell(visit, hosts, run.watcher)
        elif visit.url in own:
            errors.append(UnservedDeploymentError(visit.error, failed))
        elif run.plan.verifies_domains == "fail" and not errors:
            errors.append(UnservedDomainError(visit.error, failed))
        else:
            run.watcher.warn(f"{visit.error.message} {visit.error.hint}")
    if errors:
        raise errors[0]


def _tell(visit: Visit, hosts: set[str], watcher: Watcher) -> None:
    url, proof = visit.url, visit.proof
    if proof.is_proved:
        watcher.step(f"Verified at {url}: {proof.words}")
        if proof.reason:
            watcher.warn(f"Not all of {url} could be checked: {proof.reason}.")
    elif visit.leads_to in hosts:
        watcher.step(f"{url} leads to {visit.leads_to}")
    else:
        watcher.warn(f"Could not check whether {url} serves what was sent: {proof.reason}.")


def _ask(
    run: Run, deployed: Deployed, inquiries: Sequence[Inquiry], *, own: Sequence[str]
) -> list[Visit]:
    """Ask, and return what visitors get; nothing where it is another run's deployment."""
    timer = run.client.transport.timer
    patience_seconds = min(PATIENCE_SECONDS, run.plan.timeout_seconds)
    place = f"The deployment is at {deployed.deployment.url}."
    for seconds in (0.0, patience_seconds):
        ask_all(inquiries, timer=timer, patience_seconds=seconds)
        visits = [
            visit_of(
                inquiry,
                remedy=f"{place} {OWN_REMEDY if inquiry.probe.url in own else DOMAIN_REMEDY}",
            )
            for inquiry in inquiries
        ]
        is_wrong = any(visit.error is not None for visit in visits)
        if is_wrong and (live := _live_instead(run, deployed)) is not None:
            run.watcher.warn(
                f"Production serves deployment {live.id}, which another run has made meanwhile, in "
                f"the place of {deployed.deployment.id}."
            )
            return []
    return visits


def _live_instead(run: Run, deployed: Deployed) -> Deployment | None:
    """Return the deployment of another run that production serves; None where it is this one's.

    The one before may still be named for a moment.
    """
    try:
        live = run.client.projects.get(run.project.name).canonical_deployment
    except ApiError:
        return None
    known = (deployed.deployment, run.project.canonical_deployment)
    expected = {one.id for one in known if one is not None}
    return None if live is None or live.id in expected else live
