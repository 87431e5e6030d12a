"""The upload token: renewed before it expires and when it is refused."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.errors import ServerError, UploadTokenError
from pages_deploy.upload.token import UploadTokens, claims_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import FakeTime


def jwt(**claims: Any) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"header.{middle}.signature"


class Issuer:
    """Issues tokens that can be told apart."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self.count = 0
        self._make = make

    def __call__(self) -> str:
        self.count += 1
        return jwt(number=self.count, **self._make())


def refusal() -> UploadTokenError:
    return UploadTokenError("refused", method="POST", path="/", status=403)


def lasting(fake_time: FakeTime, seconds: float) -> Issuer:
    return Issuer(lambda: {"iat": fake_time.now, "exp": fake_time.now + seconds})


def test_a_token_is_used_until_shortly_before_it_expires(fake_time: FakeTime) -> None:
    issuer = lasting(fake_time, 300)
    tokens = UploadTokens(issuer, fake_time.timer)
    first = tokens.get()
    fake_time.now += 269
    assert tokens.get() == first
    fake_time.now += 1
    assert tokens.get() != first
    assert issuer.count == 2


def test_a_token_that_lives_a_few_seconds_is_still_used(fake_time: FakeTime) -> None:
    issuer = lasting(fake_time, 8)
    tokens = UploadTokens(issuer, fake_time.timer)
    tokens.get()
    fake_time.now += 5
    tokens.get()
    assert issuer.count == 1
    fake_time.now += 1
    tokens.get()
    assert issuer.count == 2


def test_a_token_that_lives_for_a_second_is_renewed_within_it(fake_time: FakeTime) -> None:
    issuer = lasting(fake_time, 1)
    tokens = UploadTokens(issuer, fake_time.timer)
    tokens.get()
    fake_time.now += 0.75
    tokens.get()
    assert issuer.count == 2


@pytest.mark.parametrize("skew", [-86_400.0, 86_400.0])
def test_a_wrong_clock_of_this_machine_does_no_harm(fake_time: FakeTime, skew: float) -> None:
    issuer = Issuer(lambda: {"iat": fake_time.now + skew, "exp": fake_time.now + skew + 300})
    tokens = UploadTokens(issuer, fake_time.timer)
    tokens.get()
    fake_time.now += 200
    tokens.get()
    assert issuer.count == 1
    fake_time.now += 100
    tokens.get()
    assert issuer.count == 2


def test_without_an_issue_time_this_machines_clock_has_to_do(fake_time: FakeTime) -> None:
    issuer = Issuer(lambda: {"exp": fake_time.now + 300})
    tokens = UploadTokens(issuer, fake_time.timer)
    tokens.get()
    fake_time.now += 280
    tokens.get()
    assert issuer.count == 2


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": "soon"},
        {"exp": None},
        {"exp": 5},
        {"exp": 100, "iat": 200},
        {"exp": 7, "iat": 7},
    ],
    ids=str,
)
def test_a_token_that_says_nothing_useful_is_used_until_it_is_refused(
    fake_time: FakeTime, claims: dict[str, Any]
) -> None:
    issuer = Issuer(lambda: claims)
    tokens = UploadTokens(issuer, fake_time.timer)
    for _ in range(3):
        tokens.get()
        fake_time.now += 10_000
    assert issuer.count == 1


@pytest.mark.parametrize(
    ("claims", "limit"),
    [
        ({"max_file_count_allowed": 100_000}, 100_000),
        ({"max_file_count_allowed": 5.0}, 5),
        ({"max_file_count_allowed": "100000"}, 20_000),
        ({"max_file_count_allowed": True}, 20_000),
        ({"max_file_count_allowed": None}, 20_000),
        ({}, 20_000),
    ],
    ids=str,
)
def test_the_limit_of_files_is_the_tokens_word_if_it_is_a_number(
    fake_time: FakeTime, claims: dict[str, Any], limit: int
) -> None:
    tokens = UploadTokens(Issuer(lambda: claims), fake_time.timer)
    assert tokens.max_files == 20_000
    tokens.get()
    assert tokens.max_files == limit


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_are_no_numbers_are_taken_for_nothing(
    fake_time: FakeTime, number: str
) -> None:
    claims = f'{{"exp":{number},"iat":{number},"max_file_count_allowed":{number}}}'
    token = f"h.{base64.urlsafe_b64encode(claims.encode()).decode()}.s"
    tokens = UploadTokens(lambda: token, fake_time.timer)
    assert tokens.get() == token
    assert tokens.max_files == 20_000


