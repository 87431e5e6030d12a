"""Each recorded tree, compiled by us and run in the real runtime, answers as wrangler's bundle."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.worker.bundler import Bundler
from pages_deploy.worker.programs import Search
from pages_deploy.worker.worker import Worker, WorkerSources, find_worker
from tests.worker.runtime import Runtime
from tests.worker.vectors import assets_of, lay, vectors

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.worker.programs import Tool

pytestmark = [
    pytest.mark.xdist_group("workerd"),
    pytest.mark.skipif(sys.platform == "win32", reason="no pipe can be handed on there"),
]
ALL = vectors()
EACH = pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["name"])


def found_in(root: Path, vector: dict[str, Any], esbuild: Path | None = None) -> Worker | None:
    metadata = (vector["sent"] or {}).get("metadata") or {}
    bundler = Bundler(
        Search(root, {"PATH": os.environ["PATH"]}, esbuild),
        mode="never" if "--no-bundle" in vector.get("args", ()) else "auto",
        compatibility=lambda: (
            metadata.get("compatibility_date", ""),
            tuple(metadata.get("compatibility_flags", ())),
        ),
    )
    return find_worker(WorkerSources(root / "public", bundler, root / "functions"))


@EACH
def test_a_tree_answers_as_wranglers_bundle_does(
    tmp_path: Path, request: pytest.FixtureRequest, vector: dict[str, Any]
) -> None:
    needs_esbuild = vector["needs"] == "esbuild"
    esbuild: Tool | None = request.getfixturevalue("esbuild") if needs_esbuild else None
    worker = found_in(lay(vector, tmp_path), vector, esbuild.file if esbuild else None)
    assert (worker is not None) == vector["worker"]
    if worker is None:
        return
    workerd = request.getfixturevalue("workerd")
    metadata = {"compatibility_date": "2024-01-01", **(vector["sent"]["metadata"] or {})}
    differing = []
    with Runtime(workerd, worker.script, metadata, assets_of(vector)) as runtime:
        answers = zip(vector["requests"], vector.get("direct") or vector["expect"], strict=True)
        for asked, expected in answers:
            answer = runtime.ask(
                asked["method"],
                asked["path"],
                asked.get("headers"),
                (asked.get("body") or "").encode(),
            )
            found = {"status": answer.status, "headers": answer.headers, "body": expected["body"]}
            if expected["body"] is not None:
                found["body"] = answer.body.decode()
            if found != expected:
                differing.append((asked, expected, found))
    assert differing == []


@EACH
def test_what_is_sent_beside_the_code_is_as_wrangler_sends_it(
    tmp_path: Path, request: pytest.FixtureRequest, vector: dict[str, Any]
) -> None:
    needs_esbuild = vector["needs"] == "esbuild"
    esbuild: Tool | None = request.getfixturevalue("esbuild") if needs_esbuild else None
    worker = found_in(lay(vector, tmp_path), vector, esbuild.file if esbuild else None)
    if worker is None:
        return
    sent = vector["sent"]
    config = json.loads(worker.routing_config) if worker.routing_config is not None else None
    if "public/_worker.js/index.js" not in vector["files"]:
        # Of a directory wrangler sends it by accident.
        assert config == sent["config"]
    rules = json.loads(worker.routes_json) if worker.routes_json is not None else None
    assert (rules is None) == (sent["routes"] is None)
    if rules is not None:
        assert sorted(rules["include"]) == sorted(sent["routes"]["include"])
        assert sorted(rules["exclude"]) == sorted(sent["routes"]["exclude"])
