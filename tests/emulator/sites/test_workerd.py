"""Workers that run, by the real workerd: what they are asked, what they find, how they fail."""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.http.faults import Stall
from pages_deploy.emulator.sites.workerd.pool import MAX_PROCESSES
from tests.emulator.direct_upload import DirectUpload
from tests.emulator.http.raw_requests import connection_to, read_all
from tests.emulator.worker_code import JAVASCRIPT, bundle, rules
from tests.worker.conftest import workerd_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import requests

__all__ = ["workerd_program"]

pytestmark = pytest.mark.xdist_group("workerd")
FILES = {"/index.html": b"home", "/a.txt": b"asset", "/404.html": b"none"}
DATE = "2024-01-01"
BIG = b"0123456789abcdef" * 500_000


@pytest.fixture
def connect(workerd_program: Path) -> Iterator[Callable[..., DirectUpload]]:
    """Run an emulator with these settings, and connect to it, with the project `demo`."""
    with contextlib.ExitStack() as opened:

        def connected(*, on_line: Any = lambda _line: None, **settings: Any) -> DirectUpload:
            given = EmulatorSettings(workerd=workerd_program, **settings)
            emulator = opened.enter_context(Emulator(settings=given, on_worker_line=on_line))
            client = opened.enter_context(DirectUpload(emulator))
            client.create_project()
            return client

        yield connected


@pytest.fixture
def client(connect: Callable[..., DirectUpload]) -> DirectUpload:
    return connect()


def worker(fetch: str, **metadata: Any) -> bytes:
    """A bundle whose Worker answers by the body of a function of `request`, `env` and `ctx`."""
    code = f"let count = 0;\nexport default {{ async fetch(request, env, ctx) {{\n{fetch}\n}} }};\n"
    told = {"main_module": "index.js", "compatibility_date": DATE, **metadata}
    return bundle({"index.js": (JAVASCRIPT, code.encode())}, **told)


def run(client: DirectUpload, fetch: str, *, files: Any = FILES, **metadata: Any) -> Any:
    """Deploy such a Worker to production; return its deployment."""
    return client.deploy(files, **{"_worker.bundle": worker(fetch, **metadata)})


def failed(answer: requests.Response) -> str:
    """How the Worker has failed, by the page; it must not be kept by anybody."""
    assert (answer.status_code, answer.headers["Cache-Control"]) == (500, "no-store")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.headers["X-Emulator-Worker"]


def test_the_worker_stands_in_front_where_the_rules_say_so(client: DirectUpload) -> None:
    code = worker("return new Response(`worker ${new URL(request.url).pathname}`);")
    routes = rules("/api/*", exclude=("/api/a.txt",))
    files = {**FILES, "/api/a.txt": b"asset"}
    client.deploy(files, **{"_worker.bundle": code, "_routes.json": routes})
    answers = {path: client.visit("demo", path).text for path in ("/", "/api/x", "/api/a.txt")}
    assert answers == {"/": "home", "/api/x": "worker /api/x", "/api/a.txt": "asset"}


ASKED = """
const fields = [...request.headers];
return Response.json({
  method: request.method, url: request.url, fields, body: await request.text(),
});
"""


def test_it_is_asked_what_the_visitor_asks(client: DirectUpload) -> None:
    run(client, ASKED)
    answer = client.visit(
        "demo", "//%e9/../b%2Fc?q=1&q=%20", method="PUT", **{"X-A": "é".encode().decode("latin-1")}
    )
    asked = answer.json()
    assert asked["method"] == "PUT"
    assert asked["url"] == f"http://demo.localhost:{client.emulator.port}//b%2Fc?q=1&q=%20"
    fields = dict(asked["fields"])
    assert fields["x-a"] == "é"
    assert fields["cf-connecting-ip"] == "127.0.0.1"
    assert not {"connection", "x-emulator-worker-secret"} & fields.keys()


