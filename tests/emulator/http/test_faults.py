"""Faults that a test can order."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from pages_deploy.emulator import Emulator
from pages_deploy.emulator.http.faults import (
    Answer,
    ConnectionReset,
    EndlessAnswer,
    ExpiredUploadToken,
    Fault,
    LostAnswer,
    Stall,
    TruncatedAnswer,
)
from tests.emulator.direct_upload import DirectUpload, error_code

CREATE = "/accounts/*/pages/projects"


def create(client: DirectUpload) -> requests.Response:
    return client.call("POST", "{projects}", json={"name": "new", "production_branch": "main"})


def exists(client: DirectUpload) -> bool:
    return client.call("GET", "{projects}/new").status_code == 200


def test_any_answer_once(client: DirectUpload) -> None:
    fault = Answer(status=502, body="<html>bad gateway", headers={"Content-Type": "text/html"})
    client.emulator.fail_next("POST", CREATE, fault)
    answer = create(client)
    assert (answer.status_code, answer.text) == (502, "<html>bad gateway")
    assert answer.headers["Content-Type"] == "text/html"
    assert not exists(client)
    assert create(client).status_code == 200


def test_error_in_the_envelope(client: DirectUpload) -> None:
    fault = Answer.error(429, 971, headers={"Retry-After": "7"})
    client.emulator.fail_next("GET", "/accounts", fault)
    answer = client.call("GET", "/accounts")
    assert (answer.status_code, error_code(answer)) == (429, 971)
    assert answer.headers["Retry-After"] == "7"


def test_answer_after_the_request_took_effect(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", CREATE, Answer(status=524, is_processed=True))
    assert create(client).status_code == 524
    assert exists(client)


@pytest.mark.parametrize(
    ("fault", "takes_effect"),
    [(ConnectionReset(), False), (LostAnswer(), True), (TruncatedAnswer(), True)],
)
def test_broken_connection(client: DirectUpload, fault: Fault, takes_effect: bool) -> None:
    client.emulator.fail_next("POST", CREATE, fault)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(client)
    assert exists(client) is takes_effect


def test_reset_is_a_reset_and_no_orderly_end(client: DirectUpload) -> None:
    client.emulator.fail_next("GET", "/accounts", ConnectionReset())
    with pytest.raises(requests.ConnectionError, match="reset"):
        client.call("GET", "/accounts")


def test_lost_answer_may_end_in_an_orderly_way(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", CREATE, LostAnswer(is_reset=False))
    with pytest.raises(requests.ConnectionError, match="closed connection without response"):
        create(client)
    assert exists(client)


def test_expired_upload_token(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", "/pages/assets/upload", ExpiredUploadToken())
    answer = client.assets("upload", [])
    assert (answer.status_code, answer.text) == (403, "Expired JWT")
    assert client.assets("upload", []).status_code == 200


def test_stall_outlasts_the_patience_of_a_client(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", CREATE, Stall())
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{client.emulator.api_base_url}/accounts/{client.emulator.account_id}/pages/projects",
            json={"name": "new", "production_branch": "main"},
            headers={"Authorization": f"Bearer {client.emulator.api_token}"},
            timeout=0.05,
        )
    assert not exists(client)
    assert client.emulator.requests[-2].status is None


def test_stall_may_come_after_the_effect(client: DirectUpload) -> None:
    fault = Stall(seconds=0.01, is_processed=True)
    client.emulator.fail_next("POST", CREATE, fault)
    assert create(client).status_code == 200
    client.emulator.fail_next("DELETE", "*/new", Stall(is_processed=True))
    with pytest.raises(requests.ReadTimeout):
        client.session.delete(
            f"{client.emulator.api_base_url}/accounts/{client.emulator.account_id}/pages/projects/new",
            headers={"Authorization": f"Bearer {client.emulator.api_token}"},
            # Long enough for a busy machine to come to the effect.
            timeout=1.5,
        )
    assert not exists(client)


def test_stall_that_ends_is_an_ordinary_answer(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", CREATE, Stall(seconds=0.05))
    before = time.monotonic()
    assert create(client).status_code == 200
    # No machine is too busy for this: a bound from below.
    assert time.monotonic() - before >= 0.05


def test_stall_ends_when_the_emulator_closes() -> None:
    before = set(threading.enumerate())
    with Emulator() as emulator, DirectUpload(emulator) as client:
        emulator.fail_next("GET", "/accounts", Stall())
        with pytest.raises(requests.ReadTimeout):
            client.session.get(f"{emulator.api_base_url}/accounts", timeout=0.05)
        emulator.close()
        # It waits some seconds for its threads, and leaves those alone that do not end.
        assert set(threading.enumerate()) <= before


def test_order_counts_down(client: DirectUpload) -> None:
    client.emulator.fail_next("*", "/accounts", Answer(status=500), times=2)
    statuses = [client.call("GET", "/accounts").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_order_for_ever_until_called_off(client: DirectUpload) -> None:
    client.emulator.fail_next("GET", "/acc*", Answer(status=500), times=None)
    assert {client.call("GET", "/accounts").status_code for _ in range(5)} == {500}
    client.emulator.stop_failing()
    assert client.call("GET", "/accounts").status_code == 200


def test_orders_are_served_in_turn(client: DirectUpload) -> None:
    for status in (500, 503):
        client.emulator.fail_next("GET", "/accounts", Answer(status=status))
    assert [client.call("GET", "/accounts").status_code for _ in range(3)] == [500, 503, 200]


def test_order_for_other_requests_does_not_count(client: DirectUpload) -> None:
    client.emulator.fail_next("POST", "/accounts", Answer(status=500))
    client.emulator.fail_next("GET", "/zones", Answer(status=500))
    assert client.call("GET", "/accounts").status_code == 200


def test_site_is_matched_by_host_and_path(client: DirectUpload) -> None:
    client.deploy({"/index.html": b"home", "/a.txt": b"a"})
    client.emulator.fail_next("GET", "demo.localhost/a.txt", Answer(status=522))
    assert client.visit("demo").status_code == 200
    assert client.visit("demo", "/a.txt").status_code == 522
    assert client.visit("demo", "/a.txt").status_code == 200


def test_status_without_body_keeps_the_connection_in_step(client: DirectUpload) -> None:
    client.emulator.fail_next("GET", "/accounts", Answer(status=204, body="not sent"))
    answer = client.call("GET", "/accounts")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.call("GET", "/accounts").status_code == 200


@pytest.mark.parametrize("is_processed", [False, True])
@pytest.mark.parametrize("seconds_between", [0.0, 0.01])
def test_answer_whose_body_does_not_end(
    client: DirectUpload, is_processed: bool, seconds_between: float
) -> None:
    fault = EndlessAnswer(seconds_between=seconds_between, is_processed=is_processed)
    client.emulator.fail_next("POST", CREATE, fault)
    url = f"{client.emulator.api_base_url}/accounts/{client.emulator.account_id}/pages/projects"
    headers = {"Authorization": f"Bearer {client.emulator.api_token}"}
    body = {"name": "new", "production_branch": "main"}
    with requests.post(url, json=body, headers=headers, stream=True, timeout=20) as answer:
        assert answer.status_code == 200
        received = answer.raw.read(20 if seconds_between else 1_000_000)
    assert received.strip() == b""
    assert received
    assert exists(client) is is_processed


def test_answer_whose_head_does_not_end(client: DirectUpload) -> None:
    client.emulator.fail_next("GET", "/accounts", EndlessAnswer("head"))
    with pytest.raises(requests.ConnectionError, match="100 headers"):
        client.call("GET", "/accounts")
