"""Limits, broken connections, redirects: how long a forge is waited for, and what it may ask."""

from __future__ import annotations

import base64
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from pages_deploy.forge.answers import LONGEST_QUOTE
from pages_deploy.forge.errors import ForgeError
from pages_deploy.forge.rest import PATIENCE_SECONDS, Access, Rest
from tests.forge.forges import TOKEN, FakeGitHub, Reply, running
from tests.forge.stories import Scene
from tests.making import project_of
from tests.raw_server import json_answer, needs_openssl, serving, tls_context

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.forge.answers import Record
    from tests.forge.stories import Scene
    from tests.world import FakeTime

DEPLOYMENTS = "/repos/acme/site/deployments"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}


def access_to(url: str, fake_time: FakeTime) -> Access:
    return Access(token="", timer=fake_time.timer, api_url=url)


def rest_of(scene: Scene) -> Rest:
    return scene.github().rest


def read(rest: Rest) -> None:
    rest.ask("GET", DEPLOYMENTS, "read")


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_is_waited_for_as_long_as_it_says(scene: Scene, status: int) -> None:
    limit = Reply(status, SECONDARY, {"Retry-After": "30"})
    scene.hub.fail_next("POST", DEPLOYMENTS, limit)
    scene.deployment().started(project_of(), "preview")
    assert scene.time.slept == [30.0]
    assert len(scene.hub.deployments) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, {"message": "You have triggered an abuse detection mechanism."}),
        Reply(403, {"message": "Secondary Rate Limit"}, {"Retry-After": "7"}),
        Reply(403, None, {"Retry-After": "7"}),
    ],
    ids=["abuse", "capitals", "no words"],
)
def test_a_limit_is_no_want_of_the_permissions_that_every_answer_lists(
    scene: Scene, reply: Reply
) -> None:
    reply.headers["x-accepted-github-permissions"] = "deployments=write"
    scene.hub.fail_next("GET", DEPLOYMENTS, reply, times=20)
    with pytest.raises(ForgeError) as info:
        read(rest_of(scene))
    assert info.value.is_limit
    assert "permissions" not in info.value.message


@pytest.mark.parametrize(
    "message",
    ["Repository was archived so is read-only.", "Resource protected by organization SAML."],
)
def test_what_no_permission_would_help_names_none(scene: Scene, message: str) -> None:
    headers = {"x-accepted-github-permissions": "deployments=write"}
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(403, {"message": message}, headers))
    with pytest.raises(ForgeError, match=message.partition(" ")[0]) as info:
        read(rest_of(scene))
    assert "permissions" not in info.value.message
    assert not info.value.is_limit


def test_a_limit_may_name_a_date(scene: Scene) -> None:
    now = datetime.fromtimestamp(scene.time.now, UTC)
    then = format_datetime(now + timedelta(seconds=20), usegmt=True)
    # By the forge's own clock.
    headers = {"Retry-After": then, "Date": format_datetime(now, usegmt=True)}
    reply = Reply(429, SECONDARY, headers)
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    read(rest_of(scene))
    assert scene.time.slept == [20.0]


def test_an_exhausted_quota_is_waited_for_until_its_reset(scene: Scene) -> None:
    reset = str(int(scene.time.now) + 12)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    reply = Reply(403, {"message": "API rate limit exceeded"}, headers)
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    read(rest_of(scene))
    assert scene.time.slept == [13.0]


def test_the_waits_together_are_bounded(scene: Scene) -> None:
    limit = Reply(403, SECONDARY, {"Retry-After": "40"})
    scene.hub.fail_next("GET", DEPLOYMENTS, limit, times=5)
    rest = rest_of(scene)
    with pytest.raises(ForgeError, match="secondary rate limit"):
        read(rest)
    assert scene.time.slept == [40.0, 40.0]
    assert sum(scene.time.slept) <= PATIENCE_SECONDS


def test_a_limit_that_is_over_at_once_is_not_hammered(scene: Scene) -> None:
    limit = Reply(429, SECONDARY, {"Retry-After": "0"})
    scene.hub.fail_next("GET", DEPLOYMENTS, limit, times=100)
    with pytest.raises(ForgeError):
        read(rest_of(scene))
    assert len(scene.hub.asked) < 10
    assert sum(scene.time.slept) <= PATIENCE_SECONDS


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429),
        Reply(403, SECONDARY),
        Reply(403, SECONDARY, {"Retry-After": "soon"}),
        Reply(403, SECONDARY, {"Retry-After": "3600"}),
        Reply(403, SECONDARY, {"x-ratelimit-remaining": "0"}),
        Reply(403, SECONDARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 400}),
    ],
    ids=["429", "403", "no time", "an hour", "no reset", "a reset beyond all time"],
)
def test_a_limit_without_a_term_or_with_a_long_one_is_given_up(scene: Scene, reply: Reply) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    with pytest.raises(ForgeError, match=r"rate limit|too many requests") as info:
        read(rest_of(scene))
    assert info.value.is_limit
    assert scene.time.slept == []
    assert len(scene.hub.asked) == 1