@pytest.mark.parametrize(
    "token",
    ["", "opaque", "a.b", "a.!!!!.c", "a.W10.c", "a.MQ.c", "a.bm90IGpzb24.c", "....", "a.é.c"],
)
def test_a_token_of_another_form_is_used_as_it_is(fake_time: FakeTime, token: str) -> None:
    assert claims_of(token) == {}
    assert UploadTokens(lambda: token, fake_time.timer).get() == token


@pytest.mark.parametrize("claims", ["[" * 100_000, '{"exp":' * 100_000 + "1" + "}" * 100_000])
def test_claims_nested_too_deeply_to_be_read_are_none(fake_time: FakeTime, claims: str) -> None:
    token = f"h.{base64.urlsafe_b64encode(claims.encode()).decode()}.s"
    assert claims_of(token) == {}
    tokens = UploadTokens(lambda: token, fake_time.timer)
    assert tokens.get() == token
    assert tokens.max_files == 20_000


def test_claims_are_read_in_both_alphabets_with_and_without_padding() -> None:
    raw = json.dumps({"text": "~~~???>>>ÿÿ"}).encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        for middle in (encoded.decode(), encoded.decode().rstrip("=")):
            assert claims_of(f"h.{middle}.s") == {"text": "~~~???>>>ÿÿ"}


def test_a_refused_token_is_replaced_and_the_operation_repeated(fake_time: FakeTime) -> None:
    issuer = Issuer(dict)
    tokens = UploadTokens(issuer, fake_time.timer)
    used: list[str] = []

    def operation(token: str) -> str:
        used.append(token)
        if len(used) < 3:
            raise refusal()
        return "done"

    assert tokens.use(operation) == "done"
    assert len(set(used)) == 3
    assert issuer.count == 3
    assert fake_time.slept == []


def test_refusals_have_a_bound(fake_time: FakeTime) -> None:
    issuer = Issuer(dict)
    tokens = UploadTokens(issuer, fake_time.timer)

    def operation(_token: str) -> None:
        raise refusal()

    with pytest.raises(UploadTokenError) as info:
        tokens.use(operation)
    assert issuer.count == 5
    assert "just issued" in info.value.hint


def test_a_token_that_another_thread_renewed_is_not_thrown_away(fake_time: FakeTime) -> None:
    issuer = Issuer(dict)
    tokens = UploadTokens(issuer, fake_time.timer)
    first = True

    def slow(token: str) -> str:
        nonlocal first
        if first:
            first = False

            def fast(other: str) -> None:
                # The same token is refused here, and renewed, while the slow one is on its way.
                if other == token:
                    raise refusal()

            tokens.use(fast)
            raise refusal()
        return token

    tokens.use(slow)
    assert issuer.count == 2


def test_other_errors_are_not_the_tokens_business(fake_time: FakeTime) -> None:
    issuer = Issuer(dict)
    tokens = UploadTokens(issuer, fake_time.timer)

    def operation(_token: str) -> None:
        raise ServerError("down", method="POST", path="/", status=500)

    with pytest.raises(ServerError):
        tokens.use(operation)
    assert issuer.count == 1


def test_a_token_that_cannot_be_had_is_asked_for_again_next_time(fake_time: FakeTime) -> None:
    answers = iter((ServerError("down", method="GET", path="/", status=500), jwt()))

    def fetch() -> str:
        answer = next(answers)
        if isinstance(answer, ServerError):
            raise answer
        return answer

    tokens = UploadTokens(fetch, fake_time.timer)
    with pytest.raises(ServerError):
        tokens.get()
    assert tokens.get() == jwt()


def test_a_token_that_was_asked_for_ahead_is_the_first_one(fake_time: FakeTime) -> None:
    fetched: list[str] = []

    def fetch() -> str:
        fetched.append("a.b.c")
        return fetched[-1]

    tokens = UploadTokens(fetch, fake_time.timer)
    tokens.ask_ahead()
    assert (tokens.get(), tokens.get()) == ("a.b.c", "a.b.c")
    assert len(fetched) == 1


def test_a_token_that_was_asked_for_too_early_is_asked_for_again(fake_time: FakeTime) -> None:
    down = ServerError("down", method="GET", path="/", status=500)
    answers: list[str | Exception] = [down, "a.b.c"]

    def fetch() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    tokens = UploadTokens(fetch, fake_time.timer)
    tokens.ask_ahead()
    assert tokens.get() == "a.b.c"
    assert answers == []
