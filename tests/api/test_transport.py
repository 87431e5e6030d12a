"""How a request is sent: credentials, redirects, proxies, pages, and what stops an answer."""

from __future__ import annotations

import platform
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest
import requests
import responses

from pages_deploy import __version__
from pages_deploy.api.call import Call, Credentials
from pages_deploy.api.client import PagesClient
from pages_deploy.api.transport import Endpoint, Transport
from pages_deploy.emulator.http.faults import (
    Answer,
    ConnectionReset,
    Fault,
    LostAnswer,
    Stall,
    TruncatedAnswer,
)
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.errors import (
    ApiConnectionError,
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    SettingsError,
    UnexpectedAnswerError,
)
from pages_deploy.retry import ONCE
from tests.raw_server import json_answer, needs_openssl, serving, tls_context
from tests.world import PROJECT, FakeTime, asked, connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "https://api.example.test/client/v4"
DEMO = "*/pages/projects/demo"


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    "fault",
    [
        Answer.error(500, 8000000),
        Answer(status=502, body="<html>Bad gateway</html>"),
        Answer(status=200, body="{"),
        Answer(status=200, body='{"success":true,"result":null}'),
        Answer(status=200, body='{"success":true,"result":{"id":5,"name":"demo"}}'),
        Answer(status=200, body='{"success":true,"result":[]}'),
        Answer(status=200, body='{"success":true}'),
        Answer(status=408),
        Answer.error(429, 971),
        ConnectionReset(),
        LostAnswer(),
        TruncatedAnswer(),
    ],
    ids=range(12),
)
def test_what_may_pass_is_asked_again(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime, fault: Fault
) -> None:
    emulator.fail_next("GET", DEMO, fault, times=5)
    assert client.projects.get(PROJECT).name == PROJECT
    assert len(asked(emulator, "GET", DEMO)) == 6
    assert fake_time.slept == [0.75, 1.5, 3.0, 6.0, 12.0]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Answer.error(403, 10000), AuthenticationError),
        (Answer.error(404, 8000007), NotFoundError),
        (Answer.error(400, 1234), ApiResponseError),
    ],
    ids=["authentication", "not found", "refusal"],
)
def test_a_clear_answer_is_not_asked_for_again(
    client: PagesClient, emulator: Emulator, fault: Fault, kind: type[ApiResponseError]
) -> None:
    emulator.fail_next("GET", DEMO, fault)
    with pytest.raises(kind):
        client.projects.get(PROJECT)
    assert len(asked(emulator, "GET", DEMO)) == 1


