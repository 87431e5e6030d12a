"""From the environment to the right account: what every command needs that talks to the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.emulator.server import Emulator
from pages_deploy.emulator.state.settings import EmulatorSettings
from tests.cli.reading import complaint, rows
from tests.making import put
from tests.world import PROJECT, asked, connected

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import FakeTime, RunCli

pytestmark = pytest.mark.usefixtures("client")
WRONG = "token-that-is-wrong"


@pytest.mark.parametrize(
    "command",
    [
        ["projects", "list"],
        ["projects", "status"],
        ["deployments", "list"],
        ["deployments", "latest"],
        ["deployments", "prune", "--keep", "1", "--yes"],
        ["domains", "list"],
        ["zones", "list"],
        ["zones", "purge", "--everything", "--zone-id", "0" * 32],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_wrong_token_is_exit_code_3_and_not_printed(
    run_cli: RunCli, environ: dict[str, str], command: list[str]
) -> None:
    wrong = {**environ, "CLOUDFLARE_API_TOKEN": WRONG}
    outcome = run_cli(*command, environ=wrong)
    assert "The token needs" in (text := complaint(outcome, 3)) or "API token is" in text
    assert WRONG not in outcome.stderr
    assert outcome.stdout == ""


def test_a_token_that_stands_in_the_env_file_alone_is_not_printed(
    run_cli: RunCli, environ: dict[str, str], tmp_path: Path
) -> None:
    """The environment, which is read first, knows nothing of it."""
    del environ["CLOUDFLARE_API_TOKEN"]
    (tmp_path / ".env").write_text(f"CLOUDFLARE_API_TOKEN={WRONG}\n")
    environ["CLOUDFLARE_PROJECT_NAME"] = f"x-{WRONG}"
    outcome = run_cli("deployments", "list", environ=environ)
    assert "x-***" in complaint(outcome, 3)
    assert WRONG not in outcome.stdout + outcome.stderr


def test_without_a_token_every_place_to_set_it_is_named(run_cli: RunCli) -> None:
    text = complaint(run_cli("projects", "list", environ={}), 2)
    assert "CLOUDFLARE_API_TOKEN" in text


@pytest.mark.parametrize(
    "group", [["projects"], ["deployments"], ["domains"]], ids=lambda group: group[0]
)
@pytest.mark.parametrize(("account_id", "exit_code"), [("f" * 32, 3), ("not-an-id", 2)])
def test_an_account_that_is_not_the_tokens_is_named(
    run_cli: RunCli, environ: dict[str, str], group: list[str], account_id: str, exit_code: int
) -> None:
    outcome = run_cli(*group, "list", "--account-id", account_id, environ=environ)
    assert account_id in complaint(outcome, exit_code)


def test_the_only_account_of_the_token_need_not_be_named(
    run_cli: RunCli, environ: dict[str, str]
) -> None:
    del environ["CLOUDFLARE_ACCOUNT_ID"]
    assert len(rows(run_cli("projects", "list", environ=environ))) == 1


def test_several_accounts_are_listed_to_choose_from(run_cli: RunCli) -> None:
    accounts = {"a" * 32: "Ours", "b" * 32: "Theirs"}
    with Emulator(settings=EmulatorSettings(accounts=accounts)) as emulator:
        environ = emulator.environ()
        del environ["CLOUDFLARE_ACCOUNT_ID"]
        text = complaint(run_cli("projects", "list", environ=environ), 2)
        assert f"{'a' * 32} (Ours); {'b' * 32} (Theirs)" in text
        assert "CLOUDFLARE_ACCOUNT_ID" in text
        assert "--account-id" in text
        assert asked(emulator, "GET", "*/pages/*") == []


def test_a_token_that_sees_no_account_is_told_so(run_cli: RunCli) -> None:
    settings = EmulatorSettings(api_tokens={"token-of-pages": frozenset({"pages:edit"})})
    with Emulator(settings=settings) as emulator:
        environ = emulator.environ()
        del environ["CLOUDFLARE_ACCOUNT_ID"]
        text = complaint(run_cli("projects", "list", environ=environ), 2)
    assert "The API token can see: none" in text


def test_the_legacy_key_works_with_a_warning(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    del environ["CLOUDFLARE_API_TOKEN"]
    environ |= {
        "CLOUDFLARE_API_KEY": emulator.settings.api_key,
        "CLOUDFLARE_EMAIL": emulator.settings.api_email,
    }
    outcome = run_cli("projects", "list", environ=environ)
    assert len(rows(outcome)) == 1
    assert "Warning: The legacy API key can do everything" in outcome.stderr
    assert emulator.settings.api_key not in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "group", [["deployments", "list"], ["deployments", "latest"], ["domains", "list"]], ids=str
)
def test_without_a_project_every_place_to_name_it_is_told(
    run_cli: RunCli, environ: dict[str, str], group: list[str]
) -> None:
    del environ["CLOUDFLARE_PROJECT_NAME"]
    text = complaint(run_cli(*group, environ=environ), 2)
    assert "--project-name" in text
    assert "CLOUDFLARE_PROJECT_NAME" in text


def test_a_wait_for_the_rate_limit_is_told(run_cli: RunCli, fake_time: FakeTime) -> None:
    settings = EmulatorSettings(requests_per_window=2, window_seconds=60, clock=fake_time.read)
    with Emulator(settings=settings) as emulator:
        with connected(emulator, fake_time):
            put(emulator, ["x"] * 60)
        fake_time.now += 60
        environ = {**emulator.environ(), "CLOUDFLARE_PROJECT_NAME": PROJECT}
        # Three pages.
        outcome = run_cli("deployments", "list", environ=environ)
        assert {request.status for request in emulator.requests} == {200}
    assert len(rows(outcome)) == 60
    assert "Waiting 60 s to stay below the rate limit" in outcome.stderr
    assert fake_time.slept == [60]


def test_a_server_that_cannot_be_reached_is_told_with_its_address(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator
) -> None:
    emulator.close()
    text = complaint(run_cli("projects", "list", "-q", environ=environ), 1)
    assert "the host cannot be reached" in text
    assert "127.0.0.1" in text
