"""Records as the JSON that the API shows: its field names, its times, its URLs.

https://developers.cloudflare.com/api/resources/pages/
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pages_deploy.emulator.state.project_configs import DEFAULT_COMPATIBILITY_DATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.emulator.sites.addresses import SiteAddress
    from pages_deploy.emulator.state.domain_plans import Check
    from pages_deploy.emulator.state.records import Deployment, Domain, JsonObject, Project
    from pages_deploy.emulator.state.stages import Progress, Stage
    from pages_deploy.emulator.state.store import Store

_BUILD_CONFIG: Final[JsonObject] = {
    "build_command": None,
    "destination_dir": None,
    "root_dir": None,
    "build_caching": None,
    "web_analytics_tag": None,
    "web_analytics_token": None,
}
_DEPLOYMENT_CONFIG: Final[JsonObject] = {
    "env_vars": {},
    "compatibility_date": DEFAULT_COMPATIBILITY_DATE,
    "compatibility_flags": [],
    "always_use_latest_compatibility_date": False,
    "build_image_major_version": 3,
    "fail_open": True,
    "usage_model": "standard",
}
_SOURCE_CONFIG: Final[JsonObject] = {
    "owner": "",
    "owner_id": "",
    "repo_name": "",
    "repo_id": "",
    "deployments_enabled": True,
    "production_deployments_enabled": True,
    "pr_comments_enabled": True,
    "preview_deployment_setting": "all",
    "preview_branch_includes": ["*"],
    "preview_branch_excludes": [],
    "path_includes": ["*"],
    "path_excludes": [],
}


def timestamp(seconds: float) -> str:
    """RFC 3339 with microseconds and Z, from seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Documents:
    """What makes JSON of the records of one emulator, as they stand now."""

    store: Store
    """Where the records are, and what else there is to say about them."""

    sites: SiteAddress
    """Where deployments can be visited."""

    def project(self, project: Project) -> JsonObject:
        """A project, with its live and its newest deployment."""
        canonical = self.store.deployments.canonical(project)
        newest = self.store.deployments.latest(project)
        host = self.sites.host(project.subdomain)
        configs = project.deployment_configs
        return {
            "id": project.id,
            "name": project.name,
            "subdomain": host,
            "domains": [
                host,
                *(self.sites.domain(domain.name) for domain in self.store.domains.all(project)),
            ],
            "created_on": timestamp(project.created_on),
            "production_branch": project.production_branch,
            **_source(project),
            "build_config": {**_BUILD_CONFIG, **project.build_config},
            "deployment_configs": {
                name: _deployment_config(configs.get(name)) for name in ("preview", "production")
            },
            "canonical_deployment": (
                None if canonical is None else self.deployment(canonical, project)
            ),
            "latest_deployment": None if newest is None else self.deployment(newest, project),
            "framework": "",
            "framework_version": "",
            "preview_script_name": f"pages-worker--{project.id[:8]}-preview",
            "production_script_name": f"pages-worker--{project.id[:8]}-production",
            "uses_functions": None if newest is None else newest.uses_functions,
        }

    def deployment(self, deployment: Deployment, project: Project) -> JsonObject:
        """A deployment of the project."""
        seen = self.store.deployments.progress(deployment)
        times = [time for stage in seen.stages for time in (stage.started_on, stage.ended_on)]
        begun = (time for time in times if time is not None)
        document: JsonObject = {
            "id": deployment.id,
            "short_id": deployment.short_id,
            "project_id": project.id,
            "project_name": project.name,
            "environment": deployment.environment,
            "url": self.sites.url(f"{deployment.short_id}.{project.subdomain}"),
            "aliases": self._aliases(deployment, project),
            "created_on": timestamp(deployment.created_on),
            "modified_on": timestamp(max(begun, default=deployment.created_on)),
            "latest_stage": _stage(seen.latest),
            "stages": [_stage(stage) for stage in self._stages(seen)],
            "deployment_trigger": {
                "type": "ad_hoc",
                "metadata": {
                    "branch": deployment.trigger.branch,
                    "commit_hash": deployment.trigger.commit_hash,
                    "commit_message": deployment.trigger.commit_message,
                    "commit_dirty": deployment.trigger.commit_dirty,
                },
            },
            "env_vars": {},
            "build_config": {**_BUILD_CONFIG, **project.build_config},
            **_source(project),
            "is_skipped": seen.is_skipped,
            "production_branch": project.production_branch,
            "uses_functions": deployment.uses_functions,
        }
        if seen.is_skipped and deployment.errors:
            document["skip_reason"] = deployment.errors[0]
        return document

    def _stages(self, seen: Progress) -> tuple[Stage, ...]:
        queued, *later = seen.stages
        if not self.store.settings.stages_stay_queued or seen.latest.ended_on is None:
            return seen.stages
        return (replace(queued, status="active", ended_on=None), *later)

    def _aliases(self, deployment: Deployment, project: Project) -> list[str] | None:
        # An alias belongs to the deployment that it leads to now, so an older one of the branch has
        # none, and one that is not ready has none yet.
        store = self.store
        if deployment.alias is not None:
            current = store.deployments.of_alias(project, deployment.alias)
            urls = [self.sites.url(f"{deployment.alias}.{project.subdomain}")]
        else:
            current = store.deployments.canonical(project)
            urls = [
                self.sites.domain_url(domain.name)
                for domain in store.domains.all(project)
                if store.domains.is_active(domain)
            ]
        is_current = current is not None and current.id == deployment.id
        return urls if is_current and urls else None

    def domain(self, domain: Domain) -> JsonObject:
        """A custom domain."""
        seen = self.store.domains.progress(domain)
        return {
            "id": domain.id,
            "domain_id": domain.id,
            "name": self.sites.domain(domain.name),
            "status": seen.status,
            "verification_data": _check(seen.verification),
            "validation_data": {**_check(seen.validation), "method": "http"},
            "zone_tag": _zone_of(domain.name, self.store.settings.zones),
            "certificate_authority": "google",
            "created_on": timestamp(domain.created_on),
        }


