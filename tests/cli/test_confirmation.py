"""The question before something is deleted: who is asked, and what counts as a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.reading import complaint
from tests.making import ids, made
from tests.world import PROJECT, asked

if TYPE_CHECKING:
    from pages_deploy.api.client import PagesClient
    from pages_deploy.emulator.server import Emulator
    from tests.cli.reading import AtTerminal
    from tests.world import RunCli

DOMAIN = "www.example.test"


@pytest.fixture(params=["projects", "deployments", "domains"])
def deletion(request: pytest.FixtureRequest, client: PagesClient) -> list[str]:
    """A command that deletes something that is there."""
    client.domains.add(PROJECT, DOMAIN)
    old, _new = made(client), made(client)
    name = {"projects": PROJECT, "deployments": old.id, "domains": DOMAIN}[request.param]
    return [request.param, "delete", name]


def deleted(emulator: Emulator) -> int:
    return len(asked(emulator, "DELETE", "*"))


def test_without_a_terminal_a_deletion_has_to_be_said_beforehand(
    run_cli: RunCli, environ: dict[str, str], emulator: Emulator, deletion: list[str]
) -> None:
    text = complaint(run_cli(*deletion, environ=environ), 2)
    assert deletion[-1] in text
    assert "--yes" in text
    assert deleted(emulator) == 0
    outcome = run_cli(*deletion, "--yes", environ=environ)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"Deleted {deletion[0][:-1]} {deletion[-1]}\n"
    assert deleted(emulator) == 1


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yes please\n"])
def test_whoever_does_not_say_yes_keeps_it(
    at_terminal: AtTerminal,
    environ: dict[str, str],
    emulator: Emulator,
    deletion: list[str],
    answer: str,
) -> None:
    outcome = at_terminal(*deletion, environ=environ, answer=answer)
    assert outcome.exit_code == 1
    assert deletion[-1] in outcome.stderr
    assert "[y/N]" in outcome.stderr
    assert "Nothing was deleted." in outcome.stderr
    assert deleted(emulator) == 0


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_whoever_says_yes_deletes_it(
    at_terminal: AtTerminal,
    environ: dict[str, str],
    emulator: Emulator,
    deletion: list[str],
    answer: str,
) -> None:
    outcome = at_terminal(*deletion, environ=environ, answer=answer)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"Deleted {deletion[0][:-1]} {deletion[-1]}\n"
    assert deleted(emulator) == 1


def test_in_ci_nobody_is_asked_even_where_there_is_a_terminal(
    at_terminal: AtTerminal, environ: dict[str, str], emulator: Emulator, deletion: list[str]
) -> None:
    outcome = at_terminal(*deletion, environ={**environ, "CI": "true"}, answer="y\n")
    complaint(outcome, 2)
    assert deleted(emulator) == 0


def test_a_question_shows_text_from_outside_without_what_moves_the_cursor(
    at_terminal: AtTerminal, environ: dict[str, str], client: PagesClient, emulator: Emulator
) -> None:
    """A branch is named by whoever opens a pull request, and may try to rewrite the question."""
    deployment = made(client, "x\x1b[2K\rDelete nothing at all")
    outcome = at_terminal(
        *("deployments", "delete", deployment.id),
        environ={**environ, "NO_COLOR": "1"},
        answer="n\n",
    )
    assert "[y/N]" in outcome.stderr
    assert "\x1b" not in outcome.stderr
    assert "\r" not in outcome.stderr
    assert ids(emulator) == [deployment.id]
