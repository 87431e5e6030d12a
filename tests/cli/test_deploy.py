"""`pages-deploy deploy` as a user meets it: exit codes, results, and what is said."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.http.faults import Answer
from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from pages_deploy.reporting.outputs import OUTPUTS
from tests.world import DEPLOYMENT, DEPLOYMENTS, PROJECT, UPLOAD, asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pages_deploy.api.client import PagesClient
    from tests.world import BuildSite, FakeTime, Outcome, RunCli

pytestmark = pytest.mark.usefixtures("client")


@pytest.fixture
def directory(site: BuildSite) -> Path:
    return site({"index.html": "home", "a.css": "a"})


@pytest.fixture
def environ(emulator: Emulator) -> dict[str, str]:
    """The environment of a run that lacks nothing but the directory."""
    return {
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_BRANCH": "main",
    }


def errors(outcome: Outcome) -> list[str]:
    """Return the lines about an error, after making sure that there is no traceback."""
    assert "Traceback" not in outcome.stderr
    assert outcome.stdout == ""
    return [line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]


def without(environ: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in names}


def test_a_good_deployment_is_exit_code_0_and_its_result_on_stdout(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 0
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    (deployment,) = emulator.store.deployments.all(project)
    lines = dict(line.split(":", 1) for line in outcome.stdout.splitlines())
    assert lines["Deployment"].strip().startswith(f"http://{deployment.id[:8]}.demo.")
    assert lines["Environment"].strip() == "production"
    assert lines["Files"].strip() == "2 (2 uploaded, 5 bytes)"
    assert "Deploying branch 'main' to production of 'demo'" in outcome.stderr


def test_the_word_deploy_may_be_left_out(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    assert run_cli("deploy", str(directory), environ=environ).exit_code == 0
    assert run_cli("--branch", "x", str(directory), environ=environ).exit_code == 0


def test_without_any_argument_everything_comes_from_the_environment(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    inputs = {"INPUT_DIRECTORY": directory.name, "INPUT_WORKINGDIRECTORY": str(directory.parent)}
    assert run_cli(environ={**environ, **inputs}).exit_code == 0


def test_the_json_is_all_outputs_and_nothing_else(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    outcome = run_cli(str(directory), "--json", "--branch", "feature/x", environ=environ)
    outputs = json.loads(outcome.stdout)
    assert list(outputs) == list(OUTPUTS)
    assert outputs["environment"] == outputs["pages-environment"] == "preview"
    assert outputs["alias"] == outputs["pages-deployment-alias-url"]
    assert outputs["alias"].startswith("http://feature-x.demo.localhost")
    assert outputs["status"] == "success"
    assert outputs["files"] == outputs["uploaded-files"] == 2


@pytest.mark.parametrize("field", ["url", "environment", "files"])
def test_one_output_can_be_printed_alone(
    run_cli: RunCli, environ: dict[str, str], directory: Path, field: str
) -> None:
    outputs = json.loads(run_cli(str(directory), "--json", environ=environ).stdout)
    alone = run_cli(str(directory), "--print", field, "-q", environ=environ)
    if field != "url":
        assert alone.stdout == f"{outputs[field]}\n"
    assert len(alone.stdout.splitlines()) == 1
    assert alone.stderr == ""


def test_verbose_tells_where_each_setting_came_from_and_no_secret(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    outcome = run_cli(str(directory), "-v", environ=environ)
    assert "PROJECT_NAME = demo from CLOUDFLARE_PROJECT_NAME" in outcome.stderr
    assert "API_TOKEN = (secret) from CLOUDFLARE_API_TOKEN" in outcome.stderr
    assert "TIMEOUT = 300 from the default" in outcome.stderr
    assert emulator.api_token not in outcome.stdout + outcome.stderr


def test_results_are_written_for_github_and_into_a_json_file(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path
) -> None:
    github, file = tmp_path / "github-output", tmp_path / "out.json"
    outcome = run_cli(
        str(directory),
        "--json-file",
        "out.json",
        environ={**environ, "GITHUB_OUTPUT": str(github)},
    )
    assert outcome.exit_code == 0
    outputs = json.loads(file.read_text())
    assert list(outputs) == list(OUTPUTS)
    for name, value in outputs.items():
        if value == "":
            assert name not in github.read_text()
            continue
        assert f"{name}<<" in github.read_text()
        assert f"\n{value}\n" in github.read_text()


def test_a_missing_setting_is_exit_code_2_and_names_every_place(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    before = len(emulator.requests)
    lacking = without(environ, "CLOUDFLARE_API_TOKEN")
    outcome = run_cli(str(directory), environ=lacking)
    assert outcome.exit_code == 2
    (error,) = errors(outcome)
    assert error.startswith("Error: API_TOKEN is not set")
    # On a machine of one's own, one line to paste.
    assert "export CLOUDFLARE_API_TOKEN=..." in outcome.stderr
    outcome = run_cli(str(directory), environ={**lacking, "GITLAB_CI": "true"})
    assert outcome.exit_code == 2
    for place in ("apiToken", "CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "PAGES_DEPLOY_API_TOKEN"):
        assert place in outcome.stderr
    outcome = run_cli(str(directory), environ=without(environ, "CLOUDFLARE_PROJECT_NAME"))
    assert outcome.exit_code == 2
    assert "--project-name" in outcome.stderr
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 2
    assert "DIRECTORY is not set" in outcome.stderr
    assert len(emulator.requests) == before


def test_a_directory_that_does_not_exist_is_exit_code_2(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    before = len(emulator.requests)
    outcome = run_cli("deploy", "nowhere", environ=environ)
    assert outcome.exit_code == 2
    (error,) = errors(outcome)
    assert "nowhere does not exist" in error
    assert len(emulator.requests) == before


@pytest.mark.parametrize("account", ["CLOUDFLARE_ACCOUNT_ID", ""], ids=["looked up", "given"])
@pytest.mark.parametrize(
    "name", ["nowhere", "a.css", "empty", "x" * 5000], ids=["missing", "file", "empty", "long"]
)
def test_a_directory_that_cannot_be_deployed_is_told_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    name: str,
    account: str,
) -> None:
    (directory / "empty").mkdir()
    before = emulator.requests
    outcome = run_cli(str(directory / name), environ=without(environ, account))
    assert outcome.exit_code == 2
    (error,) = errors(outcome)
    assert f"The build directory {directory / name} " in error
    assert emulator.requests == before


@pytest.mark.parametrize(
    ("variable", "name", "reason"),
    [
        (variable, name, reason)
        for variable in ("GITHUB_OUTPUT", "PAGES_DEPLOY_JSON_FILE", "WRANGLER_OUTPUT_FILE_PATH")
        for name, reason in (
            ("gone/file", "No such file"),
            ("", "Is a directory"),
            ("x" * 5000, "too long"),
        )
        # The directory of wrangler's own file is made, as wrangler does.
        if (variable, name) != ("WRANGLER_OUTPUT_FILE_PATH", "gone/file")
    ],
)
def test_a_file_for_the_outputs_that_cannot_be_written_is_told_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    emulator: Emulator,
    directory: Path,
    tmp_path: Path,
    variable: str,
    name: str,
    reason: str,
) -> None:
    before = emulator.requests
    file = tmp_path / name
    outcome = run_cli(str(directory), environ={**environ, variable: str(file)})
    assert outcome.exit_code == 2
    (error,) = errors(outcome)
    assert error.startswith(f"Error: Cannot write {file}")
    assert reason in error
    assert emulator.requests == before


@pytest.mark.parametrize(
    "arguments",
    [["--no-such-flag"], ["a", "b"], ["--print", "nothing"], ["--purge", "all"], ["--timeout"]],
)
def test_a_command_line_that_cannot_be_understood_is_exit_code_2(
    run_cli: RunCli, environ: dict[str, str], arguments: list[str]
) -> None:
    outcome = run_cli(*arguments, environ=environ)
    assert outcome.exit_code == 2
    assert errors(outcome)
    assert re.search(r"see pages-deploy (deploy )?--help", outcome.stderr)


def test_a_call_that_fails_is_exit_code_1(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.fail_next("GET", "*/pages/projects/demo", Answer.error(500, 8000000), times=None)
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 1
    (error,) = errors(outcome)
    assert "code 8000000" in error
    assert "Trying again in" in outcome.stderr


def test_a_failed_upload_is_exit_code_1(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    # The code is a multiple of 256, which wrangler turns into exit code 0.
    emulator.fail_next("POST", UPLOAD, Answer.error(500, 8000000), times=None)
    assert run_cli(str(directory), environ=environ).exit_code == 1
    assert asked(emulator, "POST", DEPLOYMENTS) == []


def test_a_wrong_token_is_exit_code_3_and_is_not_shown(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    token = "a-token-that-nobody-knows"
    outcome = run_cli(str(directory), environ={**environ, "CLOUDFLARE_API_TOKEN": token})
    assert outcome.exit_code == 3
    assert errors(outcome)
    assert "Cloudflare Pages > Edit" in outcome.stderr
    assert token not in outcome.stderr


def test_an_unknown_project_is_exit_code_1_with_the_way_to_create_it(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    outcome = run_cli(str(directory), "--project-name", "fresh", environ=environ)
    assert outcome.exit_code == 1
    assert "--create-project" in outcome.stderr
    created = run_cli(
        str(directory), "--project-name", "fresh", "--create-project", environ=environ
    )
    assert created.exit_code == 0


def test_a_failed_deployment_is_exit_code_4_with_its_log(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.outcome_next(status="failure", error="No space\n::error::left")
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 4
    assert errors(outcome)
    assert "Error: No space" in outcome.stderr
    assert not any(line.startswith("::") for line in outcome.stderr.splitlines())


def test_a_canceled_deployment_is_exit_code_4(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="canceled")
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 4
    assert "was canceled" in outcome.stderr


def test_a_skipped_deployment_is_exit_code_4_and_says_why(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    emulator: Emulator,
    fake_time: FakeTime,
) -> None:
    emulator.outcome_next(stage="queued", status="idle", error="superseded_queued_build")
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 4
    assert "was skipped by Pages: a newer deployment took its place" in outcome.stderr
    assert fake_time.slept == []


def test_a_deployment_without_an_end_is_exit_code_5_after_the_timeout(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.outcome_next(stage="build", status="active")
    outcome = run_cli(str(directory), "--timeout", "7", environ=environ)
    assert outcome.exit_code == 5
    (error,) = errors(outcome)
    assert "within 7 seconds" in error


def test_a_failed_purge_is_a_warning_and_exit_code_0(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    zone = {"CLOUDFLARE_ZONE_ID": emulator.zone_id}
    emulator.fail_next("POST", "/zones/*", Answer.error(403, 10000), times=None)
    outcome = run_cli(str(directory), environ={**environ, **zone})
    assert outcome.exit_code == 0
    assert "Warning: The cache was not purged" in outcome.stderr
    emulator.stop_failing()
    assert run_cli(str(directory), environ={**environ, **zone}).exit_code == 0
    assert [purge.body for purge in emulator.store.purges.all()] == [{"purge_everything": True}]


def test_the_purge_may_have_a_token_of_its_own(run_cli: RunCli, directory: Path) -> None:
    tokens = {
        "token-that-may-deploy": frozenset({"pages:edit"}),
        "token-that-may-purge": frozenset({"zone:purge"}),
    }
    with Emulator(settings=EmulatorSettings(api_tokens=tokens)) as emulator:
        environ = {
            **emulator.environ(),
            "CLOUDFLARE_ZONE_ID": emulator.zone_id,
            "CLOUDFLARE_PURGE_API_TOKEN": "token-that-may-purge",
        }
        outcome = run_cli(
            str(directory),
            "--project-name=x",
            "--create-project",
            "--branch=main",
            environ=environ,
        )
        assert outcome.exit_code == 0
        assert "Warning" not in outcome.stderr
        assert len(emulator.store.purges.all()) == 1


def test_the_only_account_of_a_token_need_not_be_named(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    environ = without(environ, "CLOUDFLARE_ACCOUNT_ID")
    assert run_cli(str(directory), environ=environ).exit_code == 0


@pytest.mark.parametrize("count", [0, 2])
def test_no_account_or_several_are_listed_and_must_be_chosen(
    run_cli: RunCli, directory: Path, count: int
) -> None:
    accounts = {f"{number:032x}": f"Account {number}" for number in range(2)}
    permissions = {"pages:edit", "account:read"} if count else {"pages:edit"}
    settings = EmulatorSettings(
        accounts=accounts, api_tokens={"token-of-it": frozenset(permissions)}
    )
    with Emulator(settings=settings) as emulator:
        environ = without(emulator.environ(), "CLOUDFLARE_ACCOUNT_ID")
        outcome = run_cli(str(directory), "--project-name=x", "--branch=main", environ=environ)
    assert outcome.exit_code == 2
    (error,) = errors(outcome)
    listed = [f"{number:032x} (Account {number})" in error for number in range(2)]
    assert listed == [bool(count)] * 2
    assert ("none" in error) == (not count)
    assert "--account-id" in outcome.stderr


def test_the_legacy_pair_of_key_and_address_is_enough(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    pair = {
        "CLOUDFLARE_API_KEY": emulator.settings.api_key,
        "CLOUDFLARE_EMAIL": emulator.settings.api_email,
    }
    environ = {**without(environ, "CLOUDFLARE_API_TOKEN"), **pair}
    outcome = run_cli(str(directory), "-v", environ=environ)
    assert outcome.exit_code == 0
    assert emulator.settings.api_key not in outcome.stderr


def test_a_token_beats_the_legacy_pair(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    pair = {"CLOUDFLARE_API_KEY": "wrong-key", "CLOUDFLARE_EMAIL": "wrong@example.test"}
    assert run_cli(str(directory), environ={**environ, **pair}).exit_code == 0


def test_a_reserved_name_that_is_left_out_is_warned_about(
    run_cli: RunCli, environ: dict[str, str], directory: Path
) -> None:
    (directory / "_headers").mkdir()
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 0
    assert "Warning: _headers" in outcome.stderr
    assert "is not deployed" in outcome.stderr


def test_commit_facts_are_sent(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    commit = "f" * 40
    run_cli(
        str(directory),
        f"--commit-hash={commit}",
        "--commit-message=Say $(NAME)",
        "--commit-dirty",
        environ=environ,
    )
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    trigger = emulator.store.deployments.all(project)[0].trigger
    assert (trigger.branch, trigger.commit_hash) == ("main", commit)
    assert (trigger.commit_message, trigger.commit_dirty) == ("Say $(NAME)", True)


def test_switches_have_two_forms(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    run_cli(str(directory), "--no-commit-dirty", environ={**environ, "INPUT_COMMITDIRTY": "true"})
    project = emulator.store.projects.get(emulator.account_id, PROJECT)
    assert emulator.store.deployments.all(project)[0].trigger.commit_dirty is False


def test_a_tag_build_is_refused_before_anything_is_sent(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    before = len(emulator.requests)
    tag = {"GITHUB_ACTIONS": "true", "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"}
    outcome = run_cli(str(directory), environ={**without(environ, "PAGES_DEPLOY_BRANCH"), **tag})
    assert outcome.exit_code == 2
    assert "of the tag v1" in outcome.stderr
    assert len(emulator.requests) == before


def test_trouble_on_the_way_is_told_and_survived(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    emulator.fail_next("POST", UPLOAD, Answer(status=502, body="<html>"), times=2)
    emulator.fail_next("GET", DEPLOYMENT, Answer.error(500, 8000000))
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stderr.count("Trying again in") == 2


def test_a_hostile_server_can_neither_start_a_line_nor_show_the_token(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    message = f"x\n::set-output name=url::evil\n{emulator.api_token}"
    emulator.fail_next("GET", "*/pages/projects/demo", Answer.error(400, 1, message=message))
    outcome = run_cli(str(directory), environ=environ)
    assert outcome.exit_code == 1
    assert not any(line.lstrip().startswith("::") for line in outcome.stderr.splitlines())
    assert emulator.api_token not in outcome.stderr


def test_the_help_names_every_place_of_an_option(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], client: PagesClient
) -> None:
    assert run_cli("deploy", "--help", "--verbose").exit_code == 0
    text = " ".join(capsys.readouterr().out.split())
    for word in ("--account-id", "accountId", "CLOUDFLARE_ACCOUNT_ID", "PAGES_DEPLOY_ACCOUNT_ID"):
        assert word in text
    for word in ("PAGES_DEPLOY_API_TOKEN", "apiToken", "CLOUDFLARE_API_TOKEN"):
        assert word in text
    assert "--api-token" not in text


@pytest.mark.parametrize(("expected", "exit_code"), [("production", 2), ("preview", 0)])
def test_a_deployment_that_would_land_elsewhere_is_refused_before_anything_is_sent(
    run_cli: RunCli,
    environ: dict[str, str],
    directory: Path,
    emulator: Emulator,
    expected: str,
    exit_code: int,
) -> None:
    outcome = run_cli(str(directory), "--branch=topic", f"--expect={expected}", environ=environ)
    assert outcome.exit_code == exit_code, outcome.stderr
    if exit_code:
        assert "EXPECT is 'production'" in outcome.stderr
        assert not asked(emulator, "POST", UPLOAD)


def test_a_project_is_not_made_for_a_deployment_that_would_land_elsewhere(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    before = asked(emulator, "POST", "*/pages/projects")
    flags = ["--project-name=fresh", "--create-project", "--branch=topic", "--expect=production"]
    outcome = run_cli(str(directory), *flags, environ=environ)
    assert outcome.exit_code == 2
    assert "EXPECT is 'production'" in outcome.stderr
    assert asked(emulator, "POST", "*/pages/projects") == before


def test_a_wrong_answer_is_exit_code_6_with_outputs_that_say_so(
    run_cli: RunCli, environ: dict[str, str], directory: Path, tmp_path: Path, emulator: Emulator
) -> None:
    good = run_cli(str(directory), "--print=id", "--branch=main", environ=environ)
    (directory / "new.txt").write_text("new")
    emulator.fail_next("HEAD", "*.demo.localhost/new.txt", Answer(status=404), times=1000)
    outcome = run_cli(
        str(directory),
        "--json-file=out.json",
        "--rollback-on-failure",
        "--branch=main",
        environ=environ,
    )
    assert outcome.exit_code == 6
    assert "/new.txt (expected content" in outcome.stderr
    outputs = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert outputs["verified"] == "false"
    assert outputs["rolled-back-to"] == good.stdout.strip()


def test_without_verification_nothing_is_asked_of_the_site(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    outcome = run_cli(str(directory), "--verify=off", "--print=verified", environ=environ)
    assert outcome.stdout == "skipped\n"
    assert not asked(emulator, "HEAD", "*")


def test_all_files_are_asked_for_where_that_is_wanted(
    run_cli: RunCli, environ: dict[str, str], site: BuildSite, emulator: Emulator
) -> None:
    directory = site({f"{number:02}.txt": str(number) for number in range(40)}, name="many")
    assert run_cli(str(directory), environ=environ).exit_code == 0
    sampled = len(asked(emulator, "HEAD", "*.demo.localhost/*"))
    outcome = run_cli(str(directory), "--verify=all", "--print=verified", environ=environ)
    assert outcome.stdout == "true\n"
    assert len(asked(emulator, "HEAD", "*.demo.localhost/*")) - sampled == 40
    assert sampled < 40


def test_what_is_live_already_is_success_with_the_outputs_of_what_is_live(
    run_cli: RunCli, environ: dict[str, str], directory: Path, emulator: Emulator
) -> None:
    command = ("--if-unchanged", "skip", "--json", str(directory))
    first, again = (run_cli(*command, environ=environ) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0)
    one, other = json.loads(first.stdout), json.loads(again.stdout)
    assert (one["status"], other["status"]) == ("success", "unchanged")
    same = ("id", "url", "alias", "environment", "files", "production-url")
    assert [other[name] for name in same] == [one[name] for name in same]
    assert (other["verified"], other["uploaded-files"]) == ("skipped", 0)
    assert len(asked(emulator, "POST", DEPLOYMENTS)) == 1
