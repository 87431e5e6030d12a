"""`pages-deploy preview`: deployed to an emulator of this process, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import BuildSite, RunCli


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
    assert "_worker.js: has no default export" in outcome.stderr


def test_where_a_worker_answers_for_every_file_there_is_nothing_to_verify(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    site({"index.html": "home"})
    site({"[a].js": "export const onRequest = 1;"}, name="functions")
    outcome = run_cli("preview", "site", "--once", cwd=tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Verified nothing: the Worker answers for every file" in outcome.stdout
