"""What is written in several places says the same: README, action.yml, `--help`, the code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pages_deploy.errors import DeploymentError, DeploymentTimeout, SettingsError, VerificationError
from pages_deploy.options import OPTIONS
from pages_deploy.report import OUTPUTS

if TYPE_CHECKING:
    from tests.world import RunCli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
WITH_INPUT = [option for option in OPTIONS if option.input]


@pytest.fixture(scope="module")
def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def test_the_readmes_tables_are_those_of_the_code() -> None:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "scripts/readme_tables.py")
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    assert tables.with_tables(README) == README, "run: python scripts/readme_tables.py"


def test_the_actions_inputs_are_the_options_with_their_words(action: Any) -> None:
    described = {name: entry["description"] for name, entry in action["inputs"].items()}
    assert described == {option.input: option.help for option in WITH_INPUT}


def test_no_input_has_a_default_that_would_hide_another_source(action: Any) -> None:
    assert [name for name, entry in action["inputs"].items() if "default" in entry] == []


def test_the_action_maps_every_input_to_the_variable_that_is_read(action: Any) -> None:
    (step,) = action["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{option.input.upper()}": f"${{{{ inputs.{option.input} }}}}"
        for option in WITH_INPUT
    }


def test_the_action_expands_nothing_inside_its_script(action: Any) -> None:
    assert all("${{" not in step["run"] for step in action["runs"]["steps"])


def test_the_actions_outputs_are_those_of_the_code(action: Any) -> None:
    assert action["outputs"] == {
        name: {"description": words, "value": f"${{{{ steps.deploy.outputs.{name} }}}}"}
        for name, words in OUTPUTS.items()
    }


def test_help_shows_each_option_with_every_place_where_it_may_be_set(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli("deploy", "--help").exit_code == 0
    words = re.sub(r"\s+", "", capsys.readouterr().out)
    for option in OPTIONS:
        places = [*option.all_variables, *([option.input] if option.input else [])]
        if option.flag:
            places.append(option.flag_name)
        assert [place for place in places if place not in words] == [], option.name


def test_the_readme_names_every_exit_code() -> None:
    table = README.partition("## Exit codes")[2].partition("##")[0]
    codes = {0, 1, 3, 130, 143} | {
        error.exit_code
        for error in (SettingsError, DeploymentError, DeploymentTimeout, VerificationError)
    }
    first_cells = re.findall(r"^\| ([\d, ]+) \|", table, flags=re.MULTILINE)
    assert {int(code) for cell in first_cells for code in cell.split(",")} == codes


def test_the_messages_that_the_readme_explains_are_the_codes() -> None:
    table = README.partition("## Troubleshooting")[2].partition("\n## ")[0]
    quoted = re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE)
    assert len(quoted) > 10
    code = "".join(
        # A string that is broken over lines is one text.
        re.sub(r'"\s*\n\s*f?"', "", file.read_text("utf-8"))
        for file in (ROOT / "pages_deploy").rglob("*.py")
    )
    assert [text for text in quoted if text not in code] == []
