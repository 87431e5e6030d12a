"""The public Python API: its names, and what asking for them costs."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import pages_deploy
from pages_deploy import errors
from pages_deploy.api import models

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "pages_deploy" / "__init__.py"
LAZY = sorted(set(pages_deploy.__all__) - {"__version__"})


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python of its own, which has imported nothing of the package yet."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run


def for_type_checkers() -> dict[str, str]:
    """Return the module of each name that the package imports for type checkers alone."""
    tree = ast.parse(SOURCE.read_text("utf-8"))
    blocks = [
        node
        for node in tree.body
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    ]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: node.module
        for node in imports
        for alias in node.names
        if node.module is not None
    }


def test_every_name_is_what_its_module_has() -> None:
    for name in pages_deploy.__all__:
        assert getattr(pages_deploy, name) is not None
    for name in LAZY:
        value = getattr(pages_deploy, name)
        assert not isinstance(value, ModuleType)
        assert value is getattr(pages_deploy, name)


def test_the_names_are_sorted_and_each_stands_once() -> None:
    assert pages_deploy.__all__ == sorted(set(pages_deploy.__all__))


def test_type_checkers_see_the_names_that_are_there() -> None:
    modules = {
        name: f"pages_deploy.{module}" for name, module in vars(pages_deploy)["_MODULES"].items()
    }
    assert for_type_checkers() == modules
    assert sorted(modules) == LAZY


def test_every_error_and_every_record_is_public() -> None:
    own_errors = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, BaseException)
    }
    records = {name for name, kind in vars(models).items() if dataclasses.is_dataclass(kind)}
    assert own_errors | records <= set(pages_deploy.__all__)


@pytest.mark.parametrize("name", LAZY)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(getattr(pages_deploy, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'pages_deploy' has no attribute 'Nonsense'"):
        _ = vars(pages_deploy)["__getattr__"]("Nonsense")
    assert not hasattr(pages_deploy, "Nonsense")


def test_dir_lists_what_has_not_been_imported_yet() -> None:
    run = python("-c", "import pages_deploy; print(*dir(pages_deploy))")
    assert set(pages_deploy.__all__) <= set(run.stdout.split())


def test_the_import_of_the_package_imports_nothing_else_of_it() -> None:
    run = python("-X", "importtime", "-c", "import pages_deploy")
    imported = [line.rpartition("|")[2].strip() for line in run.stderr.splitlines()]
    assert [name for name in imported if name.startswith("pages_deploy")] == ["pages_deploy"]
    assert not {"requests", "rich", "click", "blake3"} & set(imported)


def test_an_error_is_asked_for_without_the_client() -> None:
    run = python(
        "-c", "import sys; from pages_deploy import NotFoundError; print('requests' in sys.modules)"
    )
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    "before", ["", "import pages_deploy.deploy.waiting", "from pages_deploy.deploy import waiting"]
)
def test_deploy_is_the_function_whatever_was_imported_before(before: str) -> None:
    """The room of the same name would take its place, as every submodule does when imported."""
    run = python(
        "-c",
        f"{before}\nfrom pages_deploy import wait_for_deployment, deploy\n"
        "from pages_deploy.deploy.deploy import deploy as own\n"
        "import pages_deploy\nprint(deploy is own is pages_deploy.deploy)",
    )
    assert run.stdout.strip() == "True"
