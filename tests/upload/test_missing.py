"""What is missing at Pages: asked without any change, and sent afterwards as it was told."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer, ExpiredUploadToken
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import DirectoryError
from pages_deploy.site.manifest import build_manifest
from pages_deploy.upload.missing import Missing, UploadPlan, find_missing, packed, tokens_for
from pages_deploy.upload.upload import upload
from tests.world import CHECK_MISSING, PROJECT, UPLOAD, UPLOAD_TOKEN, asked, connected

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.site.manifest import Manifest
    from tests.world import BuildSite, FakeTime

FILES = {"index.html": "home", "a.css": "a", "b.css": "a", "c.txt": "ccc"}
PLAN = UploadPlan(PROJECT)


def ask(client: PagesClient, manifest: Manifest, plan: UploadPlan = PLAN) -> Missing:
    return find_missing(client, manifest, plan, tokens_for(client, plan))


def test_all_that_an_empty_store_lacks_is_told_once_for_each_content(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(FILES))
    missing = ask(client, manifest)
    assert missing.hashes == {asset.hash for asset in manifest.assets}
    assert missing.bytes == len("home" + "a" + "ccc")
    assert sorted(asset.path for batch in missing.batches for asset in batch) == [
        *("/a.css", "/c.txt", "/index.html"),
    ]
    assert len(missing.batches) == 3
    assert asked(emulator, "POST", "/pages/assets/*") == asked(emulator, "POST", CHECK_MISSING)
    assert len(asked(emulator, "POST", CHECK_MISSING)) == 1
    assert ask(client, manifest) == missing


def test_what_is_held_is_not_missing(client: PagesClient, site: BuildSite) -> None:
    upload(client, build_manifest(site(FILES)), PLAN)
    manifest = build_manifest(site({"index.html": "new"}))
    missing = ask(client, manifest)
    assert [asset.path for batch in missing.batches for asset in batch] == ["/index.html"]
    assert (len(missing.hashes), missing.bytes) == (1, 3)


def test_what_is_to_be_sent_again_is_and_nothing_that_is_no_part_of_the_site(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(FILES))
    upload(client, manifest, PLAN)
    (again,) = (asset for asset in manifest.assets if asset.path == "/c.txt")
    plan = UploadPlan(PROJECT, resent=frozenset({again.hash, "0" * 32}))
    assert ask(client, manifest, plan).hashes == {again.hash}
    # Twice, and one of another site.
    named = json.dumps({"success": True, "result": [again.hash, again.hash, "1" * 32]})
    emulator.fail_next("POST", CHECK_MISSING, Answer(status=200, body=named))
    missing = ask(client, manifest, plan)
    assert (missing.hashes, missing.bytes) == (frozenset({again.hash}), 3)


def test_without_the_question_everything_is_sent(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(FILES))
    upload(client, manifest, PLAN)
    before = len(asked(emulator, "POST", CHECK_MISSING))
    missing = ask(client, manifest, UploadPlan(PROJECT, skips_caching=True))
    assert len(missing.hashes) == 3
    assert len(asked(emulator, "POST", CHECK_MISSING)) == before


def test_a_directory_without_files_asks_nothing(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    missing = ask(client, build_manifest(site({"_redirects": "/a /b\n"})))
    assert missing == Missing(frozenset(), (), 0)
    assert asked(emulator, "POST", CHECK_MISSING) == []


def test_a_refused_token_is_renewed_and_a_failure_repeated(
    client: PagesClient, emulator: Emulator, site: BuildSite
) -> None:
    manifest = build_manifest(site(FILES))
    emulator.fail_next("POST", CHECK_MISSING, ExpiredUploadToken())
    emulator.fail_next("POST", CHECK_MISSING, Answer(status=502, body="no"))
    assert len(ask(client, manifest).hashes) == 3
    assert len(asked(emulator, "GET", UPLOAD_TOKEN)) == 2
    assert len(asked(emulator, "POST", CHECK_MISSING)) == 3


def test_too_many_files_are_told_before_anything_else_is_asked(
    fake_time: FakeTime, site: BuildSite
) -> None:
    settings = EmulatorSettings(max_file_count=3)
    with Emulator(settings=settings) as emulator, connected(emulator, fake_time) as client:
        with pytest.raises(DirectoryError, match="has 4 files; this account may deploy 3"):
            ask(client, build_manifest(site(FILES)))
        assert asked(emulator, "POST", CHECK_MISSING) == []


@pytest.mark.parametrize("seed", range(5))
def test_the_upload_sends_what_was_told_in_as_many_requests(
    client: PagesClient, emulator: Emulator, site: BuildSite, seed: int
) -> None:
    some = random.Random(seed)
    plan = UploadPlan(PROJECT, some.randint(1, 4))
    texts = [some.choice("abcdefgh") * some.randint(0, 9) for _ in range(30)]
    held = {f"{number}.txt": text for number, text in enumerate(texts[:10])}
    upload(client, build_manifest(site(held, name="held")), plan)
    files = {f"{number}.txt": text for number, text in enumerate(texts)}
    manifest = build_manifest(site(files, name="new"))
    missing = ask(client, manifest, plan)
    before = len(asked(emulator, "POST", UPLOAD))
    uploaded = upload(client, manifest, plan)
    assert (uploaded.hashes, uploaded.bytes) == (missing.hashes, missing.bytes)
    assert len(asked(emulator, "POST", UPLOAD)) - before == len(missing.batches)


def test_some_assets_are_packed_as_an_upload_sends_them(
    client: PagesClient, site: BuildSite
) -> None:
    manifest = build_manifest(site(FILES))
    assert packed(manifest.by_hash().values(), PLAN) == ask(client, manifest)
