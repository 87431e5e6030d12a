"""The summary as GitHub shows it: a row of a table, details, and nobody else's words as markup."""

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
from pages_deploy.reporting.summary_table import Summary, joined
from pages_deploy.upload.upload import Uploaded
from tests import platform_readers as read
from tests.hostile import TEXTS, hostile_texts
from tests.making import ALIAS, URL, deployed_of

if TYPE_CHECKING:
    from pages_deploy.deploy.deployed import Deployed
    from pages_deploy.errors import PagesDeployError

COLUMNS = ["Site", "Status", "Address", "Commit", "Files", "Verified", "Time"]


def is_unicode(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


every_text = pytest.mark.parametrize("text", [text for text in TEXTS if is_unicode(text)])


def finished(*, pages: Changes | None = None, **deployment: Any) -> Deployed:
    """A preview that has ended well, with two new files."""
    uploaded = Uploaded(frozenset({"a" * 32, "b" * 32}), 1_234_567)
    return deployed_of(uploaded=uploaded, pages=pages, **deployment)


def markdown_of(summary: Summary) -> str:
    """Return what an empty file has after a summary was added to it."""
    return joined(b"", summary)[1].decode()


def summary(deployed: Deployed) -> str:
    return markdown_of(summary_of(deployed, outputs_of(deployed)))


def summary_of_error(error: PagesDeployError, name: str = "demo") -> str:
    return markdown_of(summary_of_failure(name, error))


def facts(text: str) -> dict[str, read.Cell]:
    """Read the only table, which has one row, by its columns."""
    head, row = read.markdown(text).rows
    assert [cell.text for cell in head] == COLUMNS
    return dict(zip(COLUMNS, row, strict=True))


def items(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read what stands below the table."""
    return [(entry.text, entry.links) for entry in read.markdown(text).entries]


def test_every_fact_of_a_deployment_is_in_one_row() -> None:
    row = facts(summary(finished()))
    assert {name: cell.text for name, cell in row.items()} == {
        "Site": "demo",
        "Status": "✅ preview",
        "Address": "feature.demo.pages.dev",
        "Commit": "0123456 \u00b7 feature",
        "Files": "12 (2 new)",
        "Verified": "skipped",
        "Time": "12.3 s",
    }
    assert row["Address"].links == (ALIAS,)


def test_what_is_too_long_for_a_row_is_folded_below_it() -> None:
    text = summary(finished())
    assert items(text) == [
        (f"Deployment: {URL}", (URL,)),
        ("Uploaded: 2 new or changed files (1.2 MB)", ()),
    ]
    assert read.markdown(text).html == ["<details><summary>demo: details</summary>", "</details>"]


def test_a_proof_is_told_with_its_size() -> None:
    text = summary(replace(finished(), proof=Proof(is_proved=True, checked=7)))
    assert facts(text)["Verified"].text == "✅ yes"
    assert ("Verified: 7 files are served as they were sent", ()) in items(text)


def test_a_deployment_that_does_not_serve_its_files_is_not_called_verified() -> None:
    assert facts(summary(replace(finished(), is_wrong=True)))["Verified"].text == "❌ no"


def test_the_heading_says_what_the_table_is() -> None:
    page = read.markdown(summary(finished()))
    assert [heading.text for heading in page.headings] == ["Cloudflare Pages deployments"]


def test_what_is_not_known_is_a_dash_and_what_is_the_same_is_left_out() -> None:
    nothing = Uploaded(frozenset(), 0)
    text = summary(
        replace(
            finished(environment="production", aliases=(), branch="", commit_hash=""),
            uploaded=nothing,
        )
    )
    row = facts(text)
    assert (row["Commit"].text, row["Files"].text) == ("\u2013", "12")
    assert row["Status"].text == "✅ production"
    assert items(text) == []
    assert "<details>" not in text


@pytest.mark.parametrize(
    ("passed_over", "status", "meaning"),
    [
        ("unchanged", "✅ unchanged", "Unchanged: exactly these files are live already."),
        ("superseded", "⏭️ superseded", "Superseded: a newer commit is live."),
    ],
)
def test_what_was_live_already_says_why_nothing_was_sent(
    passed_over: Any, status: str, meaning: str
) -> None:
    nothing = Uploaded(frozenset(), 0)
    deployed = finished(environment="production", aliases=())
    text = summary(replace(deployed, uploaded=nothing, passed_over=passed_over))
    assert facts(text)["Status"].text == status
    assert items(text) == [(meaning, ())]


def test_why_nothing_could_be_seen_is_told() -> None:
    hidden = Proof(is_proved=False, reason="it answers with a login page")
    text = summary(replace(finished(), proof=hidden))
    assert facts(text)["Verified"].text == "skipped"
    assert ("Not verified: it answers with a login page", ()) in items(text)


def test_pages_that_differ_are_linked_where_they_are_served() -> None:
    pages = Changes("b", new=("/", "/a b/\u00fc"), changed=("/about", "/docs/"), removed=("/gone",))
    text = summary(finished(pages=pages))
    assert items(text)[2:] == [
        ("New: /", (f"{ALIAS}/",)),
        ("New: /a b/\u00fc", (f"{ALIAS}/a%20b/%C3%BC",)),
        ("Changed: /about", (f"{ALIAS}/about",)),
        ("Changed: /docs/", (f"{ALIAS}/docs/",)),
        ("Removed: /gone", ()),
    ]
    assert read.markdown(text).html == [
        "<details><summary>demo: 2 new, 2 changed, 1 removed page</summary>",
        "</details>",
    ]


def test_what_is_not_known_of_the_pages_is_told_with_its_reason() -> None:
    for pages, title, told in (
        (Changes("b", changed=("/a",)), "1 changed page", ["Changed: /a"]),
        (Changes("b"), "no difference found", []),
        (
            Changes("b", is_complete=False, gap="nothing was seen: HTTP 503"),
            "no difference found",
            ["Pages: no difference found; nothing was seen: HTTP 503"],
        ),
    ):
        text = summary(finished(pages=pages))
        assert f"<summary>demo: {title}</summary>" in text
        assert [words for words, _ in items(text)[2:]] == told


def test_of_many_pages_that_differ_some_are_listed_and_the_rest_counted() -> None:
    pages = Changes("b", new=tuple(f"/page-{number}" for number in range(1000)))
    *linked, rest = items(summary(finished(pages=pages)))[2:]
    assert [words for words, _ in linked] == [f"New: /page-{number}" for number in range(25)]
    assert rest == ("and 975 more", ())


def test_an_address_without_end_is_no_link_and_the_summary_stays_short() -> None:
    long = "\u00fc" * 50_000
    pages = Changes("b", changed=tuple(f"/{number}/{long}" for number in range(25)))
    text = summary(finished(pages=pages))
    assert all(links == () for _, links in items(text)[2:])
    assert len(text.encode()) < 50_000
    assert facts(text)["Site"].text == "demo"


def test_a_failure_is_a_row_and_below_it_what_went_wrong_and_what_to_do() -> None:
    error = AuthenticationError(
        "Token refused.", "Give it a right.", method="GET", path="/x", status=403, codes=(10000,)
    )
    text = summary_of_error(error)
    assert [cell.text for cell in facts(text).values()] == ["demo", "❌ failed", *["\u2013"] * 5]
    assert items(text) == [
        ("❌ demo: Token refused.", ()),
        ("What to do: Give it a right.", ()),
    ]
    assert items(summary_of_error(DeploymentError("No."))) == [("❌ demo: No.", ())]


def test_a_failure_before_the_project_is_known_has_a_dash_for_its_name() -> None:
    text = summary_of_error(SettingsError("No."), name="")
    assert facts(text)["Site"].text == "\u2013"
    assert items(text) == [("❌ \u2013: No.", ())]


def test_a_failure_is_told_without_the_account() -> None:
    account = "0123456789abcdef" * 2
    error = SettingsError(f"There is no project 'x' in account {account}.", "Create it.")
    text = summary_of_error(error)
    assert account not in text
    assert items(text)[0] == ("❌ demo: There is no project 'x'.", ())


def test_a_secret_is_masked_in_the_row_and_in_the_details() -> None:
    pages = Changes("b", new=("/hunter2",))
    found = summary_of(finished(branch="hunter2", pages=pages), outputs_of(finished()))
    text = markdown_of(found.masked(lambda text: text.replace("hunter2", "***")))
    assert text.count("***") == 3
    assert "hunter2" not in text


def assert_harmless(text: str, *, links: set[str]) -> None:
    page = read.markdown(text)
    assert [len(row) for row in page.rows] == [7, 7]
    assert len(page.headings) == 1
    cells = [*page.headings, *page.entries, *(cell for row in page.rows for cell in row)]
    assert {link for cell in cells for link in cell.links} == links
    for fragment in page.html:
        assert fragment == "</details>" or fragment.startswith("<details><summary>")
        assert fragment.count("<") <= 3
    assert not any(command.name for command in read.github_commands(text))
    # Whatever it says, the next run knows it again.
    _, after = joined(text.encode(), Summary("| a | b | c | d | e | f | g |\n", ""))
    assert after.startswith(b"| a | b |")


@every_text
def test_no_branch_or_commit_breaks_the_table(text: str) -> None:
    deployed = finished(branch=f"x{text}", commit_hash=f"x{text}")
    assert_harmless(summary(deployed), links={URL, ALIAS})


@pytest.mark.parametrize(
    "text", ["a | b |\n| c | d |", "<img src=x>", "`x` [a](https://evil.test)"]
)
def test_no_environment_of_a_server_breaks_the_table(text: str) -> None:
    assert_harmless(summary(finished(environment=f"x{text}")), links={URL, ALIAS})


@given(hostile_texts.filter(is_unicode))
def test_no_branch_at_all_breaks_the_table(text: str) -> None:
    assert_harmless(summary(finished(branch=f"x{text}")), links={URL, ALIAS})


def test_a_lone_surrogate_of_a_server_leaves_the_summary_writable() -> None:
    deployed = finished(branch="x\ud800", commit_hash="\udcff")
    assert_harmless(summary(deployed), links={URL, ALIAS})
    assert items(summary_of_error(SettingsError("x\ud800"))) == [("❌ demo: x?", ())]


@every_text
def test_no_project_name_or_address_breaks_the_summary(text: str) -> None:
    deployed = finished()
    named = replace(deployed, project=replace(deployed.project, name=f"x{text}"))
    assert_harmless(summary(named), links={URL, ALIAS})
    elsewhere = finished(url=f"ftp:{text}", aliases=())
    assert_harmless(summary(elsewhere), links=set())


@every_text
def test_no_file_name_breaks_the_list(text: str) -> None:
    name = text.replace("/", "")
    deployed = finished(pages=Changes("b", new=(f"/x{name}",), removed=(f"/y{name}",)))
    page = read.markdown(summary(deployed))
    new, removed = page.entries[2:]
    (link,) = new.links
    assert link.startswith(f"{ALIAS}/x")
    assert removed.links == ()
    assert_harmless(summary(deployed), links={URL, ALIAS, link})


@given(hostile_texts.filter(is_unicode))
@example("https://evil.test###[group]x")
def test_no_message_of_a_server_breaks_the_summary_of_a_failure(text: str) -> None:
    error = SettingsError(f"x{text}", f"x{text}")
    assert_harmless(summary_of_error(error, f"x{text}"), links=set())


def test_a_summary_mentions_no_one() -> None:
    text = "x @everyone @octocat @org/team"
    for markdown in (
        summary(finished(branch=text, pages=Changes("b", new=(f"/{text}",), removed=(text,)))),
        summary_of_error(SettingsError(text, text), text),
    ):
        page = read.markdown(markdown)
        cells = [*page.headings, *page.entries, *(cell for row in page.rows for cell in row)]
        assert [read.mentions(cell.prose) for cell in cells] == [[]] * len(cells)
