"""Custom domains over the API, and what they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator import EmulatorError, EmulatorSettings
from tests.emulator.direct_upload import DirectUpload, error_code, running

if TYPE_CHECKING:
    import requests

    from pages_deploy.emulator.state.domain_plans import DomainEnd

DOMAINS = "{projects}/demo/domains"
NAME = "www.example.test"


def add(client: DirectUpload, name: object = NAME, project: str = "demo") -> requests.Response:
    return client.call("POST", f"{{projects}}/{project}/domains", json={"name": name})


def result(client: DirectUpload, method: str = "GET", name: str = NAME) -> Any:
    answer = client.call(method, f"{DOMAINS}/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_new_domain_has_every_documented_field(client: DirectUpload) -> None:
    domain = add(client).json()["result"]
    assert domain["name"] == NAME
    assert domain["status"] == "active"
    assert domain["verification_data"] == {"status": "active"}
    assert domain["validation_data"] == {"status": "active", "method": "http"}
    assert domain["certificate_authority"] == "google"
    assert domain["zone_tag"] == client.emulator.zone_id
    assert domain["created_on"].endswith("Z")
    assert {"id", "domain_id"} <= domain.keys()
    assert result(client) == domain


def test_domain_of_somebody_elses_zone_has_no_zone(client: DirectUpload) -> None:
    assert add(client, "notexample.test").json()["result"]["zone_tag"] == ""


def test_domains_are_listed_oldest_first_and_with_their_project(client: DirectUpload) -> None:
    for name in (NAME, "example.test"):
        add(client, name)
    listed = client.call("GET", DOMAINS).json()["result"]
    assert [domain["name"] for domain in listed] == [NAME, "example.test"]
    project = client.project()
    assert project["domains"][1:] == [NAME, "example.test"]


def test_domain_that_is_attached_already(client: DirectUpload) -> None:
    client.create_project("other")
    add(client)
    for project in ("demo", "other"):
        answer = add(client, NAME.upper(), project)
        assert (answer.status_code, error_code(answer)) == (409, 8000018)


@pytest.mark.parametrize(
    "name",
    [
        "*.example.test",
        "example",
        "exa_mple.test",
        "-a.example.test",
        "https://example.test",
        "example.test/blog",
        "192.0.2.1",
        "a..test",
        "demo.localhost",
        f"{'a' * 64}.test",
        "a." * 130 + "test",
        "",
        None,
    ],
)
def test_what_is_no_domain_name(client: DirectUpload, name: object) -> None:
    assert add(client, name).status_code == 400
    assert client.call("GET", DOMAINS).json()["result"] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown_domain(client: DirectUpload, method: str) -> None:
    client.create_project("other")
    add(client, project="other")
    for name in (NAME, "unknown.test"):
        answer = client.call(method, f"{DOMAINS}/{name}")
        assert (answer.status_code, error_code(answer)) == (404, 8000021)


def test_domain_becomes_active_after_some_looks() -> None:
    settings = EmulatorSettings(domain_polls=4)
    with running(settings) as client:
        client.create_project()
        client.deploy({"/index.html": b"home"})
        assert add(client).json()["result"]["status"] == "initializing"
        client.call("GET", DOMAINS)
        client.call("GET", "{projects}/demo")
        statuses = []
        for _ in range(4):
            served = client.visit(NAME)
            assert (served.status_code, served.text) == (522, "error code: 522")
            statuses.append(result(client)["status"])
        assert statuses == ["initializing", "pending", "pending", "active"]
        assert client.visit(NAME).content == b"home"


def test_only_active_domains_are_aliases_of_production(client: DirectUpload) -> None:
    client.emulator.domain_outcome_next(status="pending")
    add(client, "slow.example.test")
    add(client)
    assert client.deploy({})["aliases"] == [f"https://{NAME}"]


@pytest.mark.parametrize("status", ["blocked", "deactivated", "error"])
def test_ordered_end_shows_its_reasons(client: DirectUpload, status: DomainEnd) -> None:
    client.emulator.domain_outcome_next(
        status=status, verification_error="CNAME record not set", validation_error="no certificate"
    )
    domain = add(client).json()["result"]
    assert domain["status"] == status
    assert domain["verification_data"] == {
        "status": status,
        "error_message": "CNAME record not set",
    }
    assert domain["validation_data"]["error_message"] == "no certificate"
    assert client.visit(NAME).status_code == 522
    assert add(client, "example.test").json()["result"]["status"] == "active"


def test_ordered_pace_of_one_domain(client: DirectUpload) -> None:
    client.emulator.domain_outcome_next(status="blocked", polls=1)
    assert add(client).json()["result"]["status"] == "initializing"
    assert result(client)["status"] == "blocked"


def test_impossible_outcome_is_refused(client: DirectUpload) -> None:
    with pytest.raises(ValueError, match="active"):
        client.emulator.domain_outcome_next(validation_error="but it is active")


def test_checks_that_failed_can_be_made_again(client: DirectUpload) -> None:
    client.emulator.domain_outcome_next(status="error", verification_error="CNAME record not set")
    client.emulator.domain_outcome_next(polls=2)
    made = add(client).json()["result"]
    again = result(client, "PATCH")
    assert again["status"] == "initializing"
    assert (again["id"], again["created_on"]) == (made["id"], made["created_on"])
    assert [result(client)["status"] for _ in range(2)] == ["pending", "active"]


def test_asking_for_checks_again_and_again_does_not_hold_them_up(client: DirectUpload) -> None:
    client.emulator.domain_outcome_next(polls=3)
    add(client)
    assert [result(client, "PATCH")["status"] for _ in range(4)] == [
        "initializing",
        "pending",
        "active",
        "active",
    ]


def test_deleted_domain_leads_nowhere_and_is_free_again(client: DirectUpload) -> None:
    client.deploy({"/index.html": b"home"})
    add(client)
    assert client.visit(NAME).content == b"home"
    assert result(client, "DELETE") is None
    assert client.call("GET", DOMAINS).json()["result"] == []
    assert client.visit(NAME).status_code == 421
    assert add(client).status_code == 200


def test_domain_can_be_added_without_the_api(client: DirectUpload) -> None:
    client.emulator.domain_outcome_next(status="blocked")
    client.emulator.store.add_domain("demo", NAME)
    assert result(client)["status"] == "active"
    with pytest.raises(EmulatorError, match="already"):
        client.emulator.store.add_domain("demo", NAME)
    with pytest.raises(EmulatorError, match="nobody"):
        client.emulator.store.add_domain("nobody", "example.test")
