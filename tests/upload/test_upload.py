"""Uploading: what is sent, what is sent again, and what stops it."""

from __future__ import annotations

import importlib
import json
import threading
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import (
    Answer,
    ConnectionReset,
    ExpiredUploadToken,
    Fault,
    LostAnswer,
    Stall,
    TruncatedAnswer,
)
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import (
    ApiError,
    ApiResponseError,
    AuthenticationError,
    DirectoryError,
    UploadError,
    UploadTokenError,
)
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.upload.missing import UploadPlan
from pages_deploy.upload.upload import Progress, upload
from tests.world import (
    CHECK_MISSING,
    PROJECT,
    UPLOAD,
    UPLOAD_TOKEN,
    UPSERT,
    FakeTime,
    Notes,
    asked,
    connected,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from tests.world import BuildSite

MIB = 1024 * 1024
GATEWAY_PAGE = Answer(status=524, body="<html><title>A timeout occurred</title></html>")
SEVERAL = {"index.html": "home", "a.css": "a", "b.js": "bb", "c.txt": "ccc"}


def held(emulator: Emulator, manifest: Manifest) -> set[str]:
    """Return the paths whose exact bytes the emulator holds."""
    return {
        asset.path
        for asset in manifest.assets
        if emulator.store.assets.content(asset.hash)
        == (manifest.root / asset.path[1:]).read_bytes()
    }


def all_paths(manifest: Manifest) -> set[str]:
    return {asset.path for asset in manifest.assets}


def three_large_files(site: BuildSite) -> Path:
    """Make files that need three batches, whatever the concurrency."""
    root = site({"index.html": "home"})
    for number in range(3):
        with (root / f"{number}.bin").open("wb") as file:
            file.write(b"%d" % number)
            file.truncate(10 * MIB)
    return root


def test_every_file_arrives_with_its_bytes_and_type(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(
        site({**SEVERAL, "empty.txt": b"", "big.bin": bytes(range(256)) * 999})
    )
    uploaded = upload(client, manifest, UploadPlan(PROJECT))
    assert held(emulator, manifest) == all_paths(manifest)
    assert uploaded.hashes == {asset.hash for asset in manifest.assets}
    assert uploaded.bytes == manifest.total_bytes
    (home,) = (asset for asset in manifest.assets if asset.path == "/index.html")
    stored = emulator.store.assets.find(home.hash)
    assert stored is not None
    assert stored.content_type == "text/html"


def test_only_what_pages_lacks_is_sent(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    upload(client, build_manifest(site({"old.txt": "old"})), UploadPlan(PROJECT))
    before = len(asked(emulator, "POST", UPLOAD))
    manifest = build_manifest(site({"new.txt": "new one"}))
    uploaded = upload(client, manifest, UploadPlan(PROJECT))
    assert uploaded.hashes == {asset.hash for asset in manifest.assets if asset.path == "/new.txt"}
    assert uploaded.bytes == len("new one")
    assert len(asked(emulator, "POST", UPLOAD)) == before + 1


def test_a_hash_that_nobody_asked_for_is_not_among_what_was_sent(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site({"index.html": "home"}))
    lacking = [manifest.assets[0].hash, "0" * 32]
    body = json.dumps({"success": True, "result": lacking})
    emulator.fail_next("POST", CHECK_MISSING, Answer(status=200, body=body))
    assert upload(client, manifest, UploadPlan(PROJECT)).hashes == {lacking[0]}


def test_nothing_is_sent_when_pages_holds_everything_but_the_hashes_are_still_marked(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT))
    sent, marked = len(asked(emulator, "POST", UPLOAD)), len(asked(emulator, "POST", UPSERT))
    uploaded = upload(client, manifest, UploadPlan(PROJECT))
    assert not uploaded.hashes
    assert uploaded.bytes == 0
    assert len(asked(emulator, "POST", UPLOAD)) == sent
    assert len(asked(emulator, "POST", UPSERT)) == marked + 1


def test_skipping_the_cache_sends_everything_and_asks_nothing(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT))
    asked_before = len(asked(emulator, "POST", CHECK_MISSING))
    uploaded = upload(client, manifest, UploadPlan(PROJECT, skips_caching=True))
    assert uploaded.hashes == {asset.hash for asset in manifest.assets}
    assert len(asked(emulator, "POST", CHECK_MISSING)) == asked_before


def test_identical_bytes_are_sent_once(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site({"a.txt": "same", "b/c.txt": "same", "d.txt": "same"}))
    notes = Notes()
    uploaded = upload(client, manifest, UploadPlan(PROJECT), notes)
    assert len(uploaded.hashes) == 1
    assert uploaded.bytes == len("same")
    assert len(asked(emulator, "POST", UPLOAD)) == 1
    assert notes.progress[-1].total_files == 1


def test_a_manifest_without_assets_makes_no_asset_call(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site({"_headers": "/*\n  X: y\n"}))
    assert not upload(client, manifest, UploadPlan(PROJECT)).hashes
    assert asked(emulator, "POST", "/pages/assets/*") == []


@pytest.mark.parametrize(
    "fault",
    [
        Answer.error(500, 8000000),
        Answer(status=502, body="<html>Bad gateway</html>"),
        Answer(status=200, body="<html>Sign in</html>"),
        Answer.error(429, 971, headers={"Retry-After": "7"}),
        ConnectionReset(),
        LostAnswer(),
        TruncatedAnswer(),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "status", "")),
)
def test_a_batch_that_fails_for_a_moment_is_sent_again(
    client: PagesClient, emulator: Emulator, site: BuildSite, fake_time: FakeTime, fault: Fault
) -> None:
    emulator.fail_next("POST", UPLOAD, fault)
    manifest = build_manifest(site({"index.html": "home"}))
    upload(client, manifest, UploadPlan(PROJECT))
    assert held(emulator, manifest) == all_paths(manifest)
    assert len(asked(emulator, "POST", UPLOAD)) == 2
    assert len(fake_time.slept) == 1


