"""Text from outside is harmless wherever it goes, and still says what it said.

Each function is held against a reader of its target that is written from the vendor's rules.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pages_deploy.text.escaping import (
    BREAK,
    azure_data,
    azure_property,
    dotenv_value,
    github_data,
    github_property,
    html_link,
    html_text,
    java_property,
    json_text,
    log_line,
    markdown_link,
    markdown_sentence,
    markdown_text,
    shell_word,
    teamcity,
)
from tests import platform_readers as read
from tests.hostile import TEXTS, hostile_texts

# What a Unicode reader, a terminal or `str.splitlines` may take for the end of a line or a control.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
UNSEEN = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# The signs of Arabic, Syriac and other scripts, and those of musical notation and shorthand.
SEEN = {chr(code) for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2)}
SEEN |= {chr(code) for code in range(0x110BD, 0x1D17B)}
UNSEEN += "\u200b\u200c\u200d\u2060\ufeff\u00ad\U000e0041"
BASH = shutil.which("bash") or "bash"
every_text = pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))


def commands(log: str) -> list[object]:
    """Return what any platform would obey in a log."""
    return [
        *read.github_commands(log),
        *read.azure_commands(log),
        *read.azure_formats(log),
        *read.teamcity_messages(log),
        *read.gitlab_sections(log),
        *read.travis_folds(log),
    ]


def test_the_readers_see_the_commands_that_the_texts_are_full_of() -> None:
    """A reader that finds nothing would prove nothing."""
    log = "\n".join(TEXTS)
    assert {command.name for command in read.github_commands(log)} >= {"error", "set-output"}
    assert {command.name for command in read.azure_commands(log)} >= {"task.complete"}
    assert [message.name for message in read.teamcity_messages(log)] == ["setParameter"]
    assert read.gitlab_sections(log) == [("start", "evil"), ("end", "pages_deploy")]
    assert read.travis_folds(log) == [("end", "pages_deploy")]
    assert {"@everyone", "@_under"} <= set(read.mentions(log))
    assert {"#1", "GH-2", "#4"} <= set(read.references(log))
    assert len(read.web_addresses(log)) >= 8


@every_text
def test_a_line_of_a_log_gives_no_platform_a_command(text: str) -> None:
    line = log_line(text)
    assert not CONTROLS.search(line)
    assert commands(line) == []
    for start in ("##[", "##vso[", "##teamcity[", "section_start:", "section_end:"):
        assert start not in line


@given(hostile_texts)
def test_no_text_at_all_gives_a_platform_a_command(text: str) -> None:
    line = log_line(text)
    assert not CONTROLS.search(line)
    assert len(line.splitlines()) <= 1
    assert commands(line) == []


@pytest.mark.parametrize(
    "text",
    ["plain text", "a::b", "a: b", "#1 ## x", "\u00fcn\u00ef \u65e5\u672c \U0001f680", "/a  b.txt"],
)
def test_ordinary_text_stays_as_it_is_in_a_log(text: str) -> None:
    assert log_line(text) == text


@given(hostile_texts)
@example("%0A %250A %25 %")
def test_github_reads_back_the_message_and_the_property_of_a_command(text: str) -> None:
    log = f"::error file={github_property(text)},line=1::{github_data(text)}\n"
    (command,) = read.github_commands(log)
    assert (command.name, command.data) == ("error", text)
    assert command.properties == {
        name: value for name, value in [("file", text), ("line", "1")] if value
    }


@given(hostile_texts)
@example("%AZP25 %5D %255D ]")
def test_azure_reads_back_the_value_and_the_property_of_a_command(text: str) -> None:
    log = (
        f"##vso[task.logissue type=error;sourcepath={azure_property(text)};x=1]{azure_data(text)}\n"
    )
    (command,) = read.azure_commands(log)
    assert command.data == text
    assert command.properties.get("sourcepath", "") == text
    assert set(command.properties) <= {"type", "sourcepath", "x"}


@given(hostile_texts)
@example("|0x0041 ||n|")
@example("\U0001f680\ud800")
def test_teamcity_reads_back_a_value(text: str) -> None:
    log = f"##teamcity[setParameter name='a' value='{teamcity(text)}']"
    assert log.isascii()
    assert not CONTROLS.search(log)
    (message,) = read.teamcity_messages(log)
    value = message.properties["value"]
    assert value.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@given(hostile_texts)
@example("  two blanks")
@example("\\u0041\\")
@example("\U0001f680\ud800")
def test_java_reads_back_a_value_and_no_other(text: str) -> None:
    file = f"before=1\na={java_property(text)}\nafter=2\n"
    assert file.isascii()
    found = read.java_properties(file.encode())
    assert list(found) == ["before", "a", "after"]
    value = found["a"]
    assert value.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@given(hostile_texts)
def test_a_dotenv_report_has_a_value_as_it_is_or_not_at_all(text: str) -> None:
    value = dotenv_value(text)
    assert (value is None) == bool(CONTROLS.search(text))
    if value is not None:
        found = read.gitlab_dotenv(f"A={value}\nB=2\n")
        assert found == {"A": text.strip(), "B": "2"}


@given(hostile_texts.map(lambda text: text.replace("\0", "")))
@settings(max_examples=40, deadline=None)
def test_a_shell_reads_back_one_word_and_runs_nothing(text: str) -> None:
    script = f"set -- {shell_word(text)}; printf '%s|' $#; printf %s \"$1\""
    done = subprocess.run(
        [BASH, "-c", script.encode("utf-8", "surrogatepass")],
        env={"PATH": "", "LC_ALL": "C"},
        check=True,
        capture_output=True,
    )
    assert done.stdout == b"1|" + text.encode("utf-8", "surrogatepass")
    assert done.stderr == b""


def in_a_table(cell: str) -> str:
    """Return what is seen of a cell, once everything around it is as it should be."""
    page = read.markdown(
        f"### Title\n\n| | | |\n|---|---|---|\n| a | {cell} | b |\n| c | d | e |\n"
    )
    (first, shown, last), second = page.rows
    assert (first.text, last.text) == ("a", "b")
    assert [other.text for other in second] == ["c", "d", "e"]
    assert shown.links == ()
    assert page.html == []
    return shown.text


def spelled(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    """Return a text as people see it: flat, and with what has no width spelled out."""
    flat = re.sub(f"{CONTROLS.pattern}+", " ", text)
    # Of the category that has them, a few are seen.
    return "".join(
        spelled(letter) if unicodedata.category(letter) == "Cf" and letter not in SEEN else letter
        for letter in flat
    ).strip()


@every_text
def test_a_table_shows_a_text_in_its_cell_and_as_text(text: str) -> None:
    assert in_a_table(markdown_text(text)).replace(BREAK, "") == visible(text)


@given(hostile_texts.filter(lambda text: len(text) < 300))
def test_no_text_at_all_breaks_a_table_or_becomes_markup(text: str) -> None:
    assert in_a_table(markdown_text(text)).replace(BREAK, "") == visible(text)


@every_text
def test_markdown_mentions_no_one(text: str) -> None:
    assert read.mentions(in_a_table(markdown_text(text))) == []


@every_text
def test_markdown_refers_to_no_issue(text: str) -> None:
    """Such a reference writes a line onto the page of the issue."""
    assert read.references(in_a_table(markdown_text(text))) == []


@every_text
def test_markdown_links_no_address_by_itself(text: str) -> None:
    assert read.web_addresses(in_a_table(markdown_text(text))) == []


@pytest.mark.parametrize("letter", UNSEEN, ids=lambda letter: f"U+{ord(letter):04X}")
def test_what_is_not_seen_is_spelled_out_in_logs_and_tables(letter: str) -> None:
    """Else a text could be shown in another order than it has, or look like another."""
    text = f"a{letter}b"
    shown = f"a{spelled(letter)}b"
    assert log_line(text) == shown
    assert in_a_table(markdown_text(text)) == shown
    assert in_a_table(markdown_sentence(text)) == shown
    assert json.loads(json_text(text)) == text
    assert json_text(text).isascii()


@pytest.mark.parametrize(
    "text",
    [
        "##VSO[task.setvariable variable=a]b",
        "##TeamCity[buildProblem]",
        "##[Section]",
        "::Error::x",
        "SECTION_START:1:a",
        "Travis_Fold:end:a",
        "--- group",
        "+++ group",
        "~~~ group",
        "^^^ +++",
    ],
)
def test_a_command_in_any_letters_is_broken_by_a_backslash_that_is_seen(text: str) -> None:
    line = log_line(text)
    assert line.replace("\\", "") == text
    assert line.count("\\") == 1
    assert log_line(line) == line


@given(hostile_texts)
@example("::::#### section_Start:SECTION_end:travis_fold:travis_Time:")
def test_json_gives_no_platform_a_command_and_its_reader_the_value(text: str) -> None:
    value = {text: [text, {"a": f"x{text}"}], "b": 1}
    for printed in (json_text(value), json_text(value, indent=2)):
        assert json.loads(printed) == value
        assert commands(printed) == []
        assert not re.search(
            r"::|##|section_(?:start|end):|travis_(?:fold|time):", printed, re.IGNORECASE
        )


@every_text
def test_an_address_in_a_sentence_is_no_link_and_can_be_copied(text: str) -> None:
    page = read.markdown(f"- {markdown_sentence(f'See https://a.test/b_c?d=1#e. {text}')}\n")
    (entry,) = page.entries
    assert entry.text.startswith("See https://a.test/b_c?d=1#e.")
    assert entry.links == ()
    assert read.web_addresses(entry.prose) == []
    assert read.mentions(entry.prose) == []


@pytest.mark.parametrize(
    ("words", "url"),
    [
        ("https://a_b.pages.dev", "https://a_b.pages.dev"),
        ("www.a.test", "https://www.a.test/"),
        ("https://a.test/x@y#z", "https://a.test/x@y#z"),
    ],
)
def test_the_address_of_a_link_can_be_copied_as_it_is_shown(words: str, url: str) -> None:
    (entry,) = read.markdown(f"- {markdown_link(words, url)}\n").entries
    assert (entry.text, entry.links) == (words, (url,))


def test_a_long_text_is_cut_and_says_so() -> None:
    shown = in_a_table(markdown_text("|" * 10_000))
    assert shown == "|" * 299 + "\u2026"


@given(hostile_texts)
def test_a_link_has_our_address_and_any_words(text: str) -> None:
    page = read.markdown(f"- {markdown_link(f'x{text}', 'https://a.test/b')}\n")
    (entry,) = page.entries
    assert entry.links == ("https://a.test/b",)
    assert page.html == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.test/ b",
        "https://a.test/)[x](https://evil.test",
        "https://a.test/|b",
        'https://a.test/"x',
        "https://a.test/<b>",
        "https://a.test/\nx",
        "",
    ],
)
def test_what_is_no_plain_address_is_no_link(address: str) -> None:
    assert markdown_link("words", address) == html_link("words", address) == "words"


class Shown(HTMLParser):
    """What a browser shows of a piece of HTML, and where its links lead."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]


@given(hostile_texts.filter(lambda text: len(text) < 300))
@example("a & b < c > d \" ' &amp; *e* [f](g)")
def test_a_block_of_html_shows_a_text_as_text(text: str) -> None:
    page = Shown(html_text(text))
    assert page.text.replace(BREAK, "") == visible(text)
    assert page.tags == []
    assert read.mentions(page.text) == read.references(page.text) == []
    assert read.web_addresses(page.text) == []


@given(hostile_texts)
def test_a_link_of_html_has_our_address_and_any_words(text: str) -> None:
    page = Shown(html_link(text, "https://a.test/b?c=1&d=2"))
    assert page.tags == ["a"]
    assert page.links == ["https://a.test/b?c=1&d=2"]


ESCAPES = [github_data, azure_data, log_line, teamcity, markdown_text, markdown_sentence, html_text]


@given(st.text(), st.sampled_from(ESCAPES))
def test_whatever_is_escaped_is_one_line(text: str, escape: object) -> None:
    assert callable(escape)
    assert not re.search(r"[\r\n]", escape(text))
