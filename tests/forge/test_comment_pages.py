"""The lists of pages in the comment: harmless, known again, each project's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.forge.comment_pages import MOST_CHARACTERS, PAGES_LINE, pages_of
from pages_deploy.forge.comment_text import (
    FAILED,
    HEADING,
    MARKER,
    READY,
    Entry,
    Row,
    body_of,
    entries_of,
    key_of,
    line_of,
)
from pages_deploy.forge.comment_text import MOST_CHARACTERS as MOST_OF_A_COMMENT
from pages_deploy.forge.pull_request_comment import retire_comment
from pages_deploy.proof.changes import Changes
from tests import platform_readers as read
from tests.forge.stories import Scene, entry_in
from tests.hostile import TEXTS, hostile_texts
from tests.making import ALIAS, deployed_of, project_of
from tests.patience import no_endless_work

NOW = 1_800_000_000.0
SOME = Changes("b", ("/blog/post", "/\u00fcber"), ("/",), ("/gone",))
LINE = pages_of("docs", "docs", SOME, address="https://ours.example/")


def entry_of(project: str, pages: str, *, now: float = NOW, reason: str = "") -> Entry:
    row = Row(project=project, status=FAILED if reason else READY, reason=reason)
    return Entry(line_of(row, now=now), pages)


def test_a_list_has_its_counts_and_links_to_the_preview() -> None:
    assert LINE == (
        "<details><summary><!-- pages-deploy:pages=docs --> <b>docs</b>: "
        "2 new, 1 changed, 1 removed page</summary><ul>"
        '<li>New: <a href="https://ours.example/blog/post">/blog/post</a></li>'
        '<li>New: <a href="https://ours.example/%C3%BCber">/\u00fcber</a></li>'
        '<li>Changed: <a href="https://ours.example/">/</a></li>'
        "<li>Removed: /gone</li></ul></details>"
    )


def test_where_no_page_differs_there_is_no_list() -> None:
    assert pages_of("docs", "docs", Changes("b"), address=ALIAS) == ""
    nothing_seen = Changes("b", is_complete=False, gap="HTTP 403")
    assert pages_of("docs", "docs", nothing_seen, address=ALIAS) == ""


def test_a_list_says_where_it_is_not_all() -> None:
    some = Changes("b", changed=("/",), is_complete=False, gap="HTTP 403")
    line = pages_of("docs", "docs", some, address=ALIAS)
    assert ": 1 changed page (not all are known)</summary>" in line
    assert PAGES_LINE.fullmatch(line)


def test_of_many_pages_twenty_five_are_listed() -> None:
    many = Changes("b", tuple(f"/{number}" for number in range(100)), ("/c",), ("/r",))
    line = pages_of("docs", "docs", many, address=ALIAS)
    assert line.count("<li>") == 26
    assert "<li>Changed: " in line
    assert "<li>Removed: /r</li>" in line
    assert line.endswith("<li>and 77 more</li></ul></details>")
    assert PAGES_LINE.fullmatch(line)


@pytest.mark.parametrize("letter", ["x", "\u00fc", "&", "@", "\u202e"])
def test_long_paths_leave_room_for_other_projects(letter: str) -> None:
    many = Changes("b", tuple(f"/{number}{letter * 5000}" for number in range(25)))
    line = pages_of("docs", "docs", many, address=ALIAS)
    assert len(line) < MOST_CHARACTERS + 100
    assert PAGES_LINE.fullmatch(line)


def assert_harmless(line: str) -> None:
    """It is one block of HTML with nothing in it but what a list is made of."""
    page = read.markdown(line)
    [block] = page.html
    assert block.strip() == line
    assert [page.headings, page.rows, page.entries] == [[], [], []]
    without_comment = line.replace("<!-- pages-deploy:pages=docs -->", "")
    tags = re.findall(r"<[^>]*>", without_comment)
    for tag in tags:
        assert tag.strip("</>") in {"details", "summary", "b", "ul", "li", "a"} or re.fullmatch(
            r'<a href="https://ours\.example/[^"\s<>]*">', tag
        )
    text = re.sub(r"<[^>]*>", "", without_comment)
    assert "<" not in text
    assert ">" not in text
    assert read.mentions(text) == read.references(text) == read.web_addresses(text) == []
    assert all(letter.isprintable() or letter in "\u200b\u00a0" for letter in line)
    assert not any(command.name for command in read.github_commands(line))


@pytest.mark.parametrize("text", TEXTS)
def test_no_path_and_no_name_breaks_a_list(text: str) -> None:
    some = Changes("b", new=(f"/{text}",), removed=(f"/{text}", text))
    line = pages_of("docs", text, some, address="https://ours.example")
    assert PAGES_LINE.fullmatch(line)
    assert_harmless(line)


@pytest.mark.parametrize(
    "address", ["", "javascript:x", 'https://x.test/"onclick="', "https://a b"]
)
def test_an_address_that_is_none_becomes_no_link(address: str) -> None:
    line = pages_of("docs", "docs", SOME, address=address)
    assert "href" not in line
    assert PAGES_LINE.fullmatch(line)


@given(hostile_texts, st.lists(hostile_texts, min_size=1, max_size=4), hostile_texts)
def test_whatever_a_list_says_it_is_known_again(
    project: str, paths: list[str], address: str
) -> None:
    """Otherwise another project's run would drop it."""
    key = key_of(project)
    pages = pages_of(key, project, Changes("b", tuple(paths), (), ("/x",)), address=address)
    entry = entry_of(project, pages)
    body = body_of({key: entry}, keep="")
    assert entries_of([body]) == {key: entry}
    assert entries_of([body.replace("\n", "\r\n")]) == {key: entry}
    assert "\n" not in pages


