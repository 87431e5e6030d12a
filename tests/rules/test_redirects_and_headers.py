"""`_redirects` and `_headers` as Cloudflare reads them, by vectors from its own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pages_deploy.rules.headers import read_headers
from pages_deploy.rules.redirects import read_redirects

DATA = Path(__file__).parents[1] / "data"
# What Pages adds by itself; any other field is the site's.
DEFAULTS = {
    "access-control-allow-origin",
    "cache-control",
    "content-type",
    "etag",
    "location",
    "referrer-policy",
    "x-content-type-options",
    "x-robots-tag",
}


def vectors(name: str) -> list[Any]:
    found = json.loads((DATA / name).read_text("utf-8"))
    assert found
    assert isinstance(found, list)
    return found


RULE_FILES = vectors("rule-files.json")
REDIRECTS_SERVED = vectors("redirects-served.json")
HEADERS_SERVED = vectors("headers-served.json")


def of_kind(kind: str) -> list[Any]:
    return [vector for vector in RULE_FILES if vector["kind"] == kind]


def name_of(vector: Any) -> str:
    return str(vector.get("name", vector.get("input")))


@pytest.mark.parametrize("vector", of_kind("_redirects"), ids=name_of)
def test_redirects_are_read_as_cloudflares_parser_reads_them(vector: Any) -> None:
    assert [
        {
            "from": rule.source,
            "to": rule.target,
            "status": rule.status,
            "lineNumber": rule.line_number,
        }
        for rule in read_redirects(vector["input"]).rules
    ] == vector["rules"]


@pytest.mark.parametrize("vector", of_kind("_headers"), ids=name_of)
def test_headers_are_read_as_cloudflares_parser_reads_them(vector: Any) -> None:
    assert [
        {"path": rule.path, "set": rule.set, "unset": list(rule.unset)}
        for rule in read_headers(vector["input"]).rules
    ] == vector["rules"]


@pytest.mark.parametrize("vector", of_kind("_redirects"), ids=name_of)
def test_the_lines_that_cloudflares_parser_drops_are_named_with_a_reason(vector: Any) -> None:
    redirects = read_redirects(vector["input"])
    # A rule that counts and can never match is named too.
    kept = {rule.line_number for rule in redirects.rules}
    dropped = [one for one in redirects.dropped if one.line_number not in kept]
    assert [one.line_number for one in dropped] == vector["invalid_lines"]
    assert all(one.reason for one in dropped)


@pytest.mark.parametrize("vector", of_kind("_headers"), ids=name_of)
def test_as_many_header_lines_are_named_as_cloudflares_parser_drops(vector: Any) -> None:
    """Cloudflare reports a path without headers where the next one stands, or nowhere."""
    dropped = read_headers(vector["input"]).dropped
    shadowed = sum("takes the place of this one" in one.reason for one in dropped)
    impossible = sum("cannot be the name" in one.reason for one in dropped)
    never = sum("never matches" in one.reason for one in dropped)
    assert len(dropped) - shadowed - impossible - never == len(vector["invalid_lines"])


DROPPED = [
    ("_redirects", "/a /b\n/c\n/d /e 404\n", [2, 3]),
    ("_redirects", "/* /index.html 200\n", [1]),
    ("_redirects", "/a /b\n/a /c\n", [2]),
    ("_redirects", "/:a/:a /b\n", [1]),
    ("_redirects", "/x " + "y" * 2000 + "\n/a /b\n", [1]),
    ("_redirects", "/s /t\n/* /x\n" + "/a /b\n" * 200, [*range(4, 103)]),
    ("_redirects", "".join(f"/{n} /x\n" for n in range(2001)), [2001]),
    ("_headers", "/a\n/b\n  X: 1\n", [1]),
    ("_headers", "/a\n", [1]),
    ("_headers", "X: 1\n/a\n  X\n  Y: 1\n", [1, 3]),
    ("_headers", "/a\n  X: 1\n/a\n  X: 2\n", [1]),
    ("_headers", "/a\n  X-@bad(: 1\n  Y: 1\n", [2]),
    ("_headers", "/a\n  X: 1\r2\n  Y: 1\n", [2]),
    ("_headers", "".join(f"/{n}\n  X: 1\n" for n in range(103)), [203]),
    ("_headers", "http://x\n  A: 1\n  B: 1\n/b\n  B: 1", [1]),
]


@pytest.mark.parametrize(("name", "text", "lines"), DROPPED)
def test_what_has_no_effect_is_named_at_its_own_line(
    name: str, text: str, lines: list[int]
) -> None:
    dropped = (read_redirects(text) if name == "_redirects" else read_headers(text)).dropped
    assert [one.line_number for one in dropped] == lines


@pytest.mark.parametrize("end", ["\r", "\u2028", "\u2029"])
def test_a_comment_goes_to_the_lines_end_only_where_no_other_end_is_in_it(end: str) -> None:
    """As in JavaScript; a file of an old Mac is one line."""
    assert read_redirects(f"/a /b # c{end}/d /e").rules == ()
    (rule,) = read_redirects(f"/a /b{end} # c # d").rules
    assert (rule.source, rule.target) == ("/a", "/b")


@pytest.mark.parametrize("end", ["\r", "\u2028", "\u2029"])
def test_the_path_behind_a_host_ends_with_its_line(end: str) -> None:
    (rule,) = read_headers(f"https://example.test/a{end}b\n  X: 1").rules
    assert rule.path == "https://example.test/a"


def test_many_comments_are_cut_off_in_linear_time() -> None:
    assert read_redirects("\n".join(["/a /b" + " #" * 990 + "\r c"] * 500)).rules == ()


def test_blanks_around_a_splat_that_took_nothing_are_not_sent() -> None:
    rules = read_headers("/a/*\n  X: :splat 1 :splat\n  Y: :splat")
    (change,) = rules.changes("/a/")
    assert change.set == {"x": "1", "y": ""}


@pytest.mark.parametrize("vector", REDIRECTS_SERVED, ids=name_of)
def test_a_path_is_redirected_where_cloudflares_server_redirects_it(vector: Any) -> None:
    redirects = read_redirects(vector["file"])
    rule = redirects.rule_for(vector["path"])
    assert (rule and rule.status) == vector["status"]
    assert redirects.matches(vector["path"]) is (vector["status"] is not None)


@pytest.mark.parametrize("vector", HEADERS_SERVED, ids=name_of)
def test_a_header_is_changed_where_cloudflares_server_changes_it(vector: Any) -> None:
    rules, served = read_headers(vector["file"]), vector["headers"]
    names = {name for rule in rules.rules for name in (*rule.set, *rule.unset)} | served.keys()
    if vector["status"] == 404:
        # The one field that no rule can change there.
        names.remove("cache-control")
    for name in names:
        found = rules.sets(vector["path"], name.title(), host=vector["host"])
        if found is None:
            assert name in DEFAULTS or served.get(name) is None, name
        else:
            assert (found or None) == served.get(name), name


def test_both_kinds_of_answer_are_among_the_vectors() -> None:
    """So that a reader that finds nothing, or everything, cannot pass."""
    assert {vector["status"] for vector in REDIRECTS_SERVED} == {None, 200, 301, 302, 303, 307, 308}
    changed = [
        read_headers(vector["file"]).sets(vector["path"], "x-a", host=vector["host"])
        for vector in HEADERS_SERVED
    ]
    assert {None, "", "1"} <= set(changed)


def test_an_etag_that_the_site_sets_or_takes_away_is_told_apart_from_its_own() -> None:
    rules = read_headers('/set\n  ETag: "mine"\n/gone\n  ! ETag\n/other\n  X: 1\n')
    assert rules.sets("/set", "ETag") == '"mine"'
    assert rules.sets("/gone", "etag") == ""
    assert rules.sets("/other", "ETag") is None


def test_rules_of_a_host_hold_for_that_host_alone() -> None:
    rules = read_headers("https://:project.pages.dev/*\n  X-Robots-Tag: :project\n")
    assert rules.sets("/a", "x-robots-tag", host="demo.pages.dev") == "demo"
    assert rules.sets("/a", "x-robots-tag", host="a.demo.pages.dev") is None
    assert rules.sets("/a", "x-robots-tag") is None


def test_a_bad_dynamic_line_counts_but_does_not_end_the_static_part() -> None:
    """The later line is one of the hundred, and is found as it stands all the same."""
    lines = ["/bad/* nowhere", "/static /y", "/* /z"]
    assert read_redirects("\n".join(lines)).rule_for("/static") is not None
    dynamic = [f"/static{number} /y" for number in range(100)]
    redirects = read_redirects("\n".join([lines[0], *dynamic]))
    assert [redirects.matches(f"/static{number}") for number in (98, 99)] == [True, False]


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n", "\ufeff", "\x00\x01", "/a", "/a\n/b"])
def test_a_file_without_a_rule_changes_nothing(text: str) -> None:
    assert read_redirects(text).rules == ()
    assert read_headers(text).sets("/a", "etag") is None


@pytest.mark.parametrize(
    "status", ["3_01", "nan", "Infinity", "1e999", "", "-301", "0x", "٣٠١", "301px"]
)
def test_a_status_that_only_python_would_read_is_none(status: str) -> None:
    rules = read_redirects(f"/a /b {status}\n").rules
    assert [rule.status for rule in rules] == ([302] if not status else [])
