"""Zones: finding one, and purging its cache in calls of the size that is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.api.models import Zone
from pages_deploy.emulator.http.faults import Answer, LostAnswer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import ApiResponseError, AuthenticationError, NotFoundError
from tests.world import asked

if TYPE_CHECKING:
    from tests.world import FakeTime

PURGE = "/zones/*/purge_cache"
OF_PAGES = "a-token-for-pages-alone"


def bodies(emulator: Emulator) -> list[dict[str, Any]]:
    """Return what was purged, call by call."""
    assert all(purge.zone_id == emulator.zone_id for purge in emulator.store.purges.all())
    return [dict(purge.body) for purge in emulator.store.purges.all()]


def test_every_zone_is_listed_however_many(fake_time: FakeTime) -> None:
    zones = {f"{number:032x}": f"z{number}.example.test" for number in range(1, 121)}
    with (
        Emulator(settings=EmulatorSettings(zones=zones)) as emulator,
        PagesClient(
            emulator.api_token, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
    ):
        listing = client.zones.list()
        first = next(listing)
        emulator.fail_next("GET", "/zones", Answer.error(429, 971, headers={"Retry-After": "3"}))
        assert [first, *listing] == [Zone(*pair) for pair in zones.items()]
        assert list(client.zones.list(name="z7.example.test")) == [
            Zone(f"{7:032x}", "z7.example.test")
        ]
    assert fake_time.slept == [3]


def test_a_zone_is_looked_up(client: PagesClient, emulator: Emulator) -> None:
    assert client.zones.get(emulator.zone_id) == Zone(emulator.zone_id, "example.test")
    assert list(client.zones.list(name="elsewhere.test")) == []


def test_a_zone_that_cannot_be_seen_is_named(client: PagesClient) -> None:
    with pytest.raises(AuthenticationError, match="f" * 32):
        client.zones.get("f" * 32)
    with pytest.raises(NotFoundError, match="not-an-id"):
        client.zones.get("not-an-id")


def test_everything_is_purged_alone(client: PagesClient, emulator: Emulator) -> None:
    client.zones.purge_everything(emulator.zone_id)
    assert bodies(emulator) == [{"purge_everything": True}]


@pytest.mark.parametrize(
    ("kind", "form", "at_once"),
    [
        ("files", "https://www.example.test/{}", 30),
        ("hosts", "h{}.example.test", 100),
        ("tags", "tag-{}", 100),
        ("prefixes", "www.example.test/{}", 100),
    ],
)
def test_many_items_go_in_as_few_calls_as_are_accepted(
    client: PagesClient, emulator: Emulator, kind: str, form: str, at_once: int
) -> None:
    items = [form.format(number) for number in range(2 * at_once + 1)]
    purge = getattr(client.zones, f"purge_{kind}")
    purge(emulator.zone_id, items[:-1])
    first, second = {kind: items[:at_once]}, {kind: items[at_once:-1]}
    assert bodies(emulator) == [first, second]
    purge(emulator.zone_id, items)
    assert bodies(emulator)[2:] == [first, second, {kind: items[-1:]}]


@pytest.mark.parametrize("kind", ["files", "hosts", "tags", "prefixes"])
def test_nothing_to_purge_is_no_call(client: PagesClient, emulator: Emulator, kind: str) -> None:
    getattr(client.zones, f"purge_{kind}")(emulator.zone_id, [])
    assert asked(emulator, "POST", PURGE) == []


def test_a_rate_limit_amid_the_calls_changes_nothing_but_the_time(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    urls = [f"https://www.example.test/{number}" for number in range(65)]
    busy = Answer.error(429, 971, headers={"Retry-After": "5"})
    emulator.fail_next("POST", PURGE, busy, times=2)
    client.zones.purge_files(emulator.zone_id, urls)
    assert [url for body in bodies(emulator) for url in body["files"]] == urls
    assert fake_time.slept == [5, 5]


def test_a_purge_whose_answer_was_lost_is_asked_for_again(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("POST", PURGE, LostAnswer())
    client.zones.purge_hosts(emulator.zone_id, ["www.example.test"])
    assert bodies(emulator) == [{"hosts": ["www.example.test"]}] * 2


def test_a_token_without_the_permission_is_refused(fake_time: FakeTime) -> None:
    settings = EmulatorSettings(api_tokens={OF_PAGES: frozenset({"pages:edit"})})
    with (
        Emulator(settings=settings) as emulator,
        PagesClient(OF_PAGES, base_url=emulator.api_base_url, timer=fake_time.timer) as client,
    ):
        with pytest.raises(AuthenticationError, match=f"zone {emulator.zone_id}") as info:
            client.zones.purge_everything(emulator.zone_id)
        assert not info.value.follows_lost_answer
        assert emulator.store.purges.all() == ()


def test_what_the_server_does_not_take_is_not_repeated(
    client: PagesClient, emulator: Emulator
) -> None:
    with pytest.raises(ApiResponseError, match="no absolute URL") as info:
        client.zones.purge_files(emulator.zone_id, ["/index.html"])
    assert info.value.codes == (1012,)
    assert len(asked(emulator, "POST", PURGE)) == 1
