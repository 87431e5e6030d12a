"""Upload tokens."""

from __future__ import annotations

import base64
import hmac
import json

import pytest

from pages_deploy.emulator.errors import ExpiredTokenError, RefusalError
from pages_deploy.emulator.state.upload_tokens import UploadClaims, signed, verified

SECRET = b"s" * 32
CLAIMS = UploadClaims(iat=1000, exp=1300, max_file_count_allowed=20_000, account="a", project="p")


def unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_token_says_what_was_put_into_it() -> None:
    assert verified(signed(CLAIMS, SECRET), SECRET, now=1299.9) == CLAIMS


def test_token_is_a_signed_json_web_token() -> None:
    header, payload, signature = signed(CLAIMS, SECRET).split(".")
    assert json.loads(unpadded(header)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(unpadded(payload)) == {
        "iat": 1000,
        "exp": 1300,
        "max_file_count_allowed": 20_000,
        "account": "a",
        "project": "p",
    }
    expected = hmac.digest(SECRET, f"{header}.{payload}".encode(), "sha256")
    assert unpadded(signature) == expected


def test_token_whose_time_is_over() -> None:
    with pytest.raises(ExpiredTokenError):
        verified(signed(CLAIMS, SECRET), SECRET, now=1300.0)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "ä.ö.ü", "...."])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(RefusalError) as caught:
        verified(token, SECRET, now=0.0)
    assert caught.value.code == 8000013


def test_token_of_another_emulator() -> None:
    with pytest.raises(RefusalError):
        verified(signed(CLAIMS, b"other" * 8), SECRET, now=1000.0)


def test_token_with_changed_claims() -> None:
    header, payload, signature = signed(CLAIMS, SECRET).split(".")
    claims = json.loads(unpadded(payload))
    claims["exp"] += 1000
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(RefusalError):
        verified(f"{header}.{forged}.{signature}", SECRET, now=1000.0)
