"""Custom domains: what the server holds after each call, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer, LostAnswer, TruncatedAnswer
from pages_deploy.errors import ApiResponseError, NotFoundError
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import FakeTime

DOMAINS = "*/pages/projects/demo/domains"
DOMAIN = "*/pages/projects/demo/domains/*"
NAME = "www.example.test"


def names(emulator: Emulator) -> list[str]:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return [domain.name for domain in emulator.store.domains.all(project)]


def test_a_domain_is_attached_and_comes_back(client: PagesClient, emulator: Emulator) -> None:
    added = client.domains.add(PROJECT, NAME)
    assert names(emulator) == [NAME]
    assert (added.name, added.status, added.validation_method) == (NAME, "active", "http")
    assert client.domains.get(PROJECT, NAME) == added
    assert client.domains.list(PROJECT) == [added]
    assert client.projects.get(PROJECT).custom_domains == (NAME,)


def test_all_domains_come_in_one_listing(client: PagesClient, emulator: Emulator) -> None:
    for number in range(30):
        client.domains.add(PROJECT, f"d{number}.example.test")
    assert [domain.name for domain in client.domains.list(PROJECT)] == names(emulator)
    assert [request.query for request in asked(emulator, "GET", DOMAINS)] == [""]


def test_what_is_wrong_comes_in_the_servers_words(client: PagesClient, emulator: Emulator) -> None:
    emulator.domain_outcome_next(
        status="error", verification_error="no CNAME", validation_error="no certificate"
    )
    domain = client.domains.add(PROJECT, NAME)
    assert domain.status == "error"
    assert domain.verification_error == "no CNAME"
    assert domain.validation_error == "no certificate"


def test_a_check_can_be_made_again(client: PagesClient, emulator: Emulator) -> None:
    emulator.domain_outcome_next(status="deactivated")
    assert client.domains.add(PROJECT, NAME).status == "deactivated"
    assert client.domains.retry(PROJECT, NAME).status == "active"
    assert len(asked(emulator, "PATCH", DOMAIN)) == 1


def test_a_domain_that_is_attached_already_is_refused(client: PagesClient) -> None:
    client.domains.add(PROJECT, NAME)
    with pytest.raises(ApiResponseError, match=f"Cannot add domain {NAME}") as info:
        client.domains.add(PROJECT, NAME)
    assert info.value.codes == (8000018,)


@pytest.mark.parametrize("fault", [LostAnswer(), TruncatedAnswer()])
def test_a_domain_is_attached_once_even_where_the_answer_was_lost(
    client: PagesClient, emulator: Emulator, fault: LostAnswer | TruncatedAnswer
) -> None:
    """What the second attempt is told, that it exists already, is what was wanted."""
    emulator.fail_next("POST", DOMAINS, fault)
    assert client.domains.add(PROJECT, NAME).name == NAME
    assert names(emulator) == [NAME]


def test_a_domain_of_another_project_is_told_as_such_even_after_a_hiccup(
    client: PagesClient, emulator: Emulator
) -> None:
    client.projects.create("other", production_branch="main")
    client.domains.add("other", NAME)
    emulator.fail_next("POST", DOMAINS, Answer.error(503, 8000000))
    with pytest.raises(ApiResponseError, match=f"Cannot add domain {NAME}") as info:
        client.domains.add(PROJECT, NAME)
    assert info.value.codes == (8000018,)


def test_a_domain_is_detached(client: PagesClient, emulator: Emulator) -> None:
    client.domains.add(PROJECT, NAME)
    client.domains.add(PROJECT, "example.test")
    client.domains.delete(PROJECT, NAME)
    assert names(emulator) == ["example.test"]


def test_a_deletion_whose_answer_was_lost_has_worked(
    client: PagesClient, emulator: Emulator
) -> None:
    client.domains.add(PROJECT, NAME)
    emulator.fail_next("DELETE", DOMAIN, LostAnswer())
    client.domains.delete(PROJECT, NAME)
    assert names(emulator) == []
    assert len(asked(emulator, "DELETE", DOMAIN)) == 2


def test_a_rate_limit_changes_nothing_but_the_time(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    busy = Answer.error(429, 971, headers={"Retry-After": "11"})
    calls = {"POST": DOMAINS, "GET": DOMAIN, "PATCH": DOMAIN, "DELETE": DOMAIN}
    for method, path in calls.items():
        emulator.fail_next(method, path, busy)
    assert client.domains.add(PROJECT, NAME).status == "active"
    assert client.domains.get(PROJECT, NAME).status == "active"
    assert client.domains.retry(PROJECT, NAME).status == "active"
    client.domains.delete(PROJECT, NAME)
    assert names(emulator) == []
    assert fake_time.slept == [11, 11, 11, 11]


@pytest.mark.parametrize("call", ["get", "retry", "delete"])
def test_a_domain_that_does_not_exist_is_not_found_and_named(
    client: PagesClient, call: str
) -> None:
    with pytest.raises(NotFoundError, match=f"{NAME} of project 'demo'") as info:
        getattr(client.domains, call)(PROJECT, NAME)
    assert info.value.codes == (8000021,)


def test_the_domains_of_a_project_that_does_not_exist_are_not_found(client: PagesClient) -> None:
    for call in (
        lambda: client.domains.list("nowhere"),
        lambda: client.domains.get("nowhere", NAME),
        lambda: client.domains.add("nowhere", NAME),
    ):
        with pytest.raises(NotFoundError, match="project 'nowhere'") as info:
            call()
        assert info.value.codes == (8000007,)
