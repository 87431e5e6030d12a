"""What the API says of deployments, and which one answers where."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pages_deploy.deploy.waiting import wait_for_deployment
from tests.live.checks import shape
from tests.live.cloud import COMMIT

if TYPE_CHECKING:
    from pages_deploy.api.models import Deployment
    from tests.live.cloud import Cloud

# But for the times of the stages: of one that has ended, Cloudflare may not know when it began.
DEPLOYMENT = {
    **dict.fromkeys(("id", "short_id", "url", "environment", "created_on", "modified_on"), "text"),
    **dict.fromkeys(("project_id", "project_name", "production_branch"), "text"),
    **dict.fromkeys(("latest_stage.name", "latest_stage.status"), "text"),
    "stages": "list",
    "is_skipped": "boolean",
    "uses_functions": "boolean",
    "deployment_trigger.type": "text",
    **dict.fromkeys(
        (
            f"deployment_trigger.metadata.{name}"
            for name in ("branch", "commit_hash", "commit_message")
        ),
        "text",
    ),
    "deployment_trigger.metadata.commit_dirty": "boolean",
}
STAGES = ["queued", "initialize", "clone_repo", "build", "deploy"]
GONE = "00000000-0000-4000-8000-000000000000"


def page(cloud: Cloud, words: str) -> dict[str, str]:
    """A site of one page that no other run has."""
    return {"index.html": f"<p>{words} {cloud.run}</p>\n"}


def body(cloud: Cloud, words: str) -> dict[str, object]:
    return {"status": 200, "body": page(cloud, words)["index.html"]}


def test_upload(cloud: Cloud) -> None:
    files = {**page(cloud, "upload"), "a.txt": f"a {cloud.run}", "copy.txt": f"a {cloud.run}"}
    with cloud.checks("upload") as checks:
        token = cloud.client.projects.upload_token(cloud.project_name)
        unknown = f"{cloud.run:0>32}"
        checks.equal(
            "POST /pages/assets/check-missing with a hash that nobody has",
            [unknown],
            cloud.client.assets.check_missing(token, [unknown]),
        )
        first = cloud.deploy(files, branch="upload")
        checks.equal("files sent of three, two of them equal", 2, len(first.uploaded.hashes))
        hashes = sorted(first.uploaded.hashes)
        checks.equal(
            "POST /pages/assets/check-missing after the upload",
            [],
            cloud.client.assets.check_missing(token, hashes),
        )
        again = cloud.deploy(files, branch="upload")
        checks.equal("files sent by a second deployment of them", 0, len(again.uploaded.hashes))


def test_deployment(cloud: Cloud) -> None:
    with cloud.checks("deployment", is_new_site=True) as checks:
        made = cloud.deploy(page(cloud, "production")).deployment
        asked = "GET /deployments/ID"
        document = cloud.document(f"/deployments/{made.id}")
        checks.equal(f"{asked}: fields that have a value", DEPLOYMENT, shape(document))
        project = cloud.document()
        scheme = made.url.partition("://")[0]
        checks.equal(
            asked,
            {
                "environment": "production",
                "short_id": made.id[:8],
                "url": f"{scheme}://{made.id[:8]}.{project['subdomain']}",
                "project_id": project["id"],
                "project_name": cloud.project_name,
                "is_skipped": False,
                "deployment_trigger": {
                    "type": "ad_hoc",
                    "metadata": {
                        "branch": "main",
                        "commit_hash": COMMIT.hash,
                        "commit_message": COMMIT.message,
                        "commit_dirty": True,
                    },
                },
            },
            document,
        )
        checks.equal(
            f"{asked}: latest_stage",
            {"name": "deploy", "status": "success"},
            document["latest_stage"],
        )
        checks.equal(f"{asked}: stages", STAGES, [stage["name"] for stage in document["stages"]])
        checks.equal(f"{asked}: aliases", None, document.get("aliases"))
        checks.eventually("GET project: canonical_deployment", made.id, cloud.canonical)
        checks.equal("GET project: latest_deployment", made.id, project["latest_deployment"]["id"])
        has_log = bool(cloud.client.deployments.logs(cloud.project_name, made.id))
        checks.equal("GET /deployments/ID/history/logs: whether there are lines", True, has_log)
        production = cloud.client.projects.get(cloud.project_name).production_url
        for url in (made.url, production):
            checks.eventually(f"GET {url}/", body(cloud, "production"), partial(cloud.visit, url))


def test_lists(cloud: Cloud) -> None:
    with cloud.checks("lists") as checks:
        first = cloud.deploy(page(cloud, "listed"), branch="listed").deployment
        second = cloud.deploy(page(cloud, "listed"), branch="listed").deployment
        live = cloud.deploy(page(cloud, "listed")).deployment

        def ids(**query: str) -> list[str]:
            return [one["id"] for one in cloud.document("/deployments", **query)]

        checks.equal(
            "GET /deployments?per_page=3&page=1: the newest first",
            [live.id, second.id, first.id],
            ids(page="1", per_page="3"),
        )
        checks.equal(
            "GET /deployments?env=preview&per_page=2&page=1",
            [second.id, first.id],
            ids(env="preview", page="1", per_page="2"),
        )
        checks.refused(
            "GET /deployments?per_page=26&page=1",
            {"status": 400, "code": 8000024},
            lambda: ids(page="1", per_page="26"),
        )
        checks.refused(
            f"GET /deployments/{GONE}",
            {"status": 404, "code": 8000009},
            lambda: cloud.client.deployments.get(cloud.project_name, GONE),
        )


def test_branch_alias(cloud: Cloud) -> None:
    with cloud.checks("branch alias", is_new_site=True) as checks:
        branch = f"Feature/Ünï_1-{cloud.run}"
        older = cloud.deploy(page(cloud, "older"), branch=branch).deployment
        newer = cloud.deploy(page(cloud, "newer"), branch=branch).deployment
        scheme, _, host = newer.url.partition("://")
        subdomain = host.partition(".")[2]
        alias = f"{scheme}://{f'feature--n--1-{cloud.run}'[:28]}.{subdomain}"
        asked = f"GET /deployments/ID of the branch {branch}"

        def aliases(deployment: Deployment) -> list[str]:
            found = cloud.client.deployments.get(cloud.project_name, deployment.id)
            return list(found.aliases)

        checks.equal(f"{asked}: environment", "preview", newer.environment)
        checks.eventually(f"{asked}: aliases of the newest", [alias], lambda: aliases(newer))
        checks.eventually(f"{asked}: aliases of the one before", [], lambda: aliases(older))
        checks.eventually(f"GET {alias}/", body(cloud, "newer"), partial(cloud.visit, alias))
        checks.eventually(
            f"GET {older.url}/", body(cloud, "older"), partial(cloud.visit, older.url)
        )


def test_rollback(cloud: Cloud) -> None:
    name = cloud.project_name
    with cloud.checks("rollback", is_new_site=True) as checks:
        good = cloud.deploy(page(cloud, "good")).deployment
        bad = cloud.deploy(page(cloud, "bad")).deployment
        preview = cloud.deploy(page(cloud, "preview"), branch="rollback").deployment
        production = cloud.client.projects.get(name).production_url
        checks.eventually("GET project: canonical_deployment", bad.id, cloud.canonical)
        answer = cloud.client.deployments.rollback(name, good.id)
        checks.equal("POST /deployments/ID/rollback: the id in the answer", good.id, answer.id)
        checks.eventually("canonical_deployment after the rollback", good.id, cloud.canonical)
        checks.eventually(
            f"GET {production} after the rollback",
            body(cloud, "good"),
            partial(cloud.visit, production),
        )
        checks.refused(
            "POST /deployments/ID/rollback of a preview",
            {"status": 400},
            lambda: cloud.client.deployments.rollback(name, preview.id),
        )
        after = cloud.deploy(page(cloud, "after")).deployment
        checks.eventually("canonical_deployment after a newer one", after.id, cloud.canonical)


def test_retry(cloud: Cloud) -> None:
    name = cloud.project_name
    with cloud.checks("retry", is_new_site=True) as checks:
        first = cloud.deploy(page(cloud, "again"), branch="retry").deployment
        begun = cloud.client.deployments.retry(name, first.id)
        checks.equal(
            "POST /deployments/ID/retry: whether the id is new", True, begun.id != first.id
        )
        again = wait_for_deployment(cloud.client, begun, project_name=name)
        checks.equal(
            "GET /deployments/ID of the new one",
            ["preview", "retry", COMMIT.hash],
            [again.environment, again.branch, again.commit_hash],
        )
        checks.eventually(
            f"GET {again.url}/", body(cloud, "again"), partial(cloud.visit, again.url)
        )


def test_deletion(cloud: Cloud) -> None:
    name, deployments = cloud.project_name, cloud.client.deployments
    with cloud.checks("deletion") as checks:
        live = cloud.deploy(page(cloud, "live")).deployment
        checks.eventually("GET project: canonical_deployment", live.id, cloud.canonical)
        aliased = cloud.deploy(page(cloud, "aliased"), branch="deletion").deployment
        for query, force in (("", False), ("?force=true", True)):
            checks.refused(
                f"DELETE /deployments/ID{query} of the live one",
                {"status": 400, "code": 8000034},
                partial(deployments.delete, name, live.id, force=force),
            )
        checks.refused(
            "DELETE /deployments/ID of the newest of a branch",
            {"status": 400, "code": 8000035},
            lambda: deployments.delete(name, aliased.id),
        )
        deployments.delete(name, aliased.id, force=True)
        checks.refused(
            "GET /deployments/ID after DELETE with ?force=true",
            {"status": 404, "code": 8000009},
            lambda: deployments.get(name, aliased.id),
        )
        checks.eventually(
            f"GET {aliased.url}/ after DELETE", {"status": 404}, partial(cloud.visit, aliased.url)
        )
