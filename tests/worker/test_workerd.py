"""A Worker that would not start at Cloudflare is told before anything is sent; no other is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker import workerd as checked
from pages_deploy.worker.modules import Module, ModuleKind, Script
from pages_deploy.worker.workerd import check_start

if TYPE_CHECKING:
    from pages_deploy.worker.programs import Tool

pytestmark = pytest.mark.xdist_group("workerd")
WASM = b"\0asm\1\0\0\0"
ANSWERS = "export default { fetch() { return new Response('x') } };"


def script(text: str, *others: tuple[str, ModuleKind, bytes], name: str = "main.js") -> Script:
    modules = tuple(Module(*other) for other in others)
    return Script(Module(name, "esm", text.encode()), modules)


def start(workerd: Tool, worker: Script, **metadata: Any) -> str:
    return check_start(workerd, worker, {"compatibility_date": "2024-10-01", **metadata})


def test_a_worker_of_all_kinds_of_modules_starts(workerd: Tool) -> None:
    worker = script(
        'import a from "./lib/a.js"; import w from "./add.wasm"; import t from "./12-t.txt";'
        'import d from "./d.bin"; import c from "./c.cjs";' + ANSWERS,
        ("lib/a.js", "esm", b"export default 1"),
        ("add.wasm", "wasm", WASM),
        ("./12-t.txt", "text", "é".encode()),
        ("d.bin", "data", b"\0\xff"),
        ("c.cjs", "commonjs", b"module.exports = 1"),
        ("main.js.map", "source-map", b"{}"),
    )
    assert start(workerd, worker) == ""


@pytest.mark.parametrize("name", ["[[path]].js", 'a "b"\\c\t%20.js', "lib/é (x)/#?.js"])
def test_names_may_be_any(workerd: Tool, name: str) -> None:
    with pytest.raises(WorkerError) as raised:
        start(workerd, script("\nthrow new Error('no')", name=name))
    assert raised.value.message == f"{name}:2:7: the Worker does not start: Uncaught Error: no."


FAILING = {
    "syntax": (
        "export default { fetch( { return } }",
        "main.js:1:27: the Worker does not start: Uncaught SyntaxError: ",
    ),
    "twice": (
        "const a = 1;\nconst a = 2;" + ANSWERS,
        "main.js:2:7: the Worker does not start: Uncaught SyntaxError: Identifier 'a' has",
    ),
    "no such module": (
        'import "./b.js";' + ANSWERS,
        'main.js: the Worker does not start: Uncaught Error: No such module "b.js".',
    ),
    "node without its flag": (
        'import "node:fs";' + ANSWERS,
        'main.js: the Worker does not start: Uncaught Error: No such module "node:fs"',
    ),
    "in another module": (
        'import "./lib/a.js";' + ANSWERS,
        "lib/a.js:1:1: the Worker does not start: Uncaught ReferenceError: nope is not defined",
    ),
    "no handler": (
        "export default 5",
        "The Worker does not start: Uncaught TypeError: Incorrect type for map entry 'default'",
    ),
    "asking at the start": (
        "await fetch('http://site.test/');" + ANSWERS,
        "main.js:1:7: the Worker does not start: Uncaught Error: Disallowed operation",
    ),
    "waiting for ever": (
        "await new Promise(() => {});" + ANSWERS,
        "The Worker does not start: Uncaught Error: Top-level await in module is unsettled",
    ),
    "a text of several lines": (
        "throw new Error('one\\ntwo')",
        "main.js:1:7: the Worker does not start: Uncaught Error: one two.",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAILING.values(), ids=FAILING)
def test_errors_are_raised_with_the_module(workerd: Tool, text: str, message: str) -> None:
    with pytest.raises(WorkerError) as raised:
        start(workerd, script(text, ("lib/a.js", "esm", b"nope()")))
    assert raised.value.message.startswith(message)
    assert raised.value.exit_code == 2


BINDINGS = [
    {"name": kind.upper(), "type": kind}
    for kind in ("kv_namespace", "d1", "r2_bucket", "queue", "durable_object_namespace", "ai")
]


def test_bindings_that_only_cloudflare_has_are_no_reason(workerd: Tool) -> None:
    text = """import { env } from "cloudflare:workers";
      env.KV_NAMESPACE.get("x");
      new (class extends env.DURABLE_OBJECT_NAMESPACE {})();
      `${env.D1.prepare("select 1").bind(1)} ${env.ASSETS} ${await env.AI.run("x")}`;
      if (env.TEXT !== "a\\n\\"b\\"" || env.JSON.list[0] !== 1) throw new Error("other values");
    """
    plain = [
        {"name": "TEXT", "type": "plain_text", "text": 'a\n"b"'},
        {"name": "JSON", "type": "json", "json": {"list": [1]}},
    ]
    assert start(workerd, script(text + ANSWERS), bindings=[*BINDINGS, *plain]) == ""


def test_what_a_variable_of_the_dashboard_may_be_the_reason_of_is_no_error(workerd: Tool) -> None:
    text = 'import { env } from "cloudflare:workers"; env.SECRET.split(",");'
    said = start(workerd, script(text + ANSWERS))
    assert said.startswith("The Worker may not start: main.js:1:")
    with pytest.raises(WorkerError, match="SyntaxError"):
        start(workerd, script(text + "const a = 1; const a = 2;"))


def test_flags_and_dates_count(workerd: Tool) -> None:
    worker = script('import "node:path"; import "path";' + ANSWERS)
    assert start(workerd, worker, compatibility_flags=["nodejs_compat"]) == ""


def test_a_date_that_the_runtime_does_not_know_yet_is_no_reason(workerd: Tool) -> None:
    assert start(workerd, script(ANSWERS), compatibility_date="2999-01-01") == ""
    with pytest.raises(WorkerError, match="ReferenceError"):
        start(workerd, script("nope()"), compatibility_date="2999-01-01")


def test_without_a_date_the_oldest_counts(workerd: Tool) -> None:
    assert check_start(workerd, script(ANSWERS), {}) == ""


def test_what_the_runtime_cannot_try_is_said_and_no_error(workerd: Tool) -> None:
    said = start(workerd, script(ANSWERS), compatibility_flags=["of_another_year"])
    assert "Could not check whether the Worker starts" in said
    assert "No such compatibility flag: of_another_year" in said


def test_a_worker_that_does_not_come_to_an_end_is_killed(
    workerd: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "TIMEOUT_SECONDS", 2.0)
    with pytest.raises(WorkerError, match="2 seconds"):
        start(workerd, script("for (;;);"))
