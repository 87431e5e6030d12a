"""Sites with Worker code, deployed by the command line: what is sent, said, refused and proved."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.state.project_configs import ProjectConfigs
from tests.world import PROJECT, unprivileged

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.emulator import Emulator
    from pages_deploy.emulator.state.workers import Worker
    from tests.world import BuildSite, RunCli

HELLO = "export const onRequestGet = () => new Response('hello');"
ANSWERS = "export default { fetch: () => new Response('all') };"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "PAGES_DEPLOY_CREATE_PROJECT": "true"}


@pytest.fixture
def root(site: BuildSite, tmp_path: Path) -> Path:
    site({"public/index.html": "<h1>home</h1>", "public/a.txt": "a"}, name="work")
    return tmp_path / "work"


def deployed(emulator: Emulator) -> Worker | None:
    """Return the Worker of the newest deployment."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    newest = emulator.store.deployments.all(project)[0]
    return emulator.worker_of(newest.id)


def test_functions_are_deployed_and_said_aloud(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/api/[id].js": HELLO, "functions/_middleware.js": HELLO}, name="work")
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Worker code of functions/: 4 modules, for /*" in outcome.stderr
    worker = deployed(emulator)
    assert worker is not None
    assert worker.metadata == {"main_module": "pages-functions.js"}
    assert {module.name for module in worker.modules} == {
        *("pages-functions.js", "pages-router.js", "_middleware.js", "api/[id].js"),
    }
    assert worker.rules.include == ("/*",)
    assert worker.routing is not None


def test_without_worker_code_nothing_of_it_is_sent(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"public/_routes.json": "{}", "public/_worker.js": ""}, name="work")
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    assert deployed(emulator) is None


@pytest.mark.parametrize("flag", ["--no-functions", "--no-functions=true"])
def test_functions_are_left_out_on_purpose(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    site: BuildSite,
    root: Path,
    flag: str,
) -> None:
    site({"functions/broken.js": "const ="}, name="work")
    assert run_cli("public", flag, environ=environ, cwd=root).exit_code == 0
    assert deployed(emulator) is None


def test_a_worker_script_comes_before_functions(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/broken.js": "const =", "public/_worker.js": ANSWERS}, name="work")
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    worker = deployed(emulator)
    assert worker is not None
    assert [module.name for module in worker.modules] == ["_worker.js"]
    assert worker.routing is None


def test_a_worker_directory_is_sent_as_it_is_without_any_asset(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, tmp_path: Path
) -> None:
    site(
        {
            "_worker.js/index.js": f"import './chunks/a.js'; {ANSWERS}",
            "_worker.js/chunks/a.js": "syntax error (",
            "_worker.js/.hidden/b.txt": "text",
            "_worker.js/notes.md": "no module",
        },
        name="built",
    )
    outcome = run_cli(str(tmp_path / "built"), environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    worker = deployed(emulator)
    assert worker is not None
    assert {(module.name, module.content_type) for module in worker.modules} == {
        ("index.js", "application/javascript+module"),
        ("chunks/a.js", "application/javascript+module"),
        (".hidden/b.txt", "text/plain"),
    }


def test_the_configuration_file_gives_bindings_date_and_flags(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    config = {
        "name": PROJECT,
        "pages_build_output_dir": "public",
        "compatibility_date": "2026-01-01",
        "compatibility_flags": ["nodejs_compat"],
        "vars": {"A": "1"},
        "kv_namespaces": [{"binding": "KV", "id": "x"}],
    }
    site({"wrangler.json": json.dumps(config), "functions/a.js": HELLO}, name="work")
    outcome = run_cli(environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    worker = deployed(emulator)
    assert worker is not None
    assert worker.metadata == {
        "main_module": "pages-functions.js",
        "bindings": [
            {"name": "A", "type": "plain_text", "text": "1"},
            {"name": "KV", "type": "kv_namespace", "namespace_id": "x"},
        ],
        "compatibility_date": "2026-01-01",
        "compatibility_flags": ["nodejs_compat"],
    }


MISTAKES: dict[str, tuple[dict[str, bytes | str], str]] = {
    "a syntax error": ({"functions/a.js": "const ="}, "functions/a.js:1:"),
    "an import that is not there": (
        {"functions/a.js": f"import './nope.js';\n{HELLO}"},
        "functions/a.js:1:8: './nope.js' does not exist",
    ),
    "a name that is not exported": (
        {"functions/a.js": f"import {{ b }} from '../b.js';\n{HELLO}", "b.js": ""},
        "functions/a.js:1:10: '../b.js' does not export 'b'",
    ),
    "a parameter that is none": ({"functions/[a-b].js": HELLO}, "functions/[a-b].js: '[a-b]'"),
    "two parameters in a row": ({"functions/[a][b].js": HELLO}, "functions/[a][b].js: two"),
    "TypeScript without esbuild": ({"functions/a.ts": HELLO}, "functions/a.ts: it is TypeScript"),
    "a broken Worker": ({"public/_worker.js": "\n\nexport default {"}, "public/_worker.js:3:"),
    "a Worker without a default export": (
        {"public/_worker.js": "export const a = 1;"},
        "public/_worker.js: the Worker has no default export",
    ),
    "a directory without index.js": (
        {"public/_worker.js/main.js": ANSWERS},
        "public/_worker.js/index.js: this file is missing",
    ),
    "rules that are no JSON": (
        {"functions/a.js": HELLO, "public/_routes.json": '{\n"version": 1,,'},
        "public/_routes.json:2: ",
    ),
    "a rule without its slash": (
        {
            "functions/a.js": HELLO,
            "public/_routes.json": '{"version": 1, "include": ["/a",\n"b"], "exclude": []}',
        },
        "public/_routes.json:2: ",
    ),
    "functions that are a file": ({"functions": "x"}, "functions is a file"),
    "a dynamic import that is not there": (
        {"functions/a.js": f"{HELLO}\nconst f = () => import('./nope.js');"},
        "functions/a.js:2:24: './nope.js' does not exist",
    ),
    "a re-export that is not there": (
        {"functions/a.js": "export { onRequest } from './nope.js';"},
        "functions/a.js:1:27: './nope.js' does not exist",
    ),
    "everything of what is not there": (
        {"functions/a.js": f"{HELLO}\nexport * from './nope.js';"},
        "functions/a.js:2:15: './nope.js' does not exist",
    ),
    "an import that is a directory": (
        {"functions/a.js": f"import b from '../b';\n{HELLO}", "b/c.txt": ""},
        "functions/a.js:1:15: '../b' does not exist",
    ),
    "a name with a zero byte": (
        {"functions/a.js": f"import './a\\0b.js';\n{HELLO}"},
        "functions/a.js:1:8: ",
    ),
    "a name that is too long for any file": (
        {"functions/a.js": f"import './{'a' * 5000}.js';\n{HELLO}"},
        "functions/a.js:1:8: ",
    ),
    "an import of this machine's files": (
        {"functions/a.js": f"import p from '../../../../../../../../../etc/passwd';\n{HELLO}"},
        "functions/a.js:1:15: ",
    ),
    "a plugin's static files": (
        {"functions/a.js": f"import p from 'assets:./x';\n{HELLO}"},
        "functions/a.js:1:15: 'assets:./x' are static files of a Pages plugin",
    ),
    "a package without esbuild": (
        {"functions/a.js": f"import p from 'hono';\n{HELLO}"},
        "functions/a.js:1:15: 'hono' is a package",
    ),
    "JSX without esbuild": (
        {"functions/a.js": "\nexport const onRequest = () => <a/>;"},
        "functions/a.js:2:32: it contains JSX",
    ),
    "UTF-16": ({"functions/a.js": HELLO.encode("utf-16")}, "functions/a.js:1:1: this is not UTF-8"),
    "a program in a Worker's place": (
        {"public/_worker.js": b"\x7fELF\n\xff"},
        "public/_worker.js:2:1: this is not UTF-8",
    ),
    "JSON that is none": (
        {"functions/a.js": f"import b from '../b.json';\n{HELLO}", "b.json": '{\n "a": }'},
        "b.json:2:7: this is not valid JSON",
    ),
    "JSON in UTF-16": (
        {"functions/a.js": f"import b from '../b.json';\n{HELLO}", "b.json": "{}".encode("utf-16")},
        "b.json:1:1: this is not UTF-8",
    ),
    "a number that JSON does not have": (
        {"functions/a.js": f"import b from '../b.json';\n{HELLO}", "b.json": "NaN"},
        "b.json:1:1: this is not valid JSON",
    ),
    "an export inside of a function": (
        {"public/_worker.js": "function f() {\n  export default {};\n}"},
        "public/_worker.js:2:3: 'export' is only allowed at the top level",
    ),
    "two default exports": (
        {"public/_worker.js": f"{ANSWERS}\n{ANSWERS}"},
        "public/_worker.js:2:1: 'default' is exported twice",
    ),
    "a name that is exported twice": (
        {"functions/a.js": f"{HELLO}\nexport {{ onRequestGet }};"},
        "functions/a.js:2:10: 'onRequestGet' is exported twice",
    ),
    "a Worker in CommonJS": (
        {"public/_worker.js": "module.exports = {};"},
        "public/_worker.js: the Worker has no default export",
    ),
    "a Worker too large": (
        {"public/_worker.js/index.js": ANSWERS, "public/_worker.js/a.bin": b"x" * (1 + (25 << 20))},
        "public/_worker.js: its modules have more than 26214400 bytes",
    ),
    "a Worker whose form is too large": (
        {
            "public/_worker.js/index.js": ANSWERS,
            "public/_worker.js/a.bin": b"x" * ((25 << 20) - 100),
        },
        "The Worker has 26.2 MB",
    ),
    "a module that is missing in a directory": (
        {"public/_worker.js/index.js": f"import './a.js';\n{ANSWERS}"},
        "public/_worker.js/index.js:1:8: './a.js' does not exist",
    ),
    "a module of a directory with too long a name": (
        {"public/_worker.js/index.js": f"import './{'a' * 5000}.js';\n{ANSWERS}"},
        "public/_worker.js/index.js:1:8: ",
    ),
    "rules that are a directory": (
        {"functions/a.js": HELLO, "public/_routes.json/a": ""},
        "public/_routes.json: this is not a file",
    ),
    "a configuration that cannot be read": (
        {"functions/a.js": HELLO, "wrangler.toml": "a = = 1"},
        "Cannot read wrangler.toml: ",
    ),
    "a binding of the other environment": (
        {
            "functions/a.js": HELLO,
            "wrangler.toml": f'name = "{PROJECT}"\npages_build_output_dir = "public"\n'
            '[[env.preview.kv_namespaces]]\nbinding = "KV"\n',
        },
        "wrangler.toml:3: `env.preview.kv_namespaces[0].id` is missing",
    ),
    "a key that Pages does not take": (
        {
            "functions/a.js": HELLO,
            "wrangler.toml": (
                f'name = "{PROJECT}"\npages_build_output_dir = "public"\nminify = true\n'
            ),
        },
        "wrangler.toml:3: ",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_at_its_place_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    site: BuildSite,
    root: Path,
    mistake: str,
) -> None:
    files, message = MISTAKES[mistake]
    site(files, name="work")
    outcome = run_cli("public", environ={**environ, "PATH": ""}, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert f"Error: {message}" in outcome.stderr
    assert not emulator.requests


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--functions", "nope"], "FUNCTIONS is 'nope', which is not a directory"),
        (["--functions", "x", "--no-functions"], "contradict"),
        (["--bundle", "--no-bundle"], "BUNDLE and NO_BUNDLE contradict each other"),
        (["--worker-bundle", "nope"], "WORKER_BUNDLE is 'nope', which is not a file"),
        (["--esbuild", "nope"], "ESBUILD is 'nope', which is not a file"),
        (["--probe", "api=200"], "PROBE has 'api=200'"),
        (["--probe", "/api"], "PROBE has '/api'"),
        (["--probe", "/api=99"], "99 is not an HTTP status"),
        (["--probe", "/api=2000"], "2000 is not an HTTP status"),
        (["--probe", "/a b=200"], "PROBE has '/a b=200'"),
        (["--probe", "/é=200"], "PROBE has '/é=200'"),
        (["--probe", "/a#b=200"], "PROBE has '/a#b=200'"),
        (["--workerd", "nope"], "WORKERD is 'nope', which is not a file"),
    ],
)
def test_an_option_that_leads_nowhere_is_refused(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    root: Path,
    arguments: list[str],
    message: str,
) -> None:
    outcome = run_cli("public", *arguments, environ=environ, cwd=root)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert not emulator.requests


def test_the_proof_leaves_out_what_the_worker_answers_and_asks_a_route(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, root: Path
) -> None:
    site({"functions/a.txt.js": HELLO, "functions/b.js": HELLO}, name="work")
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    assert "1 file is served as it was sent, 1 route of the Worker answered" in outcome.stderr


def test_a_probe_that_is_not_answered_as_told_fails_the_run(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, root: Path
) -> None:
    site({"functions/a.js": HELLO}, name="work")
    arguments = ["public", "--probe", "/a=418", "--probe", "/a=203"]
    outcome = run_cli(*arguments, environ=environ, cwd=root)
    assert outcome.exit_code == 6
    assert "/a: expected HTTP 418, found HTTP 203" in outcome.stderr


def test_a_strangers_link_is_not_taken_for_functions(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, root: Path, tmp_path: Path
) -> None:
    site({"a.js": HELLO}, name="elsewhere")
    (root / "functions").symlink_to(tmp_path / "elsewhere")
    event = {"pull_request": {"number": 7, "head": {"ref": "x", "sha": "a" * 40, "repo": None}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": "o/r",
    }
    outcome = run_cli("public", environ={**environ, **github}, cwd=root)
    assert outcome.exit_code == 2
    assert "functions is a link that leads out of the working directory" in outcome.stderr


PLACES = {
    "functions that are a link to nothing": ("functions", "nowhere", "functions is a link"),
    "functions that lead back to themselves": ("functions", "functions", "functions is a link"),
    "a Worker that is a link to nothing": ("public/_worker.js", "nowhere", "/_worker.js is a link"),
    "a module that leads back to itself": (
        *("public/_worker.js/a.js", "a.js"),
        "public/_worker.js/a.js: is a link to something that does not exist",
    ),
    "a module of elsewhere": (
        *("public/_worker.js/a.js", "/etc/passwd"),
        "public/_worker.js/a.js: this link leads out of the directory",
    ),
    "a first module of elsewhere": (
        *("public/_worker.js/index.js", "/etc/passwd"),
        "public/_worker.js/index.js: this link leads out of the directory",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_link_that_leads_nowhere_or_out_is_refused(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, root: Path, place: str
) -> None:
    name, target, message = PLACES[place]
    link = root / name
    link.parent.mkdir(exist_ok=True)
    if name == "public/_worker.js/a.js":
        (link.parent / "index.js").write_text(ANSWERS)
    link.symlink_to(target)
    outcome = run_cli("public", environ={**environ, "PATH": ""}, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert f"Error: {message}" in outcome.stderr
    assert not emulator.requests


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among the files")
@pytest.mark.parametrize(
    "name", ["functions/a.js", "public/_worker.js", "public/_worker.js/index.js"]
)
def test_a_pipe_is_refused_and_not_waited_for(
    run_cli: RunCli, environ: dict[str, str], root: Path, name: str
) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    os.mkfifo(root / name)
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert re.search(f"Error: {re.escape(name)}: (this|is neither)", outcome.stderr)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are of another kind there")
@pytest.mark.parametrize(
    ("name", "closed"),
    [
        ("functions/a.js", "functions/a.js"),
        ("functions/d/a.js", "functions/d"),
        ("public/_worker.js", "public/_worker.js"),
        ("public/_worker.js/d/a.js", "public/_worker.js/d"),
        ("public/_worker.js/index.js", "public/_worker.js"),
    ],
)
def test_what_cannot_be_read_is_named(
    run_cli: RunCli, environ: dict[str, str], public_directory: Path, name: str, closed: str
) -> None:
    (public_directory / "public").mkdir()
    (public_directory / "public/a.txt").write_text("a")
    file = public_directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ANSWERS)
    (public_directory / closed).chmod(0)
    try:
        with unprivileged():
            outcome = run_cli("public", environ=environ, cwd=public_directory)
    finally:
        (public_directory / closed).chmod(stat.S_IRWXU)
    assert outcome.exit_code == 2, outcome.stderr
    assert f"Error: {closed}: cannot be read: Permission denied." in outcome.stderr


def test_a_name_that_is_not_utf8_is_refused(
    run_cli: RunCli, environ: dict[str, str], root: Path
) -> None:
    (root / "functions").mkdir()
    try:
        (root / "functions" / os.fsdecode(b"a\xff.js")).write_text(HELLO)
    except OSError:
        pytest.skip("no file of this system can have such a name")
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert ".js: the name is not UTF-8." in outcome.stderr


def test_functions_without_a_route_are_no_worker_and_that_is_said(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/a.js": "module.exports.onRequest = 1;"}, name="work")
    outcome = run_cli("public", "--probe", "/a=200", environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    assert "functions/ has no Functions, so the site has no Worker" in outcome.stderr
    assert "PROBE asks for nothing" in outcome.stderr
    assert deployed(emulator) is None


def test_functions_of_another_place_are_named_by_it(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, root: Path
) -> None:
    site({"src/api/a.js": HELLO}, name="work")
    arguments = ["public", "--functions", "src/api"]
    assert "Worker code of src/api/: " in run_cli(*arguments, environ=environ, cwd=root).stderr
    site({"src/api/[a-b].js": HELLO}, name="work")
    outcome = run_cli(*arguments, environ=environ, cwd=root)
    assert "Error: src/api/[a-b].js: '[a-b]' is not a valid parameter" in outcome.stderr


def test_what_is_no_esbuild_is_refused(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/a.ts": HELLO}, name="work")
    program = next(path for path in ("/bin/true", "/usr/bin/true") if os.path.exists(path))  # noqa: PTH110 - a text
    outcome = run_cli("public", "--esbuild", program, environ=environ, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert "Error: esbuild failed: it gave no reason." in outcome.stderr
    assert not emulator.requests


@pytest.mark.parametrize(
    ("is_fork", "message"),
    [(False, "cannot be started"), (True, "which is neither on PATH nor in")],
)
def test_a_forks_own_esbuild_is_not_run(
    run_cli: RunCli,
    environ: dict[str, str],
    site: BuildSite,
    root: Path,
    is_fork: bool,
    message: str,
) -> None:
    programs = root / "node_modules/.bin"
    site({"functions/a.ts": HELLO, "node_modules/.bin/esbuild": b"\x7fELF"}, name="work")
    (programs / "esbuild").chmod(0o755)
    repo = {"full_name": "evil/site" if is_fork else "octo/site"}
    event = {"pull_request": {"number": 7, "head": {"ref": "x", "sha": "a" * 40, "repo": repo}}}
    (root / "event.json").write_text(json.dumps(event))
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(root / "event.json"),
        "GITHUB_REPOSITORY": "octo/site",
        "PATH": str(programs),
    }
    outcome = run_cli("public", environ={**environ, **github}, cwd=root)
    assert outcome.exit_code == 2, outcome.stderr
    assert message in outcome.stderr


def test_bundling_that_is_asked_for_needs_esbuild(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/a.js": HELLO}, name="work")
    outcome = run_cli("public", "--bundle", environ={**environ, "PATH": ""}, cwd=root)
    assert outcome.exit_code == 2
    assert "needs esbuild, which is neither on PATH" in outcome.stderr
    assert not emulator.requests


@pytest.mark.parametrize(("flags", "is_refused"), [([], True), (["--no-bundle=false"], False)])
def test_the_configuration_file_may_forbid_bundling_unless_the_option_is_given(
    run_cli: RunCli,
    environ: dict[str, str],
    site: BuildSite,
    root: Path,
    flags: list[str],
    is_refused: bool,
) -> None:
    config = {"name": PROJECT, "pages_build_output_dir": "public", "no_bundle": True}
    site(
        {
            "wrangler.json": json.dumps(config),
            "public/_worker.js": f"import './b.js';\n{ANSWERS}",
            "public/b.js": "",
        },
        name="work",
    )
    outcome = run_cli(*flags, environ=environ, cwd=root)
    assert ("'./b.js' cannot be imported without bundling" in outcome.stderr) == is_refused
    assert outcome.exit_code == (2 if is_refused else 0), outcome.stderr


@pytest.mark.parametrize("flags", [[], ["nodejs_compat"]])
def test_flags_are_the_projects_where_the_file_has_none(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    site: BuildSite,
    root: Path,
    flags: list[str],
) -> None:
    project = emulator.store.projects.create(emulator.account_id, PROJECT, production_branch="main")
    compatibility = {"compatibility_date": "2025-01-01", "compatibility_flags": flags}
    configs = ProjectConfigs(deployment_configs={"production": compatibility})
    emulator.store.projects.update(project, configs=configs)
    config = {"name": PROJECT, "pages_build_output_dir": "public"}
    site(
        {
            "wrangler.json": json.dumps(config),
            "functions/a.js": f"import 'node:fs';\n{HELLO}",
        },
        name="work",
    )
    outcome = run_cli(environ=environ, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    said = "functions/a.js:1:8: 'node:fs' works only with the compatibility flag nodejs_compat"
    assert (said in outcome.stderr) == (not flags)
    worker = deployed(emulator)
    assert worker is not None
    assert worker.metadata == {
        "main_module": "pages-functions.js",
        "bindings": [],
        **compatibility,
    }


def test_a_start_up_error_is_told_with_the_modules_that_were_sent(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, site: BuildSite, root: Path
) -> None:
    site({"functions/a.js": HELLO}, name="work")
    log = 'Failed to publish your Function. Got error: Uncaught Error: No such module "x".'
    emulator.outcome_next(stage="deploy", status="failure", error=log)
    outcome = run_cli("public", environ=environ, cwd=root)
    assert outcome.exit_code == 4
    assert f"| Error: {log}" in outcome.stderr
    assert (
        "The modules that were sent: pages-functions.js, pages-router.js, a.js." in outcome.stderr
    )