def test_repeated_fields_and_a_body_in_chunks_arrive(client: DirectUpload) -> None:
    run(client, ASKED)
    host = f"demo.localhost:{client.emulator.port}".encode()
    with connection_to(client.emulator.port) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: " + host + b"\r\nX-A: 1\r\nx-a: 2\r\nX_B: 3\r\n"
            b"CF-Connecting-IP: 1.1.1.1\r\nConnection: close, X-Mine\r\nX-Mine: 4\r\n"
            b"Upgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    asked = json.loads(body)
    fields = dict(asked["fields"])
    assert (fields["x-a"], fields["x_b"], asked["body"]) == ("1, 2", "3", "abcde")
    assert fields["cf-connecting-ip"] == "127.0.0.1"
    assert not {"x-mine", "upgrade", "connection"} & fields.keys()


def test_its_answer_arrives_as_it_is(client: DirectUpload) -> None:
    run(
        client,
        """
        const headers = new Headers({ Location: "/there", "X-A": "a", Server: "mine" });
        headers.append("Set-Cookie", "a=1");
        headers.append("Set-Cookie", "b=2");
        return new Response("tea", { status: 418, headers });
        """,
    )
    connection = http.client.HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers={"Host": "demo.localhost"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (418, b"tea")
    fields = [(name, value) for name, value in answer.getheaders() if name != "Date"]
    assert sorted(fields) == [
        ("Content-Length", "3"),
        ("Content-Type", "text/plain;charset=UTF-8"),
        ("Location", "/there"),
        ("Server", "pages-emulator"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("X-A", "a"),
    ]


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_none(client: DirectUpload, status: int) -> None:
    run(client, f"return new Response(null, {{ status: {status} }});")
    for _ in range(2):
        answer = client.visit("demo")
        assert (answer.status_code, answer.content) == (status, b"")
        assert "Transfer-Encoding" not in answer.headers


def test_what_is_compressed_stays_so(client: DirectUpload) -> None:
    run(client, 'return new Response("x", { headers: { "Content-Encoding": "gzip" } });')
    answer = client.visit("demo")
    assert (answer.headers["Content-Encoding"], answer.content) == ("gzip", b"x")


def test_a_large_body_goes_both_ways(client: DirectUpload) -> None:
    # Neither side's buffers take all of it: who waits for the other to finish waits for ever.
    run(client, "return new Response(request.body);")
    host = f"demo.localhost:{client.emulator.port}"
    url = f"http://127.0.0.1:{client.emulator.port}/"
    answer = client.session.post(url, data=BIG, headers={"Host": host}, timeout=60)
    assert answer.content == BIG


def test_a_worker_may_answer_without_reading_a_large_body(client: DirectUpload) -> None:
    run(client, 'return new Response("enough", { status: 401 });')
    host = f"demo.localhost:{client.emulator.port}"
    for _ in range(2):
        answer = client.session.post(
            f"http://127.0.0.1:{client.emulator.port}/",
            data=BIG,
            headers={"Host": host},
            timeout=60,
        )
        assert (answer.status_code, answer.text) == (401, "enough")


@pytest.mark.parametrize("is_told", [True, False], ids=["length", "chunks"])
def test_a_body_above_the_limit_is_refused(
    connect: Callable[..., DirectUpload], is_told: bool
) -> None:
    client = connect(max_body_bytes=100_000)
    run(client, "return new Response(String((await request.text()).length));")
    host, port = f"demo.localhost:{client.emulator.port}", client.emulator.port
    statuses = []
    for size in (100_000, 100_001):
        data: Any = b"x" * size
        answer = client.session.post(
            f"http://127.0.0.1:{port}/",
            data=data if is_told else iter([data]),
            headers={"Host": host},
            timeout=60,
        )
        statuses.append((answer.status_code, answer.text if answer.ok else ""))
    assert statuses == [(200, "100000"), (413, "")]


def test_an_answer_arrives_piece_by_piece(client: DirectUpload) -> None:
    run(
        client,
        """
        if (request.url.endsWith("/go")) return new Response(String(++count));
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        const say = (text) => writer.write(new TextEncoder().encode(text));
        ctx.waitUntil((async () => {
          await say("one");
          while (!count) await new Promise((resolve) => setTimeout(resolve, 10));
          await say("two");
          await writer.close();
        })());
        return new Response(readable, { headers: { "Content-Type": "text/event-stream" } });
        """,
    )
    connection = http.client.HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers={"Host": "demo.localhost"})
        answer = connection.getresponse()
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.read(3) == b"one"
        # Only now it goes on.
        assert client.visit("demo", "/go").text == "1"
        assert answer.read() == b"two"


def test_an_answer_that_breaks_off_has_no_proper_end(client: DirectUpload) -> None:
    run(
        client,
        """
        let told = 0;
        const pull = (controller) => {
          if (told++ > 2) throw new Error("no more");
          controller.enqueue(new TextEncoder().encode("abc"));
        };
        return new Response(new ReadableStream({ pull }));
        """,
    )
    connection = http.client.HTTPConnection("127.0.0.1", client.emulator.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/", headers={"Host": "demo.localhost"})
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()


def test_a_stalled_request_keeps_its_body(client: DirectUpload) -> None:
    run(client, "return new Response(await request.text());")
    client.emulator.fail_next("*", "*", Stall(0.01, is_processed=False))
    host = f"demo.localhost:{client.emulator.port}"
    answer = client.session.post(
        f"http://127.0.0.1:{client.emulator.port}/", data="kept", headers={"Host": host}, timeout=20
    )
    assert answer.text == "kept"


def test_no_websocket_is_opened(client: DirectUpload) -> None:
    run(client, 'return new Response("x");')
    answer = client.visit("demo", Connection="Upgrade", Upgrade="websocket")
    assert (answer.status_code, "WebSockets" in answer.text) == (501, True)


ASSETS = """
const asked = new URL(request.url);
const answer = await env.ASSETS.fetch(new Request(new URL(asked.search.slice(1), asked), request));
return new Response(answer.body, answer);
"""


def test_assets_come_as_the_site_serves_them(client: DirectUpload) -> None:
    special = {"_headers": b"/*\n  X-A: header\n", "_redirects": b"/old /a.txt 301\n"}
    deployment = client.deploy(FILES, **special, **{"_worker.bundle": worker(ASSETS)})
    found = client.visit("demo", "/?/a.txt")
    assert (found.text, found.headers["X-A"]) == ("asset", "header")
    assert "X-Robots-Tag" not in found.headers
    assert client.visit(deployment["url"], "/?/a.txt").headers["X-Robots-Tag"] == "noindex"
    moved = client.session.get(
        f"http://127.0.0.1:{client.emulator.port}/?/old",
        headers={"Host": "demo.localhost"},
        allow_redirects=False,
        timeout=20,
    )
    assert (moved.status_code, moved.headers["Location"]) == (301, "/a.txt")
    missing = client.visit("demo", "/?/nothing")
    assert (missing.status_code, missing.text) == (404, "none")
    assert client.visit("demo", "/?/a.txt", method="POST").status_code == 405
    head = client.visit("demo", "/?/a.txt", method="HEAD")
    assert (head.headers["Content-Length"], head.content) == ("5", b"")
    kept = client.visit("demo", "/?/a.txt", **{"If-None-Match": found.headers["ETag"]})
    assert (kept.status_code, kept.content) == (304, b"")


def test_a_visitor_cannot_speak_for_another_worker(client: DirectUpload) -> None:
    run(client, ASSETS)
    answer = client.visit("demo", "/?/a.txt", **{"X-Emulator-Worker-Secret": "0" * 64})
    assert answer.text == "asset"


def test_headers_of_the_site_are_not_put_on_what_the_worker_says(client: DirectUpload) -> None:
    special = {"_headers": b"/*\n  X-A: header\n", "_redirects": b"/old /a.txt 301\n"}
    code = worker('return new Response("worker");')
    client.deploy(FILES, **special, **{"_worker.bundle": code})
    answer = client.visit("demo", "/old")
    assert (answer.text, "X-A" in answer.headers) == ("worker", False)


def test_each_worker_has_the_assets_of_its_own_deployment(client: DirectUpload) -> None:
    first = run(client, ASSETS, files={"/a.txt": b"first"})
    second = run(client, ASSETS, files={"/a.txt": b"second"})
    answers = [client.visit(one["url"], "/?/a.txt").text for one in (first, second, first)]
    assert answers == ["first", "second", "first"]


def test_what_a_worker_asks_is_no_visit(client: DirectUpload) -> None:
    run(client, ASSETS)
    before = len(client.emulator.requests)
    client.visit("demo", "/?/a.txt")
    assert len(client.emulator.requests) == before + 1


def test_plain_bindings_are_there(client: DirectUpload) -> None:
    text = 'quotes " and \\ back\x00\x1f\n é \U0001f600'
    run(
        client,
        "const { ASSETS, ...others } = env; return Response.json(others);",
        bindings=[
            {"name": "TEXT", "type": "plain_text", "text": text},
            {"name": "SECRET", "type": "secret_text", "text": "hidden"},
            {"name": "JSON", "type": "json", "json": {"a": [1, None, "\ud800"]}},
            {"name": "ASSETS", "type": "plain_text", "text": "not this"},
        ],
    )
    assert client.visit("demo").json() == {
        "TEXT": text,
        "SECRET": "hidden",
        "JSON": {"a": [1, None, "\ud800"]},
    }


def test_a_version_has_an_id(client: DirectUpload) -> None:
    binding = {"name": "VERSION", "type": "version_metadata"}
    deployment = run(client, "return Response.json(env.VERSION);", bindings=[binding])
    assert client.visit("demo").json()["id"] == deployment["id"]


@pytest.mark.parametrize(
    "use",
    [
        'env.DB.prepare("SELECT 1")',
        "env.DB.name = 1",
        "const { batch } = env.DB",
        "await env.DB.exec()",
    ],
)
def test_what_only_cloudflare_has_says_so_when_it_is_used(client: DirectUpload, use: str) -> None:
    bindings = [{"name": "DB", "type": "d1", "id": "x"}, {"name": "<b>", "type": "r2_bucket"}]
    run(client, f'{use}; return new Response("used");', bindings=bindings)
    answer = client.visit("demo")
    assert failed(answer) == "threw"
    assert "The binding DB (d1) needs Cloudflare; the emulator has none." in answer.text


def test_what_only_cloudflare_has_may_be_looked_at(client: DirectUpload) -> None:
    binding = {"name": "KV", "type": "kv_namespace", "namespace_id": "x"}
    code = """
    console.log(env, `${Object.keys({ ...env })}`);
    return Response.json([await env.KV === env.KV, JSON.stringify(env.KV), Boolean(env.KV)]);
    """
    run(client, code, bindings=[binding])
    assert client.visit("demo").json() == [True, "{}", True]


VARIABLES = {
    "deployment_configs": {
        "production": {
            "env_vars": {
                "PLAIN": {"type": "plain_text", "value": "p"},
                "SECRET": {"type": "secret_text", "value": "s"},
                "BOTH": {"type": "plain_text", "value": "project"},
            },
            "kv_namespaces": {"KV": {"namespace_id": "x"}},
        },
        "preview": {"env_vars": {"PLAIN": {"type": "plain_text", "value": "preview"}}},
    }
}
ENV = "const { ASSETS, ...others } = env; return Response.json(others);"
BOTH = [{"name": "BOTH", "type": "plain_text", "text": "sent"}]


def test_variables_of_the_project_are_there_by_environment(client: DirectUpload) -> None:
    client.change_project(VARIABLES)
    run(client, ENV, bindings=BOTH)
    expected = {"PLAIN": "p", "SECRET": "s", "BOTH": "sent", "KV": {}}
    assert client.visit("demo").json() == expected
    client.deploy(FILES, branch="next", **{"_worker.bundle": worker(ENV)})
    assert client.visit("next.demo").json() == {"PLAIN": "preview"}


def test_beside_a_configuration_file_only_secrets_of_the_project_count(
    client: DirectUpload,
) -> None:
    client.change_project(VARIABLES)
    code = worker(ENV, bindings=BOTH)
    client.deploy(FILES, wrangler_config_hash="0" * 64, **{"_worker.bundle": code})
    assert client.visit("demo").json() == {"SECRET": "s", "BOTH": "sent"}


def test_date_and_flags_are_those_that_were_sent_else_the_projects(client: DirectUpload) -> None:
    agent = "return new Response(globalThis.navigator?.userAgent ?? 'none');"
    production = {"compatibility_date": "2021-01-01", "compatibility_flags": ["global_navigator"]}
    client.change_project({"deployment_configs": {"production": production}})
    run(client, agent, compatibility_date="", compatibility_flags=None)
    assert client.visit("demo").text == "Cloudflare-Workers"
    run(client, agent, compatibility_date="2021-01-01", compatibility_flags=[])
    assert client.visit("demo").text == "none"


def test_a_date_that_workerd_does_not_know_yet_is_replaced_and_said(
    connect: Callable[..., DirectUpload],
) -> None:
    lines: list[str] = []
    client = connect(on_line=lines.append)
    run(client, 'return new Response("runs");', compatibility_date="2199-01-01")
    assert client.visit("demo").text == "runs"
    assert any("does not know the compatibility date 2199-01-01" in line for line in lines)


def test_modules_of_every_kind_are_there(client: DirectUpload) -> None:
    code = b"""
    import text from "./dir/it's a.txt"; import data from "data.bin";
    import { other } from "./lib/other.mjs";
    export default { fetch: () => Response.json([text, data.byteLength, other]) };
    """
    modules: Mapping[str, tuple[str, bytes]] = {
        "./lib/other.mjs": (JAVASCRIPT, b"export const other = 'other';"),
        "./dir/it's a.txt": ("text/plain", "é\n".encode()),
        "data.bin": ("application/octet-stream", b"\x00\xff\n"),
        "index.js": (JAVASCRIPT, code),
        "index.js.map": ("application/source-map", b"{}"),
    }
    sent = bundle(modules, main_module="index.js", compatibility_date=DATE)
    client.deploy(FILES, **{"_worker.bundle": sent})
    assert client.visit("demo").json() == ["é\n", 3, "other"]


def test_the_network_of_this_machine_is_out_of_reach(client: DirectUpload) -> None:
    run(client, f'return fetch("http://127.0.0.1:{client.emulator.port}/");')
    answer = client.visit("demo")
    assert failed(answer) == "threw"
    assert "is not allowed" in answer.text


def test_caches_are_empty(client: DirectUpload) -> None:
    run(
        client,
        """
        await caches.default.put(request, new Response("kept", {
          headers: { "Cache-Control": "max-age=100" },
        }));
        const found = await caches.default.match(request);
        return Response.json([found === undefined, await caches.default.delete(request)]);
        """,
    )
    assert client.visit("demo").json() == [True, False]


def test_a_worker_lives_on_from_request_to_request(client: DirectUpload) -> None:
    run(client, "return new Response(String(++count));")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visit_alone(client), range(16)))
    assert sorted(map(int, answers)) == list(range(1, 17))


