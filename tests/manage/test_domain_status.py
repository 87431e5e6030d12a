"""What the status of a custom domain means in words, and waiting for its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.models import Domain
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.errors import DomainError, DomainTimeout, NotFoundError
from pages_deploy.manage.domain_status import explain, wait_for_domain
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from pages_deploy.emulator.state.domain_plans import DomainEnd
    from tests.world import FakeTime

NAME = "www.example.test"
DOMAIN = "*/pages/projects/demo/domains/*"
RECORD = "a CNAME record for www.example.test that points to demo.pages.dev"
PENDING = Domain(
    id="1",
    name=NAME,
    status="pending",
    verification_error="",
    validation_error="",
    validation_method="http",
    txt_name="",
    txt_value="",
    created_on=None,
)


def wait(
    client: PagesClient,
    *,
    timeout_seconds: float = 60,
    on_status: Callable[[str], None] = lambda _text: None,
) -> Domain:
    return wait_for_domain(
        client, NAME, project_name=PROJECT, timeout_seconds=timeout_seconds, on_status=on_status
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("active", ["It is served."]),
        ("initializing", ["has just begun", RECORD]),
        ("pending", ["waits for the DNS and the certificate", RECORD]),
        ("blocked", ["does not allow this domain", "CAA records"]),
        ("deactivated", ["switched off", RECORD, f"pages-deploy domains retry {NAME}"]),
        ("error", ["could not be set up", RECORD, f"pages-deploy domains retry {NAME}"]),
        ("a-new-one", ["could not be set up", RECORD]),
    ],
)
def test_each_status_is_explained_with_what_is_missing(status: str, words: list[str]) -> None:
    explained = explain(replace(PENDING, status=status), "demo.pages.dev")
    assert [text for text in words if text not in explained] == []
    assert "Cloudflare says" not in explained


@pytest.mark.parametrize("status", ["initializing", "pending", "blocked", "deactivated", "error"])
def test_the_servers_own_words_are_passed_on(status: str) -> None:
    domain = replace(
        PENDING, status=status, verification_error="no CNAME", validation_error="no certificate"
    )
    assert "Cloudflare says: no CNAME; no certificate." in explain(domain, "demo.pages.dev")


def test_a_sentence_of_the_server_ends_with_one_full_stop() -> None:
    domain = replace(PENDING, status="error", verification_error="CNAME record not set.")
    assert "Cloudflare says: CNAME record not set. It" in explain(domain, "demo.pages.dev")


def test_a_txt_record_that_is_asked_for_is_shown() -> None:
    domain = replace(
        PENDING, validation_method="txt", txt_name=f"_acme-challenge.{NAME}", txt_value="abc"
    )
    explained = explain(domain, "demo.pages.dev")
    assert f"{RECORD}, and a TXT record _acme-challenge.{NAME} with the value abc." in explained


def test_an_active_domain_is_returned_at_once(client: PagesClient, fake_time: FakeTime) -> None:
    client.domains.add(PROJECT, NAME)
    assert wait(client).status == "active"
    assert fake_time.slept == []


def test_each_status_on_the_way_is_told_once(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.domain_outcome_next(polls=8)
    client.domains.add(PROJECT, NAME)
    told: list[str] = []
    assert wait(client, on_status=told.append).status == "active"
    assert [text.partition(". ")[0] for text in told] == [
        f"{NAME} is initializing",
        f"{NAME} is pending",
        f"{NAME} is active",
    ]
    assert f"demo.localhost:{emulator.port}" in told[0]
    assert len(fake_time.slept) == 7


@pytest.mark.parametrize("status", ["blocked", "deactivated", "error"])
def test_a_bad_end_is_an_error_with_words(
    client: PagesClient, emulator: Emulator, status: DomainEnd
) -> None:
    emulator.domain_outcome_next(status=status, polls=3, verification_error="because of that")
    client.domains.add(PROJECT, NAME)
    with pytest.raises(DomainError) as info:
        wait(client)
    assert info.value.message == f"Domain {NAME} is {status}."
    assert "because of that" in info.value.hint
    assert info.value.exit_code == 4


def test_time_that_runs_out_is_an_error_with_what_is_missing(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.domain_outcome_next(status="pending")
    client.domains.add(PROJECT, NAME)
    began = fake_time.now
    with pytest.raises(DomainTimeout) as info:
        wait(client, timeout_seconds=20)
    assert info.value.message == (
        f"Domain {NAME} was not active within 20 seconds; its status is 'pending'."
    )
    assert "It needs a CNAME record" in info.value.hint
    assert f"pages-deploy domains wait {NAME}" in info.value.hint
    assert info.value.exit_code == 5
    assert fake_time.now - began == pytest.approx(20)


def test_server_trouble_is_waited_out(client: PagesClient, emulator: Emulator) -> None:
    client.domains.add(PROJECT, NAME)
    # More than one call of the client puts up with by itself.
    emulator.fail_next("GET", DOMAIN, Answer.error(503, 8000000), times=8)
    assert wait(client, timeout_seconds=600).status == "active"
    assert len(asked(emulator, "GET", DOMAIN)) == 9


def test_server_trouble_until_the_end_is_told(client: PagesClient, emulator: Emulator) -> None:
    client.domains.add(PROJECT, NAME)
    emulator.fail_next("GET", DOMAIN, Answer.error(503, 8000000), times=None)
    with pytest.raises(DomainTimeout) as info:
        wait(client, timeout_seconds=20)
    assert "its status is 'not known'. The last poll failed: Cannot look up" in info.value.message
    assert not info.value.hint.startswith(" ")


def test_neither_trouble_nor_a_rate_limit_makes_the_wait_longer_than_it_may_be(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    client.domains.add(PROJECT, NAME)
    busy = Answer.error(429, 971, headers={"Retry-After": "300"})
    emulator.fail_next("GET", DOMAIN, busy, times=None)
    began = fake_time.now
    with pytest.raises(DomainTimeout):
        wait(client, timeout_seconds=20)
    assert fake_time.now - began <= 21


def test_a_rate_limit_is_waited_out_before_the_next_poll(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    client.domains.add(PROJECT, NAME)
    busy = Answer.error(429, 971, headers={"Retry-After": "8"})
    emulator.fail_next("GET", DOMAIN, busy)
    began = fake_time.now
    assert wait(client, timeout_seconds=60).status == "active"
    assert len(asked(emulator, "GET", DOMAIN)) == 2
    assert fake_time.slept[0] == 8
    assert 8 <= fake_time.now - began <= 9


def test_a_domain_that_is_not_attached_is_not_waited_for(
    client: PagesClient, fake_time: FakeTime
) -> None:
    with pytest.raises(NotFoundError, match=NAME):
        wait(client)
    assert fake_time.slept == []
