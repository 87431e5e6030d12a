"""Wrangler and we make the same deployment of the same directory.

Fixed vectors from outside: what the emulator got from the real wrangler is compared with our
manifest, and with what we make of its configuration file.
"""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING

import pytest

from pages_deploy.api.client import PagesClient
from pages_deploy.site.manifest import Manifest, build_manifest
from pages_deploy.worker.configuration import read_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator.server import Emulator
    from tests.acceptance.conftest import Wrangler

FILES = {
    "index.html": b"<h1>home</h1>\n",
    "about.HTML": b"<h1>loud</h1>\n",
    "txt": b"a root file without extension\n",
    "sub/txt": b"one below\n",
    "archive.tar.gz": b"\x1f\x8b\x08",
    "module.mjs": b"export {}\n",
    "we ird+&\u00e9%23#?.css": b"a{}\n",
    "\u65e5\u672c\u8a9e.txt": b"a name in another alphabet\n",
    "empty.txt": b"",
    "copy-1.txt": b"the same\n",
    "copy-2.txt": b"the same\n",
    "copy.md": b"the same\n",
    ".env.example": b"NAME=value\n",
    ".well-known/security.txt": b"Contact: mailto:a@example.com\n",
    ".well-known/.DS_Store": b"kept below a dot directory\n",
    "trailing.": b"dot\n",
    "sub/_headers": b"an asset, not a rule\n",
    "sub/functions/f.js": b"an asset\n",
    "sub/_worker.js": b"an asset\n",
    "large.bin": bytes(range(256)) * 8192,
    ".DS_Store": b"left out",
    "node_modules/x/index.js": b"left out",
    "sub/node_modules/x.js": b"left out",
    ".wrangler/state": b"left out",
    "_headers": b"/*\n  X-Test: 1\n",
    "_redirects": b"/old /new 301\n",
}
LEFT_OUT = {
    "/.DS_Store",
    "/node_modules/x/index.js",
    "/sub/node_modules/x.js",
    "/.wrangler/state",
    "/_headers",
    "/_redirects",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    for name, content in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


@pytest.mark.wrangler
def test_wrangler_sends_the_manifest_that_we_make(
    wrangler: Wrangler, emulator: Emulator, directory: Path
) -> None:
    ours = build_manifest(directory)
    assert {asset.path for asset in ours.assets} == {f"/{name}" for name in FILES} - LEFT_OUT
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create("demo", production_branch="main")
        done = wrangler.run(
            emulator,
            *("pages", "deploy", str(directory), "--project-name=demo", "--branch=main"),
            *("--commit-dirty=true",),
            cwd=directory.parent,
            environ={},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (deployment,) = client.deployments.newest("demo")
    assert deployment.succeeded
    assert theirs(emulator, deployment.id, ours) == {
        asset.path: (asset.hash, asset.content_type) for asset in ours.assets
    }


FUNCTIONS = {
    "public/index.html": "<h1>home</h1>\n",
    "wrangler.toml": (
        'name = "demo"\npages_build_output_dir = "./public"\ncompatibility_date = "2024-09-23"\n'
        '[vars]\nTEXT = "a"\nNUMBER = 5\n[[kv_namespaces]]\nbinding = "KV"\nid = "1"\n'
    ),
    "functions/api/[id].js": "export const onRequestGet = () => new Response('a');\n",
    "functions/note.js": (
        "import text from './note.txt';\nexport const onRequest = () => new Response(text);\n"
    ),
    "functions/note.txt": "a note\n",
}


@pytest.mark.wrangler
@pytest.mark.xdist_group("wrangler")
def test_wrangler_deploys_functions_with_the_metadata_that_we_make(
    wrangler: Wrangler, emulator: Emulator, tmp_path: Path
) -> None:
    for name, content in FUNCTIONS.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    with PagesClient(
        emulator.api_token, emulator.account_id, base_url=emulator.api_base_url
    ) as client:
        client.projects.create("demo", production_branch="main")
        done = wrangler.run(
            emulator,
            *("pages", "deploy", "--branch=main", "--commit-dirty=true"),
            cwd=tmp_path,
            environ={},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (deployment,) = client.deployments.newest("demo")
    assert deployment.succeeded
    record = emulator.store.deployments.find(deployment.id)
    assert record is not None
    text = FUNCTIONS["wrangler.toml"]
    assert record.wrangler_config_hash == hashlib.sha256(text.encode()).hexdigest()
    assert record.pages_build_output_dir == "public"
    worker = emulator.worker_of(deployment.id)
    assert worker is not None
    assert set(worker.rules.include) == {"/api/*", "/note"}
    assert {module.content_type for module in worker.modules} == {
        "application/javascript+module",
        "text/plain",
    }
    ours = read_configuration(tomllib.loads(text), "wrangler.toml").metadata("production")
    assert worker.metadata == {"main_module": worker.main_module, **ours}


def theirs(emulator: Emulator, deployment_id: str, ours: Manifest) -> dict[str, tuple[str, str]]:
    """Return what the emulator was told: every path's hash and the type declared for it."""
    project = emulator.store.projects.get(emulator.account_id, "demo")
    deployment = emulator.store.deployments.get(project, deployment_id)
    assert deployment.file_count == len(ours.assets)
    found = {}
    for asset in ours.assets:
        stored = emulator.store.deployments.asset_at(deployment, asset.path)
        assert stored is not None, f"wrangler did not send {asset.path}"
        found[asset.path] = (stored.key, stored.content_type)
    special = emulator.store.deployments.special_files(deployment)
    assert special == dict(ours.special_files)
    return found
