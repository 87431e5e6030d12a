"""What commands take: options, arguments, and words that mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.reading import complaint, data
from tests.making import made
from tests.world import PROJECT

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.world import RunCli

pytestmark = pytest.mark.usefixtures("client")


@pytest.mark.parametrize(
    "arguments",
    [
        ["projects", "lists"],
        ["projects", "list", "--no-such-option"],
        ["projects", "get"],
        ["projects", "get", "a", "b"],
        ["projects", "update", "demo", "--environment", "staging"],
        ["deployments", "lst"],
        ["deployments", "list", "--limit", "0"],
        ["deployments", "list", "--environment", "staging"],
        ["deployments", "latest", "--print", "no-such-field"],
        ["deployments", "delete"],
        ["deployments", "prune", "--keep", "-1"],
        ["domains", "ad"],
        ["domains", "add"],
        ["zones", "purges"],
        ["zones", "purge", "--files"],
        ["doctor", "--no-such-option"],
        ["doctor", "extra"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_is_exit_code_2_and_asks_nothing(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, arguments: list[str]
) -> None:
    before = len(emulator.requests)
    outcome = run_cli(*arguments, environ=environ)
    assert "--help" in complaint(outcome, 2)
    assert outcome.stdout == ""
    assert len(emulator.requests) == before


@pytest.mark.parametrize("group", ["projects", "deployments", "domains", "zones"])
def test_a_group_without_a_sub_command_lists_them(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str], group: str
) -> None:
    assert run_cli(group, "--help").exit_code == 0
    assert "  list " in capsys.readouterr().out
    outcome = run_cli(group)
    assert outcome.exit_code in {0, 2}
    assert "Traceback" not in outcome.stderr
    assert "list" in outcome.stdout + outcome.stderr + "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "command",
    [
        ["projects", "delete", PROJECT, "--yes"],
        ["domains", "delete", "www.example.test", "--yes"],
        ["deployments", "delete", "DEPLOYMENT", "--yes"],
        ["zones", "purge", "--everything", "--zone-id", "ZONE"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_what_takes_something_away_can_say_so_in_json(
    run_cli: RunCli,
    environ: dict[str, str],
    client: PagesClient,
    emulator: Emulator,
    command: list[str],
) -> None:
    client.domains.add(PROJECT, "www.example.test")
    old, _new = made(client), made(client)
    words = {"DEPLOYMENT": old.id, "ZONE": emulator.zone_id}
    arguments = [words.get(word, word) for word in command]
    assert isinstance(data(run_cli(*arguments, "--json", environ=environ)), dict)


SWITCHES = {"--commit-dirty": "COMMIT_DIRTY", "--skip-caching": "SKIP_CACHING"}
SWITCHES |= {"--no-functions": "NO_FUNCTIONS", "--no-bundle": "NO_BUNDLE", "--bundle": "BUNDLE"}
SWITCHES |= {"--upload-source-maps": "UPLOAD_SOURCE_MAPS", "--create-project": "CREATE_PROJECT"}


@pytest.mark.parametrize("flag", SWITCHES)
@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("{}", "true"),
        ("{}=true", "true"),
        ("{}=True", "true"),
        ("{} true", "true"),
        ("{}=false", "false"),
        ("{} false", "false"),
        ("{}=", ""),
    ],
)
def test_a_switch_may_have_its_value(run_cli: RunCli, flag: str, form: str, value: str) -> None:
    """As workflows have it from wrangler; the flag wins over what the environment says."""
    name = SWITCHES[flag]
    words = form.format(flag).split(" ")
    outcome = run_cli(*words, "nowhere", "-v", environ={f"PAGES_DEPLOY_{name}": "no"})
    place = "the command line" if value else f"PAGES_DEPLOY_{name}"
    assert f"{name} = {value or 'no'} from {place}\n" in outcome.stderr
    assert "DIRECTORY = nowhere from the command line\n" in outcome.stderr


@pytest.mark.parametrize("flag", [*SWITCHES, "--json"])
def test_a_switch_with_another_value_is_refused_by_name(run_cli: RunCli, flag: str) -> None:
    text = complaint(run_cli("deploy", f"{flag}=perhaps"), 2)
    assert flag in text
    assert "neither true nor false" in text


def test_the_value_of_another_option_may_look_like_a_switch(run_cli: RunCli) -> None:
    outcome = run_cli("--commit-message", "--commit-dirty=false", "true", "-v")
    assert "COMMIT_MESSAGE = --commit-dirty=false from the command line" in outcome.stderr
    assert "DIRECTORY = true from the command line" in outcome.stderr
    assert "COMMIT_DIRTY" not in outcome.stderr
    assert "DIRECTORY = --json=true" in run_cli("-v", "--", "--json=true").stderr
