"""The Worker of a deployment: taken, kept, shown, and failed where nobody could start it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator import Emulator, EmulatorSettings
from pages_deploy.emulator.errors import EmulatorError
from tests.emulator.direct_upload import HOME, MANIFEST, DirectUpload, error_code, running
from tests.emulator.worker_code import BOUNDARY, HELLO, JAVASCRIPT, bundle, part, rules

if TYPE_CHECKING:
    from pathlib import Path

ROUTING = b'{"routes": [{"routePath": "/a"}], "baseURL": "/"}'
FAILED = "Error: Failed to publish your Function. Got error: "


def last_line(client: DirectUpload, deployment_id: str) -> str:
    return str(client.log(deployment_id)["data"][-1]["line"])


def reason(client: DirectUpload, **parts: str | bytes) -> str:
    """Why the deployment of a Worker has failed, as its log says."""
    made = client.deploy(HOME, **parts)
    assert (made["latest_stage"]["name"], made["latest_stage"]["status"]) == ("deploy", "failure")
    line = last_line(client, made["id"])
    assert line.startswith(FAILED)
    return line.removeprefix(FAILED)


def test_a_worker_is_taken_apart(client: DirectUpload) -> None:
    modules = {
        "index.js": (JAVASCRIPT, b"import './lib/x.wasm'\r\n--\r\n"),
        "lib/x.wasm": ("application/wasm", b"\0asm\r\n\r\n"),
        "a%22b é.txt": ("text/plain", b""),
        "index.js.map": ("application/source-map", b"{}"),
    }
    metadata = {"main_module": "index.js", "bindings": [], "compatibility_flags": ["x"]}
    made = client.deploy(
        HOME,
        **{
            "_worker.bundle": bundle(modules, **metadata),
            "_routes.json": rules("/api/*", exclude=("/api/x",)),
            "functions-filepath-routing-config.json": ROUTING,
        },
    )
    assert made["latest_stage"]["status"] == "success"
    assert made["uses_functions"] is True
    assert client.project()["uses_functions"] is True
    worker = client.emulator.worker_of(made["id"])
    assert worker is not None
    assert worker.main_module == "index.js"
    assert worker.metadata == metadata
    assert [(one.name, one.content_type, one.size) for one in worker.modules] == [
        ("index.js", JAVASCRIPT, 27),
        ("lib/x.wasm", "application/wasm", 8),
        ('a"b é.txt', "text/plain", 0),
        ("index.js.map", "application/source-map", 2),
    ]
    assert worker.modules[1].content == b"\0asm\r\n\r\n"
    assert (worker.rules.include, worker.rules.exclude) == (("/api/*",), ("/api/x",))
    assert worker.routing == {"routes": [{"routePath": "/a"}], "baseURL": "/"}


def test_a_worker_without_rules_is_reached_by_everything(client: DirectUpload) -> None:
    for parts in ({"_worker.bundle": bundle()}, {"_worker.js": b"x"}):
        made = client.deploy(HOME, **parts)
        worker = client.emulator.worker_of(made["id"])
        assert worker is not None
        assert (worker.rules.include, worker.routing) == (("/*",), None)
        assert worker.main_module == worker.modules[0].name


def test_a_deployment_without_a_worker_has_none(client: DirectUpload) -> None:
    made = client.deploy(HOME)
    assert made["uses_functions"] is False
    assert client.emulator.worker_of(made["id"]) is None
    with pytest.raises(EmulatorError, match="no deployment has the id 'x'"):
        client.emulator.worker_of("x")


def test_rules_without_a_worker_are_not_looked_at(client: DirectUpload) -> None:
    made = client.deploy(HOME, **{"_routes.json": b"{"})
    assert made["latest_stage"]["status"] == "success"


def test_more_than_a_hundred_rules_fail_the_deployment(client: DirectUpload) -> None:
    many = rules(*(f"/a{number}" for number in range(101)))
    said = reason(client, **{"_worker.bundle": bundle(), "_routes.json": many})
    assert said == "Error 8000057: Rules in `_routes.json` are over the 100 rule limit."
    exactly = rules(*(f"/a{number}" for number in range(100)))
    made = client.deploy(HOME, **{"_worker.bundle": bundle(), "_routes.json": exactly})
    assert made["latest_stage"]["status"] == "success"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{\n", "_routes.json, line "), (b"\xff", "_routes.json is no UTF-8"), (rules(), "line 1")],
)
def test_rules_that_cannot_be_read_fail_the_deployment(
    client: DirectUpload, content: bytes, said: str
) -> None:
    assert said in reason(client, **{"_worker.bundle": bundle(), "_routes.json": content})


CLOSING = f"--{BOUNDARY}--\r\n".encode()
WITHOUT_NAME = f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\n{{}}\r\n".encode() + CLOSING


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the first line is no boundary"),
        (b"--x", "the first line is no boundary"),
        (b"{}\r\n", "the first line is no boundary"),
        (bundle().removesuffix(CLOSING), "the closing boundary is missing"),
        (bundle() + b"x", "the closing boundary is missing"),
        (f"--{BOUNDARY}\r\nx\r\n".encode() + CLOSING, "a part has no head"),
        (WITHOUT_NAME, "a part has no name"),
        (WITHOUT_NAME.replace(b"form-data", b"\xff"), "no UTF-8"),
        (bundle().replace(b'filename="index', b'filename="other'), "another file name"),
        (CLOSING.replace(b"--\r\n", b"\r\n\r\n") + CLOSING, "a part has no"),
        (part("index.js", b"", JAVASCRIPT) + CLOSING, "the metadata is missing"),
        (part("metadata", b"[]") + CLOSING, "metadata is no JSON object"),
        (part("metadata", b"{") + CLOSING, "metadata is no JSON:"),
        (bundle(HELLO, bindings=[]), "names no main module"),
        (bundle(HELLO, main_module="other.js"), "there is no module 'other.js'"),
        (bundle({"a.js": ("text/plain", b"")}), "a.js is of type text/plain"),
        (bundle({"a.js": (JAVASCRIPT, b""), "b": ("text/html", b"")}), "of type 'text/html'"),
        (bundle().removesuffix(CLOSING) + part("index.js", b"", JAVASCRIPT) + CLOSING, "two"),
    ],
)
def test_a_bundle_that_cannot_be_read_fails_the_deployment(
    client: DirectUpload, content: bytes, said: str
) -> None:
    assert said in reason(client, **{"_worker.bundle": content})
    (failed,) = client.call("GET", "{projects}/demo/deployments").json()["result"]
    with pytest.raises(EmulatorError, match="Failed to publish your Function"):
        client.emulator.worker_of(failed["id"])


def test_routing_that_is_no_json_fails_the_deployment(client: DirectUpload) -> None:
    parts = {"_worker.bundle": bundle(), "functions-filepath-routing-config.json": b"x"}
    assert "functions-filepath-routing-config.json is no JSON" in reason(client, **parts)


def test_a_worker_of_the_older_form_is_taken(client: DirectUpload) -> None:
    made = client.deploy(
        HOME,
        **{"_worker.bundle": bundle({"w.js": ("application/javascript", b"")}, body_part="w.js")},
    )
    assert made["latest_stage"]["status"] == "success"


def test_a_worker_above_the_limit_is_refused() -> None:
    content = bundle()
    with running(EmulatorSettings(max_worker_bytes=len(content))) as client:
        client.create_project()
        assert client.submit(MANIFEST, **{"_worker.bundle": content}).status_code == 200
        for name in ("_worker.bundle", "_worker.js"):
            answer = client.submit(MANIFEST, **{name: content + b"x"})
            assert (answer.status_code, error_code(answer)) == (400, 8000900)
    assert EmulatorSettings().max_worker_bytes == 26_214_400


def test_a_retried_deployment_has_the_same_worker(client: DirectUpload) -> None:
    made = client.deploy(
        HOME,
        wrangler_config_hash="ab" * 32,
        pages_build_output_dir="public",
        **{"_worker.bundle": bundle(), "_routes.json": rules("/a")},
    )
    path = f"{{projects}}/demo/deployments/{made['id']}/retry"
    again = client.call("POST", path).json()["result"]
    assert again["id"] != made["id"]
    assert client.emulator.worker_of(again["id"]) == client.emulator.worker_of(made["id"])
    record = client.emulator.store.deployments.find(again["id"])
    assert record is not None
    assert record.wrangler_config_hash == "ab" * 32
    assert record.pages_build_output_dir == "public"


def test_a_worker_outlives_its_emulator(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator, DirectUpload(emulator) as client:
        client.create_project()
        made = client.deploy(
            HOME,
            wrangler_config_hash="ab" * 32,
            **{"_worker.bundle": bundle(), "_routes.json": rules("/a")},
        )
        before = emulator.worker_of(made["id"])
        record = emulator.store.deployments.find(made["id"])
    with Emulator(data=tmp_path) as emulator:
        assert emulator.worker_of(made["id"]) == before is not None
        assert emulator.store.deployments.find(made["id"]) == record
