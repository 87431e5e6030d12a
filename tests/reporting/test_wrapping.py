"""Where a sentence breaks on a terminal that is narrower than it is."""

from __future__ import annotations

import pytest

from pages_deploy.reporting.wrapping import wrapped

ADDRESS = "https://dash.cloudflare.com/profile/api-tokens?name=pages-deploy"


def test_a_line_that_fits_stays_as_it_is() -> None:
    assert wrapped("  | a  b\tc", 10) == "  | a  b\tc"


def test_a_long_line_breaks_between_words_and_goes_on_further_right() -> None:
    assert wrapped("Error: there is no project 'demo'.", 20) == (
        "Error: there is no\n  project 'demo'."
    )


def test_what_begins_further_right_goes_on_further_right_still() -> None:
    assert wrapped("  What to do: see --help of it", 20) == "  What to do: see\n    --help of it"


@pytest.mark.parametrize("columns", [1, 2, 20])
def test_an_address_stays_whole(columns: int) -> None:
    assert ADDRESS in wrapped(f"See {ADDRESS}", columns).split("\n")[-1]


def test_nothing_is_lost() -> None:
    line = "Created deployment 1a2b3c4d-5e6f: it is-at http://1a2b3c4d.demo.localhost:8790 now"
    assert wrapped(line, 30).split() == line.split()
