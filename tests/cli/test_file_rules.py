"""`.assetsignore`, EXCLUDE and CONTENT_TYPE as people meet them, in each command that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.reading import complaint
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, Outcome, RunCli

pytestmark = pytest.mark.usefixtures("client")

FILES: dict[str, bytes | str] = {
    "index.html": "home",
    "app.js": "1",
    "app.js.map": "2",
    "drafts/a.html": "3",
    ".assetsignore": "*.map\n",
}
PATHS = (
    *(f"/{path}" for path in FILES),
    *("/feeds/a.xml", "/b.xml", "/a.x", "/b.x", "/key.pem", "/.env"),
)
WORKER = "export default { fetch: () => new Response('') };"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "PAGES_DEPLOY_BRANCH": "main"}


def types(emulator: Emulator) -> dict[str, str]:
    """Return the type of each file of the newest deployment, by its path."""
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    deployments = emulator.store.deployments
    newest = deployments.all(project)[0]
    found = {path: deployments.asset_at(newest, path) for path in PATHS}
    assert newest.file_count == sum(asset is not None for asset in found.values())
    return {path: asset.content_type for path, asset in found.items() if asset is not None}


def test_what_is_ignored_is_neither_sent_nor_served(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    directory = site({**FILES, "key.pem": "-----BEGIN PRIVATE KEY-----", ".env": "A=b"})
    outcome = run_cli(
        *(str(directory), "-v", "--exclude", "drafts/", "--exclude", "*.pem\n.env"),
        environ=environ,
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert set(types(emulator)) == {"/index.html", "/app.js"}
    lines = outcome.stderr.splitlines()
    assert lines.count("1 file ignored by .assetsignore, 3 by EXCLUDE") == 1
    assert "/app.js.map is ignored by line 1 of .assetsignore" in lines
    assert "/drafts/ is ignored by line 1 of EXCLUDE" in lines
    assert "/.env is ignored by line 3 of EXCLUDE" in lines


def test_an_option_by_variable_or_input_has_a_pattern_on_each_line(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    for name in ("PAGES_DEPLOY_EXCLUDE", "INPUT_EXCLUDE"):
        given = {**environ, name: "/drafts\n!*.map\n"}
        assert run_cli(str(site(FILES)), environ=given).exit_code == 0
        assert set(types(emulator)) == {"/index.html", "/app.js", "/app.js.map"}


def test_more_than_is_listed_is_counted(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    directory = site({"index.html": "", **{f"{number}.map": "" for number in range(203)}})
    outcome = run_cli(str(directory), "-v", "--exclude", "*.map", environ=environ)
    assert "and 3 files more" in outcome.stderr.splitlines()


def test_where_nothing_is_left_that_is_said(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    outcome = run_cli(str(site(FILES)), "--exclude", "*", environ=environ)
    assert "no file to deploy: 4 files ignored by EXCLUDE." in complaint(outcome, 2)


def test_verify_leaves_out_the_same(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    directory = site(FILES)
    assert run_cli(str(directory), "--exclude", "drafts", environ=environ).exit_code == 0
    same = run_cli("verify", str(directory), "--exclude", "drafts", environ=environ)
    assert same.exit_code == 0, same.stderr
    assert "1 file ignored by .assetsignore, 1 by EXCLUDE" in same.stderr
    assert "/drafts/a.html" in complaint(run_cli("verify", str(directory), environ=environ), 6)


def test_preview_leaves_out_the_same(run_cli: RunCli, site: BuildSite) -> None:
    outcome = run_cli("preview", str(site(FILES)), "--once", "--exclude", "drafts")
    assert outcome.exit_code == 0, outcome.stderr
    assert "Verified: all 2 files" in outcome.stdout


def test_what_is_left_out_does_not_make_a_directory_another_one(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    def deployed(*more: str) -> Outcome:
        given = (str(directory), "--if-unchanged", "skip", *more)
        return run_cli(*given, "--print", "status", environ=environ)

    directory = site({**FILES, "notes.txt": "one"})
    assert deployed("--exclude", "notes.txt").stdout == "success\n"
    (directory / "notes.txt").write_text("two")
    assert deployed("--exclude", "notes.txt").stdout == "unchanged\n"
    assert deployed().stdout == "success\n"


def has_worker(emulator: Emulator) -> bool:
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    return emulator.worker_of(emulator.store.deployments.all(project)[0].id) is not None


@pytest.mark.parametrize("pattern", ["_worker.js", "/_worker.*"])
def test_a_worker_that_is_excluded_is_not_deployed(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator, pattern: str
) -> None:
    directory = site({"index.html": "home", "_worker.js": WORKER, ".assetsignore": "_worker.js"})
    assert run_cli(str(directory), environ=environ).exit_code == 0
    assert has_worker(emulator)
    outcome = run_cli(str(directory), "--exclude", pattern, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert not has_worker(emulator)
    # Its files are asked for, since no Worker answers in their place.
    same = run_cli("verify", str(directory), "--exclude", pattern, environ=environ)
    assert "1 file\n" in same.stdout


def test_functions_take_the_place_of_a_worker_that_is_excluded(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator, tmp_path: Path
) -> None:
    site({"index.html": "home", "_worker.js": "broken", "_routes.json": "broken"})
    site({"hello.js": "export const onRequest = () => new Response('');"}, name="functions")
    given = ("site", "--exclude", "_worker.js\n_routes.json", "--verify", "off")
    outcome = run_cli(*given, environ=environ, cwd=tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Worker code of functions/: 3 modules, for /hello" in outcome.stderr
    assert has_worker(emulator)


def test_a_file_is_uploaded_and_served_as_the_type_that_is_said(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    directory = site({"index.html": "home", "feeds/a.xml": "<feed/>", "b.xml": "<b/>"})
    rule = "/feeds/=application/atom+xml; charset=utf-8"
    outcome = run_cli(*(str(directory), "--content-type", rule, "--verify", "all"), environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert types(emulator)["/feeds/a.xml"] == "application/atom+xml; charset=utf-8"
    assert types(emulator)["/b.xml"] == "application/xml"
    assert "CONTENT_TYPE" not in outcome.stderr


def test_what_pages_had_already_keeps_its_type_which_is_said(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    directory = site({"index.html": "home", "a.x": "x", "b.x": "y"})
    assert run_cli(str(directory), environ=environ).exit_code == 0
    given = (str(directory), "--content-type", "*.x=text/html", "--verify", "all")
    outcome = run_cli(*given, environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert "CONTENT_TYPE: Pages had 2 files already, the first /a.x" in outcome.stderr
    assert types(emulator)["/a.x"] == "application/octet-stream"
    again = run_cli(*given, "--skip-caching", environ=environ)
    assert again.exit_code == 0, again.stderr
    assert "CONTENT_TYPE" not in again.stderr
    assert types(emulator)["/a.x"] == "text/html"


def test_another_type_is_another_deployment(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    given = (str(site({"index.html": "", "a.x": ""})), "--if-unchanged", "skip", "--print")
    status = (*given, "status", "--skip-caching", "--content-type")
    for line, expected in (
        ("*.x=a/b", "success"),
        ("*.x=a/b", "unchanged"),
        ("*.x=a/c", "success"),
    ):
        assert run_cli(*status, line, environ=environ).stdout == f"{expected}\n"
    skipped = run_cli(*status, "*.x=a/c", environ=environ)
    assert "Pages had" not in skipped.stderr


def test_what_is_probably_not_meant_is_a_warning(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    directory = site({"index.html": "", "a.x": "same", "b/a.x": "same"})
    lines = "*.y=text/plain\n/a.x=test/plain\n"
    outcome = run_cli(str(directory), environ={**environ, "PAGES_DEPLOY_CONTENT_TYPE": lines})
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stderr.count("test/plain, a type of no kind that browsers know") == 1
    assert "CONTENT_TYPE: *.y on line 1 says the type of no file" in outcome.stderr
    assert (
        "/a.x and /b/a.x are the same bytes, which Pages keeps once: both have one type, "
        "test/plain or application/octet-stream." in outcome.stderr
    )


@pytest.mark.parametrize("command", [(), ("verify",), ("preview", "--once")])
def test_a_type_of_wrong_form_names_the_option_the_line_and_its_places(
    run_cli: RunCli,
    environ: dict[str, str],
    site: BuildSite,
    command: tuple[str, ...],
    emulator: Emulator,
) -> None:
    given = {**environ, "PAGES_DEPLOY_CONTENT_TYPE": "*.a=text/plain\n*.b=text"}
    outcome = run_cli(*command, str(site(FILES)), environ=given)
    told = complaint(outcome, 2)
    assert "CONTENT_TYPE has '*.b=text' on line 2" in told
    assert "--content-type" in told
    assert asked(emulator, "*", "*") == []


def test_patterns_beyond_all_measure_are_refused_by_name(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    outcome = run_cli(str(site(FILES)), environ={**environ, "PAGES_DEPLOY_EXCLUDE": "x" * 70_000})
    told = complaint(outcome, 2)
    assert "EXCLUDE has 70000 bytes" in told
    assert "--exclude" in told


def test_a_page_that_lost_its_etag_is_no_failure_whatever_its_type_was(
    client: PagesClient, run_cli: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    """A rule of `_headers` takes the tag away, as does Cloudflare where it rewrites a page."""
    assert client
    directory = site(
        {"index.html": "home", "a.html": "a", "b.x": "b", "_headers": "/*\n  ! ETag\n"}
    )
    for line in ("*.html=application/xhtml+xml\n*.x=text/html", "*.html=text/plain", "*=text/html"):
        for more in ((), ("--skip-caching",)):
            given = (str(directory), "--content-type", line, "--verify", "all", *more)
            outcome = run_cli(*given, environ=environ)
            assert outcome.exit_code == 0, outcome.stderr