def test_a_batch_waits_as_long_as_the_server_says(
    client: PagesClient, emulator: Emulator, site: BuildSite, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(429, 971, headers={"Retry-After": "17"}))
    upload(client, build_manifest(site({"index.html": "home"})), UploadPlan(PROJECT))
    assert fake_time.slept == [17.0]


def test_a_batch_is_given_up_after_six_attempts(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(500, 8000000), times=None)
    manifest = build_manifest(site({"page.html": "home"}))
    with pytest.raises(
        UploadError, match=r"1 of 1 files could not be uploaded, /page\.html"
    ) as info:
        upload(client, manifest, UploadPlan(PROJECT))
    assert info.value.exit_code == 1
    assert "upload a batch of 1 file" in info.value.message
    assert info.value.hint
    assert len(asked(emulator, "POST", UPLOAD)) == 6


def test_each_batch_has_its_own_count_of_failures(site: BuildSite, fake_time: FakeTime) -> None:
    # Four failures before each of three batches: too many for one batch alone.
    def order_more(line: str) -> None:
        if line == f"POST {UPLOAD} 200":
            emulator.fail_next("POST", UPLOAD, Answer.error(429, 971), times=4)

    with Emulator(log=order_more) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", UPLOAD, Answer.error(429, 971), times=4)
        manifest = build_manifest(three_large_files(site))
        upload(client, manifest, UploadPlan(PROJECT, 1))
        assert held(emulator, manifest) == all_paths(manifest)
        assert len(asked(emulator, "POST", UPLOAD)) == 15


def test_a_piece_that_went_through_clears_the_count_of_failures(
    site: BuildSite, fake_time: FakeTime
) -> None:
    # Two failures before the first half, five before the second one: six in a row would be the end.
    orders = iter([5])

    def order_more(line: str) -> None:
        if line == f"POST {UPLOAD} 200" and (times := next(orders, 0)):
            emulator.fail_next("POST", UPLOAD, Answer.error(429, 971), times=times)

    with Emulator(log=order_more) as emulator, connected(emulator, fake_time) as client:
        emulator.fail_next("POST", UPLOAD, GATEWAY_PAGE, times=2)
        manifest = build_manifest(site(SEVERAL))
        upload(client, manifest, UploadPlan(PROJECT, 1))
        assert held(emulator, manifest) == all_paths(manifest)
        assert len(asked(emulator, "POST", UPLOAD)) == 9


