"""The harness of other tests: wrangler's answers to a `_worker.js` come out of it as recorded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.worker.modules import Module, Script
from tests.worker.runtime import Runtime
from tests.worker.vectors import assets_of, content_of, vectors

if TYPE_CHECKING:
    from pages_deploy.worker.programs import Tool

pytestmark = [
    pytest.mark.xdist_group("workerd"),
    pytest.mark.skipif(sys.platform == "win32", reason="no pipe can be handed on there"),
]
ALONE = [
    vector
    for vector in vectors()
    if vector["group"] == "worker" and "src/hi.js" not in vector["files"]
]


@pytest.mark.parametrize("vector", ALONE, ids=lambda vector: vector["name"])
def test_it_answers_as_recorded(workerd: Tool, vector: dict[str, Any]) -> None:
    directory = "public/_worker.js/"
    modules = {
        name.removeprefix(directory): content_of(written)
        for name, written in vector["files"].items()
        if name.startswith(directory)
    }
    kinds = {"wasm": "wasm", "txt": "text"}
    if modules:
        main = Module("index.js", "esm", modules.pop("index.js"))
    else:
        main = Module("_worker.js", "esm", content_of(vector["files"]["public/_worker.js"]))
    others = tuple(
        Module(name, kinds.get(name.rpartition(".")[2], "esm"), content)  # type: ignore[arg-type]
        for name, content in modules.items()
    )
    metadata = {"compatibility_date": "2024-01-01"}
    with Runtime(workerd, Script(main, others), metadata, assets_of(vector)) as runtime:
        asked = zip(vector["requests"], vector.get("direct") or vector["expect"], strict=True)
        for request, expected in asked:
            answer = runtime.ask(
                request["method"],
                request["path"],
                request.get("headers"),
                (request.get("body") or "").encode(),
            )
            assert (answer.status, answer.headers) == (expected["status"], expected["headers"])
            if expected["body"] is not None:
                assert answer.body.decode() == expected["body"]
