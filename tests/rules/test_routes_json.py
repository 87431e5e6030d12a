"""`_routes.json`: what reaches the Worker, and what is wrong with one, at which line."""

from __future__ import annotations

import json

import pytest

from pages_deploy.rules.routes_json import (
    EVERYTHING,
    RoutesError,
    RoutesRules,
    TooManyRoutesError,
    read_routes,
)

# Asked of wrangler 4.164's own output in workerd, with `wrangler pages dev` agreeing.
RECORDED_RULES = RoutesRules(("/api/*", "/only"), ("/api/static/*", "/api/x.json"))
RECORDED = {
    "/": False,
    "/api": True,
    "/api/": True,
    "/api/1": True,
    "/api/static": False,
    "/api/static/a.css": False,
    "/api/x.json": False,
    "/api/xyjson": True,
    "/only": True,
    "/only/": True,
    "/only/x": False,
    "/other": False,
    "/API/1": False,
    "/apis": False,
    "//api/1": False,
    "/about": False,
}
# The table of the matching: rule, what it matches, what it does not.
TABLE = [
    ("/", ["/"], ["/foo", "//"]),
    ("/*", ["/", "/foo", "/foo/bar", "//"], []),
    ("/foo", ["/foo", "/foo/"], ["/foo/bar", "/foo//", "/", "/FOO"]),
    ("/foo/", ["/foo", "/foo/"], ["/foo/bar", "/fo"]),
    ("/foo/*", ["/foo", "/foo/", "/foo/bar/baz"], ["/foobar", "/fo"]),
    ("/foo*", ["/foo", "/foobar", "/foo/bar"], ["/barfoo"]),
    ("/*/b", ["/a/b", "/a/b/", "//b", "/a/c/b"], ["/b", "/a/b/c", "/ab"]),
    ("/*.png", ["/a.png", "/a/b.png", "/.png"], ["/apng", "/a.png.txt"]),
    ("/a*a", ["/aa", "/aba", "/aba/"], ["/a", "/ab"]),
    ("/a*b*c/*", ["/abc", "/axbxc/y", "/abbc/"], ["/acb", "/abcd"]),
    ("/a**b", ["/ab", "/axb"], ["/a"]),
    ("/a.b", ["/a.b"], ["/axb"]),
    ("/(a|b)+[c]?$", ["/(a|b)+[c]?$"], ["/a", "/"]),
    ("/caf%C3%A9", ["/caf%C3%A9"], ["/caf%c3%a9", "/café"]),
]


def text_of(
    include: list[object] | None = None, exclude: list[object] | None = None, version: object = 1
) -> str:
    rules = {"include": ["/a"] if include is None else include, "exclude": exclude or []}
    return json.dumps({"version": version, **rules})


def error_of(text: str) -> RoutesError:
    with pytest.raises(RoutesError) as caught:
        read_routes(text)
    return caught.value


@pytest.mark.parametrize("path", RECORDED)
def test_a_path_reaches_the_worker_as_it_did_when_it_was_recorded(path: str) -> None:
    assert RECORDED_RULES.matches(path) is RECORDED[path]


@pytest.mark.parametrize(("rule", "matching", "others"), TABLE, ids=[row[0] for row in TABLE])
def test_a_rule_matches_whole_paths(rule: str, matching: list[str], others: list[str]) -> None:
    rules = RoutesRules((rule,))
    assert [path for path in matching if not rules.matches(path)] == []
    assert [path for path in others if rules.matches(path)] == []


def test_a_rule_of_many_stars_is_not_slow() -> None:
    """An expression made of it would not end before the sun does."""
    rules = RoutesRules(("/" + "*a" * 49 + "b",))
    assert not rules.matches("/" + "a" * 100_000)


def test_rules_are_read_in_the_order_of_the_file() -> None:
    text = '{"exclude": ["/b/*"], "description": "x", "include": ["/*", "/*"], "version": 1.0}'
    assert read_routes(text) == RoutesRules(("/*", "/*"), ("/b/*",))


