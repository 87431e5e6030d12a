"""What needs a bundler is bundled by the real esbuild, whose complaints become ours."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import WorkerError
from pages_deploy.worker.bundle import MAX_BUNDLE_BYTES, bundle_bytes
from pages_deploy.worker.esbuild import Bundling, bundle, exports_of
from pages_deploy.worker.esbuild_messages import failure, warnings_of
from tests.package_source import ROOT
from tests.worker.programs_of_npm import ESBUILD_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.worker.modules import Script
    from pages_deploy.worker.programs import Tool

pytestmark = pytest.mark.xdist_group("esbuild")
HOW = Bundling("bundledWorker.mjs")
WASM = b"\0asm\1\0\0\0"


def lay(directory: Path, files: Mapping[str, str | bytes]) -> None:
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


def bundled(
    esbuild: Tool, files: Mapping[str, str | bytes], how: Bundling = HOW, entry: str = "src/a.ts"
) -> Script:
    lay(esbuild.directory, files)
    return bundle(esbuild, esbuild.directory / entry, how).script


def test_typescript_packages_and_json_become_one_module(esbuild: Tool) -> None:
    script = bundled(
        esbuild,
        {
            "src/a.ts": 'import p from "p"; import j from "./j.json"; import { x } from "./b";\n'
            "const told: string = process.env.NODE_ENV!;\n"
            "export default { fetch: () => new Response(p + j.key + x + told) };",
            "src/b.tsx": "export const x: number = 41;",
            "src/j.json": '{"key": "of json"}',
            "node_modules/p/package.json": '{"exports": {"workerd": "./w.js", "import": "./d"}}',
            "node_modules/p/w.js": 'export default "for workerd";',
        },
    )
    assert (script.main.name, script.main.kind, script.others) == ("bundledWorker.mjs", "esm", ())
    text = script.main.content.decode()
    for part in ("for workerd", "of json", "41", '"production"'):
        assert part in text
    assert "import " not in text.split("\n", 1)[1]


def test_what_is_no_javascript_becomes_a_module_of_its_own(esbuild: Tool) -> None:
    files: dict[str, str | bytes] = {
        "src/a.ts": 'import t from "./msg.txt"; import h from "./p.html"; import q from "./q.sql";'
        'import b from "./d.bin"; import w from "../add.wasm?module"; import v from "../add.wasm";'
        "export default [t, h, q, b, w, v];",
        "src/msg.txt": "text",
        "src/p.html": "<p>",
        "src/q.sql": "select 1",
        "src/d.bin": b"\0\xff",
        "add.wasm": WASM,
    }
    script = bundled(esbuild, files)
    assert {
        (re.sub(r"^\./[A-Z0-9]{8}-", "", m.name), m.kind): m.content for m in script.others
    } == {
        ("add.wasm", "wasm"): WASM,
        ("d.bin", "data"): b"\0\xff",
        ("msg.txt", "text"): b"text",
        ("p.html", "text"): b"<p>",
        ("q.sql", "text"): b"select 1",
    }
    text = script.main.content.decode()
    assert "?module" not in text
    for module in script.others:
        assert f'"{module.name}"' in text


def test_what_the_runtime_has_itself_is_left_to_it(esbuild: Tool) -> None:
    text = bundled(
        esbuild, {"src/a.ts": 'import "node:fs"; import { env } from "cloudflare:workers"; env.x;'}
    ).main.content.decode()
    assert 'import "node:fs"' in text
    assert 'from "cloudflare:workers"' in text


def test_bare_names_of_node_take_the_flag_and_the_date(esbuild: Tool) -> None:
    files = {
        "src/a.ts": 'import fs from "fs";\nimport p from "path/posix"; export default [fs, p];'
    }
    text = bundled(
        esbuild, files, Bundling("w.js", "2024-09-23", ("nodejs_compat",))
    ).main.content.decode()
    assert 'from "node:fs"' in text
    assert 'from "node:path/posix"' in text
    with pytest.raises(WorkerError, match=r'^src/a\.ts:1:16: Could not resolve "fs"') as raised:
        bundled(esbuild, files, Bundling("w.js", "2024-09-22", ("nodejs_compat",)))
    assert "nodejs_compat" in raised.value.hint
    assert "1 more: src/a.ts:2:15" in raised.value.message


def test_an_entrys_text_imports_from_the_working_directory(esbuild: Tool) -> None:
    lay(esbuild.directory, {"functions/[id].ts": "export const onRequest: any = 1;"})
    text = b'import * as f from "./functions/[id].ts"; export default f;'
    script = bundle(esbuild, text, Bundling("functionsWorker.js")).script
    assert script.main.name == "functionsWorker.js"
    assert b"onRequest" in script.main.content


def test_the_same_code_gives_the_same_bytes_wherever_it_lies(esbuild: Tool, tmp_path: Path) -> None:
    files = {"src/a.ts": 'import t from "./t.txt"; export default t as any;', "src/t.txt": "t"}
    how = Bundling("w.js", source_map=True)
    first = bundled(esbuild, files, how)
    other = replace(esbuild, directory=tmp_path / "else/where")
    other.directory.mkdir(parents=True)
    assert bundle_bytes(first, {}) == bundle_bytes(bundled(other, files, how), {})


def test_the_source_map_names_its_sources_from_the_working_directory(esbuild: Tool) -> None:
    script = bundled(
        esbuild, {"src/a.ts": "export default 1 as any;"}, Bundling("w.js", source_map=True)
    )
    (source_map,) = script.others
    assert (source_map.name, source_map.kind) == ("w.js.map", "source-map")
    told = json.loads(source_map.content)
    assert (told["file"], told["sources"]) == ("w.js", ["src/a.ts"])
    assert script.main.content.endswith(b"//# sourceMappingURL=w.js.map\n")


def test_siblings_of_a_worker_directory_stay_what_they_are(esbuild: Tool) -> None:
    root = "public/_worker.js"
    script = bundled(
        esbuild,
        {
            f"{root}/index.js": 'import r from "./lib/r.js"; import w from "./add.wasm?module";'
            'import t from "./\u00e9.txt"; import j from "./j.json"; import p from "p";'
            'import s from "../../src/s"; const l = () => import("./lazy.mjs");'
            "export default [r, w, t, j, p, s, l];",
            f"{root}/lib/r.js": "this is (not read",
            f"{root}/lazy.mjs": "nor (this",
            f"{root}/add.wasm": WASM,
            f"{root}/\u00e9.txt": "t",
            f"{root}/j.json": '"inlined json"',
            "src/s.ts": 'import r from "../public/_worker.js/lib/r.js"; export default [r as any];',
            "node_modules/p/index.js": 'import r from "./lib/r.js"; export default r;',
            "node_modules/p/lib/r.js": 'export default "of the package";',
        },
        Bundling("bundledWorker.mjs", siblings=esbuild.directory / root),
        f"{root}/index.js",
    )
    text = script.main.content.decode()
    assert script.others == ()
    assert set(re.findall(r'(?:from |import\()"(.*?)"', text)) == {
        "./lib/r.js",
        "./add.wasm",
        "./\u00e9.txt",
        "./lazy.mjs",
    }
    assert "of the package" in text
    assert "inlined json" in text


MISTAKES = {
    "syntax": ("const a = 1;\nexport const x = ;", 'src/a.ts:2:18: Unexpected ";".', "Correct"),
    "unresolved": ('import "./nope";', 'src/a.ts:1:8: Could not resolve "./nope".', "add the file"),
    "a package": ('import "nope";', 'src/a.ts:1:8: Could not resolve "nope".', "npm ci"),
    "a plugin": (
        'import x from "assets:./dir"; x;',
        'src/a.ts:1:15: Could not resolve "assets:./dir".',
        "not supported",
    ),
    "no such export": (
        'import { nope } from "./b.js"; nope;',
        'src/a.ts:1:10: No matching export in "src/b.js" for import "nope".',
        "Correct",
    ),
    "another kind": (
        'import "./q.py";',
        'src/a.ts:1:8: No loader is configured for ".py" files: src/q.py.',
        "Correct",
    ),
}


@pytest.mark.parametrize(("text", "message", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_at_file_line_and_column(
    esbuild: Tool, text: str, message: str, hint: str
) -> None:
    with pytest.raises(WorkerError) as raised:
        bundled(esbuild, {"src/a.ts": text, "src/b.js": "export {};", "src/q.py": ""})
    assert raised.value.message == message
    assert hint in raised.value.hint


def test_oddities_are_warnings(esbuild: Tool) -> None:
    lay(
        esbuild.directory,
        {"a.js": 'import * as b from "./b.js";\nexport default b.nope;', "b.js": ""},
    )
    (warning,) = bundle(esbuild, esbuild.directory / "a.js", HOW).warnings
    assert warning.startswith('a.js:2:18: Import "nope" will always be undefined')


def test_what_is_outside_the_repository_is_refused(esbuild: Tool, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inner = replace(esbuild, directory=tmp_path / "repository")
    with pytest.raises(WorkerError, match=r"secret\.txt: .* from outside of the repository"):
        bundled(inner, {"src/a.ts": 'import s from "../../secret.txt"; export default s;'})


def test_packages_may_be_kept_elsewhere(esbuild: Tool, tmp_path: Path) -> None:
    inner = replace(esbuild, directory=tmp_path / "repository")
    lay(tmp_path, {"node_modules/p/index.js": "export default 'kept above';"})
    script = bundled(inner, {"src/a.ts": 'import p from "p"; export default p;'})
    assert b"kept above" in script.main.content


def test_what_is_too_large_is_not_read(esbuild: Tool) -> None:
    large = bytes(2 * MAX_BUNDLE_BYTES + 1)
    with pytest.raises(WorkerError, match=r"-large\.bin alone has"):
        bundled(
            esbuild,
            {"src/a.ts": 'import b from "./large.bin"; export default b;', "src/large.bin": large},
        )


def test_the_exports_of_files_are_those_of_their_own_text(esbuild: Tool) -> None:
    lay(
        esbuild.directory,
        {
            "functions/a.ts": "export const onRequest = 1; export type T = 1; export * from './b';",
            "functions/a.js": "export const onRequest = 1;",
            "functions/b.tsx": "export default <p/>; export { x as onRequestGet }; const x = 1;",
            "functions/[[a=b]].ts": "export function onRequestPost() {}",
            "functions/types.d.ts": "export declare const onRequest: number;",
        },
    )
    names = ["a.ts", "a.js", "b.tsx", "[[a=b]].ts", "types.d.ts"]
    files = [esbuild.directory / "functions" / name for name in names]
    assert exports_of(esbuild, files) == dict(
        zip(
            files,
            [
                {"onRequest"},
                {"onRequest"},
                {"default", "onRequestGet"},
                {"onRequestPost"},
                frozenset(),
            ],
            strict=True,
        )
    )


def test_more_files_than_a_command_line_has_room_for(esbuild: Tool) -> None:
    names = [f"functions/{'long' * 20}/{index}.ts" for index in range(400)]
    lay(esbuild.directory, dict.fromkeys(names, "export const a = 1"))
    found = exports_of(esbuild, [esbuild.directory / name for name in names])
    assert len(found) == 400
    assert set(found.values()) == {frozenset({"a"})}


def test_a_file_that_cannot_be_read_is_told_at_its_line(esbuild: Tool) -> None:
    lay(esbuild.directory, {"functions/a.ts": "export const = 1"})
    with pytest.raises(WorkerError, match=r"^functions/a\.ts:1:14: "):
        exports_of(esbuild, [esbuild.directory / "functions/a.ts"])


def test_the_tests_use_the_esbuild_of_the_image() -> None:
    assert f"ARG ESBUILD={ESBUILD_VERSION}\n" in (ROOT / "Dockerfile").read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the older one is a script")
def test_an_esbuild_that_is_older_is_given_an_older_target(esbuild: Tool) -> None:
    older = esbuild.directory / "older"
    older.write_text(
        f"""#!/bin/sh
        for word; do case $word in --target=es2024)
          printf '%s\\n' '\u2718 [ERROR] Invalid target "es2024" in "--target=es2024"' >&2; exit 1
        esac; done
        exec '{esbuild.file}' "$@"
        """,
        "utf-8",
    )
    older.chmod(0o755)
    script = bundled(replace(esbuild, file=older), {"src/a.ts": "export default 1 as any;"})
    assert b"a_default as default" in script.main.content


def test_words_without_a_place_are_quoted() -> None:
    assert failure("panic: oh no\n\ngoroutine 1").message == "esbuild failed: panic: oh no."
    assert failure("").message == "esbuild failed: it gave no reason."
    told = failure('\u2718 [ERROR] Invalid build flag: "--x"\n\n1 error\n')
    assert told.message == 'Invalid build flag: "--x".'
    assert "newer" in told.hint
    assert list(warnings_of("\u25b2 [WARNING] Odd\n")) == ["Odd."]
