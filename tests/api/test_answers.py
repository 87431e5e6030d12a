"""What an answer means: the error that fits it, and what the error carries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import responses

from pages_deploy.api.call import Call, Credentials
from pages_deploy.api.error_codes import ERROR_CODES, PROJECT_NOT_FOUND
from pages_deploy.api.transport import Endpoint, Transport
from pages_deploy.errors import (
    ApiResponseError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
    UploadTokenError,
)
from pages_deploy.retry import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BASE = "https://api.example.test/client/v4"
LOOK = Call("GET", "/thing", "look at the thing", ONCE)


@pytest.fixture
def transport() -> Iterator[Transport]:
    opened = Transport(Credentials.of_token("token-of-the-test"), Endpoint(BASE))
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def failure(*errors: Any) -> str:
    return json.dumps({"success": False, "result": None, "errors": list(errors), "messages": []})


def error_of(
    transport: Transport,
    server: responses.RequestsMock,
    *,
    status: int,
    body: str | bytes = "",
    headers: Mapping[str, str] | None = None,
) -> ApiResponseError:
    server.get(f"{BASE}/thing", body=body, status=status, headers=headers)
    with pytest.raises(ApiResponseError) as info:
        transport.request(LOOK, lambda result: result)
    assert info.value.status == status
    assert info.value.method == "GET"
    assert info.value.path == "/thing"
    assert info.value.message.startswith("Cannot look at the thing: ")
    assert "token-of-the-test" not in info.value.message + info.value.hint
    return info.value


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, 10000, AuthenticationError),
        (401, 10000, AuthenticationError),
        (400, 10000, AuthenticationError),
        (401, 10001, AuthenticationError),
        (400, 6003, AuthenticationError),
        (400, 6111, AuthenticationError),
        (403, 9109, AuthenticationError),
        (404, 10000, AuthenticationError),
        (404, 7003, NotFoundError),
        (404, 8000007, NotFoundError),
        (400, 8000007, NotFoundError),
        (404, 8000009, NotFoundError),
        (404, 8000021, NotFoundError),
        (404, 99, NotFoundError),
        (429, 10000, RateLimitError),
        (429, 971, RateLimitError),
        (200, 971, RateLimitError),
        (500, 10046, RateLimitError),
        (500, 8000000, ServerError),
        (200, 8000000, ServerError),
        (408, 8000000, ServerError),
        (429, 8000000, RateLimitError),
        (502, 99, ServerError),
        (408, 99, ServerError),
        (401, 8000013, UploadTokenError),
        (403, 8000013, UploadTokenError),
        (429, 8000013, UploadTokenError),
        (401, 99, AuthenticationError),
        (403, 99, AuthenticationError),
    ],
)
def test_the_code_and_then_the_status_pick_the_error(
    transport: Transport,
    server: responses.RequestsMock,
    status: int,
    code: int,
    kind: type[ApiResponseError],
) -> None:
    body = failure({"code": code, "message": "Said the server"})
    error = error_of(transport, server, status=status, body=body)
    assert type(error) is kind
    assert error.codes == (code,)
    assert "Said the server" in error.message
    assert f"code {code}" in error.message


@pytest.mark.parametrize("code", [8000000, 971, 10046])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ApiResponseError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, NotFoundError),
        (409, ApiResponseError),
        (413, ApiResponseError),
        (422, ApiResponseError),
        (451, ApiResponseError),
    ],
)
def test_a_fault_of_the_clients_own_is_final_whatever_its_code(
    transport: Transport,
    server: responses.RequestsMock,
    status: int,
    code: int,
    kind: type[ApiResponseError],
) -> None:
    body = failure({"code": code, "message": "An unknown error occurred"})
    error = error_of(transport, server, status=status, body=body)
    assert type(error) is kind
    assert not error.retryable
    assert not error.may_have_worked
    assert "cloudflarestatus" not in error.hint
    assert error.hint


@pytest.mark.parametrize(
    ("status", "code"), [(400, 8000024), (409, 8000002), (400, 8000096), (413, 1), (200, 5)]
)
def test_other_refusals_are_plain_and_final(
    transport: Transport, server: responses.RequestsMock, status: int, code: int
) -> None:
    error = error_of(
        transport, server, status=status, body=failure({"code": code, "message": "No"})
    )
    assert type(error) is ApiResponseError
    assert not error.retryable
    assert error.exit_code == 1


def test_permissions_are_named_where_authentication_fails(
    transport: Transport, server: responses.RequestsMock
) -> None:
    error = error_of(transport, server, status=403, body=failure({"code": 10000}))
    assert error.exit_code == 3
    assert "Account > Cloudflare Pages > Edit" in error.hint


def test_the_hint_for_an_unknown_project_says_how_to_make_it(
    transport: Transport, server: responses.RequestsMock
) -> None:
    body = failure({"code": PROJECT_NOT_FOUND})
    error = error_of(transport, server, status=404, body=body)
    assert "--create-project" in error.hint
    assert error.hint == ERROR_CODES[8000007].hint


def test_the_account_of_a_refused_call_is_named(
    transport: Transport, server: responses.RequestsMock
) -> None:
    server.get(f"{BASE}/accounts/a1/thing", body=failure({"code": 10000}), status=403)
    with pytest.raises(AuthenticationError) as info:
        transport.request(Call("GET", "/accounts/a1/thing", "look", ONCE), lambda result: result)
    assert info.value.hint.endswith("The account of this call is a1.")


def test_every_code_and_message_and_the_ray_id_are_told(
    transport: Transport, server: responses.RequestsMock
) -> None:
    body = failure({"code": 1, "message": "One."}, {"code": 2, "message": "Two"})
    error = error_of(transport, server, status=400, body=body, headers={"CF-RAY": "8f1-FRA"})
    assert error.codes == (1, 2)
    assert error.ray_id == "8f1-FRA"
    assert "One.; Two (HTTP 400, code 1, code 2, Ray ID 8f1-FRA)" in error.message


@pytest.mark.parametrize(
    "errors",
    [None, [], {}, "text", ["text"], [None], [{}], [{"code": "10000"}], [{"message": None}], 5],
    ids=json.dumps,
)
def test_odd_lists_of_errors_are_still_a_refusal(
    transport: Transport, server: responses.RequestsMock, errors: Any
) -> None:
    body = json.dumps({"success": False, "errors": errors})
    error = error_of(transport, server, status=400, body=body)
    assert type(error) is ApiResponseError
    assert "no reason was given" in error.message
    assert error.codes == ()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"success"',
        "{}",
        '{"result":{}}',
        '{"success":"true","result":{}}',
        '{"success":1}',
        "<html>Sign in to the guest network</html>",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf[1]",
        "0" * 5000,
    ],
    ids=range(13),
)
def test_an_answer_without_envelope_proves_nothing(
    transport: Transport, server: responses.RequestsMock, body: str | bytes
) -> None:
    error = error_of(transport, server, status=200, body=body)
    assert type(error) is UnexpectedAnswerError
    assert error.retryable
    assert len(error.message) < 500


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UnexpectedAnswerError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, UnexpectedAnswerError),
        (429, RateLimitError),
        (500, UnexpectedAnswerError),
        (502, UnexpectedAnswerError),
        (524, UnexpectedAnswerError),
    ],
)
def test_a_web_page_is_never_quoted(
    transport: Transport,
    server: responses.RequestsMock,
    status: int,
    kind: type[ApiResponseError],
) -> None:
    page = "<!DOCTYPE html>\n<html><title>Secret markup</title></html>"
    error = error_of(transport, server, status=status, body=page)
    assert type(error) is kind
    assert "markup" not in error.message
    assert "a web page" in error.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ApiResponseError), (404, NotFoundError), (503, ServerError), (429, RateLimitError)],
)
def test_a_plain_word_of_a_gateway_is_quoted(
    transport: Transport,
    server: responses.RequestsMock,
    status: int,
    kind: type[ApiResponseError],
) -> None:
    error = error_of(transport, server, status=status, body="error  code:\n 1015")
    assert type(error) is kind
    assert "error code: 1015" in error.message


def test_a_long_word_of_a_gateway_is_cut(
    transport: Transport, server: responses.RequestsMock
) -> None:
    assert len(error_of(transport, server, status=503, body="x" * 10_000).message) < 500


DEEP = 100_000


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    "body",
    [
        "[" * DEEP,
        "[" * DEEP + "]" * DEEP,
        '{"success":true,"result":' + '{"a":' * DEEP + "1" + "}" * DEEP + "}",
        '{"success":false,"errors":' + "[" * DEEP + "]" * DEEP + "}",
    ],
    ids=["open", "list", "result", "errors"],
)
def test_an_answer_nested_too_deeply_to_be_read_proves_nothing(
    transport: Transport, server: responses.RequestsMock, body: str, status: int
) -> None:
    error = error_of(transport, server, status=status, body=body)
    assert isinstance(error, ApiResponseError)
    assert len(error.message) < 500


@pytest.mark.parametrize("status", [200, 403, 404, 429, 502])
@pytest.mark.parametrize("charset", ["idna", "undefined", "punycode", "rot13", "no-such", "\xff"])
def test_a_charset_that_is_none_is_not_believed(
    transport: Transport, server: responses.RequestsMock, charset: str, status: int
) -> None:
    server.get(
        f"{BASE}/thing",
        body=b"<html>\xff\xfe..xn--\xe9</html>",
        status=status,
        content_type=f"text/html; charset={charset}",
    )
    with pytest.raises(ApiResponseError) as info:
        transport.request(LOOK, lambda result: result)
    assert info.value.status == status
    assert "a web page" in info.value.message


@pytest.mark.parametrize("charset", ["idna", "undefined"])
def test_the_expiry_of_a_token_is_read_whatever_charset_it_declares(
    transport: Transport, server: responses.RequestsMock, charset: str
) -> None:
    content_type = f"text/plain;charset={charset}"
    server.get(f"{BASE}/thing", body=b"Expired JWT", status=403, content_type=content_type)
    with pytest.raises(UploadTokenError):
        transport.request(LOOK, lambda result: result)


@pytest.mark.parametrize(
    "headers",
    [
        {"Ratelimit": f'"default";r={"0" * 5000};t=17'},
        {"Ratelimit": f'"default";r=0;t={"9" * 5000}'},
        {"Retry-After": "9" * 5000},
        {"Date": "Mon, 99 Foo 99999 99:99:99 GMT"},
        {"Date": "9" * 5000},
        {"Date": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"},
    ],
    ids=["r", "t", "Retry-After", "no date", "digits", "no year"],
)
def test_a_header_that_is_nonsense_does_not_spoil_a_good_answer(
    transport: Transport, server: responses.RequestsMock, headers: dict[str, str]
) -> None:
    server.get(f"{BASE}/thing", json={"success": True, "result": {"a": 1}}, headers=headers)
    assert transport.request(LOOK, lambda result: result) == {"a": 1}


@pytest.mark.parametrize("body", ["Expired JWT", "expired jwt\n", "Invalid JWT"])
def test_a_plain_text_about_the_token_means_that_a_new_one_is_needed(
    transport: Transport, server: responses.RequestsMock, body: str
) -> None:
    assert type(error_of(transport, server, status=403, body=body)) is UploadTokenError


@pytest.mark.parametrize("status", [403, 503])
def test_a_challenge_of_the_firewall_is_told_as_one(
    transport: Transport, server: responses.RequestsMock, status: int
) -> None:
    error = error_of(
        transport,
        server,
        status=status,
        body="<html>Just a moment...</html>",
        headers={"cf-mitigated": "challenge", "CF-RAY": "8f1-FRA"},
    )
    assert "firewall" in error.message
    assert "another network" in error.hint
    assert error.ray_id == "8f1-FRA"
    assert not error.retryable


def test_success_in_the_envelope_decides_whatever_the_status_says(
    transport: Transport, server: responses.RequestsMock
) -> None:
    server.get(f"{BASE}/thing", json={"success": True, "result": {"a": 1}}, status=500)
    assert transport.request(LOOK, lambda result: result) == {"a": 1}


@pytest.mark.parametrize("status", [204, 205])
def test_no_content_is_a_success_without_result(
    transport: Transport, server: responses.RequestsMock, status: int
) -> None:
    server.get(f"{BASE}/thing", status=status)
    assert transport.request(LOOK, lambda result: result) == {}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "86400"}, 86400.0),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            0.0,
        ),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        (
            {
                "Retry-After": "Wed, 21 Oct 2026 07:28:30",
                "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            None,
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 99999999999999999999 07:28:30 GMT"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
    ids=str,
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    transport: Transport,
    server: responses.RequestsMock,
    headers: dict[str, str],
    seconds: float | None,
) -> None:
    body = failure({"code": 971, "message": "Slow down"})
    error = error_of(transport, server, status=429, body=body, headers=headers)
    assert error.retry_after_seconds == seconds
