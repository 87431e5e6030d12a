"""What EXCLUDE and CONTENT_TYPE say: types read, chosen for files, and refused by line."""

from __future__ import annotations

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.site.file_rules import FileRules, TypeChoice
from pages_deploy.site.manifest import build_manifest
from pages_deploy.site.patterns import MAX_BYTES
from tests.world import BuildSite  # noqa: TC001 - a fixture's type


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as info:
        FileRules.read(content_types=text)
    return info.value.message


@pytest.mark.parametrize(
    ("line", "pattern", "content_type"),
    [
        ("*.x=text/plain", "*.x", "text/plain"),
        ("/feeds/*.xml = application/atom+xml ", "/feeds/*.xml", "application/atom+xml"),
        ("*.x=text/plain; charset=utf-8", "*.x", "text/plain; charset=utf-8"),
        ('a=b.x=text/x;a="q = \\" /";b=c\r', "a=b.x", 'text/x;a="q = \\" /";b=c'),
    ],
)
def test_the_first_sign_with_a_type_behind_it_parts_a_line(
    line: str, pattern: str, content_type: str
) -> None:
    (rule,) = FileRules.read(content_types=line).content_types
    assert (rule.pattern.text, rule.content_type) == (pattern, content_type)


@pytest.mark.parametrize(
    "line",
    [
        *("*.x", "*.x=", "*.x=text", "*.x=text/", "*.x=/plain", "*.x=text/plain;", "*.x=a/b c/d"),
        *("*.x=text/plain; charset", '*.x=text/x;a="', "*.x=text/pläin", "*.x=text/plain\x7f"),
        *("*.x=text/plain\rX: y", "*.x=text/plain; a=\x01", '*.x=text/x;a="\t"', "*.x=text/a/b"),
        f"*.x=text/{'x' * 255}",
    ],
)
def test_a_type_of_another_form_is_refused_at_its_line(line: str) -> None:
    message = refused(f"# types\n\n{line}")
    assert message.startswith("CONTENT_TYPE has '*.x")
    assert "on line 3, which is not PATTERN=TYPE" in message


def test_a_pattern_that_can_say_no_type_is_refused_at_its_line() -> None:
    assert "on line 1: a pattern that says a type cannot begin" in refused("!*.x=text/plain")
    assert "on line 2, whose pattern matches no file" in refused("*.x=text/plain\n[a=text/plain")
    assert "5005 bytes on line 1: too many" in refused("x" * 5000 + "=a/bc")


@pytest.mark.parametrize("option", ["exclude", "content_types"])
def test_options_beyond_all_measure_are_refused(option: str) -> None:
    with pytest.raises(SettingsError, match=f"it may have {MAX_BYTES}"):
        FileRules.read(**{option: "x" * (MAX_BYTES + 1)})
    with pytest.raises(SettingsError, match="has a zero byte"):
        FileRules.read(**{option: "a\0b"})


def test_the_last_line_whose_pattern_has_a_file_says_its_type() -> None:
    lines = ("*.x=text/one", "/feeds/=text/two", "a.*=text/three", "*.none=text/four")
    choice = TypeChoice(FileRules.read(content_types="\n".join(lines)))
    expected = {
        "/b.x": "text/one",
        "/deep/er/b.x": "text/one",
        "/feeds/b.x": "text/two",
        "/feeds/deep/c.txt": "text/two",
        "/feeds/a.txt": "text/three",
        "/x/feeds/c.txt": None,
        "/feeds": None,
    }
    assert {path: choice.type_of(path) for path in expected} == expected
    assert [rule.pattern.text for rule in choice.unused] == ["*.none"]


def test_types_of_no_known_kind_are_told_once() -> None:
    lines = ("*.a=test/html", "*.b=test/html", "*.c=Text/Foo; q=1", "*.d=x-conference/x-cooltalk")
    assert FileRules.read(content_types="\n".join(lines)).unknown_types == ("test/html",)


def test_a_blank_that_a_name_ends_with_is_not_lost() -> None:
    """An option's value comes without white space around it."""
    rules = FileRules.read(exclude="a\\")
    assert rules.excludes("a ", is_directory=False)
    assert not rules.excludes("a", is_directory=False)


def test_assets_are_uploaded_as_the_type_that_is_said(site: BuildSite) -> None:
    root = site({"a.x": "a", "b.txt": "b", "c.html": "c"})
    rules = FileRules.read(content_types="*.x=text/html; charset=utf-8\n*.html=text/plain\n*.y=a/b")
    manifest = build_manifest(root, rules=rules)
    assert [(one.content_type, one.is_retyped, one.is_page) for one in manifest.assets] == [
        ("text/html; charset=utf-8", True, True),
        ("text/plain", False, False),
        ("text/plain", True, False),
    ]
    assert [rule.pattern.text for rule in manifest.unused_types] == ["*.y"]
