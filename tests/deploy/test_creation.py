"""Creating a deployment: exactly one, whatever becomes of the answers."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.api.deployments import Commit
from pages_deploy.deploy.creation import create_deployment
from pages_deploy.deploy.plan import Plan
from pages_deploy.emulator.http.faults import Answer, ConnectionReset, Fault, LostAnswer, Stall
from pages_deploy.emulator.http.faults import TruncatedAnswer as CutAnswer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.emulator.state.submissions import Submission
from pages_deploy.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    AuthenticationError,
    Interrupted,
    RateLimitError,
    ServerError,
)
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.upload.missing import UploadPlan
from pages_deploy.upload.upload import upload
from tests.making import put
from tests.raw_server import (
    Break,
    Received,
    cut,
    garble,
    json_answer,
    make_certificate,
    needs_openssl,
    passed_on,
    reset,
    serving,
)
from tests.world import COMMIT, DEPLOYMENTS, PROJECT, FakeTime, asked, connected

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from pages_deploy.api.models import Deployment
    from tests.world import BuildSite

FEATURE = "feature/one"
GATEWAY_PAGE = "<html><title>502 Bad gateway</title></html>"


@pytest.fixture
def manifest(client: PagesClient, site: BuildSite) -> Manifest:
    """A manifest whose assets the emulator holds."""
    made = build_manifest(site({"index.html": "home", "_headers": "/*\n  X-One: 1\n"}))
    upload(client, made, UploadPlan(PROJECT))
    return made


def create(client: PagesClient, manifest: Manifest, *, message: str = "One") -> Deployment:
    plan = Plan(PROJECT, FEATURE, Commit(COMMIT, message, dirty=True))
    return create_deployment(client, manifest, plan)


def existing(emulator: Emulator) -> list[str]:
    """Return the ids of all deployments, the newest first."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [deployment.id for deployment in emulator.store.deployments.all(project)]


def create_beside(
    emulator: Emulator, *, branch: str = FEATURE, commit: str = COMMIT, message: str = ""
) -> None:
    """Make a deployment as another run would."""
    emulator.store.deployments.create(
        emulator.store.projects.get(emulator.account_id, PROJECT),
        Submission(
            manifest={},
            branch=branch,
            commit_hash=commit,
            commit_message=message,
            is_commit_dirty=False,
            special_files={},
        ),
    )


