"""A forecast in words: what is told, and that nobody's name is obeyed in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from pages_deploy.preflight.finding import Finding, Severity
from pages_deploy.preflight.forecast import NOTHING, Forecast, Sending
from pages_deploy.preflight.forecast_text import LISTED_FINDINGS, facts_of, markdown_of
from pages_deploy.rules.routes_json import RoutesRules
from pages_deploy.text.masking import Masker
from tests import platform_readers as read
from tests.hostile import TEXTS, hostile_texts
from tests.making import ALIAS

FORECAST = Forecast(
    project_name="demo",
    creates_project=False,
    environment="preview",
    branch="feature",
    alias=ALIAS,
    status="success",
    total_files=12,
    new_files=3,
    sending=Sending(files=2, bytes=1_234_567, upload_requests=1, requests=3),
    routes=None,
    findings=(),
)


def finding_of(
    severity: Severity = "note", *, message: str = "M.", file: str = "a.html"
) -> Finding:
    return Finding(severity=severity, code="name-case", message=message, remedy="R.", file=file)


def facts(text: str) -> dict[str, read.Cell]:
    return {name.text: value for name, value in read.markdown(text).rows}


def test_every_fact_is_told() -> None:
    routes = RoutesRules(tuple(f"/{number}/*" for number in range(7)), ("/1/x",))
    assert facts_of(replace(FORECAST, routes=routes)) == {
        "Project": "demo",
        "Environment": "preview",
        "Branch": "feature",
        "Address": ALIAS,
        "Outcome": "",
        "Files": "12: 3 new or changed, 9 already on Pages",
        "To send": "2 files (1.2 MB); 3 requests, 1 of them with files",
        "Worker": "/0/*, /1/*, /2/*, /3/*, /4/* and 2 more; not /1/x",
    }
    assert facts_of(replace(FORECAST, routes=RoutesRules(("/*",))))["Worker"] == "/*"
    five = RoutesRules(tuple(f"/{number}" for number in range(5)))
    assert facts_of(replace(FORECAST, routes=five))["Worker"] == "/0, /1, /2, /3, /4"


def test_of_a_project_to_be_created_it_is_said_what_is_not_known() -> None:
    shown = facts_of(replace(FORECAST, creates_project=True, alias="", new_files=None))
    assert shown["Project"] == "demo, which does not exist and would be created"
    assert shown["Address"] == "known once the project is created"
    assert shown["Files"].startswith("12; which of them Pages has is known once")
    assert shown["To send"] == (
        "at most 2 files (1.2 MB); at most 3 requests, 1 of them with files"
    )


def test_an_alias_of_random_letters_is_said_to_be_unknown() -> None:
    shown = facts_of(replace(FORECAST, alias=""))
    assert shown["Address"].startswith("known once it is deployed: ")


@pytest.mark.parametrize(
    ("status", "words"),
    [("unchanged", "exactly these files are live"), ("superseded", "serves a newer commit")],
)
def test_a_deployment_that_would_be_none_says_so(status: str, words: str) -> None:
    shown = facts_of(replace(FORECAST, status=status, sending=NOTHING))  # type: ignore[arg-type] # one of them
    assert shown["Outcome"].startswith("nothing would be deployed: ")
    assert words in shown["Outcome"]
    assert shown["To send"] == "nothing"


def test_the_markdown_has_a_heading_and_a_row_for_each_fact() -> None:
    page = read.markdown(markdown_of(FORECAST))
    assert [heading.text for heading in page.headings] == ["Plan for Cloudflare Pages: demo"]
    table = facts(markdown_of(FORECAST))
    told = {name: words for name, words in facts_of(FORECAST).items() if words}
    assert {name: cell.text for name, cell in table.items()} == told
    assert table["Address"].links == (ALIAS,)
    assert page.entries == []
    assert page.html == []


def test_an_address_that_is_not_known_is_no_link() -> None:
    assert facts(markdown_of(replace(FORECAST, alias="")))["Address"].links == ()


def test_the_worst_findings_are_listed_and_the_rest_counted() -> None:
    notes = [finding_of(message=f"N{number}.") for number in range(LISTED_FINDINGS)]
    findings = (*notes, finding_of("warning", file=""), finding_of("error"))
    page = read.markdown(markdown_of(replace(FORECAST, findings=findings)))
    assert page.html == [
        f"<details><summary>1 error, 1 warning, {LISTED_FINDINGS} notes</summary>",
        "</details>",
    ]
    texts = [entry.text for entry in page.entries]
    assert texts[:3] == [
        "error: a.html: M. (name-case)",
        "warning: M. (name-case)",
        "note: a.html: N0. (name-case)",
    ]
    assert texts[LISTED_FINDINGS:] == ["and 2 more"]
    few = read.markdown(markdown_of(replace(FORECAST, findings=findings[:LISTED_FINDINGS])))
    assert len(few.entries) == LISTED_FINDINGS


def assert_harmless(text: str) -> None:
    markdown = markdown_of(
        replace(
            FORECAST,
            project_name=f"x{text}",
            branch=f"x{text}",
            routes=RoutesRules((f"/{text}",)),
            findings=(finding_of(message=f"M {text}.", file=f"x{text}"),),
        )
    )
    page = read.markdown(markdown)
    assert [len(row) for row in page.rows] == [2] * 7
    assert (len(page.headings), len(page.entries)) == (1, 1)
    cells = [*page.headings, *page.entries, *(cell for row in page.rows for cell in row)]
    assert {link for cell in cells for link in cell.links} == {ALIAS}
    assert page.html == ["<details><summary>1 note</summary>", "</details>"]
    # The address is no prose, and its link is meant.
    prose = [cell.prose for cell in cells if not cell.links]
    for seen in prose:
        assert read.mentions(seen) == read.references(seen) == read.web_addresses(seen) == []
    assert [command for command in read.github_commands(markdown) if command.name] == []
    starts = ("### ", "| **", "|---|---|", "<details>", "</details>", "- note: ")
    assert all(line.startswith(starts) for line in markdown.splitlines() if line)
    assert markdown.encode()


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_name_begins_a_line_or_breaks_the_markdown(text: str) -> None:
    assert_harmless(text)


@given(hostile_texts)
def test_no_name_at_all_does(text: str) -> None:
    assert_harmless(text)


def test_a_secret_is_masked_before_it_may_be_cut_in_two() -> None:
    mask = Masker(["secret-of-this-test"])
    text = "a" * 290 + "secret-of-this-test"
    told = markdown_of(
        replace(
            FORECAST,
            project_name=text,
            branch=text,
            findings=(finding_of(message=text, file=text),),
        ),
        mask,
    )
    assert "secret" not in told
