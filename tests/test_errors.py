"""Errors: what one carries, and what stays of it where it gets another hint."""

from __future__ import annotations

from pages_deploy.errors import ApiResponseError, RateLimitError


def test_an_error_with_another_hint_is_the_same_but_for_that() -> None:
    error = RateLimitError(
        "Too many", "Wait.", method="GET", path="/x", status=429, retry_after_seconds=7
    )
    error.follows_lost_answer = True
    other: ApiResponseError = error.with_hint("Wait longer.")
    assert type(other) is RateLimitError
    assert vars(other) == {**vars(error), "hint": "Wait longer."}
    assert str(other) == str(error) == "Too many"
    assert error.hint == "Wait."