@pytest.mark.parametrize(
    "line",
    [
        f"{LINE} /close",
        f"/close {LINE}",
        f"> {LINE}",
        LINE.replace("/blog/post<", "/blog/post<img src=x><"),
        LINE.replace("/gone", "@everyone"),
        LINE.replace("/gone", "#1"),
        LINE.replace("/gone", "https://evil.example/"),
        LINE.replace("/gone", "www.evil.example"),
        LINE.replace("/gone", "/gone\x0b/close"),
        LINE.replace("/gone", "/gone\u2028/close"),
        LINE.replace("<li>Removed", "<li>Merge"),
        LINE.replace("<li>", "<li onclick=x>"),
        LINE.replace('href="https', 'href="javascript'),
        LINE.replace('/blog/post"', '/blog/post" onclick="x"'),
        LINE.replace("<details>", "<details open>"),
        LINE.replace("pages=docs", "pages=docs --> <!--"),
        LINE.replace("2 new", "many new"),
        LINE.removesuffix("</details>"),
        LINE + LINE,
    ],
)
def test_what_is_not_exactly_a_list_of_ours_is_not_kept(line: str) -> None:
    row = entry_of("docs", "").row
    assert line != LINE
    body = f"{MARKER}\n\n" + "\n".join([*HEADING, row, "", line])
    assert entries_of([body]) == {"docs": Entry(row)}


def test_a_list_without_a_row_in_the_same_comment_is_not_kept() -> None:
    row = entry_of("demo", "").row
    assert entries_of([f"{MARKER}\n{row}\n{LINE}"]) == {"demo": Entry(row)}
    alone = entry_of("docs", "").row
    assert entries_of([f"{MARKER}\n{LINE}", f"{MARKER}\n{alone}"]) == {"docs": Entry(alone)}


def test_of_a_project_with_two_rows_the_later_ones_list_counts() -> None:
    early = body_of({"docs": entry_of("docs", LINE)}, keep="")
    late = entry_of("docs", "", now=NOW + 60)
    bodies = [early, body_of({"docs": late}, keep="")]
    assert entries_of(bodies) == entries_of(bodies[::-1]) == {"docs": late}


