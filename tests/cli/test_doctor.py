"""`pages-deploy doctor`: one line for each finding, and the exit code of a deployment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.project_configs import ProjectConfigs
from pages_deploy.emulator.state.settings import ALL_PERMISSIONS, EmulatorSettings
from tests.cli.reading import data
from tests.world import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import BuildSite, FakeTime, Outcome, RunCli

ACCOUNT, OTHER = "a" * 32, "b" * 32
ZONE = "1" * 32
GOOD, READER, OWNED, UNSEEING = (
    "token-that-may-do-all",
    "token-that-may-read",
    "token-of-the-account",
    "token-that-sees-no-account",
)
TOKENS = {
    GOOD: ALL_PERMISSIONS,
    READER: frozenset({"account:read", "pages:read"}),
    OWNED: ALL_PERMISSIONS,
    UNSEEING: frozenset({"pages:edit"}),
}
ALL_GOOD = ["network", "clock", "token", "account", "project", "permission", "branch", "site"]


def settings(
    fake_time: FakeTime,
    *,
    accounts: tuple[str, ...] = (ACCOUNT,),
    clock_skew_seconds: float = 0,
    git_takes_uploads: bool = False,
) -> EmulatorSettings:
    return EmulatorSettings(
        api_tokens=TOKENS,
        account_owned_tokens=frozenset({OWNED}),
        accounts={account_id: f"Account {account_id[0]}" for account_id in accounts},
        zones={ZONE: "example.test"},
        clock=fake_time.read,
        clock_skew_seconds=clock_skew_seconds,
        git_projects_refuse_direct_upload=not git_takes_uploads,
    )


def add_project(
    emulator: Emulator, name: str, *, of_git: bool = False, builds: bool = True
) -> None:
    emulator.store.projects.create(
        emulator.account_id,
        name,
        production_branch="main",
        configs=ProjectConfigs(
            source={"type": "github", "config": {"deployments_enabled": builds}} if of_git else {}
        ),
    )


def environ_of(emulator: Emulator) -> dict[str, str]:
    return {
        **emulator.environ(),
        "CLOUDFLARE_PROJECT_NAME": PROJECT,
        "PAGES_DEPLOY_BRANCH": "main",
    }


@pytest.fixture
def emulator(fake_time: FakeTime) -> Iterator[Emulator]:
    with Emulator(settings=settings(fake_time)) as running:
        add_project(running, PROJECT)
        yield running


@pytest.fixture
def environ(emulator: Emulator) -> dict[str, str]:
    return environ_of(emulator)


def findings(outcome: Outcome) -> dict[str, str]:
    """Return the mark of each finding by its subject, after a look at the form of the lines."""
    assert "Traceback" not in outcome.stderr
    marks: dict[str, str] = {}
    for line in outcome.stdout.splitlines():
        if line.lstrip().startswith("-> "):
            assert marks, "a remedy comes after its finding"
            continue
        mark, subject, words = line.split(None, 2)
        assert words
        marks[subject] = mark
    return marks


def test_all_is_well(run_cli: RunCli, environ: dict[str, str]) -> None:
    outcome = run_cli("doctor", environ=environ)
    assert outcome.exit_code == 0
    assert findings(outcome) == dict.fromkeys(ALL_GOOD, "ok")
    assert "->" not in outcome.stdout
    assert outcome.stderr == ""


def test_the_findings_as_json(run_cli: RunCli, environ: dict[str, str]) -> None:
    found = data(run_cli("doctor", "--json", environ=environ))
    assert [finding["subject"] for finding in found] == ALL_GOOD
    assert {tuple(finding) for finding in found} == {
        ("subject", "fine", "words", "remedy", "exit_code")
    }


def test_a_zone_is_looked_at_where_one_is_given(run_cli: RunCli, environ: dict[str, str]) -> None:
    outcome = run_cli("doctor", "--zone-id", ZONE, environ=environ)
    assert outcome.exit_code == 0
    assert list(findings(outcome)) == [*ALL_GOOD[:-1], "zone", "site"]
    assert "example.test" in outcome.stdout


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"CLOUDFLARE_API_TOKEN": "token-that-is-wrong"}, ("token", 3, "Pages > Edit")),
        ({"CLOUDFLARE_API_TOKEN": READER}, ("permission", 3, "Pages > Edit")),
        ({"CLOUDFLARE_PROJECT_NAME": "nowhere"}, ("project", 1, "'nowhere'")),
        ({"CLOUDFLARE_ACCOUNT_ID": OTHER}, ("project", 3, OTHER)),
        ({"CLOUDFLARE_API_TOKEN": ""}, ("settings", 2, "CLOUDFLARE_API_TOKEN")),
        ({"CLOUDFLARE_PROJECT_NAME": ""}, ("settings", 2, "CLOUDFLARE_PROJECT_NAME")),
        ({"PAGES_DEPLOY_BRANCH": "HEAD"}, ("settings", 2, "detached")),
        (
            {"CLOUDFLARE_ACCOUNT_ID": "", "CLOUDFLARE_API_TOKEN": UNSEEING},
            ("settings", 2, "The API token can see: none"),
        ),
        ({"CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:9/client/v4"}, ("network", 1, "127.0.0.1")),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_what_is_wrong_is_the_last_finding_and_the_exit_code(
    run_cli: RunCli,
    environ: dict[str, str],
    changes: dict[str, str],
    expected: tuple[str, int, str],
) -> None:
    subject, exit_code, words = expected
    shown = run_cli("doctor", "-q", environ={**environ, **changes})
    assert shown.exit_code == exit_code
    assert list(findings(shown).items())[-1] == (subject, "FAIL")
    assert shown.stdout.splitlines()[-1].lstrip().startswith("-> ")
    assert words in shown.stdout
    assert "token-that-is-wrong" not in shown.stdout + shown.stderr
    printed = run_cli("doctor", "--json", "-q", environ={**environ, **changes})
    assert printed.exit_code == exit_code
    last = json.loads(printed.stdout)[-1]
    assert (last["subject"], last["fine"], last["exit_code"]) == (subject, False, exit_code)


def test_several_accounts_are_listed_to_choose_from(run_cli: RunCli, fake_time: FakeTime) -> None:
    with Emulator(settings=settings(fake_time, accounts=(ACCOUNT, OTHER))) as emulator:
        environ = environ_of(emulator)
        del environ["CLOUDFLARE_ACCOUNT_ID"]
        outcome = run_cli("doctor", environ=environ)
        assert outcome.exit_code == 2
        assert f"{ACCOUNT} (Account a); {OTHER} (Account b)" in outcome.stdout
        assert "--account-id" in outcome.stdout


def test_the_only_account_need_not_be_named(run_cli: RunCli, environ: dict[str, str]) -> None:
    del environ["CLOUDFLARE_ACCOUNT_ID"]
    outcome = run_cli("doctor", environ=environ)
    assert outcome.exit_code == 0
    assert f"{ACCOUNT} (Account a)" in outcome.stdout


def test_a_token_of_the_account_is_as_good(run_cli: RunCli, environ: dict[str, str]) -> None:
    environ["CLOUDFLARE_API_TOKEN"] = OWNED
    outcome = run_cli("doctor", environ=environ)
    assert outcome.exit_code == 0
    assert "belongs to an account" in outcome.stdout


def test_a_legacy_key_works_and_a_token_is_advised(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    del environ["CLOUDFLARE_API_TOKEN"]
    key = emulator.settings.api_key
    environ |= {"CLOUDFLARE_API_KEY": key, "CLOUDFLARE_EMAIL": emulator.settings.api_email}
    outcome = run_cli("doctor", environ=environ)
    assert outcome.exit_code == 0
    assert "-> Make an API token" in outcome.stdout
    assert key not in outcome.stdout + outcome.stderr


def test_a_clock_that_is_wrong_is_told_with_what_to_do(
    run_cli: RunCli, fake_time: FakeTime
) -> None:
    with Emulator(settings=settings(fake_time, clock_skew_seconds=-900)) as emulator:
        add_project(emulator, PROJECT)
        outcome = run_cli("doctor", environ=environ_of(emulator))
    assert outcome.exit_code == 0
    assert "differs from the API's by -900 s" in outcome.stdout
    assert "-> Set this machine's clock" in outcome.stdout


@pytest.mark.parametrize("builds", [True, False])
@pytest.mark.parametrize("takes_uploads", [True, False])
def test_a_project_of_a_git_repository_is_judged_as_a_deployment_would_be(
    run_cli: RunCli, fake_time: FakeTime, site: BuildSite, takes_uploads: bool, builds: bool
) -> None:
    directory = site({"index.html": "home"})
    with Emulator(settings=settings(fake_time, git_takes_uploads=takes_uploads)) as emulator:
        add_project(emulator, PROJECT, of_git=True, builds=builds)
        environ = environ_of(emulator)
        examined = run_cli("doctor", environ=environ)
        tried = run_cli("deploy", str(directory), environ=environ)
    assert "github" in examined.stdout or "Git repository" in examined.stdout
    works = takes_uploads and not builds
    assert (examined.exit_code == 0) is (tried.exit_code == 0) is works