def test_a_batch_is_cut_in_halves_after_two_gateway_errors(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, GATEWAY_PAGE, times=2)
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT, 1))
    lengths = [request.content_length or 0 for request in asked(emulator, "POST", UPLOAD)]
    assert len(lengths) == 4
    assert lengths[0] == lengths[1] > max(lengths[2:])
    # Two arrays in place of one: one more pair of brackets, one comma less.
    assert sum(lengths[2:]) == lengths[0] + 1
    assert held(emulator, manifest) == all_paths(manifest)


def test_a_rate_limit_cuts_no_batch(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(429, 971), times=3)
    upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT, 1))
    lengths = {request.content_length for request in asked(emulator, "POST", UPLOAD)}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    "fault",
    [Answer.error(413, 8000000), Answer(status=413, body="<html>Request too large</html>")],
    ids=["json", "html"],
)
def test_a_batch_that_is_too_large_is_cut_at_once(
    client: PagesClient, emulator: Emulator, site: BuildSite, fake_time: FakeTime, fault: Fault
) -> None:
    emulator.fail_next("POST", UPLOAD, fault)
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT, 1))
    assert len(asked(emulator, "POST", UPLOAD)) == 3
    assert fake_time.slept == []
    assert held(emulator, manifest) == all_paths(manifest)


@pytest.mark.parametrize(
    ("status", "times"), [(413, 1), (502, 2)], ids=["too large", "gateway errors"]
)
def test_a_batch_of_two_files_is_cut_too(
    client: PagesClient, emulator: Emulator, site: BuildSite, status: int, times: int
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(status, 8000000), times=times)
    manifest = build_manifest(site({"a.txt": "a", "b.txt": "b"}))
    upload(client, manifest, UploadPlan(PROJECT, 1))
    assert len(asked(emulator, "POST", UPLOAD)) == times + 2
    assert held(emulator, manifest) == all_paths(manifest)


def test_a_batch_is_cut_as_often_as_a_strict_gateway_needs(
    site: BuildSite, fake_time: FakeTime
) -> None:
    files = {f"{number:03}.txt": f"{number:03}" for number in range(256)}
    settings = EmulatorSettings(max_body_bytes=20_000)
    with (
        Emulator(settings=settings) as emulator,
        connected(emulator, fake_time) as client,
    ):
        manifest = build_manifest(site(files))
        upload(client, manifest, UploadPlan(PROJECT, 1, skips_caching=True))
        assert held(emulator, manifest) == all_paths(manifest)


def test_one_file_that_is_too_large_is_named(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(413, 1), times=None)
    with pytest.raises(UploadError, match="/film"):
        upload(client, build_manifest(site({"film.mp4": "film"})), UploadPlan(PROJECT))
    assert len(asked(emulator, "POST", UPLOAD)) == 1


def test_a_refusal_stops_the_batches_that_have_not_begun(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(400, 1234, message="No such luck"), times=None)
    manifest = build_manifest(three_large_files(site))
    with pytest.raises(UploadError, match=r"4 of 4 files .*No such luck") as info:
        upload(client, manifest, UploadPlan(PROJECT, 1))
    assert info.value.hint.startswith("Run again")
    assert len(asked(emulator, "POST", UPLOAD)) == 1
    assert asked(emulator, "POST", UPSERT) == []


def test_a_refusal_does_not_wait_for_a_batch_that_hangs(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Stall())
    emulator.fail_next("POST", UPLOAD, Answer.error(400, 1234), times=None)
    before = set(threading.enumerate())
    with pytest.raises(UploadError):
        upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT, 3))
    emulator.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_a_refusal_ends_the_attempts_at_another_batch(
    client: PagesClient, emulator: Emulator, site: BuildSite, fake_time: FakeTime
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(500, 8000000))
    emulator.fail_next("POST", UPLOAD, Answer.error(400, 1234))
    has_ended = threading.Event()

    def wait_for_the_end(_seconds: float) -> None:
        has_ended.wait(20)

    fake_time.on_sleep = wait_for_the_end
    before = set(threading.enumerate())
    with pytest.raises(UploadError):
        upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT, 2))
    others = [thread for thread in set(threading.enumerate()) - before if thread.daemon]
    has_ended.set()
    for thread in others:
        thread.join(10)
    assert len(asked(emulator, "POST", UPLOAD)) <= 2