def _source(project: Project) -> JsonObject:
    # Cloudflare's answers about a project of direct uploads are without the field.
    if project.source is None:
        return {}
    given = project.source.get("config")
    config = {**_SOURCE_CONFIG, "production_branch": project.production_branch}
    config |= given if isinstance(given, dict) else {}
    return {"source": {**project.source, "config": config}}


def _deployment_config(config: object) -> JsonObject:
    given: JsonObject = config if isinstance(config, dict) else {}
    shown = {**_DEPLOYMENT_CONFIG, **given}
    variables = shown["env_vars"]
    if isinstance(variables, dict):
        shown["env_vars"] = {name: _without_secret(value) for name, value in variables.items()}
    return shown


def _without_secret(variable: object) -> object:
    # Cloudflare documents only that the value does not come back; clients of its Terraform provider
    # report an empty text in its place.
    if isinstance(variable, dict) and variable.get("type") == "secret_text":
        return {**variable, "value": ""}
    return variable


def _stage(stage: Stage) -> JsonObject:
    return {
        "name": stage.name,
        "status": stage.status,
        "started_on": None if stage.started_on is None else timestamp(stage.started_on),
        "ended_on": None if stage.ended_on is None else timestamp(stage.ended_on),
    }


def _check(check: Check) -> JsonObject:
    document: JsonObject = {"status": check.status}
    if check.error_message is not None:
        document["error_message"] = check.error_message
    return document


def _zone_of(name: str, zones: Mapping[str, str]) -> str:
    around = [
        (len(zone_name), zone_id)
        for zone_id, zone_name in zones.items()
        if f".{name}".endswith(f".{zone_name}")
    ]
    # Of zones inside each other, the innermost; empty for a name whose zone is somebody else's.
    return max(around, default=(0, ""))[1]
