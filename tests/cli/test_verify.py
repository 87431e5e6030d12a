"""`pages-deploy verify`: does what is live still equal a directory? Only reading calls are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pages_deploy.cli.main import main
from pages_deploy.cli.runtime import Runtime
from pages_deploy.emulator.http.faults import Answer
from pages_deploy.site.manifest import build_manifest
from tests.cli.conftest import Terminal
from tests.cli.reading import complaint
from tests.making import deployed, made
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.http.host_answers import HostAnswer
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, FakeTime, Outcome, RunCli

FILES = {"index.html": "home", "a.css": "a{}", "docs/b.txt": "b", "404.html": "not here"}
# What is asked for: pages by their files' names, and then where Pages leads.
PATHS = ("/index.html", "/", "/a.css", "/docs/b.txt", "/404.html", "/404")


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site(FILES)


@pytest.fixture
def live(client: PagesClient, directory: Path) -> str:
    """The directory is live; its deployment's id."""
    return deployed(client, directory).id


@pytest.fixture
def verify(run_cli: RunCli, emulator: Emulator, live: str) -> RunCli:
    """Run the command where the directory is live, and see that it makes reading calls alone."""

    def run(
        *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Outcome:
        assert live
        before = len(emulator.requests)
        outcome = run_cli("verify", *arguments, environ=environ, cwd=cwd)
        assert {one.method for one in emulator.requests[before:]} <= {"GET", "HEAD"}
        return outcome

    return run


def own(emulator: Emulator, *, host: str = "demo") -> str:
    return emulator.site_url(host)


def tamper(emulator: Emulator, deployment_id: str, **paths: str | None) -> None:
    """Change what a deployment has at some paths, behind everybody's back; None takes one away."""
    database = emulator.store.deployments._database
    for name, key in paths.items():
        path = f"/{name}"
        where = (deployment_id, path)
        database.execute("DELETE FROM manifest_entries WHERE deployment_id = ? AND path = ?", where)
        if key is not None:
            database.execute("INSERT INTO manifest_entries VALUES (?, ?, ?)", (*where, key))


def hash_of(directory: Path, path: str) -> str:
    return {asset.path: asset.hash for asset in build_manifest(directory).assets}[path]


def result(outcome: Outcome) -> dict[str, Any]:
    found = json.loads(outcome.stdout)
    assert list(found) == ["at", "equal", "paths"]
    return dict(found)


def test_an_untouched_site_is_equal(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    outcome = verify(str(directory), environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == f"{own(emulator)} is equal to {directory}: 4 files\n"
    asked_for = {one.path for one in asked(emulator, "HEAD", "*")}
    assert asked_for == {f"demo.localhost{path}" for path in PATHS}


def test_the_json_has_every_path_that_was_compared(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    outcome = verify(str(directory), "--json", environ=environ)
    assert outcome.exit_code == 0
    hashes = {asset.path: asset.hash for asset in build_manifest(directory).assets}
    assert result(outcome) == {
        "at": own(emulator),
        "equal": True,
        "paths": [
            {"path": path, "expected": found, "found": found, "status": 200}
            for path, found in hashes.items()
        ],
    }


def test_a_tampered_site_is_exit_6_and_names_the_paths(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path, live: str
) -> None:
    other = hash_of(directory, "/index.html")
    tamper(emulator, live, **{"a.css": other})
    outcome = verify(str(directory), environ=environ)
    told = complaint(outcome, 6)
    expected = hash_of(directory, "/a.css")
    assert f"{own(emulator)} does not serve what {directory} has: /a.css (expected" in told
    assert expected in told
    assert "zones purge" in told
    as_json = verify(str(directory), "--json", environ=environ)
    assert as_json.exit_code == 6
    found = result(as_json)
    assert found["equal"] is False
    assert [one for one in found["paths"] if one["found"] != one["expected"]] == [
        {"path": "/a.css", "expected": expected, "found": other, "status": 200}
    ]


def test_a_half_published_site_is_exit_6_after_some_seconds(
    verify: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    live: str,
    fake_time: FakeTime,
) -> None:
    tamper(emulator, live, **{"docs/b.txt": None, "a.css": None})
    outcome = verify(str(directory), "--json", environ=environ)
    told = complaint(outcome, 6)
    assert "/a.css" in told
    assert "/docs/b.txt" in told
    missing = [one for one in result(outcome)["paths"] if one["status"] == 404]
    assert [one["path"] for one in missing] == ["/a.css", "/docs/b.txt"]
    assert [one["found"] for one in missing] == ["HTTP 404"] * 2
    assert 5 < sum(fake_time.slept) <= 12


def test_what_differs_is_a_table_for_people(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path, live: str
) -> None:
    tamper(emulator, live, **{"docs/b.txt": None})
    lines = verify(str(directory), environ=environ).stdout.splitlines()
    assert lines[0].split() == ["PATH", "EXPECTED", "FOUND", "STATUS"]
    assert lines[1].split() == [
        *("/docs/b.txt", hash_of(directory, "/docs/b.txt"), "HTTP", "404", "404")
    ]
    assert len(lines) == 2


def test_another_directory_is_not_what_is_live(
    verify: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    other = site({**FILES, "index.html": "another home"}, name="other")
    assert "/index.html" in complaint(verify(str(other), environ=environ), 6)


def test_a_trouble_that_passes_is_no_difference(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    emulator.fail_next("HEAD", "demo.localhost/*", Answer(status=503), times=2)
    assert verify(str(directory), environ=environ).exit_code == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("access", "the login page of Cloudflare Access"),
        ("challenge", "a challenge for browsers"),
        ("redirect", "a redirect to elsewhere.example.test"),
        ("nothing", "HTTP 522"),
    ],
)
def test_where_nothing_can_be_seen_it_is_exit_1(
    verify: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    answer: HostAnswer,
    words: str,
) -> None:
    emulator.domain_answers("demo", answer)
    outcome = verify(str(directory), "--json", environ=environ)
    told = complaint(outcome, 1)
    assert f"Could not check whether {own(emulator)} serves what {directory} has" in told
    assert words in told
    found = result(outcome)
    assert found["equal"] is False
    assert {one["found"] for one in found["paths"]} == {words}


def test_an_address_where_nobody_is_is_exit_1(verify: RunCli, directory: Path) -> None:
    outcome = verify(str(directory), "--at=http://nobody.localhost:9", environ={})
    assert "no answer" in complaint(outcome, 1)


def test_pages_without_a_mark_are_no_success(
    verify: RunCli, emulator: Emulator, client: PagesClient, site: BuildSite
) -> None:
    """A parked name answers every page with a page."""
    pages = site({"index.html": "a", "b.html": "b"}, name="pages")
    emulator.domain_answers("demo", "parking")
    outcome = verify(str(pages), f"--at={own(emulator)}", environ={})
    assert "marked as Pages marks it" in complaint(outcome, 1)
    assert "/a.css" not in outcome.stderr


def test_a_host_with_other_files_is_exit_6(
    verify: RunCli, emulator: Emulator, directory: Path
) -> None:
    emulator.domain_answers("demo", "parking")
    outcome = verify(str(directory), f"--at={own(emulator)}", environ={})
    assert "/a.css (expected" in complaint(outcome, 6)


def test_a_part_behind_a_login_is_said_aloud_and_a_part_without_answer_is_no_success(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    login = {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x"}
    emulator.fail_next("*", "*/docs/b.txt", Answer(status=302, headers=login), times=None)
    outcome = verify(str(directory), environ=environ)
    assert outcome.exit_code == 0
    assert "Warning: 1 file behind a login could not be checked." in outcome.stderr
    emulator.fail_next("*", "*/a.css", Answer(status=403), times=None)
    assert "for 1 other file it answers with" in complaint(
        verify(str(directory), environ=environ), 1
    )


@pytest.mark.parametrize("at", ["{url}", "{url}/"])
def test_an_address_needs_neither_token_nor_project(
    verify: RunCli, emulator: Emulator, directory: Path, at: str
) -> None:
    before = len(emulator.requests)
    url = own(emulator)
    outcome = verify(str(directory), "--at", at.format(url=url), environ={})
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.startswith(f"{url} is equal")
    assert {one.path.partition("/")[0] for one in emulator.requests[before:]} == {"demo.localhost"}


def test_an_address_alone_misses_nothing_but_the_directory(verify: RunCli) -> None:
    told = complaint(verify("--at=https://www.example.test", environ={}), 2)
    assert "DIRECTORY is not set" in told
    assert "API_TOKEN" not in told


@pytest.mark.parametrize(
    "at",
    [
        "ftp://www.example.test",
        "https://",
        "https://user:a-secret@www.example.test",
        "https://www.example.test/docs",
        "https://www.example.test/?q=a-secret",
        "https://www.example.test:99999",
        "https://[x",
        "://",
        " ",
    ],
)
def test_what_is_no_address_is_exit_2_and_is_not_shown(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path, at: str
) -> None:
    before = len(emulator.requests)
    outcome = verify(str(directory), "--at", at, environ=environ)
    complaint(outcome, 2)
    assert "a-secret" not in outcome.stderr
    assert len(emulator.requests) == before


def test_production_is_where_people_are(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    emulator.store.add_domain(PROJECT, "www.demo.localhost")
    url = own(emulator, host="www.demo")
    for at in ([], ["--at=production"], ["--at=main"]):
        outcome = verify(str(directory), *at, environ=environ)
        assert outcome.exit_code == 0, outcome.stderr
        assert outcome.stdout.startswith(f"{url} is equal")


def test_a_refused_listing_leaves_pages_own_address(
    verify: RunCli, environ: dict[str, str], emulator: Emulator, directory: Path
) -> None:
    emulator.store.add_domain(PROJECT, "www.demo.localhost")
    emulator.fail_next("GET", "*/domains", Answer.error(403, 10000), times=None)
    outcome = verify(str(directory), environ=environ)
    assert outcome.stdout.startswith(f"{own(emulator)} is equal")
    assert "The custom domains could not be read." in outcome.stderr


@pytest.fixture
def preview(client: PagesClient, emulator: Emulator, site: BuildSite) -> tuple[str, Path]:
    """A branch whose newest deployment failed; the id of the good one before, and its files."""
    files = site({**FILES, "new.txt": "new"}, name="preview")
    good = deployed(client, files, "topic/one")
    emulator.outcome_next(status="failure")
    made(client, "topic/one")
    return good.id, files


def test_a_branch_is_its_newest_good_deployment_and_an_id_is_its_own_address(
    verify: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    preview: tuple[str, Path],
) -> None:
    deployment_id, files = preview
    short = deployment_id[:8]
    for at, host in {
        "topic/one": "topic-one.demo",
        short: f"{short}.demo",
        deployment_id: f"{short}.demo",
    }.items():
        outcome = verify(str(files), "--at", at, "--json", environ=environ)
        assert outcome.exit_code == 0, outcome.stderr
        assert result(outcome)["at"] == own(emulator, host=host)


@pytest.mark.parametrize(
    "at",
    ["nowhere", "12345678", "00000000-0000-0000-0000-000000000000", "www.example.test"],
)
def test_an_unknown_id_or_branch_is_exit_2(
    verify: RunCli, environ: dict[str, str], directory: Path, at: str
) -> None:
    told = complaint(verify(str(directory), "--at", at, environ=environ), 2)
    assert f"'{at}'" in told
    assert "deployments list" in told


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("nowhere",), 2)])
def test_what_is_wrong_here_is_told_before_anybody_is_asked(
    verify: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    arguments: tuple[str, ...],
    code: int,
) -> None:
    before = len(emulator.requests)
    complaint(verify(*arguments, environ=environ), code)
    without = {name: value for name, value in environ.items() if name != "CLOUDFLARE_API_TOKEN"}
    told = complaint(verify(".", environ=without), 2)
    assert "API_TOKEN is not set" in told
    assert len(emulator.requests) == before


def test_a_sample_is_the_root_and_one_of_each_type(
    verify: RunCli, client: PagesClient, environ: dict[str, str], site: BuildSite
) -> None:
    many = {f"{number:02}.txt": str(number) for number in range(30)}
    directory = site({"index.html": "home", **many}, name="many")
    deployed(client, directory)
    outcome = verify(str(directory), "--verify=sample", "--json", environ=environ)
    assert [one["path"] for one in result(outcome)["paths"]] == ["/index.html", "/00.txt"]
    whole = verify(str(directory), "--json", environ=environ)
    assert len(result(whole)["paths"]) == 31


def test_no_comparison_at_all_is_refused(
    verify: RunCli, environ: dict[str, str], directory: Path
) -> None:
    off = {**environ, "PAGES_DEPLOY_VERIFY": "off"}
    assert "VERIFY" in complaint(verify(str(directory), environ=off), 2)


def test_what_rules_answer_is_left_out(
    verify: RunCli,
    client: PagesClient,
    emulator: Emulator,
    environ: dict[str, str],
    site: BuildSite,
) -> None:
    rules = {
        "_redirects": "/docs/* /new/:splat 301\n",
        "_headers": '/a.css\n  ETag: "own"\n/index.html\n  X-A: b\n',
    }
    directory = site({**FILES, **rules}, name="ruled")
    deployed(client, directory)
    outcome = verify(str(directory), "--json", environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    paths = [one["path"] for one in result(outcome)["paths"]]
    assert paths == ["/404.html", "/a.css", "/index.html"]
    assert "Left out: 1 file whose paths" in outcome.stderr
    assert not asked(emulator, "HEAD", "*/docs/b.txt")
    # The site's own ETag says nothing, so the content is compared.
    assert asked(emulator, "GET", "demo.localhost/a.css")


def test_a_site_whose_rules_answer_for_everything_is_exit_1(
    verify: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    directory = site({**FILES, "_redirects": "/* /new 301\n"}, name="ruled")
    told = complaint(verify(str(directory), environ=environ), 1)
    assert "Nothing can be compared" in told


HANDLER = "export const onRequest = () => new Response('hello');"


@pytest.mark.parametrize(
    ("code", "flags", "left_out"),
    [
        ({"functions/docs/[[path]].js": HANDLER}, (), {"/docs/b.txt"}),
        ({"functions/docs/[[path]].ts": "enum Odd { A }"}, (), {"/docs/b.txt"}),
        ({"functions/docs/[[path]].js": "const here = 1;"}, (), set()),
        ({"functions/docs/[[path]].js": HANDLER}, ("--no-functions",), set()),
        ({"other/docs/[[path]].js": HANDLER}, ("--functions=other",), {"/docs/b.txt"}),
        (
            {
                "site/_worker.js": "import 'nothing that anybody could bundle'",
                "site/_routes.json": '{"version": 1, "include": ["/a.css"], "exclude": []}',
            },
            (),
            {"/a.css"},
        ),
        (
            {
                "functions/x.js": HANDLER,
                "site/_routes.json": '{"version": 1, "include": ["/a.*"], "exclude": []}',
            },
            (),
            {"/a.css"},
        ),
    ],
    ids=["js", "ts", "no handler", "off", "named", "worker", "own rules"],
)
def test_what_a_worker_answers_is_left_out_without_compiling_it(
    verify: RunCli,
    environ: dict[str, str],
    site: BuildSite,
    code: dict[str, str],
    flags: tuple[str, ...],
    left_out: set[str],
) -> None:
    files = {f"site/{name}": text for name, text in FILES.items()}
    root = site({**files, **code}, name="work")
    nowhere = {**environ, "PATH": ""}
    outcome = verify("site", "--json", *flags, environ=nowhere, cwd=root)
    assert outcome.exit_code == 0, outcome.stderr
    compared = {one["path"] for one in result(outcome)["paths"]}
    assert compared == {f"/{name}" for name in FILES} - left_out


def test_a_worker_that_answers_everything_leaves_nothing_to_compare(
    verify: RunCli, environ: dict[str, str], site: BuildSite
) -> None:
    root = site({"site/index.html": "home", "site/_worker.js": HANDLER}, name="work")
    told = complaint(verify("site", environ=environ, cwd=root), 1)
    assert "Nothing can be compared" in told


@pytest.mark.usefixtures("live")
def test_a_terminal_shows_a_bar_and_the_result_stands_alone(
    environ: dict[str, str], directory: Path, fake_time: FakeTime, tmp_path: Path
) -> None:
    stdout, stderr = Terminal(), Terminal()
    runtime = Runtime(
        environ=environ,
        stdout=stdout,
        stderr=stderr,
        current_directory=tmp_path,
        timer=fake_time.timer,
    )
    assert main(["verify", str(directory)], runtime) == 0
    assert "Comparing" in stderr.getvalue()
    assert stdout.getvalue().count("\n") == 1
