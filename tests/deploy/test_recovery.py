"""Green means live: the proof within a deployment, the second try, and the way back."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.deploy.deploy import deploy
from pages_deploy.deploy.deployed import (
    Deployed,
    FailedDeploymentError,
    UnservedDeploymentError,
)
from pages_deploy.deploy.plan import Plan
from pages_deploy.deploy.recovery import compare_with_production
from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault
from pages_deploy.errors import DeploymentTimeout
from pages_deploy.net.sessions import new_session
from pages_deploy.proof.proof import NO_PROOF
from pages_deploy.site.manifest import Manifest, build_manifest
from tests.making import ids, served
from tests.raw_server import (
    Received,
    json_answer,
    make_certificate,
    needs_openssl,
    passed_on,
    serving,
)
from tests.world import PROJECT, Notes, asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime


@pytest.fixture
def notes() -> Notes:
    return Notes()


def run(
    client: PagesClient,
    directory: Path,
    notes: Notes,
    *,
    branch: str = "main",
    rolls_back: bool = False,
    skips_caching: bool = False,
) -> Deployed:
    plan = Plan(PROJECT, branch, proof="sample", rolls_back=rolls_back, skips_caching=skips_caching)
    return deploy(client, build_manifest(directory), plan, notes)


def fault(emulator: Emulator, path: str, answer: Answer) -> None:
    emulator.fail_next("HEAD", f"*.demo.localhost{path}", answer, times=1000)


def test_a_deployment_that_serves_is_proved(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    deployed = run(client, site({"index.html": "one", "a.txt": "a"}), notes)
    assert deployed.proof.is_proved
    assert deployed.proof.checked == 2
    assert asked(emulator, "HEAD", "*/a.txt")
    assert f"Verified: {deployed.proof.words}" in notes.steps
    assert not notes.warnings


def test_what_is_new_or_changed_is_part_of_every_sample(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    files = {"index.html": "one", "a.txt": "a", "b.txt": "b", "c.txt": "c"}
    run(client, site(files), notes)
    deployed = run(client, site({"b.txt": "changed"}), notes)
    # Where visitors are, it is asked for too.
    host = f"{deployed.deployment.short_id}.demo.localhost"
    assert asked(emulator, "HEAD", f"{host}/b.txt")
    assert not asked(emulator, "HEAD", f"{host}/c.txt")


def test_the_proof_takes_no_longer_than_the_plan_says(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, fake_time: FakeTime
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    plan = Plan(PROJECT, "main", proof="sample", timeout_seconds=5)
    start = fake_time.now
    with pytest.raises(UnservedDeploymentError):
        deploy(client, build_manifest(site({"index.html": "one", "a.txt": "a"})), plan, notes)
    assert fake_time.now - start < 10


@contextlib.contextmanager
def elsewhere(
    emulator: Emulator,
    fake_time: FakeTime,
    head: Callable[[], bytes],
    *,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[PagesClient]:
    """Connect through a gateway that is the address of all deployments too; `head` answers HEAD."""
    scheme, tls = "http", None
    if certificate is not None:
        scheme, tls = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)

    def answer(request: Received) -> bytes:
        if request.method == "HEAD":
            return head()
        whole = passed_on(emulator, request)
        if request.method != "GET" or "/deployments/" not in request.target:
            return whole
        document = json.loads(whole.partition(b"\r\n\r\n")[2])
        document["result"]["url"] = f"{scheme}://127.0.0.1:{port}"
        return json_answer(json.dumps(document).encode())

    with (
        serving(answer, tls=tls) as port,
        PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=f"{scheme}://127.0.0.1:{port}/client/v4",
            ca_bundle=None if certificate is None else str(certificate[0]),
            timer=fake_time.timer,
        ) as client,
    ):
        yield client


def serving_of(manifest: Manifest) -> bytes:
    """Return the answer to HEAD of the only asset of a manifest."""
    tag = manifest.assets[0].hash
    return f'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nETag: "{tag}"\r\n\r\n'.encode()


@pytest.mark.usefixtures("client")
def test_a_site_that_says_nothing_is_waited_for_as_long_as_the_plan_says(
    emulator: Emulator, site: BuildSite, notes: Notes, fake_time: FakeTime
) -> None:
    """In real time, as only that passes while a site hangs."""
    manifest = build_manifest(site({"a.txt": "a"}))
    is_over = threading.Event()

    def head() -> bytes:
        # Within the ten seconds that are usual.
        is_over.wait(5)
        return serving_of(manifest)

    plan = Plan(
        PROJECT, "main", proof="sample", timeout_seconds=5, proof_request_timeout_seconds=0.2
    )
    with elsewhere(emulator, fake_time, head) as client:
        deployed = deploy(client, manifest, plan, notes)
        is_over.set()
    assert not deployed.proof.is_proved
    assert "stopped answering" in notes.warnings[-1]


@needs_openssl
@pytest.mark.usefixtures("client")
def test_the_proof_trusts_whom_the_client_trusts(
    emulator: Emulator, site: BuildSite, fake_time: FakeTime, tmp_path: Path
) -> None:
    manifest = build_manifest(site({"a.txt": "a"}))
    certificate = make_certificate(tmp_path)
    with elsewhere(
        emulator, fake_time, lambda: serving_of(manifest), certificate=certificate
    ) as client:
        deployed = deploy(client, manifest, Plan(PROJECT, "main", proof="sample"))
    assert deployed.proof.is_proved


@pytest.mark.parametrize("skips_caching", [False, True])
def test_what_pages_holds_and_does_not_serve_is_uploaded_again(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, *, skips_caching: bool
) -> None:
    directory = site({"index.html": "one", "a.txt": "a"})
    fault(emulator, "/a.txt", Answer(status=500))
    notes.on_warning = emulator.stop_failing
    deployed = run(client, directory, notes, skips_caching=skips_caching)
    assert deployed.proof.is_proved
    assert deployed.uploaded.hashes == {asset.hash for asset in build_manifest(directory).assets}
    assert deployed.uploaded.bytes == len("one" + "a") + len("a")
    # Of the second time there is one file.
    assert (notes.progress[-1].files, notes.progress[-1].total_files) == (1, 1)
    assert len(ids(emulator)) == 2
    assert deployed.deployment.id == ids(emulator)[-1]
    assert "uploaded again" in notes.warnings[0]


def test_a_second_try_is_the_last(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    fault(emulator, "/a.txt", Answer(status=500))
    with pytest.raises(UnservedDeploymentError, match="HTTP 500") as info:
        run(client, site({"index.html": "one", "a.txt": "a"}), notes)
    assert len(ids(emulator)) == 2
    assert info.value.deployed.is_wrong
    assert info.value.deployed.proof == NO_PROOF
    assert info.value.deployed.rolled_back_to == ""


def test_what_is_missing_at_the_edge_is_not_deployed_twice(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    with pytest.raises(UnservedDeploymentError, match="HTTP 404"):
        run(client, site({"index.html": "one", "a.txt": "a"}), notes)
    assert len(ids(emulator)) == 1


@pytest.fixture
def earlier(client: PagesClient, site: BuildSite) -> str:
    """A good production deployment that is live."""
    deployed = run(client, site({"index.html": "before"}, name="before"), Notes())
    return deployed.deployment.id


def test_production_goes_back_to_what_was_live(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, site({"index.html": "after", "a.txt": "a"}), notes, rolls_back=True)
    assert info.value.deployed.rolled_back_to == earlier
    assert earlier in info.value.hint
    assert served(emulator) == b"before"
    assert any(step.startswith("Verified: http://demo.") for step in notes.steps)


def test_without_being_asked_production_stays(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, site({"index.html": "after", "a.txt": "a"}), notes)
    assert earlier not in info.value.hint
    assert served(emulator) == b"after"


def test_a_preview_is_not_rolled_back(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    directory = site({"index.html": "after", "a.txt": "a"})
    with pytest.raises(UnservedDeploymentError):
        run(client, directory, notes, branch="topic", rolls_back=True)
    assert not asked(emulator, "POST", "*/rollback")
    assert earlier in ids(emulator)


def test_a_failed_stage_leaves_production_where_it_was(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    emulator.outcome_next(status="failure")
    with pytest.raises(FailedDeploymentError) as info:
        run(client, site({"index.html": "after"}), notes, rolls_back=True)
    assert info.value.deployed.rolled_back_to == earlier
    assert earlier in info.value.hint
    assert info.value.log_lines
    assert f"Production still serves deployment {earlier}" in notes.steps
    assert served(emulator) == b"before"


def test_where_nothing_is_proved_production_is_not_looked_at_after_the_way_back_either(
    client: PagesClient, emulator: Emulator, site: BuildSite, earlier: str
) -> None:
    emulator.outcome_next(status="failure")
    before = len(asked(emulator, "HEAD", "*"))
    plan = Plan(PROJECT, "main", proof="off", rolls_back=True)
    with pytest.raises(FailedDeploymentError) as info:
        deploy(client, build_manifest(site({"index.html": "after"})), plan)
    assert info.value.deployed.rolled_back_to == earlier
    assert len(asked(emulator, "HEAD", "*")) == before


def test_production_goes_back_to_what_was_live_and_not_to_the_newest_before(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    run(client, site({"index.html": "regretted"}, name="regretted"), Notes())
    client.deployments.rollback(PROJECT, earlier)
    fault(emulator, "/a.txt", Answer(status=404))
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, site({"index.html": "after", "a.txt": "a"}), notes, rolls_back=True)
    assert info.value.deployed.rolled_back_to == earlier
    assert served(emulator) == b"before"


def test_a_deployment_that_failed_by_itself_says_what_was_reached(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    emulator.outcome_next(status="failure")
    with pytest.raises(FailedDeploymentError) as info:
        run(client, site({"index.html": "after"}), notes)
    deployment = info.value.deployed.deployment
    assert [deployment.id] == ids(emulator)
    assert info.value.deployed.is_wrong
    assert info.value.stage == "deploy"
    assert info.value.deployment_id == deployment.id
    assert info.value.url == deployment.url


def test_a_deployment_that_is_still_under_way_is_not_rolled_back(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    """It may yet come to its end, and well: nobody knows what production will serve."""
    emulator.outcome_next(status="active")
    with pytest.raises(DeploymentTimeout) as info:
        run(client, site({"index.html": "after"}), notes, rolls_back=True)
    assert earlier not in info.value.hint
    assert not any(earlier in step for step in notes.steps)
    assert not notes.warnings
    assert not asked(emulator, "POST", "*/rollback")


def test_the_first_deployment_of_all_has_nothing_to_go_back_to(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    with pytest.raises(UnservedDeploymentError):
        run(client, site({"index.html": "after", "a.txt": "a"}), notes, rolls_back=True)
    assert notes.warnings[-1].startswith("Production has no earlier deployment")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (None, "Verified: {} serves the same as {}"),
        (Answer(status=500), "{} does not serve the same as {}"),
        (ConnectionReset(), "Could not check whether {} serves the same as {}"),
    ],
    ids=["the same", "something else", "no answer"],
)
def test_it_is_told_whether_production_has_followed(
    client: PagesClient,
    emulator: Emulator,
    site: BuildSite,
    notes: Notes,
    trouble: Fault | None,
    words: str,
) -> None:
    deployed = run(client, site({"index.html": "home"}), Notes())
    if trouble is not None:
        emulator.fail_next("HEAD", "demo.localhost/", trouble, times=None)
    url = deployed.deployment.url
    with new_session() as session:
        compare_with_production(client, deployed.project, url, session=session, watcher=notes)
    (told,) = notes.steps if trouble is None else notes.warnings
    assert told.startswith(words.format(deployed.project.production_url, url))


def test_a_rollback_that_fails_does_not_hide_the_failure_before(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    emulator.fail_next("POST", "*/rollback", Answer.error(403, 10000), times=9)
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, site({"index.html": "after", "a.txt": "a"}), notes, rolls_back=True)
    assert "could not be rolled back" in notes.warnings[-1]
    assert info.value.deployed.rolled_back_to == ""
    assert earlier in ids(emulator)


def test_another_runs_deployment_stays(
    client: PagesClient, emulator: Emulator, site: BuildSite, notes: Notes, earlier: str
) -> None:
    fault(emulator, "/a.txt", Answer(status=404))
    others = site({"index.html": "others"}, name="others")

    def deploy_beside(text: str) -> None:
        if text == "Stage deploy: success":
            run(client, others, Notes())

    notes.on_step = deploy_beside
    with pytest.raises(UnservedDeploymentError) as info:
        run(client, site({"index.html": "after", "a.txt": "a"}), notes, rolls_back=True)
    assert info.value.deployed.rolled_back_to == ""
    assert "another run" in notes.warnings[-1]
    assert served(emulator) == b"others"
    assert earlier in ids(emulator)


def test_a_way_back_that_is_only_promised_is_noticed_within_the_timeout(
    client: PagesClient, emulator: Emulator, site: BuildSite, earlier: str, fake_time: FakeTime
) -> None:
    notes = Notes()
    result = {"id": earlier, "environment": "production", "url": "https://x.pages.dev"}
    body = json.dumps({"success": True, "result": result, "errors": [], "messages": []})
    emulator.fail_next("POST", "*/rollback", Answer(status=200, body=body))
    fault(emulator, "/a.txt", Answer(status=404))
    plan = Plan(PROJECT, "main", proof="sample", rolls_back=True, timeout_seconds=10)
    began: list[float] = []

    def note(text: str) -> None:
        if text.startswith("Moving production"):
            began.append(fake_time.now)

    notes.on_step = note
    with pytest.raises(UnservedDeploymentError) as info:
        deploy(client, build_manifest(site({"index.html": "two", "a.txt": "a"})), plan, notes)
    assert info.value.deployed.rolled_back_to == ""
    assert "did not move to" in notes.warnings[-1]
    assert fake_time.now - began[0] == pytest.approx(10)
