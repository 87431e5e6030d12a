"""Each outside thing has one place where it comes in; import-linter keeps the floors."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.package_source import MODULES, ROOT, tree_of
from tests.world import inherited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EMULATOR = "pages_deploy.emulator"
# Where any error of ours is caught: at the door, where each is one finding among others, and, to be
# raised again, where a failed run gets its summary.
MAY_CATCH_EVERYTHING = {
    "pages_deploy.cli.main",
    "pages_deploy.cli.deploy",
    "pages_deploy.cli.results",
    "pages_deploy.cli.doctor",
    "pages_deploy.preflight.doctor",
    # What went wrong before is what the user has to hear of.
    "pages_deploy.deploy.recovery",
    # The deployment is done: what stands in the way of another one is told.
    "pages_deploy.deploy.crossing",
    # A preview that watches waits until what is wrong with the files is mended.
    "pages_deploy.cli.preview",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "constants", "misc", "shared"}
# Where the emulator begins to serve the command line, and nowhere else.
MAY_USE_THE_EMULATOR = {"pages_deploy.cli.emulator", "pages_deploy.cli.preview"}
TESTS_THAT_MAY_USE_REQUESTS = {
    "tests/api/test_transport.py",
    # What the emulator of another process answers is looked at without our client.
    "tests/cli/test_processes.py",
}


OURS = {name: file for name, file in MODULES.items() if not name.startswith(EMULATOR)}


def imports_of(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever the import stands."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def of_the_package(file: Path) -> set[str]:
    return {name for name in imports_of(file) if name.split(".")[0] == "pages_deploy"}


def test_only_two_commands_use_the_emulator() -> None:
    users = {
        name
        for name, file in OURS.items()
        if any(imported.startswith(EMULATOR) for imported in of_the_package(file))
    }
    assert users <= MAY_USE_THE_EMULATOR


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_a_drawer_for_everything(name: str) -> None:
    assert not FORBIDDEN_NAMES & set(name.split("."))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_for(name: str) -> None:
    tree = tree_of(MODULES[name])
    assert ast.get_docstring(tree), f"{name} has no docstring"
    assert any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and "annotations" in {alias.name for alias in node.names}
        for node in tree.body
    ), f"{name} lacks `from __future__ import annotations`"


def test_requests_is_met_in_few_tests() -> None:
    users = {
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("*.py"))
        if "requests" in {name.split(".")[0] for name in imports_of(file)}
    }
    others = {name for name in users if name.split("/")[1] in {"emulator", "acceptance"}}
    assert users - others <= TESTS_THAT_MAY_USE_REQUESTS


def uses(file: Path, *names: str) -> bool:
    """Whether a file mentions `module.name` or imports the name from the module."""
    wanted = {tuple(name.split(".")) for name in names}
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in wanted:
                return True
        elif isinstance(node, ast.ImportFrom) and any(
            (node.module, alias.name) in wanted for alias in node.names
        ):
            return True
    return False


def test_only_one_module_sleeps() -> None:
    assert {name for name, file in OURS.items() if uses(file, "time.sleep")} == {
        "pages_deploy.clock"
    }


@pytest.mark.parametrize(
    "outside",
    ["os.environ", "os.getenv", "sys.exit", "sys.argv", "sys.stdout", "sys.stderr"],
)
def test_the_outside_comes_in_through_the_command_line_alone(outside: str) -> None:
    for name, file in OURS.items():
        if not name.startswith("pages_deploy.cli."):
            assert not uses(file, outside), f"{name} uses {outside}"


def test_only_the_command_line_and_a_forked_process_end_at_once() -> None:
    ending = {name for name, file in OURS.items() if uses(file, "os._exit")}
    assert {name for name in ending if not name.startswith("pages_deploy.cli.")} == {
        "pages_deploy.site.hashing"
    }


def test_nothing_prints() -> None:
    for name, file in MODULES.items():
        calls = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]
        names = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        assert "print" not in names, f"{name} prints"


def test_our_errors_are_caught_at_the_door_alone() -> None:
    for name, file in OURS.items():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                caught = {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)}
                if "PagesDeployError" in caught:
                    assert name in MAY_CATCH_EVERYTHING, f"{name} catches every error of ours"


def test_the_room_of_worker_code_is_imported_only_where_there_is_some() -> None:
    program = (
        "import sys, pages_deploy.cli.deploy\n"
        "rooms = ('pages_deploy.worker', 'tree_sitter')\n"
        "print([name for name in sys.modules if name.startswith(rooms)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
