"""`pages-deploy preview`: deployed to an emulator of this process, and compared."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from pages_deploy.cli.watching import LOOK_EVERY_SECONDS
from pages_deploy.deploy.deploy import deploy
from pages_deploy.errors import Interrupted
from tests.worker.conftest import workerd_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import BuildSite, FakeTime, Outcome, RunCli

__all__ = ["workerd_program"]


def test_once_counts_what_the_site_itself_redirects_apart(run_cli: RunCli, site: BuildSite) -> None:
    directory = site({"about.txt": "x", "old.txt": "y", "_redirects": "/old.txt /about.txt 301\n"})
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Verified: 1 of 2 files" in outcome.stdout


def test_once_compares_every_file_and_leaves(run_cli: RunCli, site: BuildSite) -> None:
    directory = site({"about.txt": "x", "a b/ü.txt": "y", "_headers": "/*\n  A: b\n"})
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Verified: all 2 files" in outcome.stdout


def test_what_a_rule_for_the_host_of_pages_sets_is_no_difference(
    run_cli: RunCli, site: BuildSite
) -> None:
    rules = 'https://:project.pages.dev/*\n  ETag: "0123456789abcdef0123456789abcdef"\n'
    directory = site({"index.html": "home", "a.txt": "x", "_headers": rules})
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Verified: all 2 files" in outcome.stdout


def test_it_needs_no_account_and_no_token(run_cli: RunCli, site: BuildSite) -> None:
    directory = site({"about.txt": "x"})
    environ = {"PAGES_DEPLOY_DIRECTORY": str(directory), "CF_API_BASE_URL": "http://127.0.0.1:9"}
    assert run_cli("preview", "--once", environ=environ).exit_code == 0


@pytest.mark.parametrize("token", ["$(CLOUDFLARE_TOKEN)", "${{ secrets.TOKEN }}", "é", "a b\nc"])
def test_a_token_that_could_not_be_used_is_not_looked_at(
    run_cli: RunCli, site: BuildSite, token: str
) -> None:
    directory = site({"about.txt": "x"})
    environ = {"CLOUDFLARE_API_TOKEN": token, "CF_API_KEY": token, "CF_EMAIL": token}
    outcome = run_cli("preview", str(directory), "--once", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr


def test_a_directory_that_cannot_be_deployed_is_refused_as_in_earnest(
    run_cli: RunCli, site: BuildSite
) -> None:
    directory = site({"index.html": "x", "_worker.js": "x"})
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 2
    assert "_worker.js: the Worker has no default export" in outcome.stderr


def test_where_a_worker_answers_for_every_file_there_is_nothing_to_verify(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    site({"index.html": "home"})
    site({"[a].js": "export const onRequest = 1;"}, name="functions")
    outcome = run_cli("preview", "site", "--once", cwd=tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Nothing to check: the Worker answers for every file" in outcome.stdout


def test_each_line_of_the_rules_that_pages_drops_is_named(run_cli: RunCli, site: BuildSite) -> None:
    directory = site(
        {
            "index.html": "x",
            "_redirects": "/a /b\n/* /index.html 200\n",
            "_headers": "X: 1\n/a\n  Y: 1\n",
        }
    )
    outcome = run_cli("preview", str(directory), "--once")
    assert outcome.exit_code == 0
    assert "_redirects:2: " in outcome.stderr
    assert "_headers:1: " in outcome.stderr
    assert "_redirects:1: " not in outcome.stderr


def rehearsal(run_cli: RunCli, cwd: Path, *arguments: str) -> Outcome:
    return run_cli("preview", "site", "--once", *arguments, cwd=cwd)


@pytest.mark.parametrize("answers", [True, False])
def test_once_asks_a_route_of_the_worker_where_it_can_be_run(
    run_cli: RunCli, site: BuildSite, tmp_path: Path, workerd_program: Path, answers: bool
) -> None:
    site({"index.html": "home"})
    what = "return new Response('x')" if answers else "throw new Error('so it is')"
    site({"a.js": f"export const onRequest = () => {{ {what}; }};"}, name="functions")
    outcome = rehearsal(run_cli, tmp_path, "--workerd", str(workerd_program))
    if answers:
        assert outcome.exit_code == 0, outcome.stderr
        assert "1 route of the Worker answered" in outcome.stdout
    else:
        assert outcome.exit_code == 6
        assert "expected any answer but a failure, found HTTP 500" in outcome.stderr
        assert "Worker: Uncaught Error: so it is" in outcome.stderr


def test_once_tries_no_route_of_a_worker_that_needs_cloudflare_unless_one_is_named(
    run_cli: RunCli, site: BuildSite, tmp_path: Path, workerd_program: Path
) -> None:
    site({"index.html": "home"})
    uses = "({ env, request }) => new Response(request.url.endsWith('?no') || env.KV.get('x'))"
    site({"a.js": f"export const onRequest = {uses};"}, name="functions")
    (tmp_path / "wrangler.toml").write_text(
        'name = "x"\npages_build_output_dir = "site"\n[[kv_namespaces]]\nbinding = "KV"\nid = "1"\n'
    )
    named = ("--workerd", str(workerd_program))
    outcome = rehearsal(run_cli, tmp_path, *named)
    assert outcome.exit_code == 0, outcome.stderr
    assert "KV (kv_namespace)" in outcome.stderr
    assert "route of the Worker answered" not in outcome.stdout
    assert rehearsal(run_cli, tmp_path, *named, "--probe", "/a?no=200").exit_code == 0
    assert rehearsal(run_cli, tmp_path, *named, "--probe", "/a=200").exit_code == 6


def test_without_workerd_it_says_that_the_worker_is_not_run(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    site({"index.html": "home"})
    site({"a.js": "export const onRequest = 1;"}, name="functions")
    outcome = rehearsal(run_cli, tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Workers are not run" in outcome.stderr
    assert "route of the Worker answered" not in outcome.stdout


@pytest.mark.parametrize("command", [["preview", "site", "--once"], ["emulator", "--port", "0"]])
def test_a_workerd_that_is_none_is_refused(
    run_cli: RunCli, site: BuildSite, tmp_path: Path, command: list[str]
) -> None:
    site({"index.html": "home", "script": "#!/bin/sh\n"})
    for name in ("nowhere", "site/script"):
        outcome = run_cli(*command, "--workerd", name, cwd=tmp_path)
        assert outcome.exit_code == 2
        assert "WORKERD" in outcome.stderr


class Watching:
    """What happens at each look of a preview that watches, until Ctrl-C at the last one.

    Other waits, such as a deployment's, are none of its looks.
    """

    def __init__(self, directory: Path, *changes: dict[str, str] | None) -> None:
        self._directory = directory
        self._changes = iter(changes)

    def __call__(self, seconds: float) -> None:
        if seconds != LOOK_EVERY_SECONDS:
            return
        change = next(self._changes, {})
        if change == {}:
            raise Interrupted
        for name, text in (change or {}).items():
            (self._directory / name).write_text(text)


def served_by(outcome: Outcome) -> int:
    return sum(line.startswith("Environment:") for line in outcome.stdout.splitlines())


def test_watching_deploys_again_once_a_change_has_come_to_rest(
    run_cli: RunCli, site: BuildSite, fake_time: FakeTime
) -> None:
    directory = site({"index.html": "one"})
    fake_time.on_sleep = Watching(directory, {"new.txt": "a"}, {"new.txt": "longer"}, None, None)
    outcome = run_cli("preview", str(directory), "--watch", "--port", "0")
    assert outcome.exit_code == 0, outcome.stderr
    assert served_by(outcome) == 2
    # Only what is new is uploaded.
    assert "Uploaded 1 file (6 bytes)" in outcome.stderr


def test_a_change_while_it_deploys_for_the_first_time_is_not_missed(
    run_cli: RunCli, site: BuildSite, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = site({"index.html": "one"})

    def deploy_meanwhile(*given: Any) -> Any:
        deployed = deploy(*given)
        if not (directory / "new.txt").exists():
            (directory / "new.txt").write_text("a")
        return deployed

    monkeypatch.setattr("pages_deploy.cli.preview.deploy", deploy_meanwhile)
    fake_time.on_sleep = Watching(directory, None, None, None)
    outcome = run_cli("preview", str(directory), "--watch", "--port", "0")
    assert outcome.exit_code == 0, outcome.stderr
    assert served_by(outcome) == 2


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        # On Linux the whole network is this machine.
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::1", "[::1]"),
    ],
)
def test_the_address_that_it_names_is_the_sites_and_not_the_pages(
    run_cli: RunCli,
    site: BuildSite,
    fake_time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    shown: str,
) -> None:
    directory = site({"index.html": "one"})
    named: list[str] = []
    found: list[bytes] = []

    def visit(seconds: float) -> None:
        if named and seconds == LOOK_EVERY_SECONDS:
            found.append(urlopen(named[0]).read())
            raise Interrupted

    def open_in_browser(address: str) -> bool:
        named.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", open_in_browser)
    fake_time.on_sleep = visit
    options = ("--watch", "--open", "--port", "0", "--host", host)
    outcome = run_cli("preview", str(directory), *options)
    if outcome.exit_code == 2 and host in {"127.0.0.2", "::1"}:
        pytest.skip("This machine has no such address.")
    assert outcome.exit_code == 0, outcome.stderr
    assert f"Serving at http://{shown}:" in outcome.stdout
    assert found == [b"one"]


def test_what_is_wrong_with_a_change_is_told_and_waited_out(
    run_cli: RunCli, site: BuildSite, fake_time: FakeTime
) -> None:
    directory = site({"index.html": "one"})
    broken, mended = {"_worker.js": "x"}, {"_worker.js": "export default {};"}
    fake_time.on_sleep = Watching(directory, broken, None, None, mended, None, None, None)
    outcome = run_cli("preview", str(directory), "--watch", "--port", "0")
    assert outcome.exit_code == 0, outcome.stderr
    assert "_worker.js: the Worker has no default export" in outcome.stderr
    assert served_by(outcome) == 2


def test_another_port_is_taken_where_the_usual_one_is_in_use_and_none_was_named(
    run_cli: RunCli, site: BuildSite, fake_time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = site({"index.html": "one"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("pages_deploy.cli.preview.DEFAULT_PORT", port)
        fake_time.on_sleep = Watching(directory)
        moved = run_cli("preview", str(directory), "--watch")
        named = run_cli("preview", str(directory), "--watch", "--port", str(port))
    assert (moved.exit_code, named.exit_code) == (0, 2)
    assert f"Port {port} is in use" in moved.stderr
    assert "--port" in named.stderr
