"""`pages-deploy domains ...` as a user meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from tests.cli.reading import complaint, data, facts, rows
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.state.domain_plans import DomainEnd
    from tests.world import FakeTime, RunCli

pytestmark = pytest.mark.usefixtures("client")
FIELDS = {"id", "name", "status", "verification_data", "validation_data", "created_on"}
NAME = "www.example.test"


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    with Emulator(settings=EmulatorSettings(clock=fake_time.read)) as running:
        yield running


def names(emulator: Emulator) -> list[str]:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [domain.name for domain in emulator.store.domains.all(project)]


def test_domains_are_listed_with_their_status(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    fake_time: FakeTime,
) -> None:
    assert rows(run_cli("domains", "list", environ=environ)) == []
    client.domains.add(PROJECT, NAME)
    fake_time.now += 120
    emulator.domain_outcome_next(status="pending")
    client.domains.add(PROJECT, "example.test")
    assert rows(run_cli("domains", "list", environ=environ)) == [
        {"name": NAME, "status": "active", "age": "2 min"},
        {"name": "example.test", "status": "pending", "age": "0 s"},
    ]
    listed = data(run_cli("domains", "list", "--json", environ=environ))
    assert [domain["name"] for domain in listed] == [NAME, "example.test"]
    assert set(listed[0]) == FIELDS


def test_one_domain_is_shown_with_what_is_missing(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.domain_outcome_next(status="pending", verification_error="no CNAME yet")
    client.domains.add(PROJECT, NAME)
    shown = facts(run_cli("domains", "get", NAME, environ=environ))
    assert (shown["Name"], shown["Status"]) == (NAME, "pending")
    assert "Cloudflare says: no CNAME yet." in shown["Meaning"]
    assert f"CNAME record for {NAME} that points to demo.localhost" in shown["Meaning"]
    domain = data(run_cli("domains", "get", NAME, "--json", environ=environ))
    assert set(domain) == FIELDS
    assert domain["verification_data"]["error_message"] == "no CNAME yet"


def test_a_domain_is_added(run_cli: RunCli, environ: dict[str, str], emulator: Emulator) -> None:
    emulator.domain_outcome_next(polls=10)
    shown = facts(run_cli("domains", "add", NAME, environ=environ))
    assert shown["Status"] == "initializing"
    assert "Cloudflare has just begun" in shown["Meaning"]
    other = data(run_cli("domains", "add", "example.test", "--json", environ=environ))
    assert (other["name"], other["status"]) == ("example.test", "active")
    assert names(emulator) == [NAME, "example.test"]


def test_adding_can_wait_until_it_is_served(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    emulator.domain_outcome_next(polls=6)
    outcome = run_cli("domains", "add", NAME, "--wait", environ=environ)
    assert facts(outcome)["Meaning"] == "It is served."
    told = [line.partition(". ")[0] for line in outcome.stderr.splitlines()]
    assert told == [f"{NAME} is {status}" for status in ("initializing", "pending", "active")]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("blocked", "Cloudflare does not allow this domain here."),
        ("deactivated", "The domain was switched off"),
        ("error", "The domain could not be set up."),
    ],
)
def test_a_domain_that_ends_badly_is_exit_code_4_with_the_reason(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, status: DomainEnd, words: str
) -> None:
    emulator.domain_outcome_next(status=status, polls=4, verification_error="it is somebody else's")
    outcome = run_cli("domains", "add", NAME, "--wait", environ=environ)
    text = complaint(outcome, 4)
    assert f"Domain {NAME} is {status}." in text
    assert words in text
    assert "Cloudflare says: it is somebody else's." in text
    assert outcome.stdout == ""
    # It is attached all the same, and can be waited for again once mended.
    assert names(emulator) == [NAME]


@pytest.mark.parametrize("command", [["add", NAME, "--wait"], ["wait", NAME]], ids=str)
def test_a_domain_that_is_not_active_in_time_is_exit_code_5(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: list[str],
) -> None:
    emulator.domain_outcome_next(status="pending")
    if command[0] == "wait":
        client.domains.add(PROJECT, NAME)
    text = complaint(run_cli("domains", *command, "--timeout", "20", environ=environ), 5)
    assert f"Domain {NAME} was not active within 20 seconds; its status is 'pending'" in text
    assert f"pages-deploy domains wait {NAME}" in text


def test_a_domain_can_be_waited_for_later(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.domain_outcome_next(polls=3)
    client.domains.add(PROJECT, NAME)
    domain = data(run_cli("domains", "wait", NAME, "--json", environ=environ))
    assert domain["status"] == "active"


def test_a_domain_is_checked_again(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    emulator.domain_outcome_next(status="error", validation_error="no certificate", times=2)
    for name in (NAME, "example.test"):
        client.domains.add(PROJECT, name)
    assert facts(run_cli("domains", "retry", NAME, environ=environ))["Status"] == "active"
    domain = data(run_cli("domains", "retry", "example.test", "--json", environ=environ))
    assert domain["status"] == "active"
    assert domain["validation_data"]["error_message"] == ""


def test_a_domain_is_detached(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    client.domains.add(PROJECT, NAME)
    outcome = run_cli("domains", "delete", NAME, "--yes", environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"Deleted domain {NAME}\n"
    assert names(emulator) == []


@pytest.mark.parametrize("command", [["get"], ["retry"], ["wait"], ["delete", "--yes"]], ids=str)
def test_a_domain_that_does_not_exist_is_named(
    run_cli: RunCli, environ: dict[str, str], command: list[str]
) -> None:
    text = complaint(run_cli("domains", *command, NAME, environ=environ), 1)
    assert f"domain {NAME} of project 'demo'" in text
    assert "Custom domain not found" in text


@pytest.mark.parametrize("command", [["list"], ["get", NAME], ["add", NAME]], ids=str)
def test_a_project_that_does_not_exist_is_named(
    run_cli: RunCli, environ: dict[str, str], command: list[str]
) -> None:
    outcome = run_cli("domains", *command, "--project-name", "nowhere", environ=environ)
    assert "project 'nowhere'" in complaint(outcome, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (NAME, "is a custom domain of a project already"),
        ("*.example.test", "Wildcard domains are not supported"),
        ("localhost", "is not a domain name"),
    ],
)
def test_a_domain_that_cannot_be_added_is_named_with_the_reason(
    run_cli: RunCli, environ: dict[str, str], client: PagesClient, name: str, words: str
) -> None:
    client.domains.add(PROJECT, NAME)
    text = complaint(run_cli("domains", "add", name, environ=environ), 1)
    assert f"Cannot add domain {name} to project 'demo'" in text
    assert words in text


@pytest.mark.parametrize("command", [["get"], ["retry"], ["delete", "--yes"]], ids=str)
def test_an_empty_name_deletes_and_changes_nothing(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: list[str],
) -> None:
    client.domains.add(PROJECT, NAME)
    outcome = run_cli("domains", *command, "", environ=environ)
    assert outcome.exit_code in {1, 2}
    assert names(emulator) == [NAME]
