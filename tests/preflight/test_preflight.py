"""What is found in names, rules and limits of a site before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages_deploy.preflight.codes import CODES
from pages_deploy.preflight.finding import DOCUMENT, Finding
from pages_deploy.preflight.preflight import answers_of, preflight
from pages_deploy.rules.addresses import address_of
from pages_deploy.rules.routes_json import EVERYTHING
from pages_deploy.site.ignoring import LeftOutFiles
from pages_deploy.site.manifest import Asset, Manifest

ROOT = Path(__file__).resolve().parents[2]
MANY_HEADERS = "".join(f"/{n}\n  x-a: {n}\n" for n in range(103))
MANY_DYNAMIC = "".join(f"/{n}/* /to/{n}\n" for n in range(103)) + "# a comment\n\n"
MANY_STATIC = "".join(f"/{n} /to/{n}\n" for n in range(2002))


def manifest_of(
    *files: str,
    redirects: str = "",
    headers: str = "",
    routes: str = "",
    left_out: tuple[str, ...] = (),
    below_node_modules: LeftOutFiles | None = None,
    is_repository: bool = False,
) -> Manifest:
    special = {"_redirects": redirects, "_headers": headers, "_routes.json": routes}
    return Manifest(
        Path("dist"),
        tuple(Asset(f"/{file}", 1, f"{n:032x}", "text/html") for n, file in enumerate(files)),
        {name: text.encode() for name, text in special.items() if text},
        left_out,
        LeftOutFiles() if below_node_modules is None else below_node_modules,
        is_repository,
    )


def findings_of(manifest: Manifest, *, has_worker: bool = False) -> list[Finding]:
    answers = answers_of(manifest, worker_rules=EVERYTHING if has_worker else None)
    return preflight(manifest, answers, has_worker=has_worker)


def found(manifest: Manifest, *, has_worker: bool = False) -> list[tuple[str, str, int | None]]:
    findings = findings_of(manifest, has_worker=has_worker)
    assert all(finding.message.endswith(".") and finding.remedy for finding in findings)
    return [(finding.severity, finding.code, finding.line) for finding in findings]


def test_a_site_without_anything_odd_gives_no_findings() -> None:
    manifest = manifest_of(
        "index.html",
        "about.html",
        "404.html",
        "docs/index.html",
        redirects="/old /about 301\n/blog/* /docs/:splat\n/wiki /x/Special:Search\n/y /x?to=1#z\n",
        headers="/*\n  X-Frame-Options: DENY\n",
    )
    assert found(manifest) == []


@pytest.mark.parametrize(
    ("redirects", "expected"),
    [
        ("/a /b 404\n", [("redirect-invalid", 1)]),
        ("\n# c\n/a\n", [("redirect-invalid", 3)]),
        ("/a id=:id /b 301\n", [("redirect-invalid", 1)]),
        ("/a /b\n/a /c\n", [("redirect-duplicate", 2)]),
        ("/* /index.html 200\n", [("redirect-loop", 1)]),
        ("/about /about.html 301\n", [("redirect-loop", 1)]),
        ("/one /two\n/two /one\n", [("redirect-loop", 1), ("redirect-loop", 2)]),
        ("/deep/* /deep/er/:splat\n", [("redirect-loop", 1)]),
        ("/team /about.html 200\n", [("rewrite-redirects", 1)]),
        ("/team /docs 200\n", [("rewrite-redirects", 1)]),
        ("/team /about 200\n", []),
        ("/x/* /to\n/x/y /about\n", [("redirect-shadowed", 2)]),
        ("/x/* /to\n/x/:id /about\n/x/y/* /z\n", [("redirect-shadowed", n) for n in (2, 3)]),
        ("/x/:id /to\n/x/* /about\n", []),
        ("/x/y /about\n/x/* /to\n", []),
        ("/s?q=1 /about\n", [("redirect-query", 1)]),
        ("/s#q /about\n", [("redirect-query", 1)]),
        ("/x/* /to/:id\n", [("redirect-unknown-name", 1)]),
        ("/x /to/:splat\n", [("redirect-unknown-name", 1)]),
        ("/x/:id /to/:identity?a=:id\n", []),
        ("/x https://h:99999/\n", [("redirect-invalid", 1)]),
        (MANY_STATIC, [("redirect-limit", 2001), ("redirect-limit", 2002)]),
        (MANY_DYNAMIC, [("redirect-limit", 101)]),
        ("/x " + "/y" * 1000 + "\n", [("line-too-long", 1)]),
    ],
)
def test_a_line_of_redirects_that_does_not_do_what_it_says_is_found(
    redirects: str, expected: list[tuple[str, int]]
) -> None:
    manifest = manifest_of("index.html", "about.html", "docs/index.html", redirects=redirects)
    assert found(manifest) == [("warning", code, line) for code, line in expected]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("x-a: 1\n", [("header-invalid", 1)]),
        ("/*\n  no header\n  x-a: 1\n", [("header-invalid", 2)]),
        ("/*\n  Link:https://e.test/\n", [("header-invalid", 2), ("header-invalid", 1)]),
        ("/a\n  x-a: 1\n/a\n  x-b: 1\n", [("header-duplicate", 1)]),
        (MANY_HEADERS, [("header-limit", 203)]),
    ],
)
def test_a_line_of_headers_without_effect_is_found(
    headers: str, expected: list[tuple[str, int]]
) -> None:
    manifest = manifest_of("index.html", headers=headers)
    assert sorted(found(manifest)) == sorted(("warning", code, line) for code, line in expected)


def test_what_stands_below_the_last_line_that_counts_is_counted() -> None:
    (finding,) = findings_of(manifest_of("index.html", redirects=MANY_DYNAMIC))
    assert "the 2 lines below it" in finding.message


def test_an_address_that_touches_its_headers_colon_is_told_so() -> None:
    findings = findings_of(manifest_of("index.html", headers="/*\n  Link:https://e.test/\n"))
    assert any("blank behind its colon" in finding.message for finding in findings)


ROUTES = '{"version": 1,\n"include": ["/a", "b",\n"/c/*", "/c/d"],\n"exclude": []}'


def test_each_wrong_rule_of_the_routes_file_is_an_error_where_there_is_a_worker() -> None:
    manifest = manifest_of("index.html", routes=ROUTES)
    assert found(manifest, has_worker=True) == [
        ("error", "routes-invalid", 2),
        ("error", "routes-invalid", 3),
    ]


def test_a_routes_file_without_a_worker_has_no_effect() -> None:
    manifest = manifest_of("index.html", routes=ROUTES)
    assert found(manifest) == [
        ("warning", "routes-without-worker", None),
        ("warning", "routes-invalid", 2),
        ("warning", "routes-invalid", 3),
    ]
    broken = manifest_of("index.html", routes="{")
    assert ("error", "routes-invalid", 1) in found(broken, has_worker=True)


@pytest.mark.parametrize(
    ("files", "severity", "code", "named"),
    [
        (["about.html"], "warning", "no-index", ""),
        (["index.html", "about", "about.html"], "warning", "name-collision", "about.html"),
        (["index.html", "a.html", "a/index.html"], "note", "name-collision", "a.html"),
        (["index.html", "A.css", "a.css"], "note", "name-case", "a.css"),
        (["index.html", "cdn-cgi/x"], "warning", "name-unreachable", "cdn-cgi/x"),
        (["index.html", "a/.html"], "warning", "name-unreachable", "a/.html"),
    ],
)
def test_a_file_that_is_not_served_as_its_name_says_is_found(
    files: list[str], severity: str, code: str, named: str
) -> None:
    findings = findings_of(manifest_of(*files))
    assert (severity, code, named) in [(one.severity, one.code, one.file) for one in findings]


@given(
    names=st.sets(
        st.lists(
            st.sampled_from(["a", "A", ".html", "index", "index.html", "a.html", "a.html.html"]),
            min_size=1,
            max_size=3,
        ).map("/".join),
        max_size=8,
    )
)
def test_each_page_that_no_address_shows_is_found_and_each_pair_by_case(names: set[str]) -> None:
    findings = findings_of(manifest_of(*names))
    paths = {f"/{name}" for name in names}
    pages = [path for path in paths if path.endswith(".html")]
    assert {one.file for one in findings if one.code == "name-unreachable"} == {
        page[1:] for page in pages if address_of(page, paths.__contains__) is None
    }
    by_case = [one for one in findings if one.code == "name-case"]
    assert len(by_case) == len(names) - len({name.casefold() for name in names})


def test_a_worker_or_a_rule_may_answer_for_the_home_page() -> None:
    assert found(manifest_of("about.html"), has_worker=True) == []
    assert found(manifest_of("about.html", redirects="/ /about\n")) == []


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (18_000, []),
        (18_001, [("note", "many-files")]),
        (20_001, [("warning", "many-files")]),
        (100_001, [("error", "too-many-files")]),
    ],
)
def test_a_number_of_files_near_the_plans_is_told(
    count: int, expected: list[tuple[str, str]]
) -> None:
    manifest = manifest_of("index.html", *(f"{n}.txt" for n in range(count - 1)))
    assert [(severity, code) for severity, code, _ in found(manifest)] == expected


def test_what_is_left_out_is_told() -> None:
    manifest = manifest_of(
        "index.html",
        left_out=("functions", "_redirects"),
        below_node_modules=LeftOutFiles(2, "/node_modules/a.js"),
        is_repository=True,
    )
    assert sorted(code for _, code, _ in found(manifest)) == [
        "functions-in-output",
        "node-modules",
        "repository",
        "reserved-name",
    ]


def test_a_finding_as_data_has_a_target_only_where_there_is_one() -> None:
    finding = Finding(
        severity="note", code="name-case", message="M.", remedy="R.", file="a", line=2
    )
    assert finding.as_json() == {
        "severity": "note",
        "code": "name-case",
        "file": "a",
        "line": 2,
        "message": "M.",
        "remedy": "R.",
        "document": "docs/findings.md#name-case",
    }
    assert finding.place == "a:2"
    link = Finding(severity="note", code="name-case", message="M.", remedy="R.", target="/x")
    assert link.as_json()["target"] == "/x"
    assert link.place == "."


def test_every_code_has_a_section_in_the_document_and_no_section_is_without_one() -> None:
    lines = (ROOT / DOCUMENT).read_text("utf-8").splitlines()
    assert [line[4:] for line in lines if line.startswith("### ")] == list(CODES)
