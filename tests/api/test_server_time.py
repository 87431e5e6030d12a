"""Moments of the API: to calculate with, and to print as they came."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from pages_deploy.api.server_time import ServerTime

SPELLINGS = [
    "2021-03-09T00:55:03.923456Z",
    "2021-03-09T00:55:03.92Z",
    "2021-03-09T00:55:03Z",
    "2021-04-20T19:35:29.0749819Z",
    "2021-03-09T01:55:03.923456+01:00",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_it_prints_as_it_was_spelled_and_so_do_its_copies(text: str) -> None:
    moment = ServerTime.parse(text)
    assert str(moment) == f"{moment}" == text
    for copied in (copy.deepcopy(moment), pickle.loads(pickle.dumps(moment))):
        assert copied == moment
        assert str(copied) == text


def test_it_is_an_aware_datetime() -> None:
    moment = ServerTime.parse("2021-03-09T01:55:03.92+01:00")
    assert moment == datetime(2021, 3, 9, 0, 55, 3, 920_000, UTC)
    assert datetime(2021, 3, 9, 1, 55, 3, 920_000, UTC) - moment == timedelta(hours=1)


def test_a_moment_that_was_calculated_from_it_does_not_claim_its_text() -> None:
    later = ServerTime.parse("2021-03-09T00:55:03.92Z") + timedelta(hours=1)
    assert str(later) == str(copy.copy(later)) == "2021-03-09T01:55:03.920000+00:00"


@pytest.mark.parametrize("text", ["", "yesterday", "2021-03-09", "2021-03-09T00:55:03"])
def test_what_is_no_moment_or_has_no_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ServerTime.parse(text)
