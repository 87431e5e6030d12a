"""A site that is live already is not deployed again, where somebody asks for that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from blake3 import blake3

from pages_deploy.api.deployments import MAX_COMMIT_MESSAGE_BYTES, Commit, WorkerParts
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.planned_worker import PlannedWorker
from pages_deploy.deploy.unchanged import (
    MOST_SEARCHED,
    TRAILER,
    digest_in,
    digest_of,
    with_digest,
)
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.site.manifest import Asset, Manifest, build_manifest
from pages_deploy.worker.modules import Module, Script
from pages_deploy.worker.worker import Worker
from tests.making import put
from tests.world import COMMIT, DEPLOYMENTS, PROJECT, Notes, asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

FILES: dict[str, bytes | str] = {
    "index.html": "home",
    "a.css": "a",
    # No sample would have it.
    "z.css": "z",
    "_redirects": "/old /\n",
}
PLAN = Plan(PROJECT, "main", Commit(COMMIT, "One"), skips_unchanged=True)
PREVIEW = replace(PLAN, branch="feature")
DIGEST = "0123456789abcdef0123456789abcdef"
WORKER = WorkerParts(b"one")
ROUTES = b'{"version":1,"include":["/api/*"],"exclude":[]}'


@pytest.fixture
def manifest(site: BuildSite) -> Manifest:
    return build_manifest(site(FILES))


def count(emulator: Emulator) -> int:
    return len(asked(emulator, "POST", DEPLOYMENTS))


@pytest.mark.parametrize("plan", [PLAN, PREVIEW, replace(PLAN, production_branch="trunk")])
def test_what_is_live_already_is_not_deployed_again(
    client: PagesClient, emulator: Emulator, manifest: Manifest, plan: Plan
) -> None:
    first = deploy(client, manifest, plan)
    notes = Notes()
    again = deploy(client, manifest, replace(plan, commit=Commit("1" * 40, "Another")), notes)
    assert count(emulator) == 1
    assert (first.status, again.status) == ("success", "unchanged")
    assert again.deployment.id == first.deployment.id
    assert (again.alias, again.files) == (first.alias, first.files)
    assert not again.uploaded.hashes
    assert not again.proof.is_proved
    assert any(first.deployment.id in step for step in notes.steps)
    # Nobody has to be told of a deployment that is none.
    assert notes.targets == []


CHANGES: dict[str, Mapping[str, bytes | str]] = {
    "a changed file": {"index.html": "other"},
    "a new file": {"b.css": "b"},
    "a moved file": {"a.css": "", "b.css": "a"},
    "a rule": {"_redirects": "/old /a.css\n"},
    "a header": {"_headers": "/*\n  X-A: b\n"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_any_difference_is_deployed(
    client: PagesClient, emulator: Emulator, site: BuildSite, change: Mapping[str, bytes | str]
) -> None:
    deploy(client, build_manifest(site(FILES)), PLAN)
    again = deploy(client, build_manifest(site({**FILES, **change}, "changed")), PLAN)
    assert again.status == "success"
    assert count(emulator) == 2


def test_a_file_that_is_gone_is_a_difference(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    deploy(client, build_manifest(site({**FILES, "b.css": "b"})), PLAN)
    deploy(client, build_manifest(site(FILES, "fewer")), PLAN)
    assert count(emulator) == 2


def test_what_another_tool_has_deployed_is_deployed_over_and_then_known(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    plain = deploy(client, manifest, replace(PLAN, skips_unchanged=False))
    assert plain.deployment.commit_message == "One"
    assert deploy(client, manifest, PLAN).status == "success"
    assert deploy(client, manifest, PLAN).status == "unchanged"
    assert count(emulator) == 2


def test_production_that_does_not_serve_it_is_deployed(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    """The message says so, and the edge has something else."""
    deploy(client, manifest, PLAN)
    emulator.fail_next("HEAD", f"{PROJECT}.localhost/a.css", Answer(status=404))
    assert deploy(client, manifest, PLAN).status == "success"
    assert count(emulator) == 2


def test_what_cannot_be_seen_is_deployed(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PLAN)
    emulator.fail_next("HEAD", f"{PROJECT}.localhost/a.css", Answer(status=403), times=2)
    assert deploy(client, manifest, PLAN).status == "success"


def test_a_site_of_one_file_is_enough_to_be_seen(client: PagesClient, site: BuildSite) -> None:
    manifest = build_manifest(site({"index.html": "home"}))
    deploy(client, manifest, PLAN)
    assert deploy(client, manifest, PLAN).status == "unchanged"


@pytest.mark.parametrize("rule", ["/about /", "/new%20page/ /", "/a.css /z.css"])
def test_a_rule_at_the_address_of_a_file_does_not_hide_that_all_else_is_the_same(
    client: PagesClient, emulator: Emulator, site: BuildSite, rule: str
) -> None:
    """Pages leads `/about.html` to `/about`, where the rule answers."""
    pages = {"about.html": "about", "new page/index.html": "new", "_redirects": f"{rule}\n"}
    manifest = build_manifest(site({**FILES, **pages}))
    deploy(client, manifest, PLAN)
    assert deploy(client, manifest, PLAN).status == "unchanged"
    assert count(emulator) == 1


def test_a_file_behind_a_login_is_not_seen_and_deployed(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PLAN)
    login = {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"}
    emulator.fail_next("HEAD", f"{PROJECT}.localhost/a.css", Answer(status=302, headers=login))
    assert deploy(client, manifest, PLAN).status == "success"


def test_a_site_of_rules_alone_shows_nothing_and_is_deployed(
    client: PagesClient, site: BuildSite
) -> None:
    manifest = build_manifest(site({"_redirects": "/* https://example.test/ 301\n"}))
    deploy(client, manifest, PLAN)
    assert deploy(client, manifest, PLAN).status == "success"


def test_other_worker_code_is_deployed(client: PagesClient, manifest: Manifest) -> None:
    def plan(code: bytes) -> Plan:
        script = Script(Module("index.js", "esm", code), ())
        worker = Worker("functions", script, RoutesRules(("/api/*",)), routes_json=ROUTES)
        return replace(PLAN, worker=PlannedWorker(worker))

    codes = (b"export default {};", b"export default {};", b"export default { fetch() {} };")
    found = [deploy(client, manifest, plan(code)).status for code in codes]
    assert found == ["success", "unchanged", "success"]


def test_after_a_rollback_what_was_rolled_back_is_deployed(
    client: PagesClient, emulator: Emulator, site: BuildSite, manifest: Manifest
) -> None:
    first = deploy(client, build_manifest(site({"index.html": "first"}, "first")), PLAN)
    deploy(client, manifest, PLAN)
    client.deployments.rollback(PROJECT, first.deployment.id)
    assert deploy(client, manifest, PLAN).status == "success"
    assert count(emulator) == 3


def test_another_branch_with_the_same_files_gets_its_own_deployment(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PREVIEW)
    other = deploy(client, manifest, replace(PREVIEW, branch="other"))
    assert other.status == "success"
    assert count(emulator) == 2


def test_a_production_deployment_of_the_branch_is_not_its_preview(
    client: PagesClient, site: BuildSite, manifest: Manifest
) -> None:
    """It was made while the branch was the production branch."""
    deploy(client, build_manifest(site({"index.html": "first"}, "first")), PREVIEW)
    client.projects.update(PROJECT, production_branch=PREVIEW.branch)
    assert deploy(client, manifest, PREVIEW).deployment.environment == "production"
    client.projects.update(PROJECT, production_branch="main")
    again = deploy(client, manifest, PREVIEW)
    assert (again.status, again.deployment.environment) == ("success", "preview")


def test_a_branch_is_not_searched_for_through_thousands_of_others(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PREVIEW)
    put(emulator, ["other"] * (MOST_SEARCHED - 1))
    assert deploy(client, manifest, PREVIEW).status == "unchanged"
    put(emulator, ["other"])
    assert deploy(client, manifest, PREVIEW).status == "success"


def test_a_list_that_is_refused_is_no_reason_to_skip(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PREVIEW)
    emulator.fail_next("GET", DEPLOYMENTS, Answer(status=403))
    assert deploy(client, manifest, PREVIEW).status == "success"


def test_a_failed_deployment_of_the_branch_is_none_that_is_live(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    deploy(client, manifest, PREVIEW)
    changed = with_digest(PREVIEW.commit, digest_of(manifest, None))
    emulator.outcome_next(status="failure")
    client.deployments.create(
        PROJECT, manifest={}, branch="feature", commit=changed, special_files={}
    )
    assert deploy(client, manifest, PREVIEW).status == "success"


def test_worker_code_is_a_part_of_what_is_compared(manifest: Manifest) -> None:
    digests = {
        digest_of(manifest, worker)
        for worker in (None, WORKER, WorkerParts(b"two"), replace(WORKER, routes_json=b"{}"))
    }
    assert len(digests) == 4


def test_a_type_that_is_chosen_is_a_part_of_what_is_compared(manifest: Manifest) -> None:
    first, *others = manifest.assets
    chosen = [
        replace(manifest, assets=(replace(first, content_type=type_, is_retyped=True), *others))
        for type_ in ("a/b", "a/c")
    ]
    assert len({digest_of(one, None) for one in (manifest, *chosen)}) == 3


def test_the_digest_is_that_of_paths_hashes_and_special_files() -> None:
    asset = Asset("/a", 1, "0" * 32, "text/html")
    manifest = Manifest(Path("dist"), (asset,), {"_headers": b"x"})
    text = f"/a\0{'0' * 32}\n_headers\0{blake3(b'x').hexdigest()}\n"
    assert digest_of(manifest, None) == blake3(text.encode()).hexdigest(length=16)


def test_the_digest_is_the_same_for_the_same_files_elsewhere(site: BuildSite) -> None:
    one, other = build_manifest(site(FILES)), build_manifest(site(FILES, "elsewhere"))
    assert digest_of(one, None) == digest_of(other, None)


@pytest.mark.parametrize("message", ["", "One", "One\n\nMore", "é" * 400, "x\n" * 300])
def test_the_message_is_cut_to_fit_and_never_the_digest(message: str) -> None:
    ours = with_digest(Commit(COMMIT, message), DIGEST).message
    assert digest_in(ours) == DIGEST
    assert len(ours.encode()) <= MAX_COMMIT_MESSAGE_BYTES
    assert " ".join(ours.split()).startswith(" ".join(message[:10].split()))
    # A server may fold white space, and this is what it gives back.
    assert digest_in(" ".join(ours.split())) == DIGEST


@pytest.mark.parametrize("end", ["", "\n", " " * 200])
def test_the_digest_is_found_at_the_end_whatever_stands_before_and_behind(end: str) -> None:
    """A commit may repeat the message of another one, with that one's digest."""
    assert digest_in(f"One\n\n{TRAILER}{DIGEST[::-1]}\n\n{TRAILER}{DIGEST}{end}") == DIGEST


@pytest.mark.parametrize(
    "message",
    [
        "",
        f"{TRAILER}{DIGEST} and more",
        f"{TRAILER}{DIGEST[1:]}",
        f"{TRAILER}{DIGEST}0",
        f"x{TRAILER}{DIGEST}",
    ],
)
def test_a_message_that_does_not_end_with_a_digest_has_none(message: str) -> None:
    assert digest_in(message) == ""