def visit_alone(client: DirectUpload, label: str = "demo") -> str:
    with DirectUpload(client.emulator) as own:
        return own.visit(label).text


def test_few_workers_run_at_once(client: DirectUpload) -> None:
    count = "return new Response(String(++count));"
    urls = [run(client, count)["url"] for _ in range(MAX_PROCESSES + 1)]
    assert [client.visit(url).text for url in urls] == ["1"] * len(urls)
    assert client.visit(urls[-1]).text == "2"
    # It was the one that nobody had visited for longest, and starts anew.
    assert client.visit(urls[0]).text == "1"


def test_who_leaves_without_the_body_does_not_stay_a_visitor(client: DirectUpload) -> None:
    count = "return new Response(String(++count));"
    urls = [run(client, count)["url"] for _ in range(MAX_PROCESSES + 1)]
    assert client.visit(urls[0], method="HEAD").status_code == 200
    for url in urls[1:]:
        client.visit(url)
    # Stopped like others, and started anew.
    assert client.visit(urls[0]).text == "1"


def test_what_a_worker_logs_is_told(connect: Callable[..., DirectUpload]) -> None:
    lines: list[str] = []
    client = connect(on_line=lines.append)
    run(client, 'console.log("said", { a: 1 }); console.error("wrong"); throw new Error("end");')
    client.visit("demo")
    assert lines[:3] == ["said { a: 1 }", "wrong", "Uncaught Error: end"]


