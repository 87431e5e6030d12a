"""What the API says of projects and their custom domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages_deploy.api.models import Variable
from pages_deploy.api.projects import EnvironmentChanges
from tests.live.checks import shape
from tests.live.cloud import temporary_project

if TYPE_CHECKING:
    from tests.live.cloud import Cloud

ENVIRONMENT = {
    "always_use_latest_compatibility_date": "boolean",
    "build_image_major_version": "number",
    "compatibility_date": "text",
    "fail_open": "boolean",
    "usage_model": "text",
}
PROJECT = {
    **dict.fromkeys(("id", "name", "subdomain", "created_on", "production_branch"), "text"),
    "domains": "list",
    **dict.fromkeys(("preview_script_name", "production_script_name"), "text"),
    **{
        f"deployment_configs.{environment}.{name}": kind
        for environment in ("preview", "production")
        for name, kind in ENVIRONMENT.items()
    },
}
UNKNOWN = "pages-deploy-live-nobody-has-this"


def test_project(cloud: Cloud) -> None:
    name = cloud.project_name
    with cloud.checks("project") as checks:
        document = cloud.document()
        checks.equal(f"GET /projects/{name}: fields that have a value", PROJECT, shape(document))
        checks.equal(
            f"GET /projects/{name}",
            {"name": name, "production_branch": "main", "domains": [document["subdomain"]]},
            document,
        )
        listed = [project.name for project in cloud.client.projects.list()]
        checks.equal("GET /projects: whether the project is listed", True, name in listed)
        checks.refused(
            f"GET /projects/{UNKNOWN}",
            {"status": 404, "code": 8000007},
            lambda: cloud.client.projects.get(UNKNOWN),
        )
        checks.refused(
            f"POST /projects with the name {name} once more",
            {"status": 409, "code": 8000002},
            lambda: cloud.client.projects.create(name, production_branch="main"),
        )


def test_project_is_changed(cloud: Cloud) -> None:
    name = cloud.project_name
    changing = f"PATCH /projects/{name}"

    def change(**variables: Variable | None) -> dict[str, Variable]:
        changes = EnvironmentChanges(variables=variables)
        cloud.client.projects.update(name, environments={"preview": changes})
        return dict(cloud.client.projects.get(name).environments["preview"].variables)

    with cloud.checks("change of a project") as checks:
        plain, secret = Variable(is_secret=False, value="1"), Variable(is_secret=True, value="2")
        found = change(PLAIN=plain, SECRET=secret)
        checks.equal(
            f"{changing} with a variable: its type and value come back",
            {"PLAIN": ["plain_text", "1"], "SECRET": ["secret_text", ""]},
            {
                key: ["secret_text" if one.is_secret else "plain_text", one.value]
                for key, one in found.items()
            },
        )
        left = change(PLAIN=None, SECRET=None)
        checks.equal(f"{changing} with null in place of each variable", [], sorted(left))


def test_project_is_deleted(cloud: Cloud) -> None:
    projects = cloud.client.projects
    with cloud.checks("end of a project") as checks:
        with temporary_project(cloud.client, cloud.report) as name:
            checks.equal("POST /projects: the name", name, projects.get(name).name)
        checks.refused(
            f"GET /projects/{name} after DELETE",
            {"status": 404, "code": 8000007},
            lambda: projects.get(name),
        )


def test_domains(cloud: Cloud) -> None:
    name = cloud.project_name
    with cloud.checks("domains") as checks:
        checks.equal(f"GET /projects/{name}/domains", [], cloud.document("/domains"))
        checks.refused(
            f"GET /projects/{name}/domains/www.example.com",
            {"status": 404, "code": 8000021},
            lambda: cloud.client.domains.get(name, "www.example.com"),
        )
