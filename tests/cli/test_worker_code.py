"""Sites with Worker code, deployed by the command line: what is sent, said, refused and proved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.world import PROJECT

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


MISTAKES = {
    "a syntax error": ({"functions/a.js": "const ="}, "functions/a.js:1:"),
    "an import that is not there": (
        {"functions/a.js": f"import './nope.js';\n{HELLO}"},
        "functions/a.js:1:8: './nope.js' is not there",
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
        "public/_worker.js: has no default export",
    ),
    "a directory without index.js": (
        {"public/_worker.js/main.js": ANSWERS},
        "public/_worker.js/index.js: is not there",
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
        (["--functions", "nope"], "FUNCTIONS is 'nope', which is no directory"),
        (["--functions", "x", "--no-functions"], "contradict"),
        (["--bundle", "--no-bundle"], "BUNDLE and NO_BUNDLE contradict each other"),
        (["--worker-bundle", "nope"], "WORKER_BUNDLE is 'nope', which is no file"),
        (["--esbuild", "nope"], "ESBUILD is 'nope', which is no file"),
        (["--probe", "api=200"], "PROBE has 'api=200'"),
        (["--probe", "/api"], "PROBE has '/api'"),
        (["--probe", "/api=99"], "99 is no status"),
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
    assert "1 files are served as they were sent, 1 route of the Worker answered" in outcome.stderr


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
    assert "functions is a link that leaves the working directory" in outcome.stderr