def test_an_exception_is_shown_with_its_place_and_harmless(client: DirectUpload) -> None:
    run(client, 'throw new TypeError("so <b>bad</b>");')
    for _ in range(2):
        answer = client.visit("demo")
        assert failed(answer) == "threw"
        assert "1101" in answer.text
        assert "TypeError: so &lt;b&gt;bad&lt;/b&gt;" in answer.text
        assert "at Object.fetch (index.js:3:7)" in answer.text
        assert "<b>bad" not in answer.text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('throw "a text";', "a text"),
        ("return 7;", "did not resolve to &#x27;Response&#x27;"),
        ("return new Promise(() => {});", "would never generate a response"),
        ('throw new Error("x".repeat(1_000_000));', "Error: xxxx"),
    ],
    ids=["text", "number", "nothing", "much"],
)
def test_whatever_is_no_answer_is_an_exception(client: DirectUpload, code: str, said: str) -> None:
    run(client, code)
    answer = client.visit("demo")
    assert failed(answer) == "threw"
    assert said in answer.text
    assert len(answer.content) < 300_000


def test_a_worker_cannot_pretend_to_have_thrown(client: DirectUpload) -> None:
    run(client, 'return new Response("fine", { headers: { "X-Emulator-Worker-Secret": "a 1" } });')
    answer = client.visit("demo", **{"X-Emulator-Worker-Secret": "a 1"})
    assert (answer.status_code, answer.text) == (200, "fine")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (b'throw new Error("at <i>once</i>");', "at &lt;i&gt;once&lt;/i&gt;"),
        (b"export default {", "SyntaxError"),
        (b'import "./nothing.js"; export default {};', "No such module"),
    ],
    ids=["throws", "syntax", "import"],
)
def test_a_worker_that_does_not_start_says_why(
    client: DirectUpload, code: bytes, said: str
) -> None:
    sent = bundle({"index.js": (JAVASCRIPT, code)}, main_module="index.js")
    client.deploy(FILES, **{"_worker.bundle": sent})
    for _ in range(2):
        answer = client.visit("demo")
        assert failed(answer) == "did-not-start"
        assert said in answer.text
        assert "index.js" in answer.text