@pytest.mark.parametrize(
    "piece", ["<li>New: a</li>", "a", "&amp;", "<li>New: ", "1 new, ", "@\u200b"]
)
def test_a_list_that_never_ends_is_read_in_time(piece: str) -> None:
    for begin in (LINE.partition("docs</b>")[0], LINE.partition("<li>")[0], LINE[:-20]):
        with no_endless_work():
            assert entries_of([begin + piece * (60_000 // len(piece))]) == {}


def test_where_the_comment_would_be_too_long_lists_go_before_rows() -> None:
    long = Changes("b", tuple(f"/{number}/{'x' * 250}" for number in range(25)))
    entries = {}
    for number in range(20):
        name = f"site-{number}"
        pages = pages_of(key_of(name), name, long, address=ALIAS)
        entries[name] = entry_of(name, pages, now=NOW + 60 * number)
    body = body_of(entries, keep="site-0")
    assert len(body) <= MOST_OF_A_COMMENT
    kept = entries_of([body])
    assert kept.keys() == entries.keys()
    with_lists = [name for name in entries if kept[name].pages]
    # The project's own, and the newest of the others.
    assert with_lists == ["site-0", *list(entries)[-(len(with_lists) - 1) :]]
    assert len(with_lists) > 2


def test_where_the_rows_alone_are_too_long_no_list_is_left() -> None:
    entries = {
        f"site-{number}": entry_of(f"site-{number}", "", now=NOW + number * 60, reason="r" * 300)
        for number in range(200)
    }
    entries["docs"] = entry_of("docs", LINE)
    kept = entries_of([body_of(entries, keep="docs")])
    assert kept["docs"] == Entry(entries["docs"].row)
    assert 100 < len(kept) < 200


def test_the_end_of_a_run_brings_its_list_and_the_next_run_takes_it_away(scene: Scene) -> None:
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of(pages=SOME))
    [body] = scene.hub.bodies()
    assert f'<a href="{ALIAS}/blog/post">/blog/post</a>' in entry_in([body]).pages
    again = scene.comment()
    again.started(project_of(), "preview")
    assert entry_in(scene.hub.bodies()).pages == ""
    again.succeeded(deployed_of(pages=Changes("b", new=("/only",))))
    [body] = scene.hub.bodies()
    assert "/only" in entry_in([body]).pages
    assert "/gone" not in body


def test_a_failed_run_shows_no_list(scene: Scene) -> None:
    scene.comment().succeeded(deployed_of(pages=SOME))
    scene.comment().failed("no")
    assert entry_in(scene.hub.bodies()).pages == ""


def test_another_projects_list_stays_as_it_is(scene: Scene) -> None:
    scene.comment(project="docs").succeeded(deployed_of(pages=SOME))
    before = entry_in(scene.hub.bodies(), "docs")
    assert before.pages
    announcer = scene.comment()
    announcer.started(project_of(), "preview")
    announcer.succeeded(deployed_of(pages=Changes("b", new=("/mine",))))
    [body] = scene.hub.bodies()
    assert entry_in([body], "docs") == before
    assert "/mine" in entry_in([body]).pages


def test_a_closed_pull_requests_entry_has_no_list(scene: Scene) -> None:
    for project in ("demo", "docs"):
        scene.comment(project=project).succeeded(deployed_of(pages=SOME))
    timer = scene.time.timer
    assert retire_comment(scene.github(), pull_request="42", project_name="demo", timer=timer)
    bodies = scene.hub.bodies()
    assert entry_in(bodies).pages == ""
    assert entry_in(bodies, "docs").pages


def test_a_list_that_would_be_the_same_is_not_sent_again(scene: Scene) -> None:
    scene.comment().succeeded(deployed_of(pages=SOME))
    scene.time.sleep(3600)
    scene.comment().succeeded(deployed_of(pages=SOME))
    assert not scene.hub.asked_for("PATCH", "*")