def test_only_files_that_the_server_has_confirmed_count_as_uploaded(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(three_large_files(site))
    # Two batches are sent whole and not answered when the third is refused.
    emulator.fail_next("POST", UPLOAD, Stall(), times=2)
    emulator.fail_next("POST", UPLOAD, Answer.error(400, 8000099))
    with pytest.raises(UploadError, match=r"^4 of 4 files could not be uploaded, /"):
        upload(client, manifest, UploadPlan(PROJECT, 3))


def test_files_that_the_server_has_confirmed_do_not_count_as_failed(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(three_large_files(site))
    accepted = 0

    def refuse_the_second(progress: Progress) -> None:
        nonlocal accepted
        held_now = len(held(emulator, manifest))
        if held_now > accepted == 0:
            accepted = held_now
            emulator.fail_next("POST", UPLOAD, Answer.error(400, 8000099), times=None)

    notes = Notes()
    notes.on_progress = refuse_the_second
    with pytest.raises(UploadError) as info:
        upload(client, manifest, UploadPlan(PROJECT, 1), notes)
    left = len(all_paths(manifest)) - len(held(emulator, manifest))
    assert 0 < left < 4
    assert info.value.message.startswith(f"{left} of 4 files could not be uploaded, ")


def test_a_permission_that_is_missing_stays_an_authentication_error(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(403, 10000))
    with pytest.raises(AuthenticationError) as info:
        upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT))
    assert info.value.exit_code == 3


@pytest.mark.parametrize(
    "change",
    [b"HOME", b"home and more", b"h", b"", None],
    ids=["other", "longer", "shorter", "empty", "gone"],
)
def test_a_file_that_changed_meanwhile_is_refused_by_name(
    client: PagesClient, emulator: Emulator, site: BuildSite, change: bytes | None
) -> None:
    root = site({"docs/page.html": "home"})
    manifest = build_manifest(root)
    if change is None:
        (root / "docs/page.html").unlink()
    else:
        (root / "docs/page.html").write_bytes(change)
    with pytest.raises(DirectoryError, match=r"/docs/page\.html"):
        upload(client, manifest, UploadPlan(PROJECT))
    assert emulator.store.assets.content(manifest.assets[0].hash) is None


def test_a_large_file_that_grew_meanwhile_is_refused(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    root = site({"a.bin": bytes(3 * MIB)})
    manifest = build_manifest(root)
    with (root / "a.bin").open("ab") as file:
        file.write(b"more")
    with pytest.raises(DirectoryError, match=r"/a\.bin changed"):
        upload(client, manifest, UploadPlan(PROJECT))
    assert emulator.store.assets.content(manifest.assets[0].hash) is None


def test_failing_to_mark_the_hashes_is_a_warning(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPSERT, Answer.error(500, 8000000), times=None)
    notes = Notes()
    manifest = build_manifest(site(SEVERAL))
    uploaded = upload(client, manifest, UploadPlan(PROJECT), notes)
    assert len(uploaded.hashes) == len(SEVERAL)
    assert len(asked(emulator, "POST", UPSERT)) == 2
    (warning,) = notes.warnings
    assert "The deployment goes on" in warning


def test_a_good_upload_warns_of_nothing(client: PagesClient, site: BuildSite) -> None:
    notes = Notes()
    upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT), notes)
    assert notes.warnings == []


def test_more_files_than_the_account_allows_are_refused_before_anything_is_sent(
    site: BuildSite, fake_time: FakeTime
) -> None:
    with (
        Emulator(settings=EmulatorSettings(max_file_count=3)) as emulator,
        connected(emulator, fake_time) as client,
    ):
        manifest = build_manifest(site(SEVERAL))
        with pytest.raises(DirectoryError, match=r"4 files.*3"):
            upload(client, manifest, UploadPlan(PROJECT))
        assert asked(emulator, "POST", "/pages/assets/*") == []
        (manifest.root / "a.css").unlink()
        upload(client, build_manifest(manifest.root), UploadPlan(PROJECT))