@pytest.mark.parametrize(
    "code",
    ["while (true) {}", "await new Promise((resolve) => setTimeout(resolve, 1e6));"],
    ids=["computes", "waits"],
)
def test_a_worker_that_does_not_answer_is_stopped_and_starts_anew(
    connect: Callable[..., DirectUpload], code: str
) -> None:
    client = connect(worker_answer_seconds=1.0)
    run(client, f'if (request.url.endsWith("/never")) {{ {code} }}\nreturn new Response("here");')
    assert client.visit("demo").text == "here"
    answer = client.visit("demo", "/never")
    assert failed(answer) == "timed-out"
    assert "1 seconds" in answer.text
    assert client.visit("demo").text == "here"


def test_a_start_that_does_not_end_is_ended(connect: Callable[..., DirectUpload]) -> None:
    client = connect(worker_start_seconds=1.0)
    sent = bundle({"index.js": (JAVASCRIPT, b"while (true) {}")}, main_module="index.js")
    client.deploy(FILES, **{"_worker.bundle": sent})
    answer = client.visit("demo")
    assert failed(answer) == "did-not-start"
    assert "It has not started within 1 seconds." in answer.text


def test_nothing_outlives_the_emulator(
    workerd_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(threading.enumerate())
    settings = EmulatorSettings(workerd=workerd_program)
    with Emulator(settings=settings) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        run(client, 'return new Response("x");')
        assert client.visit("demo").text == "x"
        assert [place.name.startswith("pages-emulator-") for place in tmp_path.iterdir()] == [True]
        assert [place.stat().st_mode & 0o77 for place in tmp_path.iterdir()] == [0]
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) <= before