@pytest.mark.parametrize("reply", [None, Reply(500), Reply(502), Reply(503)])
def test_reading_is_tried_three_times(scene: Scene, reply: Reply | None) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, reply, times=2)
    read(rest_of(scene))
    assert len(scene.hub.asked) == 3
    scene.hub.fail_next("GET", DEPLOYMENTS, reply, times=3)
    with pytest.raises(ForgeError):
        read(rest_of(scene))
    assert len(scene.hub.asked) == 6


def test_a_refusal_is_not_tried_again(scene: Scene) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(401, {"message": "Bad credentials"}))
    with pytest.raises(ForgeError, match=r"Cannot read: Bad credentials \(GET .*HTTP 401\)"):
        read(rest_of(scene))
    assert len(scene.hub.asked) == 1


def test_what_a_validation_found_is_told(scene: Scene) -> None:
    errors = [{"message": "No ref found for: abc"}, "and more", 7, None]
    reply = Reply(422, {"message": "Validation Failed", "errors": errors})
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    with pytest.raises(ForgeError, match="Validation Failed; No ref found for: abc; and more"):
        read(rest_of(scene))


@pytest.mark.parametrize("before", range(LONGEST_QUOTE - len(TOKEN), LONGEST_QUOTE, 5))
def test_a_quote_is_not_cut_through_the_token(scene: Scene, before: int) -> None:
    said = {"message": "x" * before + TOKEN}
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(403, said))
    with pytest.raises(ForgeError) as info:
        read(rest_of(scene))
    assert TOKEN[:6] not in info.value.message


@pytest.mark.parametrize(
    "data", [None, [], "text", 7, {"message": 7}, {"errors": {}}, {"message": None}]
)
def test_an_error_in_an_odd_form_is_still_one_of_ours(scene: Scene, data: object) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(400, data))
    with pytest.raises(ForgeError, match="no reason was given"):
        read(rest_of(scene))


def test_a_long_error_is_cut(scene: Scene) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(400, {"message": "a\nb " * 1000}))
    with pytest.raises(ForgeError) as info:
        read(rest_of(scene))
    assert len(info.value.message) < 300
    assert "\n" not in info.value.message


@pytest.mark.parametrize("header", ["metadata=read", "", "nonsense", "a=b; =write", "\x7f"])
def test_a_refusal_with_an_odd_list_of_permissions_names_what_such_calls_need(
    scene: Scene, header: str
) -> None:
    headers = {"x-accepted-github-permissions": header}
    reply = Reply(403, {"message": "Resource not accessible by integration"}, headers)
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    with pytest.raises(ForgeError, match="not accessible") as info:
        read(rest_of(scene))
    assert "add `deployments: write` to the job's permissions" in info.value.message


def test_permissions_that_are_needed_together_are_named_together(scene: Scene) -> None:
    headers = {"x-accepted-github-permissions": "pull_requests=write,contents=read; issues=write"}
    reply = Reply(403, {"message": "Resource not accessible by integration"}, headers)
    scene.hub.fail_next("GET", DEPLOYMENTS, reply)
    wanted = "add `pull-requests: write` and `contents: read` or `issues: write` to"
    with pytest.raises(ForgeError, match=wanted):
        read(rest_of(scene))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_redirect_is_never_followed_with_the_token(
    scene: Scene, status: int, method: str
) -> None:
    with running(FakeGitHub()) as elsewhere:
        target = {"Location": f"{elsewhere.url}{DEPLOYMENTS}"}
        scene.hub.fail_next(method, DEPLOYMENTS, Reply(status, None, target))
        body: Record | None = None if method == "GET" else {}
        with pytest.raises(ForgeError, match="the forge redirects the request elsewhere") as info:
            rest_of(scene).ask(method, DEPLOYMENTS, "read", body=body)
        assert elsewhere.asked == []
    assert "repository was renamed" in info.value.hint
    assert len(scene.hub.asked) == 1


@pytest.mark.parametrize("location", ["http://[", "//", "\x00", "http://a b/", "http://x:99999/"])
def test_a_redirect_to_nowhere_is_an_error_of_the_forge(scene: Scene, location: str) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(302, None, {"Location": location}))
    with pytest.raises(ForgeError, match="redirects"):
        read(rest_of(scene))


def test_the_next_page_is_read_from_the_same_host_whatever_the_link_says(scene: Scene) -> None:
    with running(FakeGitHub()) as elsewhere:
        link = f'<{elsewhere.url}/steal?page=2&per_page=100>; rel="next"'
        scene.hub.fail_next("GET", DEPLOYMENTS, Reply(200, [], {"Link": link}))
        pages = list(rest_of(scene).linked_pages(DEPLOYMENTS, "read", query={}))
        assert elsewhere.asked == []
    assert len(pages) == 2
    assert scene.hub.asked[-1].path == DEPLOYMENTS
    assert scene.hub.asked[-1].query == {"page": "2", "per_page": "100"}


