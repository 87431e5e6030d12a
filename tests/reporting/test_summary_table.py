"""Where a row goes: into our own table at the end of the file, and else into a new one."""

from __future__ import annotations

import pytest

from pages_deploy.reporting.summary_table import HEADING, MAX_SUMMARY_BYTES, Summary, joined, row_of
from tests import platform_readers as read


def site(name: str, details: str | None = None) -> Summary:
    folded = f"<details><summary>{name}: details</summary>\n\n- Of {name}\n\n</details>\n\n"
    row = row_of([f"**{name}**", "✅ preview", "[a](https://a.test)", "b", "12", "skipped", "1 s"])
    return Summary(row, folded if details is None else details)


def after(there: bytes, summary: Summary) -> bytes:
    kept, text = joined(there, summary)
    return there[:kept] + text


def names(content: bytes) -> list[list[str]]:
    """The sites of each table, in order."""
    tables: list[list[str]] = []
    for row in read.markdown(content.decode()).rows:
        if row[0].text == "Site":
            tables.append([])
        else:
            tables[-1].append(row[0].text)
    return tables


def test_each_site_is_a_row_and_the_details_follow_in_the_same_order() -> None:
    failure = site("b", "- ❌ **b**: No.\n- **What to do:** This.\n\n")
    content = b""
    for summary in (site("a"), failure, site("c"), site("d", "")):
        content = after(content, summary)
    assert names(content) == [["a", "b", "c", "d"]]
    page = read.markdown(content.decode())
    assert len(page.headings) == 1
    assert [entry.text for entry in page.entries] == [
        "Of a",
        "❌ b: No.",
        "What to do: This.",
        "Of c",
    ]


def test_what_stands_before_the_table_stays_as_it_is() -> None:
    others = b"# Tests\r\n\n<b>fine</b>\n\n\xff\xfe\n\n"
    content = after(after(others, site("a")), site("b"))
    assert content.startswith(others + HEADING)
    assert content.count(HEADING) == 1


@pytest.mark.parametrize(
    ("there", "gap"), [(b"", b""), (b"x", b"\n\n"), (b"x\n", b"\n"), (b"x\n\n", b"")]
)
def test_a_table_begins_after_a_blank_line(there: bytes, gap: bytes) -> None:
    assert after(there, site("a")).startswith(there + gap + HEADING)


OURS = after(b"", site("a"))


@pytest.mark.parametrize(
    "there",
    [
        OURS + b"- of another step\n",
        OURS + b"text of another step\n\n",
        OURS + b"<details><summary>x</summary>\n\n<b>\n\n</details>\n\n",
        OURS.removesuffix(b"\n"),
        OURS.replace(b"**a**", b"**a** | more"),
        OURS.replace(b"**a**", b"<b>a</b>"),
        OURS.replace(b"1 s |", b"1 s |\n| a line | of another"),
        OURS.replace(b"| Time |", b"| When |"),
        OURS.replace(b"\n", b"\r\n"),
        b"text " + OURS,
        HEADING,
    ],
    ids=str,
)
def test_after_anything_else_there_is_a_table_of_its_own(there: bytes) -> None:
    kept, text = joined(there, site("b"))
    assert kept == len(there)
    assert text.lstrip(b"\n").startswith(HEADING)


def test_the_last_of_several_tables_is_added_to() -> None:
    content = after(after(OURS + b"text\n\n", site("b")), site("c"))
    assert [
        part.count(b"\n| **") + part.startswith(b"| **") for part in content.split(HEADING)
    ] == [
        0,
        1,
        2,
    ]


def test_escaped_bars_and_masked_secrets_are_part_of_a_cell() -> None:
    odd = Summary(row_of([r"**a\|b\\**", "***", "\\`c\\` d", "e", "f", "g", "h"]), "")
    assert len(names(after(after(b"", odd), site("b")))[0]) == 2


def test_details_that_the_platform_would_not_show_are_left_out() -> None:
    long = f"- {'x' * MAX_SUMMARY_BYTES}\n\n"
    content = after(OURS, site("b", long))
    assert names(content) == [["a", "b"]]
    assert len(content) < 2_000


def filled(there: bytes, *, free: int) -> bytes:
    """Return a file that has only so many bytes left, ours at its end."""
    return b"x" * (MAX_SUMMARY_BYTES - free - len(there) - 2) + b"\n\n" + there


@pytest.mark.parametrize("there", [b"", OURS])
def test_a_row_that_the_platform_would_not_show_is_refused(there: bytes) -> None:
    only_row = site("b", "")
    needed = len(only_row.row.encode()) + (0 if there else len(HEADING) + 1)
    assert len(after(filled(there, free=needed), only_row)) == MAX_SUMMARY_BYTES
    with pytest.raises(ValueError, match="longer than"):
        joined(filled(there, free=needed - 1), only_row)


@pytest.mark.parametrize(
    "piece",
    [
        b"| a ",
        b"\\",
        b"| \\|",
        b"- x\n",
        b"<details><summary>x</summary>\n\n",
        site("a").row.encode(),
    ],
    ids=str,
)
def test_a_file_of_any_form_is_looked_at_once(piece: bytes) -> None:
    """What would take the square of its length would not end here."""
    there = HEADING + site("a").row.encode() + piece * (400_000 // len(piece))
    joined(there, site("b"))
    joined(HEADING + piece * (400_000 // len(piece)), site("b"))
