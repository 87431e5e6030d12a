"""`pages-deploy check`, and the same look before a deployment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.preflight.codes import CODES
from pages_deploy.preflight.finding import Finding
from pages_deploy.preflight.sarif import MOST_RESULTS, sarif_of
from tests.making import deployed
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

GOOD = {"index.html": '<a href="/about">', "about.html": "about", "404.html": "not here"}
WRONG_LINE = {"_redirects": "/old /about 301\n/older /about 404\n"}
DEAD_LINKS = {
    "a.html": '\n<a href="/gone">',
    "b.html": '<img src="gone?x">',
    "c.html": "<a href=gone>",
}
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main"}
SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEK" * 20 + "\n-----END"


def found(outcome_text: str) -> list[dict[str, Any]]:
    return list(json.loads(outcome_text)["findings"])


def test_a_good_site_has_nothing_to_report(run_cli: RunCli, site: BuildSite) -> None:
    ran = run_cli("check", str(site(GOOD)))
    assert (ran.exit_code, ran.stdout) == (0, "Checked 3 files: nothing to report\n")


def test_a_finding_is_told_with_place_reason_remedy_and_document(
    run_cli: RunCli, site: BuildSite
) -> None:
    ran = run_cli("check", str(site({**GOOD, **WRONG_LINE})))
    assert ran.exit_code == 0
    first, second, last = ran.stdout.splitlines()
    assert first.startswith("warning: _redirects:2: ")
    assert "404" in first
    assert second.startswith("  -> ")
    assert second.endswith("(docs/findings.md#redirect-invalid)")
    assert last == "Checked 3 files: 1 warning"


def test_as_data_every_place_of_a_dead_link_is_named(run_cli: RunCli, site: BuildSite) -> None:
    directory = str(site({**GOOD, **DEAD_LINKS}))
    places = [
        (one["code"], one["file"], one["line"], one["target"])
        for one in found(run_cli("check", directory, "--json").stdout)
    ]
    assert places == [
        ("dead-link", "a.html", 2, "/gone"),
        ("dead-link", "b.html", 1, "gone?x"),
        ("dead-link", "c.html", 1, "gone"),
    ]


def test_for_people_the_same_target_is_told_once(run_cli: RunCli, site: BuildSite) -> None:
    more = {f"d{number}.html": "<a href=/gone>" for number in range(10)}
    ran = run_cli("check", str(site({**GOOD, **DEAD_LINKS, **more})))
    (line,) = [line for line in ran.stdout.splitlines() if "/gone" in line]
    assert line.startswith("warning: a.html:2, b.html:1, c.html:1 and 10 more: ")


def test_of_many_findings_of_a_kind_the_rest_is_counted(run_cli: RunCli, site: BuildSite) -> None:
    lines = "".join(f"/{number} /about {number}\n" for number in range(13))
    ran = run_cli("check", str(site({**GOOD, "_redirects": lines})))
    assert len([line for line in ran.stdout.splitlines() if line.startswith("warning")]) == 10
    assert "3 more findings of the kind redirect-invalid: see --json" in ran.stdout


def test_everything_that_stands_in_the_way_is_told_at_once(
    run_cli: RunCli, site: BuildSite
) -> None:
    directory = site({**GOOD, "key.txt": SECRET})
    (directory / "out").symlink_to(directory.parent)
    (directory / "nowhere").symlink_to(directory / "not-there")
    with (directory / "large.bin").open("wb") as large:
        large.truncate(25 * 1024 * 1024 + 1)
    ran = run_cli("check", str(directory), "--json")
    assert ran.exit_code == 2
    errors = {(one["code"], one["file"]) for one in found(ran.stdout)}
    assert errors == {
        ("secret", "key.txt"),
        ("link-outside", "out"),
        ("link-broken", "nowhere"),
        ("file-too-large", "large.bin"),
    }
    assert {one["severity"] for one in found(ran.stdout)} == {"error"}
    assert "b3BlbnNz" not in ran.stdout + ran.stderr


def test_an_allowed_secret_is_a_warning(run_cli: RunCli, site: BuildSite) -> None:
    ran = run_cli("check", str(site({**GOOD, "key.txt": SECRET})), "--allow-secrets", "--json")
    assert ran.exit_code == 0
    assert [(one["severity"], one["code"], one["line"]) for one in found(ran.stdout)] == [
        ("warning", "secret", 1)
    ]


def test_a_warning_stops_where_it_is_made_an_error(run_cli: RunCli, site: BuildSite) -> None:
    directory = str(site({**GOOD, **WRONG_LINE}))
    ran = run_cli("check", directory, "--preflight", "error")
    assert ran.exit_code == 2
    assert "_redirects:2: " in ran.stderr
    assert "PREFLIGHT=error" in ran.stderr


def test_a_directory_that_is_none_is_an_error(run_cli: RunCli) -> None:
    ran = run_cli("check", "dist")
    assert ran.exit_code == 2
    assert "does not exist" in ran.stderr


def test_worker_code_that_cannot_be_deployed_is_an_error(run_cli: RunCli, site: BuildSite) -> None:
    routes = '{"version": 1, "include": [], "exclude": []}'
    directory = site({**GOOD, "_worker.js": "export default {}", "_routes.json": routes})
    ran = run_cli("check", str(directory), "--json")
    assert [(one["severity"], one["code"], one["line"]) for one in found(ran.stdout)] == [
        ("error", "routes-invalid", 1)
    ]
    (directory / "_routes.json").unlink()
    ran = run_cli("check", str(directory), "--functions", "nowhere", "--json")
    assert (ran.exit_code, ran.stderr.count("nowhere")) == (2, 1)


def test_a_functions_file_that_nobody_can_read_as_javascript_is_worker_code_that_is_wrong(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/[[a]]b.js").write_text("export function onRequest() {}", "utf-8")
    ran = run_cli("check", str(site(GOOD)), "--json")
    assert [(one["severity"], one["code"]) for one in found(ran.stdout)] == [
        ("error", "worker-code")
    ]


def test_findings_are_written_as_sarif_from_where_the_command_runs(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    site({**GOOD, **WRONG_LINE, **DEAD_LINKS})
    folder = os.path.relpath(site({}), tmp_path)
    ran = run_cli("check", folder, "--sarif", "found.sarif")
    assert ran.exit_code == 0
    (run,) = json.loads((tmp_path / "found.sarif").read_text("utf-8"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["redirect-invalid", "dead-link"]
    first = run["results"][0]
    assert (first["ruleId"], first["level"], first["ruleIndex"]) == (rules[0], "warning", 0)
    (location,) = first["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == f"{folder}/_redirects"
    assert location["physicalLocation"]["region"] == {"startLine": 2}
    assert len({json.dumps(one["partialFingerprints"]) for one in run["results"]}) == 4


def test_a_sarif_file_that_cannot_be_written_is_told(run_cli: RunCli, site: BuildSite) -> None:
    ran = run_cli("check", str(site(GOOD)), "--sarif", "no/such/folder/x.sarif")
    assert ran.exit_code == 2
    assert "x.sarif" in ran.stderr


def test_no_more_results_are_in_sarif_than_are_taken() -> None:
    code = next(iter(CODES))
    one = Finding(severity="note", code=code, message="M.", remedy="R.", file="\udce9 x")
    run = sarif_of([one] * (MOST_RESULTS + 1), directory="")["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "%3F%20x"


def test_a_platform_with_annotations_shows_a_finding_at_its_file(
    run_cli: RunCli, site: BuildSite, tmp_path: Path
) -> None:
    folder = os.path.relpath(site({**GOOD, **WRONG_LINE}), tmp_path)
    ran = run_cli("check", folder, environ=GITHUB)
    assert f"::warning title=pages-deploy,file={folder}/_redirects,line=2::" in ran.stderr
    assert "_redirects" not in ran.stdout


def test_addresses_that_would_be_gone_are_named_with_a_line_that_leads_on(
    run_cli: RunCli, site: BuildSite, client: PagesClient, emulator: Emulator, tmp_path: Path
) -> None:
    pages = {f"p{number}.html": str(number) for number in range(12)}
    listed = "".join(f"<url><loc>https://x.test/p{number}</loc></url>" for number in range(12))
    before = {**GOOD, **pages, "sitemap.xml": f"<urlset>{listed}</urlset>"}
    live = deployed(client, site(before))
    kept = {**GOOD, "p10.html": "10", "p11.html": "11"}
    rules = {"_redirects": "".join(f"/p{number} /about\n" for number in range(4))}
    after = site({**kept, **rules}, name="after")
    environ = {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": PROJECT}
    sent = len(emulator.requests)
    ran = run_cli("check", str(after), "--against", "production", "--json", environ=environ)
    assert {one.method for one in emulator.requests[sent:]} <= {"GET", "HEAD"}
    gone = [one for one in found(ran.stdout) if one["code"] == "vanished-page"]
    assert [one["target"] for one in gone] == [f"/p{number}" for number in range(4, 10)]
    assert all(one["remedy"].endswith(" 301") for one in gone)
    (tmp_path / "gone.txt").write_text("/p4\n/p5*\n", "utf-8")
    allow = ("--against", live.url, "--allow-vanished", "gone.txt")
    ran = run_cli("check", str(after), *allow, "--json")
    gone = [one for one in found(ran.stdout) if one["code"] == "vanished-page"]
    assert [one["target"] for one in gone] == [f"/p{number}" for number in range(6, 10)]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--against", "staging"), "--against"),
        (("--against", "https://x.test/path"), "whole site"),
        (("--allow-vanished", "gone.txt"), "--against"),
        (("--against", "https://x.test", "--allow-vanished", "gone.txt"), "gone.txt"),
    ],
)
def test_a_flag_that_leads_nowhere_is_told(
    flags: tuple[str, ...], words: str, run_cli: RunCli, site: BuildSite
) -> None:
    ran = run_cli("check", str(site(GOOD)), *flags)
    assert ran.exit_code == 2
    assert words in ran.stderr


@pytest.fixture
def deploy_environ(emulator: Emulator) -> Mapping[str, str]:
    return {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": PROJECT, "PAGES_DEPLOY_BRANCH": "main"}


def test_a_deployment_warns_of_what_it_finds_and_goes_on(
    run_cli: RunCli, site: BuildSite, deploy_environ: Mapping[str, str]
) -> None:
    many = {"_redirects": "".join(f"/{number} /about {number}\n" for number in range(5))}
    directory = str(site({**GOOD, **many, **DEAD_LINKS, "A.html": "case"}))
    ran = run_cli("deploy", directory, "--create-project", environ=deploy_environ)
    assert ran.exit_code == 0
    assert ran.stderr.count("(docs/findings.md#redirect-invalid)") == 3
    assert "2 more findings of the kind redirect-invalid" in ran.stderr
    # Links are looked at by `check`, and notes about single files are for the curious.
    assert "dead-link" not in ran.stderr
    assert "name-case" not in ran.stderr


def test_a_deployment_tells_notes_about_files_at_verbose_level(
    run_cli: RunCli, site: BuildSite, deploy_environ: Mapping[str, str]
) -> None:
    directory = str(site({**GOOD, "A.css": "1", "a.css": "2"}))
    ran = run_cli("deploy", directory, "--create-project", "-v", environ=deploy_environ)
    assert "a.css: " in ran.stderr
    assert "name-case" in ran.stderr


def test_a_deployment_stops_before_anything_is_sent_where_warnings_are_errors(
    run_cli: RunCli, site: BuildSite, emulator: Emulator, deploy_environ: Mapping[str, str]
) -> None:
    directory = str(site({**GOOD, **WRONG_LINE}))
    ran = run_cli("deploy", directory, "--preflight", "error", environ=deploy_environ)
    assert ran.exit_code == 2
    assert "Nothing was sent" in ran.stderr
    assert asked(emulator, "POST", ".*") == []


def test_a_deployment_looks_for_nothing_where_that_is_off(
    run_cli: RunCli, site: BuildSite, deploy_environ: Mapping[str, str]
) -> None:
    arguments = ("deploy", str(site({**GOOD, **WRONG_LINE})), "--create-project")
    ran = run_cli(*arguments, "--preflight", "off", environ=deploy_environ)
    assert ran.exit_code == 0
    assert "_redirects" not in ran.stderr
