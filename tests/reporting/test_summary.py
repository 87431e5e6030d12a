"""The summary as GitHub shows it: one table with every fact, and nobody else's words as markup."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given

from pages_deploy.errors import AuthenticationError, DeploymentError, SettingsError
from pages_deploy.proof.changes import Changes
from pages_deploy.proof.proof import Proof
from pages_deploy.reporting.outputs import outputs_of
from pages_deploy.reporting.summary import summary_of, summary_of_failure
from pages_deploy.upload.upload import Uploaded
from tests import platform_readers as read
from tests.hostile import TEXTS, hostile_texts
from tests.making import ALIAS, URL, deployed_of

if TYPE_CHECKING:
    from pages_deploy.deploy.deployed import Deployed

# GitHub drops a summary that is longer.
GITHUBS_LIMIT = 1024 * 1024


def is_unicode(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


every_text = pytest.mark.parametrize("text", [text for text in TEXTS if is_unicode(text)])


def finished(*, pages: Changes | None = None, **deployment: Any) -> Deployed:
    """A preview that has ended well, with two new files."""
    uploaded = Uploaded(frozenset({"a" * 32, "b" * 32}), 1_234_567)
    return deployed_of(uploaded=uploaded, pages=pages, **deployment)


def summary(deployed: Deployed) -> str:
    return summary_of(deployed, outputs_of(deployed))


def facts(text: str) -> dict[str, read.Cell]:
    """Read the only table, whose rows are a name and a value each."""
    page = read.markdown(text)
    assert all(len(row) == 2 for row in page.rows)
    return {name.text: value for name, value in page.rows}


def test_every_fact_of_a_deployment_is_in_the_table() -> None:
    table = facts(summary(finished()))
    assert list(table) == [
        "Status",
        "Preview",
        "Deployment",
        "Commit",
        "Files",
        "Verified",
        "Duration",
    ]
    assert table["Status"].text.endswith("deployed to preview")
    assert (table["Deployment"].links, table["Preview"].links) == ((URL,), (ALIAS,))
    assert table["Deployment"].text == URL
    assert table["Commit"].text == "feature \u00b7 0123456789ab"
    for part in ("12: ", "2 new or changed", "1.2 MB"):
        assert part in table["Files"].text
    assert table["Verified"].text == "skipped: it was not asked for"
    assert table["Duration"].text == "12.3 s"


def test_a_proof_is_told_with_its_size() -> None:
    proved = replace(finished(), proof=Proof(is_proved=True, checked=7))
    assert facts(summary(proved))["Verified"].text == "true: 7 files are served as they were sent"


def test_the_heading_names_the_project() -> None:
    page = read.markdown(summary(finished()))
    assert [heading.text for heading in page.headings] == ["Deployment to Cloudflare Pages: demo"]


def test_what_is_not_known_or_the_same_is_left_out() -> None:
    table = facts(
        summary(finished(environment="production", aliases=(), branch="", commit_hash=""))
    )
    assert not {"Deployment", "Commit"} & set(table)
    assert "Production" in table


def test_pages_that_differ_are_linked_where_they_are_served() -> None:
    pages = Changes("b", new=("/", "/a b/\u00fc"), changed=("/about", "/docs/"), removed=("/gone",))
    page = read.markdown(summary(finished(pages=pages)))
    assert [(entry.text, entry.links) for entry in page.entries] == [
        ("New: /", (f"{ALIAS}/",)),
        ("New: /a b/\u00fc", (f"{ALIAS}/a%20b/%C3%BC",)),
        ("Changed: /about", (f"{ALIAS}/about",)),
        ("Changed: /docs/", (f"{ALIAS}/docs/",)),
        ("Removed: /gone", ()),
    ]
    assert page.html == [
        "<details><summary>2 new, 2 changed, 1 removed page</summary>",
        "</details>",
    ]


def test_what_is_not_known_of_the_pages_is_told_with_its_reason() -> None:
    for pages, told in {
        Changes("b", changed=("/a",)): "1 changed page",
        Changes("b"): "no difference found",
        Changes("b", is_complete=False, gap="nothing was seen: HTTP 503"): (
            "no difference found; nothing was seen: HTTP 503"
        ),
    }.items():
        text = summary(finished(pages=pages))
        assert facts(text.partition("<details>")[0])["Pages"].text == told
        assert ("<details>" in text) == bool(pages.count)


def test_the_summaries_of_two_runs_in_one_file_are_two_tables() -> None:
    once = summary(finished(pages=Changes("b", new=("/about",))))
    page = read.markdown(once + once)
    assert len(page.headings) == 2
    assert len(page.rows) == 16


def test_of_many_pages_that_differ_some_are_listed_and_the_rest_counted() -> None:
    pages = Changes("b", new=tuple(f"/page-{number}" for number in range(1000)))
    page = read.markdown(summary(finished(pages=pages)))
    *linked, rest = page.entries
    assert [entry.text for entry in linked] == [f"New: /page-{number}" for number in range(25)]
    assert rest == read.Cell("and 975 more")


def test_a_summary_fits_and_still_has_its_table_whole() -> None:
    long = "\u00fc" * 50_000
    pages = Changes("b", changed=tuple(f"/{number}/{long}" for number in range(20)))
    text = summary(finished(pages=pages))
    assert len(text.encode()) <= GITHUBS_LIMIT
    assert text.endswith("\n")
    table = text.partition("<details>")[0]
    assert len(facts(table)) == 8


def test_a_failure_says_what_went_wrong_and_what_to_do() -> None:
    error = AuthenticationError(
        "Token refused.", "Give it a right.", method="GET", path="/x", status=403, codes=(10000,)
    )
    table = facts(summary_of_failure("demo", error))
    assert table["Status"].text.endswith("failed")
    assert table["Reason"].text == "Token refused."
    assert table["What to do"].text == "Give it a right."
    assert list(facts(summary_of_failure("demo", DeploymentError("No.")))) == ["Status", "Reason"]


def test_a_failure_is_told_without_the_account() -> None:
    account = "0123456789abcdef" * 2
    error = SettingsError(f"There is no project 'x' in account {account}.", "Create it.")
    text = summary_of_failure("demo", error)
    assert account not in text
    assert facts(text)["Reason"].text == "There is no project 'x'."


def test_no_table_has_an_empty_head() -> None:
    for text in (summary(finished()), summary_of_failure("demo", SettingsError("No."))):
        assert "| | |" not in text
        assert "| **Status** |" in text.splitlines()[2]


def assert_harmless(text: str, *, links: set[str], rows: int) -> None:
    page = read.markdown(text)
    assert [len(row) for row in page.rows] == [2] * rows
    assert len(page.headings) == 1
    cells = [*page.headings, *page.entries, *(cell for row in page.rows for cell in row)]
    assert {link for cell in cells for link in cell.links} == links
    for fragment in page.html:
        assert fragment == "</details>" or fragment.startswith("<details><summary>1 ")
    assert not any(command.name for command in read.github_commands(text))


@every_text
def test_no_branch_or_commit_breaks_the_table(text: str) -> None:
    deployed = finished(branch=f"x{text}", commit_hash=f"x{text}")
    assert_harmless(summary(deployed), links={URL, ALIAS}, rows=7)


@pytest.mark.parametrize(
    "text", ["a | b |\n| c | d |", "<img src=x>", "`x` [a](https://evil.test)"]
)
def test_no_environment_of_a_server_breaks_the_table(text: str) -> None:
    assert_harmless(summary(finished(environment=f"x{text}")), links={URL, ALIAS}, rows=7)


@given(hostile_texts.filter(is_unicode))
def test_no_branch_at_all_breaks_the_table(text: str) -> None:
    assert_harmless(summary(finished(branch=f"x{text}")), links={URL, ALIAS}, rows=7)


def test_a_lone_surrogate_of_a_server_leaves_the_summary_writable() -> None:
    deployed = finished(branch="x\ud800", commit_hash="\udcff")
    assert_harmless(summary(deployed), links={URL, ALIAS}, rows=7)
    failure = summary_of_failure("demo", SettingsError("x\ud800"))
    assert b"x" in failure.encode()
    assert summary(deployed).encode()


@every_text
def test_no_project_name_or_address_breaks_the_summary(text: str) -> None:
    deployed = finished()
    named = replace(deployed, project=replace(deployed.project, name=f"x{text}"))
    assert_harmless(summary(named), links={URL, ALIAS}, rows=7)
    elsewhere = finished(url=f"ftp:{text}", aliases=())
    assert_harmless(summary(elsewhere), links=set(), rows=6)


@every_text
def test_no_file_name_breaks_the_list(text: str) -> None:
    name = text.replace("/", "")
    deployed = finished(pages=Changes("b", new=(f"/x{name}",), removed=(f"/y{name}",)))
    page = read.markdown(summary(deployed))
    new, removed = page.entries
    (link,) = new.links
    assert link.startswith(f"{ALIAS}/x")
    assert removed.links == ()
    assert_harmless(summary(deployed), links={URL, ALIAS, link}, rows=8)


@given(hostile_texts.filter(is_unicode))
@example("https://evil.test###[group]x")
def test_no_message_of_a_server_breaks_the_summary_of_a_failure(text: str) -> None:
    error = SettingsError(f"x{text}", f"x{text}")
    assert_harmless(summary_of_failure(f"x{text}", error), links=set(), rows=3)


def test_a_summary_mentions_no_one() -> None:
    text = "x @everyone @octocat @org/team"
    for markdown in (
        summary(finished(branch=text, pages=Changes("b", new=(f"/{text}",), removed=(text,)))),
        summary_of_failure(text, SettingsError(text, text)),
    ):
        page = read.markdown(markdown)
        cells = [*page.headings, *page.entries, *(cell for row in page.rows for cell in row)]
        assert [read.mentions(cell.prose) for cell in cells] == [[]] * len(cells)
