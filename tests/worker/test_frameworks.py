"""Trees as frameworks' adapters write them: they are deployed as they are, and answer."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundler import Bundler
from pages_deploy.worker.programs import Search
from pages_deploy.worker.worker import Worker, WorkerSources, find_worker
from tests.worker.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.worker.programs import Tool
    from tests.world import BuildSite

pytestmark = [
    pytest.mark.xdist_group("workerd"),
    pytest.mark.skipif(sys.platform == "win32", reason="no pipe can be handed on there"),
]
# A module with one function, `answer`, that gives 42.
WASM = bytes.fromhex(
    "0061736d010000000105016000017f03020100070a0106616e7377657200000a06010400412a0b"
)
DATE = "2025-05-01"
FLAGS = ("nodejs_compat",)

SVELTEKIT: Mapping[str, str | bytes] = {
    "dist/_worker.js": """import { Server } from "./../output/server/index.js";
import { manifest } from "./../tmp/manifest.js";
import { env } from "cloudflare:workers";
var server = new Server(manifest);
export default {
  async fetch(request, bound, ctx) {
    const cached = await caches.default.match(request);
    if (cached) return cached;
    const { pathname } = new URL(request.url);
    if (manifest.assets.has(pathname.slice(1))) return env.ASSETS.fetch(request);
    const answer = await server.respond(request);
    if (request.method === "GET") ctx.waitUntil(caches.default.put(request, answer.clone()));
    return answer;
  },
};
""",
    "tmp/manifest.js": """const memo = (load) => () => load();
export const manifest = {
  assets: new Set(["robots.txt"]),
  nodes: { "/": memo(() => import("../output/server/nodes/0.js")) },
  endpoints: { "/api": memo(() => import("../output/server/entries/_server.ts.js")) },
};
""",
    "output/server/index.js": """import { j as json, d as delete_ } from "./chunks/index.js";
