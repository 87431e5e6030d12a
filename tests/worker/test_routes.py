"""Which function answers which path, in which order, and by which rules requests reach it."""

from __future__ import annotations

import json

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.routes import include_rules, place_of, routes_of

ON_REQUEST = {"onRequest"}


def paths(*files: str) -> list[str]:
    return [route.path for route in routes_of(dict.fromkeys(files, ON_REQUEST)).routes]


@pytest.mark.parametrize(
    ("file", "path", "mount", "is_middleware"),
    [
        ("index.js", "/", "/", False),
        ("hello.js", "/hello", "/", False),
        ("api/index.ts", "/api", "/api", False),
        ("api/[id].js", "/api/:id", "/api", False),
        ("[lang]/[[path]].mjs", "/:lang/:path*", "/:lang", False),
        ("a.test.js", "/a.test", "/", False),
        ("file-[name].json.js", "/file-:name.json", "/", False),
        ("_middleware.js", "/", "/", True),
        ("x/_middleware_.jsx", "/x", "/x", True),
        ("[open.js", "/[open", "/", False),
    ],
)
def test_the_place_of_a_file_is_its_path(
    file: str, path: str, mount: str, is_middleware: bool
) -> None:
    assert place_of(file) == (path, mount, is_middleware)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("[a-b].js", "[a-b]"),
        ("[...rest].js", "[...rest]"),
        ("x/[].js", "[]"),
        ("[[a b]].js", "[[a b]]"),
        ("[a][b].js", "next to each other"),
        ("[a][[b]].js", "next to each other"),
        ("x[[a]].js", "a whole segment"),
        ("[[a]]x.js", "a whole segment"),
        ("a:b.js", ":"),
        ('a"b.js', '"'),
        ("a\\b.js", "\\"),
        ("a*b.js", "*"),
    ],
)
def test_a_name_that_would_break_every_request_is_refused(file: str, named: str) -> None:
    with pytest.raises(WorkerError) as info:
        place_of(file)
    assert info.value.message.startswith(f"functions/{file}: ")
    assert named in info.value.message
    assert info.value.exit_code == 2


def test_the_most_specific_route_comes_first() -> None:
    files = [
        "[[all]].js",
        "a/[[rest]].js",
        "a/[id].js",
        "a/b.js",
        "index.js",
        "a/b/c.js",
        "[id].js",
    ]
    assert paths(*files) == ["/a/b/c", "/a/b", "/a/:id", "/a/:rest*", "/:id", "/:all*", "/"]


def test_parameters_of_one_rank_sort_as_in_the_root_collation() -> None:
    assert paths("[Zeta].js", "[alpha].js") == ["/:alpha", "/:Zeta"]
    assert paths("[v1].js", "[_u].js") == ["/:_u", "/:v1"]
    assert paths("pre-[x].js", "[y].js") == ["/:y", "/pre-:x"]
    assert paths("file-[name].js", "[a]-[b].js") == ["/:a-:b", "/file-:name"]
    assert paths("[B].js", "[b].js", "[A].js", "[a].js") == ["/:a", "/:A", "/:b", "/:B"]
    assert paths("f.js", "é.js", "e.js", "a b.js", "_.js", "1.js") == [
        *("/_", "/1", "/a b", "/e", "/é", "/f"),
    ]


def test_a_method_of_its_own_comes_before_all_methods() -> None:
    found = routes_of({"a.js": {"onRequest", "onRequestGet", "onRequestPost"}})
    assert [route.method for route in found.routes] == ["GET", "POST", ""]


def test_other_exports_give_no_route() -> None:
    exports = {"a.js": {"default", "config", "onSchedule", "onrequest", "onRequestTrace"}}
    assert routes_of(exports).routes == ()


def test_middleware_and_a_module_of_one_path_share_a_route() -> None:
    found = routes_of({"_middleware.js": ON_REQUEST, "index.js": ON_REQUEST})
    assert json.loads(found.config) == {
        "routes": [
            {
                "routePath": "/",
                "mountPath": "/",
                "method": "",
                "middleware": ["_middleware.js:onRequest"],
                "module": ["index.js:onRequest"],
            }
        ],
        "baseURL": "/",
    }
    assert not found.warnings


def test_what_wins_silently_at_pages_is_told() -> None:
    found = routes_of({"foo.js": ON_REQUEST, "foo/index.js": ON_REQUEST})
    assert [str(route.module) for route in found.routes] == ["foo/index.js:onRequest"]
    assert [route.mount for route in found.routes] == ["/foo"]
    (warning,) = found.warnings
    assert "foo/index.js:onRequest and foo.js:onRequest both answer /foo" in warning


def test_files_of_one_path_with_different_methods_both_live() -> None:
    found = routes_of({"foo.js": {"onRequestGet"}, "foo/index.js": {"onRequestPost"}})
    assert [str(route.module) for route in found.routes] == [
        "foo.js:onRequestGet",
        "foo/index.js:onRequestPost",
    ]
    assert not found.warnings


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        (["hello.js"], {"/hello"}),
        (["b/[id].js"], {"/b/*"}),
        (["i/j-[k].js"], {"/i/j-*"}),
        (["[lang]/about.js"], {"/*"}),
        (["e/f.js", "e/[[g]].js", "e.js"], {"/e/*", "/e"}),
        (["m/_middleware.js"], {"/m/*"}),
        (["_middleware.js", "a.js"], {"/*"}),
        ([f"f{number}.js" for number in range(100)], {f"/f{number}" for number in range(100)}),
        ([f"f{number}.js" for number in range(101)], {"/*"}),
        ([f"{'a' * 60}/{'b' * 60}.js"], {f"/{'a' * 60}/*"}),
        ([f"{'a' * 200}.js"], {"/*"}),
    ],
)
def test_the_rules_are_those_that_wrangler_would_send(files: list[str], rules: set[str]) -> None:
    found = include_rules(routes_of(dict.fromkeys(files, ON_REQUEST)).routes)
    assert set(found) == rules
    assert len(found) == len(rules)