def test_an_empty_file_counts_as_none() -> None:
    assert read_routes("") == EVERYTHING
    assert EVERYTHING.matches("/")
    assert EVERYTHING.matches("//a/b")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (" ", 1, "no strict JSON"),
        ("{", 1, "no strict JSON"),
        ('// why\n{"version": 1}', 1, "no strict JSON"),
        ('{\n  "version": 1, // why\n  "include": ["/a"]}', 2, "no strict JSON"),
        ('{\n  "version": 1,\n  "include": ["/a",],\n  "exclude": []}', 3, "no strict JSON"),
        ('{"version": 1,\n "include": ["/a"],\n "exclude": [],}', 3, "no strict JSON"),
        ('{"version": 1,\n "include": ["/a\tb"],\n "exclude": []}', 2, "no strict JSON"),
        ('\ufeff{"version": 1}', 1, "byte order mark"),
        ('{"description": "NaN",\n "version": NaN}', 2, "NaN is no number"),
        ('{"version": 1} 2', 1, "no strict JSON"),
        ("[" * 200_000, 1, "no strict JSON"),
        ("[]", 1, "no object"),
        ("null", 1, "no object"),
        ("{}", 1, "`version` has to be 1"),
        ('{\n"version": "1", "include": ["/a"], "exclude": []}', 2, "`version` has to be 1"),
        ('{\n\n"version": true, "include": ["/a"], "exclude": []}', 3, "`version` has to be 1"),
        ('{"version": 2}', 1, "`version` has to be 1"),
        ('{"version": 1}', 1, "`include` has to be a list"),
        ('{"version": 1, "include": ["/a"]}', 1, "`exclude` has to be a list"),
        ('{"version": 1,\n"include": "/a",\n"exclude": []}', 2, "`include` has to be a list"),
        ('{"version": 1,\n"include": [],\n"exclude": ["/a"]}', 2, "one rule at least"),
        ('{"version": 1,\n"include": ["/a"],\n"include": ["/b"],\n"exclude": []}', 3, "twice"),
        ('{"version": 1,\n"include": [\n"/a",\n1],\n"exclude": []}', 4, "is no text"),
        ('{"version": 1,\n"include": [null],\n"exclude": []}', 2, "is no text"),
    ],
)
def test_a_file_of_another_shape_is_refused_at_its_line(text: str, line: int, said: str) -> None:
    error = error_of(text)
    assert said in error.message
    assert (error.line, error.rule) == (line, "")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("include", "exclude", "line", "said"),
    [
        (["/a", "b/*"], [], 5, "does not begin with `/`"),
        (["/a"], ["", "/b"], 6, "does not begin with `/`"),
        (["/" + "x" * 99, "/" + "y" * 100], [], 5, "has 101 characters"),
        (["/a"], ["/" + "🚀" * 50], 6, "has 101 characters"),
        (["/a/*", "/b", "/a/b"], [], 6, "overlaps `/a/*` of line 4"),
        (["/a/b", "/b", "/a/*"], [], 4, "overlaps `/a/*` of line 6"),
        (["/a"], ["/b", "/*"], 6, "overlaps `/*` of line 7"),
    ],
)
def test_a_rule_is_refused_at_its_line(
    include: list[str], exclude: list[str], line: int, said: str, newline: str
) -> None:
    rows = ["{", '"version": 1,', '"include": [']
    rows += [f"{json.dumps(rule)}{',' * (rule is not include[-1])}" for rule in include]
    rows += ['], "exclude": [']
    rows += [f"{json.dumps(rule)}{',' * (rule is not exclude[-1])}" for rule in exclude]
    rows += ["]}"]
    error = error_of(newline.join(rows))
    assert said in error.message
    assert error.line == line
    assert error.rule in (*include, *exclude)


def test_what_is_no_overlap() -> None:
    for include in (["/a/*", "/a"], ["/a*", "/ab"], ["/a/*", "/a/*"], ["/a/*", "/ab"]):
        assert read_routes(text_of([*include])).include == tuple(include)
    assert read_routes(text_of(["/*"], ["/a"])).exclude == ("/a",)


def test_a_hundred_rules_are_let_through_and_one_more_is_named() -> None:
    include: list[object] = [f"/a{number}" for number in range(60)]
    exclude: list[object] = [f"/b{number}" for number in range(40)]
    assert len(read_routes(text_of(include, exclude)).include) == 60
    error = error_of(text_of(include, [*exclude, "/too-much"]))
    assert isinstance(error, TooManyRoutesError)
    assert error.rule == "/too-much"
    assert "100 rules together" in error.message


def test_the_first_check_that_fails_is_told() -> None:
    """In wrangler's order, whatever the order in the file."""
    many: list[object] = ["no slash", "/" + "x" * 200, *(["/*"] * 100)]
    assert "100 rules together" in error_of(text_of(many)).message
    assert "201 characters" in error_of(text_of(many[:2])).message
    assert "begin with" in error_of(text_of(["/*", "/a", "b"])).message
    assert "`version`" in error_of(text_of([], version=2)).message


def test_a_refused_rule_is_shown_short_and_whole_letters_alone() -> None:
    error = error_of(text_of(["/\ud800" + "x" * 100_000]))
    assert len(error.message) < 300
    error.message.encode()


def test_megabytes_of_rules_are_read_once() -> None:
    error = error_of(text_of([f"/{number}" for number in range(200_000)]))
    assert error.rule == "/100"
    assert "`version`" in error_of(_huge()).message


def _huge() -> str:
    return '{"version": ' + "1" * 100_000 + ', "include": ["/a"], "exclude": []}'
