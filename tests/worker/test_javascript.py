"""What is read of a file of JavaScript: exports, imports, and where it is none."""

from __future__ import annotations

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.javascript import read_javascript


def exports(text: str) -> set[str]:
    return set(read_javascript(text.encode(), "a.js").exports)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("export const a = 1, b = 2;", {"a", "b"}),
        ("export let a; export var b;", {"a", "b"}),
        ("export function a() {} export async function* b() {}", {"a", "b"}),
        ("export class A {}", {"A"}),
        ("const a = 1, b = 2; export { a, b as c, a as 'x-y' };", {"a", "c", "x-y"}),
        ("export const { a, b: { c }, d = 1, ...e } = o;", {"a", "c", "d", "e"}),
        ("export const [a, , b = 2, ...[c]] = o;", {"a", "b", "c"}),
        ("export default () => 1;", {"default"}),
        ("export default class {}", {"default"}),
        ("const a = 1; export { a as default };", {"default"}),
        ("export { a, default as b } from './x.js';", {"a", "b"}),
        ("export * as all from './x.js';", {"all"}),
        ("export * as default from './x.js';", {"default"}),
        ("const a = 1; export { a as delete, a as null, a as in };", {"delete", "null", "in"}),
        ("export { function, if as for, b } from './x.js';", {"function", "for", "b"}),
        ("export * from './x.js';", set()),
        ("module.exports = { a: 1 };", set()),
        ("// export const a = 1;\n'export const b = 2'; `export const c`; /export const d/", set()),
        ("", set()),
    ],
)
def test_exports_are_those_that_the_text_shows(text: str, names: set[str]) -> None:
    assert exports(text) == names


def test_imports_are_told_with_names_and_places() -> None:
    text = """import a, { b as c, "x-y" as d } from "./one.js";
import * as n from './two.js';
import "./three.js";
export { e } from "./four.js";
export * from "./five.js";
const f = await import("./six.js");
const g = await import(`./${f}`);
import h from "./seven.json" with { type: "json" };
"""
    found = read_javascript(text.encode(), "a.js")
    assert [
        (one.specifier, [name for name, _ in one.names], one.place.line, one.has_attributes)
        for one in found.imports
    ] == [
        ("./one.js", ["default", "b", "x-y"], 1, False),
        ("./two.js", [], 2, False),
        ("./three.js", [], 3, False),
        ("./four.js", ["e"], 4, False),
        ("./five.js", [], 5, False),
        ("./six.js", [], 6, False),
        ("./seven.json", ["default"], 8, True),
    ]
    assert found.reexported == ("./five.js",)
    first = found.imports[0]
    assert text.encode()[first.start : first.end] == b'"./one.js"'


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"./a\u0062.js", "./ab.js"), (r"./\x61.js", "./a.js"), (r"./it\'s.js", "./it's.js")],
)
def test_escapes_in_a_specifier_are_resolved(written: str, meant: str) -> None:
    (found,) = read_javascript(f"import '{written}';".encode(), "a.js").imports
    assert found.specifier == meant


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("const a = ;", "a.js:1:"),
        ("const a = 1;\nfoo(;\n", "a.js:2:"),
        ("\n\nif (", "a.js:3:"),
        ("export const onRequest = () => new Response('a';", "a.js:1:"),
        ("let x = {\n  a: 1\n  b: 2\n};", "a.js:"),
        ("const s = 'open", "a.js:1:"),
    ],
)
def test_what_is_no_javascript_is_told_at_its_place(text: str, place: str) -> None:
    mistake = read_javascript(text.encode(), "a.js").mistake
    assert mistake is not None
    assert mistake.message.startswith(place)
    assert mistake.exit_code == 2


def test_a_file_that_is_not_utf_8_is_refused_at_its_line() -> None:
    with pytest.raises(WorkerError, match=r"^a\.js:2:1: this is not UTF-8"):
        read_javascript(b"\nconst a = '\xff';", "a.js")


@pytest.mark.parametrize("text", ["const a = <b>c</b>;", "f(<A x={1} />);", "g(<></>);"])
def test_jsx_is_seen(text: str) -> None:
    assert read_javascript(text.encode(), "a.js").jsx is not None


@pytest.mark.parametrize("text", ["a < b > c;", "const r = /<a>/;", "const s = '<a></a>';"])
def test_what_only_looks_like_jsx_is_none(text: str) -> None:
    assert read_javascript(text.encode(), "a.js").jsx is None


def test_what_modern_javascript_has_is_taken() -> None:
    modern = """class A { #x = 1; static { A.y = 2; } get z() { return this.#x ?? 0; } }
const b = a?.b?.[0] ?? (c ||= 1), d = 1_000n, e = /(?<n>a)/dgv, f = `x${`y`}`;
for await (const g of h()) label: while (true) { break label; }
export const i = async ({ j, ...k }, [l] = []) => { try { await j; } catch { return k; } };
export default { async fetch(request, env, ctx) { return new Response(import.meta.url); } };
"""
    assert exports(modern) == {"i", "default"}
    assert read_javascript(modern.encode(), "a.js").mistake is None


@pytest.mark.parametrize(
    "text",
    [
        "import { if as a, delete as b } from './x.js'; export { a as const, b as 'c-d' };",
        "import x, {\n  null as a,\n} from './x.js';",
        "class A {\n  #z = 1\n  #y = null\n  #a\n\n  [b] = null\n}",
    ],
)
def test_what_only_the_grammar_does_not_know_is_no_mistake(text: str) -> None:
    assert read_javascript(text.encode(), "a.js").mistake is None


def test_names_that_are_reserved_elsewhere_are_told_as_they_are() -> None:
    (found,) = read_javascript(b"import { if as a, b } from './x.js';", "a.js").imports
    assert [name for name, _ in found.names] == ["if", "b"]


@pytest.mark.parametrize("text", ["const a = 1\nconst b = 2; export { if }; {", "f(1 2)"])
def test_a_mistake_stays_one(text: str) -> None:
    assert read_javascript(text.encode(), "a.js").mistake is not None


@pytest.mark.parametrize(
    ("text", "is_generated"),
    [("const a = 1;\n" * 100, False), ("a();" * 300, True), ("a();\n" * 20_000, True)],
)
def test_what_a_program_has_written_is_large_or_has_long_lines(
    text: str, is_generated: bool
) -> None:
    assert read_javascript(text.encode(), "a.js").is_generated == is_generated
