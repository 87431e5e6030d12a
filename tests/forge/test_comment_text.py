"""The words of the comment: whatever a branch, a project or an error is called, it stays ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.forge.comment_text import (
    FAILED,
    HEADING,
    MARKER,
    MOST_CHARACTERS,
    READY,
    Entry,
    Row,
    body_of,
    entries_of,
    is_ours,
    key_of,
    line_of,
    says_the_same,
)
from tests.forge.stories import Scene, build_of
from tests.hostile import TEXTS, hostile_texts
from tests.making import deployed_of

NOW = 1_800_000_000.0
HOSTILE = [
    "x\n::error::gone",
    "##vso[task.setvariable variable=a]b",
    "a | b || c",
    "```\ncode",
    "`x`",
    "@everyone",
    "@acme/owners and @somebody",
    "<img src=x onerror=alert(1)>",
    "<!-- pages-deploy:project=docs -->",
    "--> out of the comment",
    "--!> out of it in another way",
    "-- > -",
    "[click](javascript:alert(1))",
    "![picture](https://evil.example/track.png)",
    "https://evil.example/ www.evil.example",
    "\n/close\n/merge",
    "\r\n# Heading\r\n- [x] done",
    "a\u2028b\u2029c\x0b\x0c\x85d",
    "\u202egnp.exe",
    "\\| \\` \\<b>",
    "~~gone~~ **bold** _it_",
    "\ud800 half a letter \udcff",
    "&lt;b&gt; &#64;everyone",
    "x" * 100_000,
    "",
    *TEXTS,
]


def body_with(*rows: Row, now: float = NOW) -> str:
    return body_of({key_of(row.project): Entry(line_of(row, now=now)) for row in rows}, keep="")


def assert_harmless(body: str, project: str) -> None:
    lines = body.split("\n")
    assert lines[:6] == [MARKER, "", *HEADING]
    [row] = lines[6:]
    begin = f"| <!-- pages-deploy:project={key_of(project)} --> **"
    assert row.startswith(begin)
    rest = row.removeprefix(begin)
    # The row has the columns that it should have.
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", rest)) == 5
    assert "-->" not in rest
    assert not re.search(r"<[a-zA-Z!/]", rest)
    assert not re.search(r"@\w", rest)
    assert not re.search(r"(?<!\\)(?:\\\\)*`", rest)
    # Links lead only where we want them to.
    targets = re.findall(r"(?<!\\)\]\(([^)]*)\)", rest)
    assert all(target.startswith("https://ours.example/") for target in targets)
    shown = re.sub(r"\]\([^)]*\)", "", rest)
    assert not re.search(r"(?i)https?://|www\.", shown)
    assert all(letter == "\n" or letter.isprintable() or letter == "\u200b" for letter in body)
    assert len(body) <= MOST_CHARACTERS


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_leave_the_comment_harmless(text: str) -> None:
    row = Row(
        project=text,
        status=READY,
        preview="https://ours.example/a",
        url="https://ours.example/b",
        commit_hash=text,
        branch=text,
        run_url="https://ours.example/run",
        reason=text,
    )
    assert_harmless(body_with(row), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_an_address_that_is_none_becomes_no_link(text: str) -> None:
    row = Row(project="demo", status=READY, preview=text, url=text, run_url=text)
    assert_harmless(body_with(row), "demo")


@given(hostile_texts, hostile_texts, hostile_texts, hostile_texts)
def test_whatever_a_row_says_it_is_known_again(
    project: str, branch: str, reason: str, url: str
) -> None:
    """Otherwise another project's run would drop it."""
    row = Row(
        project=project,
        status=FAILED,
        branch=branch,
        commit_hash=branch,
        reason=reason,
        preview=url,
        url=reason,
        run_url=url,
    )
    line = line_of(row, now=NOW)
    assert entries_of([body_with(row)]) == {key_of(project): Entry(line)}
    assert entries_of([body_with(row).replace("\n", "\r\n")]) == {key_of(project): Entry(line)}
    assert "\n" not in line
    assert not re.search(r"@\w", line)


@given(st.text(st.sampled_from("ab->%!&|\n "), max_size=8), st.text(max_size=8))
def test_a_key_can_neither_end_early_nor_be_anothers(one: str, other: str) -> None:
    key = key_of(one)
    assert "--" not in key
    assert ">" not in key
    assert (key == key_of(other)) == (one == other)


