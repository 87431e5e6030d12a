"""What is written in several places says the same: docs, action.yml, `--help`, the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pages_deploy import __version__
from pages_deploy.errors import DeploymentError, DeploymentTimeout, SettingsError, VerificationError
from pages_deploy.reporting.outputs import OUTPUTS
from pages_deploy.settings.foreign_inputs import FOREIGN_INPUTS
from pages_deploy.settings.options import OPTIONS
from pages_deploy.site.secret_search import SEARCHED_BYTES
from scripts import action_files, readme_tables

if TYPE_CHECKING:
    from tests.world import RunCli

ROOT = Path(__file__).parent.parent
# How the packages come to the runner is no option of the program.
OF_THE_ACTION_ALONE = ("wheelhouse",)
INPUTS = {option.input: option.help for option in OPTIONS if option.input} | {
    row.name: row.help for row in FOREIGN_INPUTS
}


def page_of(name: str) -> str:
    return (ROOT / f"docs/{name}.md").read_text("utf-8")


@pytest.fixture(scope="module")
def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


@pytest.mark.parametrize("name", ["options", "outputs", "secrets"])
def test_the_tables_are_those_of_the_code(name: str) -> None:
    page = page_of(name)
    with_tables = getattr(readme_tables, f"with_{name}")
    assert with_tables(page) == page, "run: python scripts/readme_tables.py"


def test_each_option_is_in_one_table() -> None:
    found = re.findall(r"^\| \*\*(\w+)\*\*", page_of("options"), flags=re.MULTILINE)
    assert sorted(found) == sorted(option.name for option in OPTIONS)


def test_how_much_of_a_file_is_searched_for_secrets_is_told() -> None:
    assert f"first {SEARCHED_BYTES // 1024} KiB" in page_of("secrets")


def test_the_actions_inputs_are_the_options_with_their_words(action: Any) -> None:
    described = {name: entry["description"] for name, entry in action["inputs"].items()}
    for name in OF_THE_ACTION_ALONE:
        del described[name]
    assert described == INPUTS


def test_no_input_has_a_default_that_would_hide_another_source(action: Any) -> None:
    assert [name for name, entry in action["inputs"].items() if "default" in entry] == []


def test_the_action_maps_every_input_to_the_variable_that_is_read(action: Any) -> None:
    (step,) = action["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{name.upper()}": f"${{{{ inputs.{name} }}}}"
        for name in [*INPUTS, *OF_THE_ACTION_ALONE]
    }


def test_the_action_expands_nothing_inside_its_script(action: Any) -> None:
    assert all("${{" not in step["run"] for step in action["runs"]["steps"])


def test_the_actions_outputs_are_those_of_the_code(action: Any) -> None:
    assert action["outputs"] == {
        name: {"description": words, "value": f"${{{{ steps.deploy.outputs.{name} }}}}"}
        for name, words in OUTPUTS.items()
    }


def test_the_container_action_has_the_same_inputs_and_outputs(action: Any) -> None:
    container = yaml.safe_load((ROOT / "docker/action.yml").read_text("utf-8"))
    assert list(container["inputs"]) == list(action["inputs"])
    for name, entry in container["inputs"].items():
        assert name in OF_THE_ACTION_ALONE or entry == action["inputs"][name]
    assert container["outputs"] == {
        name: {"description": entry["description"]} for name, entry in action["outputs"].items()
    }


def test_both_action_files_are_those_of_the_code() -> None:
    found = action_files.COMPOSITE.read_text("utf-8")
    written = action_files.composite(found)
    assert found == written, "run: python scripts/action_files.py"
    assert action_files.CONTAINER.read_text("utf-8") == action_files.container(written)


def test_the_container_action_runs_the_image_of_its_own_commit() -> None:
    container = yaml.safe_load((ROOT / "docker/action.yml").read_text("utf-8"))
    assert container["runs"] == {"using": "docker", "image": "../Dockerfile"}
    assert (ROOT / "docker" / container["runs"]["image"]).resolve() == ROOT / "Dockerfile"


def test_help_shows_each_option_with_every_place_where_it_may_be_set(
    run_cli: RunCli, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli("deploy", "--help", "--verbose").exit_code == 0
    words = re.sub(r"\s+", "", capsys.readouterr().out)
    for option in OPTIONS:
        places = [*option.all_variables, *([option.input] if option.input else [])]
        if option.flag:
            places.append(option.flag_name)
        assert [place for place in places if place not in words] == [], option.name


def test_help_names_every_output(run_cli: RunCli, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli("deploy", "--help").exit_code == 0
    shown = capsys.readouterr().out
    refused = run_cli("deploy", "--print", "nothing").stderr
    assert [name for name in OUTPUTS if name not in shown + refused] == []


def test_the_version_is_written_in_one_place() -> None:
    documents = [
        *(ROOT / name for name in ("pyproject.toml", "action.yml", "docker/action.yml")),
        *(ROOT / name for name in ("Dockerfile", "README.md", "Makefile", "entrypoint.py")),
        *(
            file
            for folder in (".ci", ".github", "docs", "examples", "scripts", "templates")
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and file.suffix not in {".png", ".pyc"}
        ),
        *(file for file in (ROOT / "pages_deploy").rglob("*.py") if file.name != "__init__.py"),
    ]
    version = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
    assert [file for file in documents if version.search(file.read_text("utf-8"))] == []


def test_every_use_of_another_action_is_pinned_by_its_commit() -> None:
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        for used in re.findall(r"uses: (.*)", file.read_text("utf-8")):
            local = used.startswith("./")
            assert local or re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", used), used


def test_no_release_job_uses_a_cache() -> None:
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    for job in release["jobs"].values():
        for step in job["steps"]:
            used, given = step.get("uses", ""), step.get("with", {})
            assert "actions/cache" not in used
            assert not {"cache", "cache-from", "cache-to"} & set(given)
            if "setup-qemu" in used:
                assert given["cache-image"] is False
            if "setup-buildx" in used:
                assert given["cache-binary"] is False


def test_every_exit_code_is_explained() -> None:
    table = page_of("exit-codes")
    codes = {0, 1, 3, 130, 143} | {
        error.exit_code
        for error in (SettingsError, DeploymentError, DeploymentTimeout, VerificationError)
    }
    first_cells = re.findall(r"^\| ([\d, ]+) \|", table, flags=re.MULTILINE)
    assert {int(code) for cell in first_cells for code in cell.split(",")} == codes


def test_the_messages_that_are_explained_are_the_codes() -> None:
    table = page_of("troubleshooting")
    quoted = re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE)
    assert len(quoted) > 10
    code = "".join(
        # A string that is broken over lines is one text.
        re.sub(r'"\s*\n\s*f?"', "", file.read_text("utf-8"))
        for file in (ROOT / "pages_deploy").rglob("*.py")
    )
    assert [text for text in quoted if text not in code] == []
