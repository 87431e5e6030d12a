"""`pages-deploy zones ...` as a user meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from tests.cli.reading import complaint, data, rows
from tests.world import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import RunCli

FIRST, SECOND = "1" * 32, "2" * 32
DEPLOYER, PURGER = "token-that-may-deploy", "token-that-may-purge"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    settings = EmulatorSettings(
        zones={FIRST: "example.test", SECOND: "example.org"},
        api_tokens={
            DEPLOYER: frozenset({"zone:read", "pages:edit"}),
            PURGER: frozenset({"zone:purge", "zone:read"}),
        },
    )
    with Emulator(settings=settings) as running:
        yield running


@pytest.fixture
def environ(emulator: Emulator) -> dict[str, str]:
    """The environment of somebody who works on zones and names no account."""
    variables = {**emulator.environ(), "CLOUDFLARE_API_TOKEN": PURGER}
    del variables["CLOUDFLARE_ACCOUNT_ID"]
    return variables


def purges(emulator: Emulator) -> list[dict[str, Any]]:
    return [{"zone": purge.zone_id, **purge.body} for purge in emulator.store.purges.all()]


def test_zones_are_listed_to_find_an_id_by_name(run_cli: RunCli, environ: dict[str, str]) -> None:
    assert rows(run_cli("zones", "list", environ=environ)) == [
        {"id": FIRST, "name": "example.test"},
        {"id": SECOND, "name": "example.org"},
    ]
    outcome = run_cli("zones", "list", "--name", "example.org", "--json", environ=environ)
    assert data(outcome) == [{"id": SECOND, "name": "example.org"}]
    assert data(run_cli("zones", "list", "--name", "x.test", "--json", environ=environ)) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--everything"], {"purge_everything": True}),
        (["--host", "a.test", "--host", "b.test"], {"hosts": ["a.test", "b.test"]}),
        (["--file", "https://a.test/x,y"], {"files": ["https://a.test/x,y"]}),
        (["--tag", "one", "--tag", "two"], {"tags": ["one", "two"]}),
        (["--prefix", "a.test/docs"], {"prefixes": ["a.test/docs"]}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_each_kind_of_purge_sends_what_was_named_and_nothing_else(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    options: list[str],
    expected: dict[str, Any],
) -> None:
    outcome = run_cli("zones", "purge", *options, "--zone-id", SECOND, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert purges(emulator) == [{"zone": SECOND, **expected}]
    assert outcome.stdout.startswith("Purged ")
    assert SECOND in outcome.stdout
    assert len(emulator.requests) == 1


def test_items_of_several_kinds_go_one_kind_a_call(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    environ["CLOUDFLARE_ZONE_ID"] = FIRST
    outcome = run_cli(
        "zones", "purge", "--tag", "one", "--host", "a.test", "--tag", "two", environ=environ
    )
    assert outcome.stdout == f"Purged 3 items of zone {FIRST}\n"
    assert purges(emulator) == [
        {"zone": FIRST, "hosts": ["a.test"]},
        {"zone": FIRST, "tags": ["one", "two"]},
    ]


def test_many_addresses_are_purged_in_several_calls(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    urls = [f"https://a.test/{number}" for number in range(31)]
    options = [word for url in urls for word in ("--file", url)]
    outcome = run_cli("zones", "purge", *options, "--zone-id", FIRST, environ=environ)
    assert outcome.stdout == f"Purged 31 items of zone {FIRST}\n"
    assert [len(purge["files"]) for purge in purges(emulator)] == [30, 1]


@pytest.mark.parametrize(
    "options",
    [[], ["--everything", "--host", "a.test"], ["--everything", "--tag", "x", "--file", "y"]],
    ids=str,
)
def test_a_purge_of_nothing_or_of_everything_and_more_is_refused(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, options: list[str]
) -> None:
    outcome = run_cli("zones", "purge", *options, "--zone-id", FIRST, environ=environ)
    assert "--everything alone" in complaint(outcome, 2)
    assert emulator.requests == ()


def test_without_a_zone_every_place_to_name_it_is_told(
    run_cli: RunCli, environ: dict[str, str]
) -> None:
    text = complaint(run_cli("zones", "purge", "--everything", environ=environ), 2)
    assert "--zone-id" in text
    assert "CLOUDFLARE_ZONE_ID" in text


@pytest.mark.parametrize(("zone_id", "exit_code"), [("f" * 32, 3), ("not-an-id", 2)])
def test_a_zone_that_is_not_the_tokens_is_named(
    run_cli: RunCli, environ: dict[str, str], zone_id: str, exit_code: int
) -> None:
    outcome = run_cli("zones", "purge", "--everything", "--zone-id", zone_id, environ=environ)
    assert zone_id in complaint(outcome, exit_code)


def test_a_token_that_may_not_purge_is_told_which_permission_is_missing(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    environ["CLOUDFLARE_API_TOKEN"] = DEPLOYER
    outcome = run_cli("zones", "purge", "--everything", "--zone-id", FIRST, environ=environ)
    text = complaint(outcome, 3)
    assert "Zone > Cache Purge > Purge" in text
    assert "PURGE_API_TOKEN" in text
    assert purges(emulator) == []


def test_a_token_for_the_purge_alone_is_used_where_there_is_one(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    environ |= {"CLOUDFLARE_API_TOKEN": DEPLOYER, "CLOUDFLARE_PURGE_API_TOKEN": PURGER}
    outcome = run_cli("zones", "purge", "--everything", "--zone-id", FIRST, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert len(purges(emulator)) == 1


def test_a_purge_token_is_enough(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    del environ["CLOUDFLARE_API_TOKEN"]
    environ["CLOUDFLARE_PURGE_API_TOKEN"] = PURGER
    outcome = run_cli("zones", "purge", "--everything", "--zone-id", FIRST, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr


def test_what_the_server_refuses_is_told_in_its_words(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    outcome = run_cli("zones", "purge", "--file", "/x", "--zone-id", FIRST, environ=environ)
    text = complaint(outcome, 1)
    assert f"Cannot purge the cache of zone {FIRST}" in text
    assert "no absolute URL" in text
    assert len(asked(emulator, "POST", "*/purge_cache")) == 1
