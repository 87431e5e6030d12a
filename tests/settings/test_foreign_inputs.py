"""Inputs of other actions: what only concerns npm is ignored, work is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pages_deploy.errors import SettingsError
from pages_deploy.settings.foreign_inputs import FOREIGN_INPUTS, read_foreign_inputs
from pages_deploy.settings.options import OPTIONS
from tests.cli.reading import complaint

if TYPE_CHECKING:
    from pages_deploy.emulator.server import Emulator
    from tests.world import BuildSite, RunCli

IGNORED = [row.name for row in FOREIGN_INPUTS if row.instead is None]
REFUSED = [row.name for row in FOREIGN_INPUTS if row.instead is not None]
# Of action.yml of wrangler-action v3 and v4, pages-action v1 and refined-cf-pages-action v1.
OF_OTHERS = [
    *("apiToken", "accountId", "quiet", "environment", "workingDirectory", "wranglerVersion"),
    *("secrets", "preCommands", "postCommands", "command", "vars", "packageManager", "gitHubToken"),
    *("projectName", "directory", "branch", "githubToken", "deploymentName", "comment"),
]


def test_every_input_of_the_other_actions_is_declared() -> None:
    ours = [option.input for option in OPTIONS] + [row.name for row in FOREIGN_INPUTS]
    known = {name.lower() for name in ours}
    assert [name for name in OF_OTHERS if name.lower() not in known] == []


def test_what_is_refused_and_what_is_ignored() -> None:
    assert set(REFUSED) == {"preCommands", "postCommands", "secrets", "vars", "environment"}
    assert set(IGNORED) == {"packageManager", "quiet", "wranglerVersion"}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("spell", [str.upper, str.lower, str], ids=["UPPER", "lower", "as it is"])
def test_work_is_refused_before_anything_is_sent(
    run_cli: RunCli, emulator: Emulator, site: BuildSite, name: str, spell: type[str]
) -> None:
    site({"index.html": "home"}, name="dist")
    environ = {
        **emulator.environ(),
        "INPUT_COMMAND": "pages deploy dist --project-name=demo",
        f"INPUT_{spell(name)}": "some work",
    }
    outcome = run_cli(environ=environ)
    assert name in complaint(outcome, 2)
    assert emulator.requests == ()


@pytest.mark.parametrize("empty", ["", "  ", "\n \n"])
def test_an_input_that_is_empty_is_not_given(empty: str) -> None:
    assert read_foreign_inputs({f"INPUT_{row.name.upper()}": empty for row in FOREIGN_INPUTS}) == []


def test_all_that_is_refused_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as info:
        read_foreign_inputs({f"INPUT_{name.upper()}": "x" for name in [*REFUSED, *IGNORED]})
    for name in REFUSED:
        assert name in info.value.message
        assert f"{name}: " in info.value.hint


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "preCommands",
            "npm ci\n\n npm run build \n",
            "before this one: `- run: npm ci && npm run",
        ),
        ("postCommands", "wrangler whoami", "after this one: `- run: npx wrangler whoami`"),
        ("preCommands", "x" * 999, "`- run: its lines`"),
        ("secrets", "ONE\nTWO", "Set ONE TWO once with `pages-deploy projects update"),
        ("vars", "ONE", "--variables-file"),
        ("environment", "staging", "`branch: staging`"),
    ],
)
def test_a_refusal_has_the_line_that_does_the_same(name: str, value: str, line: str) -> None:
    with pytest.raises(SettingsError) as info:
        read_foreign_inputs({f"INPUT_{name.upper()}": value})
    assert line in info.value.hint


def test_what_is_ignored_is_one_notice(
    run_cli: RunCli, emulator: Emulator, site: BuildSite
) -> None:
    site({"index.html": "home"}, name="dist")
    environ = {
        **emulator.environ(),
        "INPUT_COMMAND": "pages deploy dist --project-name=demo",
        "INPUT_CREATEPROJECT": "true",
        "INPUT_PACKAGEMANAGER": "pnpm",
        "INPUT_QUIET": "true",
        "INPUT_WRANGLERVERSION": "4",
    }
    outcome = run_cli(environ=environ)
    assert outcome.exit_code == 0, outcome.stderr
    (line,) = [line for line in outcome.stderr.splitlines() if "gnored" in line]
    for name in IGNORED:
        assert name in line


def test_our_own_variables_are_not_taken_for_inputs() -> None:
    """An earlier deployment of the job hands on PAGES_DEPLOY_ENVIRONMENT, as an output."""
    environ = {"PAGES_DEPLOY_ENVIRONMENT": "production", "PLUGIN_SECRETS": "x", "ENVIRONMENT": "x"}
    assert read_foreign_inputs(environ) == []