export class Server {
  #manifest
  constructor(manifest) { this.#manifest = manifest; }
  async respond(request) {
    const { pathname } = new URL(request.url);
    const endpoint = this.#manifest.endpoints[pathname];
    if (endpoint) return (await endpoint())[request.method](json, delete_);
    const node = this.#manifest.nodes[pathname];
    if (!node) return new Response("none", { status: 404 });
    return new Response((await node()).component(), { headers: { "content-type": "text/html" } });
  }
}
""",
    "output/server/chunks/index.js": """const json = (value) => Response.json(value);
const remove = () => "gone";
export { json as j, remove as d, remove as delete };
""",
    "output/server/nodes/0.js": "export const component = () => '<h1>home</h1>';",
    "output/server/entries/_server.ts.js": """export { GET };
const GET = (json, remove) => json({ ok: true, told: remove() });
""",
    "dist/robots.txt": "robots",
}
ASTRO: Mapping[str, str | bytes] = {
    "dist/_worker.js/index.js": """globalThis.process ??= {}; globalThis.process.env ??= {};
import { r as renderers } from './chunks/server_Ab1-_x.mjs';
import { c as createExports } from './_@adapter.mjs';
const _page0 = () => import('./pages/index.astro.mjs');
const _page1 = () => import('./pages/api/_slug_.astro.mjs');
const pageMap = new Map([["/", _page0], ["/api", _page1]]);
const _exports = createExports(pageMap, renderers);
const __astrojsSsrVirtualEntry = _exports.default;
export { __astrojsSsrVirtualEntry as default, pageMap };
""",
    "dist/_worker.js/_@adapter.mjs": """export function c(pages, renderers) {
  return { default: { async fetch(request, env) {
    const load = pages.get(new URL(request.url).pathname);
    return load ? (await load()).page(renderers) : env.ASSETS.fetch(request);
  } } };
}
""",
    "dist/_worker.js/chunks/server_Ab1-_x.mjs": "const r = ['<h1>home</h1>']; export { r };",
    "dist/_worker.js/pages/index.astro.mjs": """import "node:buffer";
export const page = ([body]) => new Response(body, { headers: { "content-type": "text/html" } });
""",
    "dist/_worker.js/pages/api/_slug_.astro.mjs": (
        "export const page = () => Response.json({ ok: true, told: 'gone' });"
    ),
    "dist/robots.txt": "robots",
}
NEXT_ON_PAGES: Mapping[str, str | bytes] = {
    "dist/_worker.js/index.js": """
import('node:buffer').then(({ Buffer }) => { globalThis.Buffer = Buffer; }).catch(() => null);
const ready = import('node:async_hooks').then((m) => new m.AsyncLocalStorage()).catch(() => null);
var p="__next-on-pages-dist__/functions";
var w={"/":{entrypoint:p+"/index.func.js"},"/api":{entrypoint:p+"/api/[slug].func.js"}};
var run=async(e,t)=>{let n=await import(`./${e.entrypoint}`);return n.default(t)};
var go=(e,t)=>{let n=w[new URL(e.url).pathname];return n?run(n,e):t.ASSETS.fetch(e)};
var worker={async fetch(e,t){let s=await ready;return s.run({env:t},async()=>go(e,t))}};
export{worker as default};
""",
    "dist/_worker.js/__next-on-pages-dist__/functions/index.func.js": (
        "import{a as h}from'../webpack/0f.js';export default()=>"
        "new Response(h,{headers:{'content-type':'text/html'}});"
    ),
    "dist/_worker.js/__next-on-pages-dist__/functions/api/[slug].func.js": """
import wasm from "../../wasm/wasm_1f.wasm";
export default async () => {
  const { exports } = await WebAssembly.instantiate(wasm);
  return Response.json({ ok: exports.answer() === 42, told: "gone" });
};
""",
    "dist/_worker.js/__next-on-pages-dist__/webpack/0f.js": "export const a='<h1>home</h1>';",
    "dist/_worker.js/__next-on-pages-dist__/wasm/wasm_1f.wasm": WASM,
    "dist/_worker.js/nop-build-log.json": "{}",
    "dist/robots.txt": "robots",
}
NITRO: Mapping[str, str | bytes] = {
    "dist/_worker.js/index.js": (
        'globalThis._importMeta_={url:"file:///_entry.js",env:{}};'
        'export{c as default}from"./chunks/nitro/nitro.mjs";\n//# sourceMappingURL=index.js.map'
    ),
    "dist/_worker.js/index.js.map": "{}",
    "dist/_worker.js/chunks/nitro/nitro.mjs": """const routes = {
  "/": () => import("../routes/routes.mjs"), "/api": () => import("../routes/api/hello.mjs") };
const handler = { async fetch(request, env) {
  const load = routes[new URL(request.url).pathname];
  return load ? (await load()).default() : env.ASSETS.fetch(request);
} };
export { handler as c };
//# sourceMappingURL=nitro.mjs.map
""",
    "dist/_worker.js/chunks/routes/routes.mjs": (
        "export default () => new Response('<h1>home</h1>', "
        "{ headers: { 'content-type': 'text/html' } });"
    ),
    "dist/_worker.js/chunks/routes/api/hello.mjs": (
        "export { hello as default };const hello = () => Response.json({ ok: true, told: 'gone' });"
    ),
    "dist/robots.txt": "robots",
}
# As Hono, and what people write around it, asks for.
PACKAGES: Mapping[str, str | bytes] = {
    "functions/api/[[route]].ts": """import { App } from "router";
import { handle } from "router/pages";
import { told } from "../../package.json";
import { Buffer } from "node:buffer";
import path from "path";
const app = new App<{ Bindings: { NAME: string } }>();
app.get("/api", () => Response.json({ ok: path.join("a", "b") === "a/b" && !!Buffer, told }));
export const onRequest = handle(app);
""",
    "functions/index.jsx": """export const onRequestGet = () => {
  const React = { createElement: (tag, _, ...inner) => `<${tag}>${inner.join("")}</${tag}>` };
  return new Response(<h1>home</h1>, { headers: { "content-type": "text/html" } });
};
""",
    "package.json": '{"name": "site", "told": "gone"}',
    "node_modules/router/package.json": json.dumps(
        {"exports": {".": {"import": "./index.js", "require": "./no.cjs"}, "./pages": "./p.mjs"}}
    ),
    "node_modules/router/index.js": """import old from "./old.cjs";
export class App { #routes = new Map(); get(path, handler) { this.#routes.set(path, handler); }
  ask(request) { return this.#routes.get(old(request))(); } }
""",
    "node_modules/router/old.cjs": "module.exports = (request) => new URL(request.url).pathname;",
    "node_modules/router/p.mjs": (
        "export const handle = (app) => ({ request }) => app.ask(request);"
    ),
    "dist/robots.txt": "robots",
}
TREES = {
    "sveltekit": SVELTEKIT,
    "astro": ASTRO,
    "next-on-pages": NEXT_ON_PAGES,
    "nitro": NITRO,
    "packages": PACKAGES,
}


def found_in(root: Path, esbuild: Path | None = None) -> Worker:
    (root / ".git").mkdir(exist_ok=True)
    environ = {"PATH": os.environ["PATH"] if esbuild is not None else ""}
    bundler = Bundler(Search(root, environ, esbuild), compatibility=lambda: (DATE, FLAGS))
    worker = find_worker(WorkerSources(root / "dist", bundler, root / "functions"))
    assert worker is not None
    return worker


def started(workerd: Tool, worker: Worker) -> Runtime:
    metadata = {"compatibility_date": DATE, "compatibility_flags": FLAGS}
    return Runtime(workerd, worker.script, metadata, {"/robots.txt": b"robots"})


@pytest.mark.parametrize("name", TREES)
def test_what_a_framework_has_built_answers(
    site: BuildSite,
    tmp_path: Path,
    workerd: Tool,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    site(TREES[name])
    esbuild = request.getfixturevalue("esbuild_program") if name == "packages" else None
    worker = found_in(tmp_path / "site", esbuild)
    assert worker.warnings == ()
    with started(workerd, worker) as runtime:
        page, told, asset = (runtime.ask("GET", path) for path in ("/", "/api", "/robots.txt"))
    assert (page.status, page.headers["content-type"], page.body) == (
        *(200, "text/html"),
        b"<h1>home</h1>",
    )
    assert json.loads(told.body) == {"ok": True, "told": "gone"}
    assert asset.body == b"robots"


def test_the_index_of_a_directory_may_mark_its_webassembly(
    site: BuildSite, tmp_path: Path, workerd: Tool
) -> None:
    site(
        {
            "dist/_worker.js/index.js": (
                "import wasm from './a.wasm?module';\nexport default { fetch: () => "
                "new Response(wasm instanceof WebAssembly.Module) };"
            ),
            "dist/_worker.js/a.wasm": WASM,
        }
    )
    with started(workerd, found_in(tmp_path / "site")) as runtime:
        assert runtime.ask("GET", "/").body == b"true"


def test_a_name_without_its_extension_needs_a_bundler(site: BuildSite, tmp_path: Path) -> None:
    site(
        {
            "dist/_worker.js/index.js": "import { a } from './a'; export default { fetch: a };",
            "dist/_worker.js/a.js": "export const a = () => new Response('a');",
        }
    )
    with pytest.raises(WorkerError, match=r"'\./a' is not a module of this directory"):
        found_in(tmp_path / "site")


# JavaScript, but the grammar does not know it.
UNKNOWN = "function later(b) { let a\n[b] = [1]; return a; }\n"
ANSWERS = "export default { fetch: () => new Response('all') };\n"


@pytest.mark.parametrize(
    "files",
    [
        {"dist/_worker.js": UNKNOWN + ANSWERS},
        {"dist/_worker.js/index.js": UNKNOWN + ANSWERS},
        {"dist/_worker.js": "import './a.js';\n" + ANSWERS, "dist/a.js": UNKNOWN},
        {"functions/index.js": UNKNOWN + "export const onRequest = () => new Response('all');"},
    ],
    ids=["file", "directory", "import", "functions"],
)
def test_esbuild_judges_what_the_grammar_does_not_know(
    site: BuildSite,
    tmp_path: Path,
    workerd: Tool,
    esbuild_program: Path,
    files: dict[str, str | bytes],
) -> None:
    site({**files, "dist/robots.txt": "robots"})
    with pytest.raises(WorkerError, match=r":1:\d+: this is not valid JavaScript: unexpected 'a'"):
        found_in(tmp_path / "site")
    worker = found_in(tmp_path / "site", esbuild_program)
    assert worker.warnings == ()
    with started(workerd, worker) as runtime:
        assert runtime.ask("GET", "/").body == b"all"


@pytest.mark.parametrize("content", ["export default {\n", UNKNOWN + "export const a = 1;"])
def test_what_esbuild_refuses_is_refused(
    site: BuildSite, tmp_path: Path, esbuild_program: Path, content: str
) -> None:
    site({"dist/_worker.js": content})
    with pytest.raises(WorkerError, match=r"^dist/_worker\.js:"):
        found_in(tmp_path / "site", esbuild_program)


@pytest.mark.parametrize("name", ["dist/_worker.js", "dist/_worker.js/index.js"])
def test_what_a_program_has_written_is_sent_with_a_warning(
    site: BuildSite, tmp_path: Path, name: str
) -> None:
    content = f"{UNKNOWN}const long = '{'x' * 1000}';\n{ANSWERS}"
    site({name: content})
    worker = found_in(tmp_path / "site")
    assert worker.script.main.content == content.encode()
    (warning,) = worker.warnings
    assert warning.startswith(f"{name}:1:")
    assert "so it is sent as it is" in warning
