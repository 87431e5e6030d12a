"""Purging the zone's cache after a deployment, and what becomes of its failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.purge import WHAT, Purge, purge_cache, served_urls
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import DeploymentError, SettingsError
from pages_deploy.site.manifest import Asset, Manifest, build_manifest
from tests.world import PROJECT, FakeTime, Notes

if TYPE_CHECKING:
    from pages_deploy.deploy.deployed import Deployed
    from tests.world import BuildSite

PURGE_CALL = "/zones/*/purge_cache"


@pytest.fixture
def notes() -> Notes:
    return Notes()


def bodies(emulator: Emulator) -> list[dict[str, Any]]:
    return [dict(purge.body) for purge in emulator.store.purges.all()]


def run(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    notes: Notes,
    what: str,
    *,
    branch: str = "main",
) -> Deployed:
    plan = Plan(PROJECT, branch, purge=Purge(emulator.zone_id, what))
    return deploy(client, manifest, plan, notes)


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(
        site({"index.html": "home", "docs/index.html": "docs", "about.html": "me", "a b.css": "c"})
    )


def test_everything_is_purged_alone(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    run(client, emulator, manifest, notes, "everything")
    assert bodies(emulator) == [{"purge_everything": True}]
    assert emulator.store.purges.all()[0].zone_id == emulator.zone_id
    assert emulator.zone_id in notes.steps[-1]
    assert notes.warnings == []


def test_hosts_are_the_custom_domains_of_the_project(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.store.add_domain(PROJECT, "www.example.test")
    emulator.store.add_domain(PROJECT, "example.test")
    run(client, emulator, manifest, notes, "hosts")
    (body,) = bodies(emulator)
    assert set(body) == {"hosts"}
    assert sorted(body["hosts"]) == ["example.test", "www.example.test"]
    assert notes.steps[-1].endswith(f" {body['hosts'][0]}, {body['hosts'][1]}")


def test_files_are_the_addresses_of_what_was_uploaded(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    notes: Notes,
    site: BuildSite,
) -> None:
    emulator.store.add_domain(PROJECT, "www.example.test")
    run(client, emulator, manifest, notes, "files")
    assert bodies(emulator) == [
        {
            "files": [
                "https://www.example.test/",
                "https://www.example.test/a%20b.css",
                "https://www.example.test/about",
                "https://www.example.test/docs/",
            ]
        }
    ]
    assert notes.steps[-1] == "Purged 4 files from the cache"
    changed = build_manifest(site({"about.html": "you"}))
    run(client, emulator, changed, notes, "files")
    assert bodies(emulator)[1] == {"files": ["https://www.example.test/about"]}


def test_every_domain_gets_its_own_addresses() -> None:
    asset = Asset("/é/x.html", 1, "0" * 32, "text/html")
    assert served_urls(["a.test", "b.test"], [asset]) == [
        "https://a.test/%C3%A9/x",
        "https://b.test/%C3%A9/x",
    ]


def test_without_changes_there_is_nothing_to_purge(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.store.add_domain(PROJECT, "www.example.test")
    run(client, emulator, manifest, notes, "files")
    run(client, emulator, manifest, notes, "files")
    assert len(bodies(emulator)) == 1
    assert notes.warnings == []


@pytest.mark.parametrize(("count", "calls"), [(30, [30]), (31, [30, 1]), (60, [30, 30])])
def test_addresses_go_in_portions_that_the_service_takes(
    client: PagesClient, emulator: Emulator, count: int, calls: list[int]
) -> None:
    urls = [f"https://example.test/{number}" for number in range(count)]
    client.zones.purge_files(emulator.zone_id, urls)
    sent = [body["files"] for body in bodies(emulator)]
    assert [len(files) for files in sent] == calls
    assert [url for files in sent for url in files] == urls


def test_hosts_go_in_portions_that_the_service_takes(
    client: PagesClient, emulator: Emulator
) -> None:
    hosts = [f"h{number}.example.test" for number in range(101)]
    client.zones.purge_hosts(emulator.zone_id, hosts)
    sent = [body["hosts"] for body in bodies(emulator)]
    assert [len(portion) for portion in sent] == [100, 1]
    assert [host for portion in sent for host in portion] == hosts


@pytest.mark.parametrize("what", ["hosts", "files"])
def test_without_a_custom_domain_only_everything_can_be_purged(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, what: str
) -> None:
    deployed = run(client, emulator, manifest, notes, what)
    assert deployed.deployment.succeeded
    assert bodies(emulator) == []
    (warning,) = notes.warnings
    assert "no custom domain" in warning
    assert "--purge everything" in warning
    with pytest.raises(SettingsError):
        purge_cache(
            client.zones,
            Purge(emulator.zone_id, what),
            project=deployed.project,
            changed=[],
        )


@pytest.mark.parametrize("what", [name for name in WHAT if name != "off"])
def test_a_preview_is_never_followed_by_a_purge(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes, what: str
) -> None:
    emulator.store.add_domain(PROJECT, "www.example.test")
    deployed = run(client, emulator, manifest, notes, what, branch="feature")
    assert deployed.deployment.environment == "preview"
    assert bodies(emulator) == []


def test_a_failed_deployment_is_never_followed_by_a_purge(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.outcome_next(status="failure")
    with pytest.raises(DeploymentError):
        run(client, emulator, manifest, notes, "everything")
    assert bodies(emulator) == []


def test_a_failed_purge_is_a_warning(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.fail_next("POST", PURGE_CALL, Answer.error(400, 1107, message="Not in your plan"))
    assert run(client, emulator, manifest, notes, "everything").deployment.succeeded
    (warning,) = notes.warnings
    assert "was not purged" in warning
    assert "Not in your plan" in warning


def test_a_purge_that_lacks_its_permission_is_a_warning_that_names_it(
    site: BuildSite, fake_time: FakeTime, notes: Notes
) -> None:
    token = "may-deploy-but-not-purge"
    settings = EmulatorSettings(api_tokens={token: frozenset({"pages:edit"})})
    with (
        Emulator(settings=settings) as emulator,
        PagesClient(
            token, emulator.account_id, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
    ):
        client.projects.create(PROJECT, production_branch="main")
        manifest = build_manifest(site({"index.html": "home"}))
        assert run(client, emulator, manifest, notes, "everything").deployment.succeeded
    (warning,) = notes.warnings
    assert "Zone > Cache Purge > Purge" in warning
    assert "PURGE_API_TOKEN" in warning


def test_a_purge_is_tried_again(
    client: PagesClient, emulator: Emulator, manifest: Manifest, notes: Notes
) -> None:
    emulator.fail_next("POST", PURGE_CALL, Answer.error(429, 971), times=2)
    run(client, emulator, manifest, notes, "everything")
    assert len(bodies(emulator)) == 1
    assert notes.warnings == []