@pytest.mark.parametrize(
    "fault", [ExpiredUploadToken(), Answer.error(401, 8000013)], ids=["plain text", "code"]
)
@pytest.mark.parametrize("path", [CHECK_MISSING, UPLOAD, UPSERT])
def test_a_refused_upload_token_is_renewed(
    client: PagesClient, emulator: Emulator, site: BuildSite, path: str, fault: Fault
) -> None:
    emulator.fail_next("POST", path, fault)
    notes = Notes()
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT), notes)
    assert held(emulator, manifest) == all_paths(manifest)
    assert len(asked(emulator, "GET", UPLOAD_TOKEN)) == 2
    assert notes.warnings == []


def test_refused_upload_tokens_have_a_bound(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(401, 8000013), times=None)
    with pytest.raises(UploadTokenError) as info:
        upload(client, build_manifest(site({"index.html": "home"})), UploadPlan(PROJECT))
    assert "just issued" in info.value.hint
    assert len(asked(emulator, "POST", UPLOAD)) == 5


def test_a_token_that_ages_between_the_batches_is_renewed_before_it_expires(
    site: BuildSite, fake_time: FakeTime
) -> None:
    settings = EmulatorSettings(upload_token_seconds=60, clock=fake_time.read)
    with (
        Emulator(settings=settings) as emulator,
        connected(emulator, fake_time) as client,
    ):
        manifest = build_manifest(three_large_files(site))

        def age(_progress: Progress) -> None:
            fake_time.now += 50

        notes = Notes()
        notes.on_progress = age
        upload(client, manifest, UploadPlan(PROJECT, 1), notes)
        assert held(emulator, manifest) == all_paths(manifest)
        assert len(asked(emulator, "GET", UPLOAD_TOKEN)) >= 3
        assert {request.status for request in asked(emulator, "POST", "/pages/assets/*")} == {200}


def test_progress_ends_at_the_whole(client: PagesClient, site: BuildSite) -> None:
    notes = Notes()
    manifest = build_manifest(site(SEVERAL))
    upload(client, manifest, UploadPlan(PROJECT), notes)
    size = manifest.total_bytes
    assert notes.progress[-1] == Progress(files=4, total_files=4, bytes=size, total_bytes=size)
    assert [progress.files for progress in notes.progress] == [1, 2, 3, 4]


# Each is a quarter further, and the last one the end.
@pytest.mark.parametrize(("count", "told"), [(24, [6, 12, 18, 24]), (22, [6, 12, 18, 22])])
def test_progress_of_many_files_is_told_in_steps_that_people_can_see(
    client: PagesClient,
    site: BuildSite,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    told: list[int],
) -> None:
    module = importlib.import_module("pages_deploy.upload.upload")
    monkeypatch.setattr(module, "PROGRESS_STEPS", 4)
    notes = Notes()
    manifest = build_manifest(site({f"{number}.txt": str(number) for number in range(count)}))
    upload(client, manifest, UploadPlan(PROJECT), notes)
    assert [progress.files for progress in notes.progress] == told
    assert notes.progress[-1].bytes == manifest.total_bytes


def test_progress_goes_back_by_what_must_be_sent_again(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer.error(500, 8000000))
    notes = Notes()
    upload(client, build_manifest(site(SEVERAL)), UploadPlan(PROJECT, 1), notes)
    assert [progress.files for progress in notes.progress] == [1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert [progress.bytes for progress in notes.progress][4] == 0


def test_retries_are_told(emulator: Emulator, site: BuildSite, fake_time: FakeTime) -> None:
    told: list[tuple[tuple[int, ...], float]] = []

    def note(error: ApiError, seconds: float) -> None:
        assert isinstance(error, ApiResponseError)
        told.append((error.codes, seconds))

    emulator.fail_next("POST", UPLOAD, Answer.error(500, 8000000))
    with connected(emulator, fake_time, on_retry=note) as client:
        upload(client, build_manifest(site({"index.html": "home"})), UploadPlan(PROJECT))
    assert told == [((8000000,), 0.75)]
    assert fake_time.slept == [0.75]