@pytest.mark.parametrize(
    "link",
    ['<>; rel="next"', "<http://[>; rel=next", ";;;", '<http://x/>; rel="next"', "rel=next"],
)
def test_a_link_to_nowhere_ends_the_listing(scene: Scene, link: str) -> None:
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(200, [], {"Link": link}))
    assert list(rest_of(scene).linked_pages(DEPLOYMENTS, "read", query={})) == [[]]


def test_pages_that_never_end_are_left(scene: Scene) -> None:
    same = Reply(200, [], {"Link": '<http://x/?per_page=100>; rel="next"'})
    scene.hub.fail_next("GET", DEPLOYMENTS, same, times=5)
    list(rest_of(scene).linked_pages(DEPLOYMENTS, "read", query={}))
    assert len(scene.hub.asked) == 1


def test_a_host_that_cannot_be_reached_is_tried_three_times_even_to_create(
    fake_time: FakeTime,
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/wrong/base"
        rest = Rest(access_to(url, fake_time), credentials={}, headers={})
        with pytest.raises(ForgeError, match="the host cannot be reached") as info:
            rest.ask("POST", "/x", "create", body={})
    assert not info.value.may_have_worked
    assert f"(POST {url}/x)" in info.value.message
    assert len(fake_time.slept) == 2


@pytest.mark.parametrize("token", ["two\nlines", "schlüssel\u20ac"])
def test_a_token_that_cannot_be_sent_is_not_quoted(scene: Scene, token: str) -> None:
    scene.hub.token = token
    with pytest.raises(ForgeError, match="cannot be sent") as info:
        read(scene.github(token).rest)
    assert token not in f"{info.value.message} {info.value.hint}"
    assert scene.hub.asked == []


@pytest.mark.parametrize("url", ["http://[", "no-scheme", "http://", "ftp://x"])
def test_an_address_that_is_none_is_an_error_of_ours(fake_time: FakeTime, url: str) -> None:
    rest = Rest(access_to(url, fake_time), credentials={}, headers={})
    with pytest.raises(ForgeError, match="cannot be sent"):
        rest.ask("GET", "/x", "read")


def test_a_ca_file_that_is_missing_is_an_error_of_ours(tmp_path: Path, fake_time: FakeTime) -> None:
    gone = str(tmp_path / "gone.pem")
    access = replace(access_to("https://127.0.0.1:1", fake_time), ca_bundle=gone)
    rest = Rest(access, credentials={}, headers={})
    with pytest.raises(ForgeError, match="the CA file cannot be used") as info:
        rest.ask("GET", "/x", "read")
    assert "SSL_CERT_FILE" in info.value.hint
    assert fake_time.slept == []


@needs_openssl
def test_a_certificate_that_cannot_be_verified_is_no_matter_of_another_attempt(
    tmp_path: Path, fake_time: FakeTime
) -> None:
    with serving(lambda _received: json_answer(b"{}"), tls=tls_context(tmp_path)) as port:
        url = f"https://127.0.0.1:{port}/wrong/base"
        rest = Rest(access_to(url, fake_time), credentials={}, headers={})
        with pytest.raises(ForgeError, match="certificate cannot be verified") as info:
            rest.ask("GET", "/x", "read")
    assert f"(GET {url}/x)" in info.value.message
    assert "SSL_CERT_FILE" in info.value.hint
    assert not info.value.may_have_worked
    assert fake_time.slept == []


def test_silence_uses_up_the_patience(scene: Scene) -> None:
    """A forge that takes a minute for each failure is asked twice, not three times."""
    rest = rest_of(scene)
    scene.hub.fail_next("GET", DEPLOYMENTS, Reply(502), times=3)
    scene.hub.on_asked = lambda: setattr(scene.time, "now", scene.time.now + 60)
    with pytest.raises(ForgeError, match="HTTP 502"):
        read(rest)
    assert len(scene.hub.asked) == 2


def test_the_netrc_of_the_machine_is_not_used(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    read(rest_of(scene))
    basic = base64.b64encode(b"somebody:else").decode()
    assert basic not in scene.hub.asked[0].headers["Authorization"]


LOGIN = "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (f"HTTP/1.1 302 -\r\nLocation: {LOGIN}\r\nContent-Length: 0\r\n\r\n".encode(), "Access"),
        (json_answer(b" " * 20 * 1024 * 1024), "the answer is larger than 16 MiB"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", "head of the answer"),
    ],
    ids=["login", "large", "head"],
)
def test_an_answer_that_is_none_is_told_as_what_it_is(
    fake_time: FakeTime, answer: bytes, words: str
) -> None:
    with serving(lambda _received: answer) as port:
        rest = Rest(access_to(f"http://127.0.0.1:{port}", fake_time), credentials={}, headers={})
        with pytest.raises(ForgeError, match=words):
            rest.ask("GET", "/x", "read")


def test_a_proxy_that_cannot_be_one_is_told_and_not_tried_again(
    fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    rest = Rest(access_to("http://forge.test", fake_time), credentials={}, headers={})
    with pytest.raises(ForgeError, match="PySocks"):
        rest.ask("GET", "/x", "read")
    assert fake_time.slept == []