def test_a_rate_limit_is_waited_out_as_the_server_says(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.fail_next("GET", DEMO, Answer.error(429, 971, headers={"Retry-After": "11"}), times=2)
    client.projects.get(PROJECT)
    assert fake_time.slept == [11.0, 11.0]


def test_a_rate_limit_of_a_day_is_an_error_at_once(
    client: PagesClient, emulator: Emulator, fake_time: FakeTime
) -> None:
    emulator.fail_next("GET", DEMO, Answer.error(429, 971, headers={"Retry-After": "86400"}))
    with pytest.raises(RateLimitError):
        client.projects.get(PROJECT)
    assert fake_time.slept == []


def test_an_answer_of_another_shape_names_itself(client: PagesClient, emulator: Emulator) -> None:
    emulator.fail_next(
        "GET", DEMO, Answer(status=200, body='{"success":true,"result":{}}'), times=9
    )
    with pytest.raises(UnexpectedAnswerError, match="not what the API documents"):
        client.projects.get(PROJECT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_token_is_sent_nowhere_else(
    client: PagesClient, emulator: Emulator, status: int
) -> None:
    with Emulator() as elsewhere:
        emulator.fail_next(
            "GET", DEMO, Answer(status=status, headers={"Location": elsewhere.api_base_url})
        )
        with pytest.raises(ApiResponseError, match=r"redirects to 127\.0\.0\.1") as info:
            client.projects.get(PROJECT)
        assert elsewhere.requests == ()
    assert not info.value.retryable
    assert "token is never sent elsewhere" in info.value.hint


@pytest.mark.parametrize("location", ["", "/client/v5", "not an address", "http://[::1", "//"])
@responses.activate
def test_an_odd_redirect_is_refused_all_the_same(fake_time: FakeTime, location: str) -> None:
    responses.get(f"{BASE}/accounts", status=302, headers={"Location": location})
    with (
        PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client,
        pytest.raises(ApiResponseError, match="redirects"),
    ):
        client.accounts.list()


def test_a_netrc_file_is_not_used(
    client: PagesClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth("http://127.0.0.1/") == ("somebody", "else")
    assert client.projects.get(PROJECT).name == PROJECT
    client.assets.check_missing(client.projects.upload_token(PROJECT), [])


def test_the_legacy_key_is_accepted(emulator: Emulator, fake_time: FakeTime) -> None:
    credentials = Credentials.of_key(emulator.settings.api_key, emulator.settings.api_email)
    with PagesClient(
        credentials,
        emulator.account_id,
        base_url=emulator.api_base_url,
        timer=fake_time.timer,
    ) as client:
        assert client.projects.create("fresh", production_branch="main").name == "fresh"


@responses.activate
def test_each_request_carries_our_name_and_the_given_credentials_alone(
    fake_time: FakeTime,
) -> None:
    responses.get(
        f"{BASE}/accounts/a/pages/projects/demo/upload-token",
        json={"success": True, "result": {"jwt": "j"}},
    )
    responses.post(f"{BASE}/pages/assets/check-missing", json={"success": True, "result": []})
    with PagesClient("secret", "a", base_url=f"{BASE}/", timer=fake_time.timer) as client:
        client.assets.check_missing(client.projects.upload_token("demo"), ["x"])
    first, second = (call.request for call in responses.calls)
    assert first.headers["User-Agent"] == (
        f"pages-deploy/{__version__} (Python {platform.python_version()})"
    )
    assert first.headers["Authorization"] == "Bearer secret"
    assert second.headers["Authorization"] == "Bearer j"
    assert second.headers["Content-Type"] == "application/json"
    body: Any = second.body
    assert b"".join(body) == b'{"hashes":["x"]}'


@responses.activate
def test_names_in_a_path_cannot_leave_their_place(fake_time: FakeTime) -> None:
    responses.get(
        re.compile(".*"), status=404, json={"success": False, "errors": [{"code": 8000007}]}
    )
    with (
        PagesClient("secret", "a/../b", base_url=BASE, timer=fake_time.timer) as client,
        pytest.raises(NotFoundError),
    ):
        client.projects.get("demo?x=/y")
    assert responses.calls[0].request.url == (
        f"{BASE}/accounts/a%2F..%2Fb/pages/projects/demo%3Fx%3D%2Fy"
    )


@responses.activate
def test_cookies_are_not_kept(fake_time: FakeTime) -> None:
    responses.get(
        f"{BASE}/accounts",
        json={"success": True, "result": []},
        headers={"Set-Cookie": "__cf_bm=1; path=/"},
    )
    with PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client:
        client.accounts.list()
        client.accounts.list()
    assert "Cookie" not in responses.calls[1].request.headers


def test_a_proxy_that_leads_nowhere_is_a_connection_error_that_names_the_variable(
    fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    with (
        PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError) as info,
    ):
        client.accounts.list()
    assert "proxy" in info.value.message
    assert "HTTPS_PROXY" in info.value.hint
    assert len(fake_time.slept) == 5


def test_a_host_where_nobody_listens_was_certainly_sent_nothing(fake_time: FakeTime) -> None:
    base = f"http://127.0.0.1:{unused_port()}/client/v4"
    with (
        PagesClient("secret", base_url=base, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError, match="cannot be reached") as info,
    ):
        client.accounts.list()
    assert info.value.sent is False


def test_a_name_that_does_not_exist_was_certainly_sent_nothing(fake_time: FakeTime) -> None:
    base = "http://does-not-exist.invalid/client/v4"
    with (
        PagesClient("secret", base_url=base, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError, match="cannot be reached") as info,
    ):
        client.accounts.list()
    assert info.value.sent is False


def test_a_broken_connection_may_have_brought_the_request(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("GET", DEMO, LostAnswer(), times=None)
    with pytest.raises(ApiConnectionError, match="connection broke") as info:
        client.projects.get(PROJECT)
    assert info.value.sent is True
    assert info.value.retryable


def test_a_broken_encrypted_connection_may_have_carried_the_request(
    emulator: Emulator, fake_time: FakeTime
) -> None:
    base = emulator.api_base_url.replace("http://", "https://")
    with (
        PagesClient("secret", base_url=base, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError) as info,
    ):
        # The emulator speaks no TLS, which is the shortest way to a connection that breaks.
        client.accounts.list()
    assert "encrypted connection broke" in info.value.message
    assert info.value.sent


MISSING = Answer.error(404, 8000009, message="Deployment not found")


@pytest.mark.parametrize(
    "before",
    [[], [Answer.error(429, 971)], [Answer.error(429, 971, headers={"Retry-After": "5"})] * 3],
    ids=["nothing", "429", "429 three times"],
)
def test_what_was_never_there_is_not_deleted_by_a_refused_attempt(
    client: PagesClient, emulator: Emulator, before: list[Fault]
) -> None:
    for fault in [*before, MISSING]:
        emulator.fail_next("DELETE", f"{DEMO}/deployments/some", fault)
    with pytest.raises(NotFoundError):
        client.deployments.delete(PROJECT, "some")
    assert len(asked(emulator, "DELETE", "*/some")) == len(before) + 1


@pytest.mark.parametrize(
    "lost",
    [
        [LostAnswer()],
        [TruncatedAnswer()],
        [Answer(status=502, body="<html>", is_processed=True)],
        [LostAnswer(), Answer.error(429, 971)],
    ],
    ids=["lost", "cut", "502", "lost and 429"],
)
def test_what_is_gone_after_a_lost_answer_was_deleted_by_that_attempt(
    client: PagesClient, emulator: Emulator, lost: list[Fault]
) -> None:
    for fault in [*lost, MISSING]:
        emulator.fail_next("DELETE", f"{DEMO}/deployments/some", fault)
    client.deployments.delete(PROJECT, "some")
    assert len(asked(emulator, "DELETE", "*/some")) == len(lost) + 1


def test_a_server_that_falls_silent_is_left(emulator: Emulator, fake_time: FakeTime) -> None:
    with connected(emulator, fake_time, read_timeout_seconds=1.0) as client:
        emulator.fail_next("GET", DEMO, Stall())
        assert client.projects.get(PROJECT).name == PROJECT
        assert len(asked(emulator, "GET", DEMO)) == 2


def test_one_call_may_be_less_patient_than_the_others(
    client: PagesClient, emulator: Emulator
) -> None:
    emulator.fail_next("GET", "*/deployments/some", Stall())
    with pytest.raises(ApiConnectionError, match="stopped answering"):
        client.deployments.get(PROJECT, "some", retry=ONCE, timeout_seconds=0.2)


def test_neither_token_nor_address_credentials_get_into_a_message(fake_time: FakeTime) -> None:
    base = f"http://user:hidden-password@127.0.0.1:{unused_port()}/client/v4"
    with (
        PagesClient("secret-token", base_url=base, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError) as info,
    ):
        client.accounts.list()
    assert "hidden-password" not in info.value.message + info.value.hint
    assert "secret-token" not in info.value.message + info.value.hint
    assert "127.0.0.1" in info.value.message


def test_a_listing_is_read_to_its_last_page(fake_time: FakeTime) -> None:
    accounts = {f"{number:032x}": f"Account {number}" for number in range(120)}
    settings = EmulatorSettings(accounts=accounts)
    with (
        Emulator(settings=settings) as emulator,
        PagesClient(
            emulator.api_token, base_url=emulator.api_base_url, timer=fake_time.timer
        ) as client,
    ):
        assert sorted(account.id for account in client.accounts.list()) == sorted(accounts)
        assert len(asked(emulator, "GET", "/accounts")) == 3


def page(count: int, **info: Any) -> dict[str, Any]:
    items = [{"id": f"{number}", "name": "n"} for number in range(count)]
    return {"success": True, "result": items, **info}


HUGE = {"total_pages": 10**9}


@pytest.mark.parametrize(
    ("pages", "calls"),
    [
        ([page(0)], 1),
        ([page(49)], 1),
        ([page(50), page(0)], 2),
        ([page(50, result_info={"total_pages": 1})], 1),
        ([page(50, result_info={"total_pages": 0})], 1),
        # The server's own page is smaller than the one that was asked for.
        ([page(20, result_info={"total_pages": 2}), page(5, result_info={"total_pages": 2})], 2),
        # A server whose count of pages is nonsense would be asked for ever.
        ([page(50, result_info=HUGE), page(3, result_info=HUGE), page(0, result_info=HUGE)], 3),
        ([page(0, result_info={"total_pages": 10**30})], 1),
        ([page(5, result_info=None)], 1),
        ([page(5, result_info={"total_pages": "1"})], 1),
        ([page(5, result_info=[])], 1),
    ],
    ids=range(11),
)
@responses.activate
def test_the_end_of_a_listing_is_where_the_server_says_or_where_a_page_is_not_full(
    fake_time: FakeTime, pages: list[dict[str, Any]], calls: int
) -> None:
    for answer in pages:
        responses.get(f"{BASE}/accounts", json=answer)
    with PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client:
        found = client.accounts.list()
    assert len(found) == sum(len(answer["result"]) for answer in pages)
    assert len(responses.calls) == calls
    assert "per_page=50" in str(responses.calls[0].request.url)
    assert f"page={calls}" in str(responses.calls[-1].request.url)


@pytest.mark.parametrize(
    "result", [None, {}, "text", [None], [{"id": "1"}], [{"id": 1, "name": ""}]]
)
@responses.activate
def test_a_listing_of_another_shape_proves_nothing(fake_time: FakeTime, result: Any) -> None:
    responses.get(f"{BASE}/accounts", json={"success": True, "result": result})
    with (
        PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client,
        pytest.raises(UnexpectedAnswerError),
    ):
        client.accounts.list()


@responses.activate
def test_a_broken_compression_is_an_answer_that_broke_off(fake_time: FakeTime) -> None:
    responses.get(f"{BASE}/thing", body=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    transport = Transport(Credentials.of_token("t"), Endpoint(BASE), timer=fake_time.timer)
    with pytest.raises(ApiConnectionError, match="was cut off") as info:
        transport.request(Call("GET", "/thing", "look", ONCE), lambda result: result)
    transport.close()
    assert info.value.sent is True


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """The address of a server whose certificate nobody vouches for, with a path."""
    with serving(lambda _received: json_answer(b"{}"), tls=tls_context(tmp_path)) as port:
        yield f"https://127.0.0.1:{port}/wrong/base"


@needs_openssl
def test_a_certificate_that_cannot_be_verified_is_no_matter_of_another_attempt(
    untrusted: str, fake_time: FakeTime
) -> None:
    with (
        PagesClient("secret", base_url=untrusted, timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError, match="certificate cannot be verified") as info,
    ):
        client.accounts.list()
    assert fake_time.slept == []
    assert f"GET {untrusted}/accounts" in info.value.message
    assert "SSL_CERT_FILE" in info.value.hint
    assert info.value.sent is False


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["gone", "another file"])
@needs_openssl
def test_a_ca_file_that_is_none_is_told_at_once(
    untrusted: str, fake_time: FakeTime, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with (
        PagesClient(
            "secret", base_url=untrusted, timer=fake_time.timer, ca_bundle=str(bundle)
        ) as client,
        pytest.raises(SettingsError, match="the CA file cannot be used") as info,
    ):
        client.accounts.list()
    assert fake_time.slept == []
    assert "SSL_CERT_FILE" in info.value.hint


def test_a_connection_error_names_the_whole_address_and_the_setting(fake_time: FakeTime) -> None:
    base = f"http://127.0.0.1:{unused_port()}/wrong/base"
    with (
        PagesClient("secret", base_url=f"{base}/", timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError) as info,
    ):
        client.accounts.list()
    assert f"(GET {base}/accounts)" in info.value.message
    assert "API_BASE_URL" in info.value.hint


@pytest.mark.parametrize(
    ("status", "body"), [(200, "<html>Welcome</html>"), (404, "404 page not found"), (302, "")]
)
@responses.activate
def test_an_answer_of_somebody_else_is_told_with_the_whole_address(
    fake_time: FakeTime, status: int, body: str
) -> None:
    base = "https://host.test/wrong/base"
    responses.get(f"{base}/accounts", status=status, body=body)
    with (
        PagesClient("secret", base_url=base, timer=fake_time.timer) as client,
        pytest.raises(ApiResponseError) as info,
    ):
        client.accounts.list()
    assert f"GET {base}/accounts" in info.value.message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (json_answer(b" " * 20 * 1024 * 1024), "the answer is larger than 16 MiB"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", "head of the answer"),
    ],
    ids=["large", "head"],
)
def test_an_answer_beyond_all_limits_proves_nothing(
    fake_time: FakeTime, answer: bytes, words: str
) -> None:
    with (
        serving(lambda _received: answer) as port,
        PagesClient("secret", base_url=f"http://127.0.0.1:{port}", timer=fake_time.timer) as client,
        pytest.raises(ApiConnectionError, match=words) as info,
    ):
        client.accounts.list()
    assert info.value.may_have_worked
    assert info.value.retryable
    assert len(fake_time.slept) == 5


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (302, {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"}, ""),
        (302, {"Location": "/cdn-cgi/access/login"}, ""),
        (200, {}, "<!doctype html><a href='https://team.cloudflareaccess.com/x'>Sign in</a>"),
        (403, {"CF-Access-Domain": "gateway.test"}, "<html>Forbidden</html>"),
    ],
    ids=["redirect", "own host", "page", "refusal"],
)
@responses.activate
def test_a_login_page_in_the_apis_place_says_access(
    fake_time: FakeTime, status: int, headers: dict[str, str], body: str
) -> None:
    responses.get(f"{BASE}/accounts", status=status, headers=headers, body=body)
    with (
        PagesClient("secret", base_url=BASE, timer=fake_time.timer) as client,
        pytest.raises(ApiResponseError, match="the login page of Cloudflare Access") as info,
    ):
        client.accounts.list()
    assert type(info.value) is ApiResponseError
    assert "API_BASE_URL" in info.value.hint
    assert fake_time.slept == []
