"""Proving that an address serves a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.transport import new_session
from pages_deploy.deploy import deploy
from pages_deploy.emulator.faults import Answer, ConnectionReset, TruncatedAnswer
from pages_deploy.errors import VerificationError
from pages_deploy.manifest import Manifest, build_manifest
from pages_deploy.verify import verify_all
from tests.world import PROJECT, Silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite

FILES: dict[str, bytes | str] = {
    "home.txt": "home",
    "docs/a b+é%.txt": "text",
    "empty.css": b"",
    "x/y/z.bin": b"\0\1",
}


@pytest.fixture
def session() -> Iterator[requests.Session]:
    opened = new_session()
    yield opened
    opened.close()


@pytest.fixture
def manifest(client: PagesClient, site: BuildSite) -> Manifest:
    """A manifest that is deployed to production."""
    made = build_manifest(site(FILES))
    deploy(client, made, project_name=PROJECT, watcher=Silence())
    return made


@pytest.fixture
def host() -> str:
    return f"{PROJECT}.localhost"


def test_every_file_is_asked_for_and_told(
    emulator: Emulator, manifest: Manifest, session: requests.Session, host: str
) -> None:
    right: list[str] = []
    url = f"http://{host}:{emulator.port}/"
    assert verify_all(session, url, manifest, on_asset=right.append) == 4
    assert right == [asset.path for asset in manifest.assets]


def test_what_is_not_served_as_sent_is_named(
    emulator: Emulator, manifest: Manifest, session: requests.Session, host: str
) -> None:
    emulator.fail_next("GET", f"{host}/home.txt", Answer(status=200, body="other"))
    emulator.fail_next("GET", f"{host}/empty.css", Answer(status=503))
    emulator.fail_next("GET", f"{host}/x/*", ConnectionReset())
    right: list[str] = []
    with pytest.raises(VerificationError) as info:
        verify_all(session, f"http://{host}:{emulator.port}", manifest, on_asset=right.append)
    assert info.value.exit_code == 6
    assert "/home.txt (expected" in info.value.message
    assert "/empty.css (expected f" in info.value.message or "HTTP 503" in info.value.message
    assert "no answer" in info.value.message
    assert right == ["/docs/a b+é%.txt"]


def test_an_answer_that_breaks_off_is_not_what_was_sent(
    emulator: Emulator, manifest: Manifest, session: requests.Session, host: str
) -> None:
    emulator.fail_next("GET", f"{host}/home.txt", TruncatedAnswer())
    with pytest.raises(VerificationError, match="/home"):
        verify_all(session, f"http://{host}:{emulator.port}", manifest)


def test_a_long_list_of_wrong_files_is_counted(
    emulator: Emulator, site: BuildSite, session: requests.Session, host: str
) -> None:
    manifest = build_manifest(site({f"{number}.txt": "x" for number in range(12)}))
    with pytest.raises(VerificationError, match="and 7 more"):
        verify_all(session, f"http://{host}:{emulator.port}", manifest)


def test_an_address_where_nobody_answers_serves_nothing(
    emulator: Emulator, manifest: Manifest, session: requests.Session, host: str
) -> None:
    url = f"http://{host}:{emulator.port}"
    emulator.close()
    with pytest.raises(VerificationError, match="no answer"):
        verify_all(session, url, manifest)
