"""Which modules a Worker is made of, under which names, and what needs a bundler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.module_tree import ModuleTree

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.worker.modules import Module
    from tests.world import BuildSite


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "site"


def tree_of(root: Path, *entries: str) -> ModuleTree:
    tree = ModuleTree(root)
    tree.add(root / entry for entry in entries)
    return tree


def modules_of(root: Path, *entries: str) -> dict[str, Module]:
    tree = tree_of(root, *entries)
    assert tree.needs == []
    return {module.name: module for module in tree.modules(tree.common_directory())}


def test_modules_are_named_from_the_directory_that_they_share(site: BuildSite, root: Path) -> None:
    site(
        {
            "functions/api/[id].js": 'import { a } from "../../lib/a b.js"; a();',
            "lib/a b.js": 'export { b as a } from "./ü/b.mjs";',
            "lib/ü/b.mjs": "export const b = 1;",
            "lib/unused.js": "syntax error (",
        }
    )
    modules = modules_of(root, "functions/api/[id].js")
    assert list(modules) == ["functions/api/[id].js", "lib/a b.js", "lib/ü/b.mjs"]
    assert {module.kind for module in modules.values()} == {"esm"}


def test_files_that_are_no_code_have_their_kinds(site: BuildSite, root: Path) -> None:
    site(
        {
            "a.js": "import t from './t.txt'; import h from './h.html'; import q from './q.sql';"
            "import d from './d.bin'; import w from './w.wasm'; import j from './j.json';",
            "t.txt": "text",
            "h.html": "<p>",
            "q.sql": "select 1",
            "d.bin": b"\0\1",
            "w.wasm": b"\0asm",
            "j.json": '\ufeff{"a": [1]}\n',
        }
    )
    modules = modules_of(root, "a.js")
    kinds = {name: module.kind for name, module in modules.items() if name != "a.js"}
    assert kinds == {
        "t.txt": "text",
        "h.html": "text",
        "q.sql": "text",
        "d.bin": "data",
        "w.wasm": "wasm",
        "j.json": "esm",
    }
    assert modules["j.json"].content == b'export default {"a": [1]};\n'


def test_only_a_suffix_of_wasm_is_rewritten(site: BuildSite, root: Path) -> None:
    text = "import a from './a.wasm?module';\nconst s = './a.wasm?module';\n"
    site({"m.js": text, "a.wasm": b"\0asm"})
    content = modules_of(root, "m.js")["m.js"].content.decode()
    assert content == "import a from \"./a.wasm\";\nconst s = './a.wasm?module';\n"


def test_a_name_without_its_extension_passes_everything_on(site: BuildSite, root: Path) -> None:
    site(
        {
            "a.js": "import x, { y } from './b'; import { z } from './lib'; import './c';",
            "b.js": "export default 1; export const y = 2;",
            "c.js": "",
            "lib/index.js": "export const z = 1;",
        }
    )
    modules = modules_of(root, "a.js")
    assert modules["b"].content.decode() == (
        'export * from "./b.js";\nexport { default } from "./b.js";\n'
    )
    assert modules["lib"].content.decode() == 'export * from "./lib/index.js";\n'
    assert set(modules) == {"a.js", "b", "b.js", "c", "c.js", "lib", "lib/index.js"}


@pytest.mark.parametrize(
    ("files", "need"),
    [
        ({"a.js": "import './b.ts';", "b.ts": "const a: number = 1;"}, "b.ts: it is TypeScript"),
        ({"a.js": "import './b';", "b.tsx": ""}, "b.tsx: it is TypeScript"),
        ({"a.js": "const a = <b/>;"}, "a.js:1:11: it contains JSX"),
        ({"a.js": "import h from 'hono';"}, "a.js:1:15: 'hono' is a package"),
        ({"a.js": "\nimport fs from 'fs';"}, "a.js:2:16: 'fs' is a package or a module of Node.js"),
        (
            {"a.js": "import { x } from './b.json';", "b.json": '{"x": 1}'},
            "a.js:1:19: it imports more",
        ),
        ({"a.js": "import x from './b.cjs';", "b.cjs": ""}, "a.js:1:15: './b.cjs' is of a kind"),
    ],
)
def test_what_needs_a_bundler_is_told_with_its_place(
    site: BuildSite, root: Path, files: dict[str, str], need: str
) -> None:
    site(files)
    (found,) = tree_of(root, "a.js").needs
    assert f"{found.file}: {found.reason}".startswith(need)


def test_modules_of_the_runtime_are_left_alone(site: BuildSite, root: Path) -> None:
    site({"a.js": "import { connect } from 'cloudflare:sockets';\nimport b from 'node:buffer';"})
    tree = tree_of(root, "a.js")
    assert tree.needs == []
    assert [(one.file, one.reason) for one in tree.node_imports] == [("a.js:2:15", "node:buffer")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.js": "import './nope.js';"}, "a.js:1:8: './nope.js' does not exist"),
        ({"a.js": "await import('./nope.js');"}, "a.js:1:14: './nope.js' does not exist"),
        (
            {"a.js": "import { x,\n y } from './b.js';", "b.js": "export const x = 1;"},
            "a.js:2:2: './b.js' does not export 'y'",
        ),
        (
            {"a.js": "import x from './b.js';", "b.js": "export const x = 1;"},
            "a.js:1:8: './b.js' does not export 'default'",
        ),
        (
            {"a.js": "export { q } from './b.js';", "b.js": "export * from './c.js';", "c.js": ""},
            "a.js:1:10: './b.js' does not export 'q'",
        ),
        ({"a.js": "import j from './b.json';", "b.json": '{"a": 1,\n}'}, "b.json:2:1: "),
        ({"a.js": "import f from 'assets:./dir';"}, "a.js:1:15: 'assets:./dir' are static"),
        ({"a.js": "import '../../../etc/passwd.txt';"}, "a.js:1:8: "),
    ],
)
def test_a_mistake_is_refused_at_its_place(
    site: BuildSite, root: Path, files: dict[str, str], message: str
) -> None:
    site(files)
    with pytest.raises(WorkerError) as info:
        tree_of(root, "a.js")
    assert info.value.message.startswith(message)
    assert info.value.hint


def test_names_that_are_passed_on_by_others_are_found(site: BuildSite, root: Path) -> None:
    site(
        {
            "a.js": "import { x, y } from './b.js';",
            "b.js": "export * from './c.js'; export * from './d.js';",
            "c.js": "export * from './b.js'; export const x = 1;",
            "d.js": "export * from './c.js'; export const y = 1;",
        }
    )
    assert set(modules_of(root, "a.js")) == {"a.js", "b.js", "c.js", "d.js"}


def test_an_import_that_leaves_the_repository_is_refused(
    site: BuildSite, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    site({"a.js": "import s from '../secret.txt';"})
    with pytest.raises(WorkerError, match=r"\.js:1:15: .* is a file outside of the repository"):
        tree_of(root, "a.js")
    site({"b.js": "import s from './link.txt';"})
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(WorkerError, match=r"\.js:1:15: .* is a file outside of the repository"):
        tree_of(root, "b.js")


def test_an_import_from_elsewhere_in_the_repository_is_fine(
    site: BuildSite, root: Path, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shared.js").write_text("export const a = 1;")
    site({"a.js": "import { a } from '../shared.js';"})
    assert set(modules_of(root, "a.js")) == {"site/a.js", "shared.js"}