def test_what_is_known_of_the_build_arrives(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    created = create(client, manifest, message="Fix it\n\nReally.")
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (stored,) = emulator.store.deployments.all(project)
    assert stored.id == created.id
    assert stored.environment == created.environment == "preview"
    assert stored.trigger.branch == created.branch == FEATURE
    assert stored.trigger.commit_hash == created.commit_hash == COMMIT
    assert stored.trigger.commit_message.replace("\r\n", "\n") == "Fix it\n\nReally."
    assert stored.trigger.commit_dirty is True
    assert emulator.store.deployments.special_files(stored) == {"_headers": b"/*\n  X-One: 1\n"}
    asset = emulator.store.deployments.asset_at(stored, "/index.html")
    assert asset is not None
    assert asset.key == manifest.assets[0].hash


def test_without_a_branch_the_deployment_is_production(
    client: PagesClient, manifest: Manifest
) -> None:
    created = create_deployment(client, manifest, Plan(PROJECT))
    assert created.environment == "production"


def test_routes_are_not_sent_because_only_workers_have_any(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    root = site({"_routes.json": "{}", "_redirects": "/a /b\n"}, name="routed")
    created = create(client, build_manifest(root))
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    stored = emulator.store.deployments.get(project, created.id)
    assert set(emulator.store.deployments.special_files(stored)) == {"_redirects"}


@pytest.mark.parametrize(
    "fault",
    [
        LostAnswer(),
        CutAnswer(),
        Answer(status=502, body=GATEWAY_PAGE, is_processed=True),
        Answer(status=524, body=GATEWAY_PAGE, is_processed=True),
        Answer(status=200, body=GATEWAY_PAGE, is_processed=True),
        Answer(status=500, body='{"success":false,"errors":[{"code":8000000}]}', is_processed=True),
        Answer(status=200, body='{"success":true,"result":{"id":7}}', is_processed=True),
        Answer(status=200, body="", is_processed=True),
    ],
    ids=["lost", "cut", "502", "524", "page", "8000000", "odd result", "empty"],
)
def test_a_deployment_whose_answer_was_lost_is_adopted(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fault: Fault
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    created = create(client, manifest)
    assert existing(emulator) == [created.id]
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
    assert created.branch == FEATURE


@pytest.mark.parametrize(
    "fault",
    [
        ConnectionReset(),
        Answer.error(500, 8000000),
        Answer(status=502, body=GATEWAY_PAGE),
        Answer(status=200, body=GATEWAY_PAGE),
    ],
    ids=["reset", "8000000", "502", "page"],
)
def test_a_request_that_had_no_effect_is_sent_again(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fault: Fault
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    created = create(client, manifest)
    assert existing(emulator) == [created.id]
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2


def test_before_asking_again_it_searches_for_some_seconds(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    create(client, manifest)
    # All polls together, then the wait of the second attempt.
    assert sum(fake_time.slept[:-1]) == pytest.approx(6.0)
    assert fake_time.slept[-1] == 0.75


def test_a_deployment_that_shows_up_late_is_adopted(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    start = fake_time.now

    def appear(_seconds: float) -> None:
        if fake_time.now - start >= 2 and not existing(emulator):
            create_beside(emulator)

    fake_time.on_sleep = appear
    assert [create(client, manifest).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


SLOW_GATEWAYS = [Answer(status=status, body=GATEWAY_PAGE) for status in (408, 504, 522, 524)]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [*((fault, 44) for fault in SLOW_GATEWAYS), (Answer(status=502, body=GATEWAY_PAGE), 5)],
    ids=["408", "504", "522", "524", "502"],
)
def test_a_slow_server_is_given_more_time_to_bring_the_deployment_up(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    fault: Fault,
    seconds: float,
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    start = fake_time.now

    def appear(_seconds: float) -> None:
        if fake_time.now - start >= seconds and not existing(emulator):
            create_beside(emulator, message="One")

    fake_time.on_sleep = appear
    assert [create(client, manifest).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
    assert fake_time.now - start <= 45


def test_a_server_that_falls_silent_is_given_more_time_to_bring_the_deployment_up(
    emulator: Emulator, site: BuildSite, fake_time: FakeTime
) -> None:
    # Long enough for a busy machine to answer the other calls.
    with connected(emulator, fake_time, read_timeout_seconds=1.5) as client:
        emulator.fail_next("POST", DEPLOYMENTS, Stall())
        start = fake_time.now

        def appear(_seconds: float) -> None:
            if fake_time.now - start >= 44 and not existing(emulator):
                create_beside(emulator)

        fake_time.on_sleep = appear
        created = create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
    assert existing(emulator) == [created.id]
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


def test_a_server_that_stays_slow_is_asked_twice_and_given_time_each_time(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, SLOW_GATEWAYS[1], times=None)
    start = fake_time.now
    with pytest.raises(ServerError):
        create(client, manifest)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2
    assert fake_time.now - start >= 90


def test_after_one_long_silence_and_one_quick_failure_there_is_one_more_attempt(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, SLOW_GATEWAYS[1])
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    assert [create(client, manifest).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 3


@pytest.mark.parametrize(
    ("fault", "seconds"), [(ConnectionReset(), 6), (SLOW_GATEWAYS[1], 45)], ids=["reset", "504"]
)
def test_a_deployment_that_comes_up_during_the_pause_before_the_next_request_is_adopted(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    fault: Fault,
    seconds: float,
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    start = fake_time.now

    def appear(_seconds: float) -> None:
        # The polls end with the last second; what is slept beyond is the pause.
        if fake_time.now - start > seconds + 0.1 and not existing(emulator):
            create_beside(emulator)

    fake_time.on_sleep = appear
    assert [create(client, manifest).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


@pytest.fixture(params=["plain", pytest.param("TLS", marks=needs_openssl)])
def certificate(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path] | None:
    """A certificate and its key where the connection is encrypted."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return make_certificate(tmp_path) if request.param == "TLS" else None


@pytest.mark.parametrize("is_made", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("how", [cut, reset, garble], ids=lambda how: how.__name__)
def test_a_connection_that_breaks_once_the_request_is_there_leads_to_one_deployment(
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    certificate: tuple[Path, Path] | None,
    how: Callable[[socket.socket], None],
    is_made: bool,
) -> None:
    posts: list[Received] = []

    def answer(request: Received) -> bytes:
        if request.method == "POST":
            posts.append(request)
            if len(posts) == 1:
                if is_made:
                    passed_on(emulator, request)
                raise Break(how)
        return passed_on(emulator, request)

    scheme, tls, ca_bundle = "http", None, None
    if certificate is not None:
        scheme, tls, ca_bundle = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate[0]
        tls.load_cert_chain(*certificate)
    with (
        serving(answer, tls=tls) as port,
        PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=f"{scheme}://127.0.0.1:{port}/client/v4",
            ca_bundle=str(ca_bundle) if ca_bundle is not None else None,
            timer=fake_time.timer,
        ) as client,
    ):
        created = create(client, manifest)
    assert existing(emulator) == [created.id]
    assert len(posts) == (1 if is_made else 2)


def test_a_lost_answer_is_not_forgotten_while_a_later_request_is_held_back(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    emulator.fail_next("POST", DEPLOYMENTS, Answer.error(429, 971, headers={"Retry-After": "60"}))

    def appear(seconds: float) -> None:
        if seconds == 60:
            create_beside(emulator)

    fake_time.on_sleep = appear
    assert [create(client, manifest).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2
    # The pause after the search, and the one that the server wants.
    assert fake_time.slept[-2:] == [0.75, 60]


def test_a_lost_answer_is_not_forgotten_when_a_later_request_is_refused(
    site: BuildSite, fake_time: FakeTime
) -> None:
    def appear(line: str) -> None:
        if line.endswith("/deployments 400"):
            create_beside(emulator)

    with Emulator(log=appear) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
        emulator.fail_next("POST", DEPLOYMENTS, Answer.error(400, 8000096))
        created = create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
        assert existing(emulator) == [created.id]
        assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2


@pytest.mark.parametrize("last", [ConnectionReset(), Answer.error(400, 1234)])
def test_the_last_error_says_that_the_search_has_found_nothing(
    client: PagesClient, emulator: Emulator, manifest: Manifest, last: Fault
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    emulator.fail_next("POST", DEPLOYMENTS, last, times=None)
    with pytest.raises(ApiError) as info:
        create(client, manifest)
    assert info.value.hint.startswith("The project's list shows no deployment of this run.")
    assert info.value.hint == info.value.hint.strip()
    assert existing(emulator) == []


MESSAGES_OF_OURS = [
    ("Fix the thing", ""),
    ("Fix the thing\n\nReally.", "Fix the thing\r\n\r\nReally."),
    ("Fix the thing\n\nReally.", "Fix the thing Really."),
    ("Fix the thing, at last", "Fix the thing, at"),
    ("Fix the thing, at last", "Fix the thing, at l"),
    ("  Fix it\n", "Fix it"),
    ("x" * 1000, "x" * 384),
    ("Исправить 🚀 всё", "Исправить 🚀 вс"),
]


@pytest.mark.parametrize(("ours", "theirs"), MESSAGES_OF_OURS, ids=range(len(MESSAGES_OF_OURS)))
def test_a_message_is_ours_although_the_server_cut_it_or_changed_its_white_space(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    ours: str,
    theirs: str,
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())

    def appear(_seconds: float) -> None:
        if not existing(emulator):
            create_beside(emulator, message=theirs)

    fake_time.on_sleep = appear
    assert [create(client, manifest, message=ours).id] == existing(emulator)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


@pytest.mark.parametrize(
    "message", ["x " * 500, "é" * 1000, "🚀" * 300, "a\n" * 500, "Line\r\n" * 9]
)
def test_a_long_message_does_not_hide_the_deployment_that_was_made(
    client: PagesClient, emulator: Emulator, manifest: Manifest, message: str
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    created = create(client, manifest, message=message)
    assert existing(emulator) == [created.id]
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Fix the thing", "Break the thing"),
        ("Fix", "Fix the thing, and more"),
        ("", "Somebody's"),
        ("One", "Two"),
        ("Run 1234 of the nightly job 1", "Run 1235 of the nightly job 1"),
        ("Nightly run 1234", "Nightly run 1235"),
    ],
    ids=range(6),
)
def test_a_deployment_with_another_message_is_never_adopted(
    site: BuildSite, fake_time: FakeTime, ours: str, theirs: str
) -> None:
    def interfere(line: str) -> None:
        # After the list was read and before the request: another run of this commit is faster.
        if line.startswith("GET") and line.endswith("/deployments 200") and not existing(emulator):
            create_beside(emulator, message=theirs)

    with Emulator(log=interfere) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
        manifest = build_manifest(site({"_headers": "/*\n  A: b\n"}))
        created = create(client, manifest, message=ours)
        assert created.commit_message == ours
        assert len(existing(emulator)) == 2


def test_a_silent_server_is_asked_again_once_the_list_shows_nothing(
    emulator: Emulator, site: BuildSite, fake_time: FakeTime
) -> None:
    # Long enough for a busy machine to answer the other calls.
    with connected(emulator, fake_time, read_timeout_seconds=1.5) as client:
        emulator.fail_next("POST", DEPLOYMENTS, Stall())
        created = create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
    assert existing(emulator) == [created.id]
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 2


def test_deployments_that_were_there_before_are_never_adopted(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    create_beside(emulator)
    (before,) = existing(emulator)
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    created = create(client, manifest)
    assert created.id != before
    assert existing(emulator) == [created.id, before]


@pytest.mark.parametrize(
    ("branch", "commit"), [("other", COMMIT), (FEATURE, "f" * 40)], ids=["branch", "commit"]
)
def test_a_deployment_of_another_branch_or_commit_is_never_adopted(
    site: BuildSite, fake_time: FakeTime, branch: str, commit: str
) -> None:
    def interfere(line: str) -> None:
        # After the list was read and before the request: another run is faster.
        if line.startswith("GET") and line.endswith("/deployments 200") and not existing(emulator):
            create_beside(emulator, branch=branch, commit=commit)

    with Emulator(log=interfere) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
        created = create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
        assert len(existing(emulator)) == 2
        assert created.branch == FEATURE
        assert created.commit_hash == COMMIT


@pytest.mark.parametrize(("trigger", "is_ours"), [("github:push", False), (None, True)], ids=str)
def test_what_has_our_commit_is_adopted_unless_pages_has_built_it_from_git(
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    trigger: str | None,
    is_ours: bool,
) -> None:
    """That has the branch, the commit and the message of this run, and other files."""
    built = ""

    def answer(request: Received) -> bytes:
        nonlocal built
        if request.method == "POST" and not built:
            create_beside(emulator, message="One")
            (built,) = existing(emulator)
            raise Break(reset)
        whole = passed_on(emulator, request)
        if built.encode() not in whole or not built:
            return whole
        body = json.loads(whole.partition(b"\r\n\r\n")[2])
        for deployment in body["result"]:
            if deployment["id"] == built:
                deployment["deployment_trigger"]["type"] = trigger
        return json_answer(json.dumps(body).encode())

    with (
        serving(answer) as port,
        PagesClient(
            emulator.api_token,
            emulator.account_id,
            base_url=f"http://127.0.0.1:{port}/client/v4",
            timer=fake_time.timer,
        ) as client,
    ):
        created = create(client, manifest)
    assert (created.id == built) is is_ours
    assert set(existing(emulator)) == {created.id, built}


def test_two_deployments_that_could_be_ours_are_reported_and_nothing_is_repeated(
    site: BuildSite, fake_time: FakeTime
) -> None:
    def interfere(line: str) -> None:
        if line.startswith("GET") and line.endswith("/deployments 200") and not existing(emulator):
            create_beside(emulator)

    with Emulator(log=interfere) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
        with pytest.raises(ApiConnectionError) as info:
            create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
        assert len(existing(emulator)) == 2
        assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
    assert info.value.hint.startswith("It is not known whether a deployment was created")
    assert PROJECT in info.value.hint


def test_a_list_that_cannot_be_read_beforehand_stops_nothing(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.fail_next("GET", DEPLOYMENTS, Answer.error(500, 8000000))
    assert [create(client, manifest).id] == existing(emulator)


def test_without_a_list_from_before_a_lost_answer_is_reported_and_not_repeated(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.fail_next("GET", DEPLOYMENTS, Answer.error(500, 8000000), times=3)
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    with pytest.raises(ApiConnectionError) as info:
        create(client, manifest)
    assert "not known" in info.value.hint
    assert len(existing(emulator)) == 1


@pytest.mark.parametrize("fault", [Answer.error(500, 8000000), ConnectionReset(), CutAnswer()])
def test_a_list_that_fails_once_beforehand_is_read_again(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fault: Fault
) -> None:
    create_beside(emulator)
    emulator.fail_next("GET", DEPLOYMENTS, fault)
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    created = create(client, manifest)
    assert existing(emulator)[0] == created.id
    assert len(existing(emulator)) == 2


@pytest.mark.parametrize("others", [24, 25, 30, 60])
@pytest.mark.parametrize("earlier", [0, 3, 40])
def test_what_others_deploy_meanwhile_does_not_hide_ours(
    site: BuildSite, fake_time: FakeTime, others: int, earlier: int
) -> None:
    manifest = build_manifest(site({"_headers": "/*\n  A: b\n"}))

    def interfere(line: str) -> None:
        if line.startswith("POST") and line.partition(" 5")[0].endswith("/deployments"):
            for _ in range(others):
                create_beside(emulator, branch="of-others", message="theirs")

    with Emulator(log=interfere) as emulator, connected(emulator, fake_time) as client:
        for _ in range(earlier):
            create_beside(emulator)
        emulator.fail_next(
            "POST", DEPLOYMENTS, Answer(status=502, body=GATEWAY_PAGE, is_processed=True)
        )
        created = create(client, manifest)
        found = existing(emulator)
        assert len(found) == earlier + 1 + others
        assert found[others] == created.id
        assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


def test_the_search_reads_no_further_than_the_request_goes_back(
    site: BuildSite, fake_time: FakeTime
) -> None:
    """All that were known are deleted meanwhile, so only their age tells the older ones."""
    manifest = build_manifest(site({"_headers": "/*\n  A: b\n"}))
    real_time = FakeTime()

    def interfere(line: str) -> None:
        if (
            line.startswith("GET")
            and line.endswith("/deployments 200")
            and len(found := existing(emulator)) == 60
        ):
            project = emulator.store.projects.get(emulator.account_id, PROJECT)
            for deployment_id in found[:25]:
                emulator.store.deployments.delete(project, deployment_id, is_forced=True)

    settings = EmulatorSettings(clock=real_time.read)
    with (
        Emulator(log=interfere, settings=settings) as emulator,
        connected(emulator, fake_time) as client,
    ):
        for _ in range(60):
            create_beside(emulator, message="One")
        real_time.now += 3600
        emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
        created = create(client, manifest)
        assert existing(emulator)[0] == created.id
        assert len(existing(emulator)) == 36


@pytest.mark.parametrize(
    "fault", [Answer.error(500, 8000000), Answer.error(403, 10000)], ids=["broken", "refused"]
)
def test_a_list_that_cannot_be_read_afterwards_means_that_nothing_is_repeated(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    fake_time: FakeTime,
    fault: Fault,
) -> None:
    emulator.fail_next("GET", DEPLOYMENTS, fault, times=None)
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    with pytest.raises(ApiConnectionError) as info:
        create(client, manifest)
    assert "not known" in info.value.hint
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
    # Three looks beforehand at the most, and the six seconds of the search.
    assert sum(fake_time.slept) <= 9


def test_a_long_list_that_nothing_dates_is_not_read_to_its_end(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    """What was there before could not be read, and all of it is as young as the request."""
    put(emulator, ["main"] * 530)
    emulator.fail_next("GET", DEPLOYMENTS, Answer.error(500, 8000000), times=3)
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    with pytest.raises(ApiConnectionError) as info:
        create(client, manifest)
    assert "not known" in info.value.hint
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 3 + 500 // 25


def test_an_unknown_end_is_still_unknown_when_the_last_poll_fails(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    start = fake_time.now

    def break_down(_seconds: float) -> None:
        if fake_time.now - start >= 5:
            emulator.fail_next("GET", DEPLOYMENTS, Answer.error(500, 8000000), times=None)

    fake_time.on_sleep = break_down
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    with pytest.raises(ApiConnectionError, match="broke"):
        create(client, manifest)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


def test_a_list_that_fails_during_the_pause_means_that_nothing_is_repeated(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    start = fake_time.now

    def break_down(_seconds: float) -> None:
        if fake_time.now - start > 6.1:
            emulator.fail_next("GET", DEPLOYMENTS, Answer.error(500, 8000000), times=None)

    fake_time.on_sleep = break_down
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    with pytest.raises(ApiConnectionError) as info:
        create(client, manifest)
    assert "not known" in info.value.hint
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1


def test_another_attempt_is_told_with_its_reason_and_its_wait(
    emulator: Emulator, site: BuildSite, fake_time: FakeTime
) -> None:
    told: list[tuple[type[ApiError], float]] = []
    with connected(
        emulator, fake_time, on_retry=lambda error, seconds: told.append((type(error), seconds))
    ) as client:
        emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
        create(client, build_manifest(site({"_headers": "/*\n  A: b\n"})))
    assert told == [(ApiConnectionError, 0.75)]


def test_too_many_requests_are_waited_out_as_long_as_the_server_says(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    fault = Answer.error(429, 971, headers={"Retry-After": "300"})
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    assert [create(client, manifest).id] == existing(emulator)
    assert fake_time.slept == [300.0]
    # Nothing was lost, so nothing has to be searched for.
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 1


def test_a_wait_that_is_absurd_is_refused(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    fault = Answer.error(429, 971, headers={"Retry-After": "86400"})
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    with pytest.raises(RateLimitError):
        create(client, manifest)
    assert fake_time.slept == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Answer.error(403, 10000), AuthenticationError),
        (Answer.error(400, 8000096), ApiResponseError),
        (Answer.error(400, 8000111), ApiResponseError),
    ],
    ids=["permission", "manifest", "message"],
)
def test_a_clear_refusal_is_final(
    client: PagesClient,
    emulator: Emulator,
    manifest: Manifest,
    fault: Fault,
    kind: type[ApiError],
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, fault)
    with pytest.raises(kind) as info:
        create(client, manifest)
    assert "list shows" not in info.value.hint
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
    assert len(asked(emulator, "GET", DEPLOYMENTS)) == 1
    assert existing(emulator) == []


def test_a_server_that_stays_broken_is_given_up_after_four_attempts(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    emulator.fail_next("POST", DEPLOYMENTS, Answer.error(500, 8000000), times=None)
    with pytest.raises(ServerError):
        create(client, manifest)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 4


def test_more_deployments_than_a_page_holds_do_not_confuse_the_search(
    client: PagesClient, emulator: Emulator, manifest: Manifest
) -> None:
    for _ in range(30):
        create_beside(emulator)
    emulator.fail_next("POST", DEPLOYMENTS, LostAnswer())
    created = create(client, manifest)
    assert existing(emulator)[0] == created.id
    assert len(existing(emulator)) == 31


class InterruptingFiles(Mapping[str, bytes]):
    """Special files during whose reading the signal arrives, which it may do at any moment."""

    def __getitem__(self, key: str) -> bytes:
        raise Interrupted

    def __iter__(self) -> Iterator[str]:
        raise Interrupted

    def __len__(self) -> int:
        return 1


def test_an_interrupt_during_the_request_says_that_the_deployment_may_exist(
    client: PagesClient, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted) as info:
        create(client, Manifest(tmp_path, (), InterruptingFiles()))
    assert PROJECT in info.value.notice
    assert "whether it exists" in info.value.notice


def test_an_interrupt_during_the_search_says_that_the_deployment_may_exist(
    client: PagesClient, emulator: Emulator, manifest: Manifest, fake_time: FakeTime
) -> None:
    def interrupt(_seconds: float) -> None:
        raise Interrupted

    fake_time.on_sleep = interrupt
    emulator.fail_next("POST", DEPLOYMENTS, ConnectionReset())
    with pytest.raises(Interrupted) as info:
        create(client, manifest)
    assert "whether it exists" in info.value.notice