def test_the_key_of_an_ordinary_name_is_plain() -> None:
    assert key_of("my-site") == "my-site"


OTHER = line_of(Row(project="docs", status=READY, preview="https://ours.example/a"), now=NOW)


@pytest.mark.parametrize(
    "line",
    [
        OTHER.replace("docs**", "docs** <img src=x>"),
        OTHER.replace("docs**", "docs @everyone**"),
        OTHER.replace("docs**", "`docs`**"),
        OTHER.replace("docs**", "docs | x**"),
        OTHER.replace("docs**", "https://evil.example/**"),
        OTHER.replace("docs**", "![x](https://evil.example/a.png)**"),
        OTHER.replace("(https://ours", "(javascript:ours"),
        OTHER.replace("project=docs", "project=docs --> <!--"),
        OTHER.replace("project=docs", "project=\u0434\u043e\u043a"),
        OTHER.replace("2027", "soon"),
        f"{OTHER} /close",
        f"/close {OTHER}",
        f"> {OTHER}",
        OTHER.removeprefix("| "),
        HEADING[0],
        "",
    ],
)
def test_what_is_not_exactly_a_row_of_ours_is_not_kept(line: str) -> None:
    assert line != OTHER
    assert entries_of([f"{MARKER}\n\n{line}\n{HEADING[1]}"]) == {}


@pytest.mark.parametrize("evil", ["a", "([a](http://a)", "[aaaa ", "\\(a ", "(", "| ", "a | "])
def test_a_row_that_never_ends_is_read_in_time(evil: str) -> None:
    begin = "| <!-- pages-deploy:project=a --> **a** | "
    assert entries_of([begin + evil * (60_000 // len(evil))]) == {}


def test_of_a_project_with_two_rows_the_later_counts() -> None:
    early, late = (
        body_with(Row(project="docs", status=status), now=now)
        for status, now in ((FAILED, NOW), (READY, NOW + 60))
    )
    assert entries_of([early, late]) == entries_of([late, early]) == entries_of([late])


def test_where_the_comment_would_be_too_long_the_oldest_rows_go() -> None:
    entries = {
        key_of(f"site-{number}"): Entry(
            line_of(
                Row(project=f"site-{number}", status=FAILED, reason="r" * 1000),
                now=NOW + 60 * (number * 7 % 200),
            )
        )
        for number in range(200)
    }
    oldest = key_of("site-0")
    body = body_of(entries, keep=oldest)
    kept = entries_of([body])
    assert MOST_CHARACTERS - 1000 < len(body) <= MOST_CHARACTERS
    assert oldest in kept
    assert kept.items() <= entries.items()
    dropped = [entries[key].row[-18:-2] for key in entries.keys() - kept.keys()]
    assert max(dropped) <= min(kept[key].row[-18:-2] for key in kept.keys() - {oldest})


def test_a_comment_is_known_by_its_first_line() -> None:
    assert is_ours(body_with())
    assert is_ours("\r\n" + body_with())
    assert not is_ours(f"> {body_with()}")
    assert not is_ours("<!-- pages-deploy:project=demo -->")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_hostile_builds_leave_a_harmless_comment_on_the_server(scene: Scene, text: str) -> None:
    build = build_of(branch=text, commit_message=text)
    announcer = scene.comment(build, project=text)
    announcer.failed(text)
    announcer.succeeded(
        deployed_of(url="https://ours.example/b", aliases=("https://ours.example/a",))
    )
    [body] = scene.hub.bodies()
    assert_harmless(body.replace(build.run_url, "https://ours.example/run"), text)
    # Once to create it and once to change it: what was written was known again.
    assert len(scene.hub.asked) == 6


def test_two_bodies_that_differ_in_time_alone_say_the_same() -> None:
    row = Row(project="demo", status=READY)
    assert says_the_same(body_with(row), body_with(row, now=NOW + 86_400))
    assert not says_the_same(body_with(row), body_with(Row(project="demo", status=FAILED)))


def test_a_comment_of_an_earlier_form_without_the_heading_is_known_again() -> None:
    row = line_of(Row(project="demo", status=READY), now=NOW)
    older = "\n".join([MARKER, "", *HEADING[2:], row])
    assert is_ours(older)
    assert entries_of([older]) == {"demo": Entry(row)}
