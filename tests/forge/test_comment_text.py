"""The words of the comment: whatever a branch, a project or an error is called, it stays ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.forge.comment_text import (
    BUILDING,
    MOST_CHARACTERS,
    READY,
    Row,
    body_of,
    marker_of,
    says_the_same,
)
from tests.forge.stories import Scene, build_of, deployed_of

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
]


def assert_harmless(body: str, project: str) -> None:
    lines = body.split("\n")
    assert lines[0] == marker_of(project)
    assert body.count("<!--") == 1
    assert body.count("-->") == 1
    # The table has the rows and the columns that it should have.
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 3
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", rows[2])) == 5
    # Every line begins with words of ours.
    begins = ("<!-- pages-deploy:", "| ", "Commit ", "Branch ", "Deployment ", "Reason: ")
    assert all(not line or line.startswith(begins) for line in lines)
    rest = "\n".join(lines[1:])
    assert not re.search(r"<[a-zA-Z!/]", rest)
    assert not re.search(r"@\w", rest)
    assert not re.search(r"(?<!\\)`", rest)
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
    body = body_of(row, now=NOW)
    # Half letters become question marks on the way.
    assert_harmless(body.encode("utf-8", "replace").decode(), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_an_address_that_is_none_becomes_no_link(text: str) -> None:
    row = Row(project="demo", status=READY, preview=text, url=text, run_url=text)
    assert_harmless(body_of(row, now=NOW).encode("utf-8", "replace").decode(), "demo")


@given(st.text(), st.text(), st.text())
def test_any_text_leaves_the_comment_harmless(project: str, branch: str, reason: str) -> None:
    row = Row(project=project, status=BUILDING, branch=branch, reason=reason)
    body = body_of(row, now=NOW)
    lines = body.split("\n")
    assert lines[0] == marker_of(project)
    assert body.count("-->") == 1
    assert len([line for line in lines if line.startswith("|")]) == 3
    assert not re.search(r"@\w", body)


@given(st.text(st.sampled_from("ab->%!&|\n "), max_size=8), st.text(max_size=8))
def test_a_marker_can_neither_end_early_nor_be_anothers(one: str, other: str) -> None:
    marker = marker_of(one)
    key = marker.removeprefix("<!-- pages-deploy:project=").removesuffix(" -->")
    assert "--" not in key
    assert ">" not in key
    assert (marker == marker_of(other)) == (one == other)


def test_the_marker_of_an_ordinary_name_is_plain() -> None:
    assert marker_of("my-site") == "<!-- pages-deploy:project=my-site -->"


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_hostile_builds_leave_a_harmless_comment_on_the_server(scene: Scene, text: str) -> None:
    build = build_of(branch=text, commit_message=text)
    announcer = scene.comment(build, project=text)
    announcer.failed(text)
    announcer.succeeded(deployed_of(url="https://ours.example/b", alias="https://ours.example/a"))
    [body] = scene.hub.bodies()
    assert_harmless(body.replace(build.run_url, "https://ours.example/run"), text)


def test_two_bodies_that_differ_in_time_alone_say_the_same() -> None:
    row = Row(project="demo", status=READY)
    assert says_the_same(body_of(row, now=NOW), body_of(row, now=NOW + 86_400))
    assert not says_the_same(
        body_of(row, now=NOW), body_of(Row(project="demo", status=BUILDING), now=NOW)
    )
