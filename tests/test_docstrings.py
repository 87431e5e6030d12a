"""Every public name says what it is for, a field's meaning stands under it, functions stay small.

A click command is told apart by its decorator: its help is its docstring, and its parameters are
its options. The `__init__` of an error takes what the error carries.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.package_source import MODULES, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PARAMETERS = 5
MAX_LINES = 60

# The rooms, and the modules at the root; a new one comes under the rules by itself.
ROOMS = sorted({".".join(name.split(".")[:2]) for name in MODULES})

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def last_name(node: ast.expr) -> str:
    """Return the last word of a decorator or base: `command` of `@group.command("list")`."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def decorators_of(node: Function | ast.ClassDef) -> set[str]:
    return {last_name(decorator) for decorator in node.decorator_list}


def is_command(function: Function) -> bool:
    return bool(decorators_of(function) & {"command", "group"})


def is_error(owner: ast.AST) -> bool:
    """Whether a class is an exception, which it says by its own name or by that of a base."""
    if not isinstance(owner, ast.ClassDef):
        return False
    names = [owner.name, *map(last_name, owner.bases)]
    return any(name.endswith(("Error", "Exception", "Timeout")) for name in names)


def owners(tree: ast.Module) -> Iterator[tuple[ast.AST, Function | ast.ClassDef]]:
    """Yield every function and class with what it stands in, nested ones as well."""
    for owner in ast.walk(tree):
        for node in ast.iter_child_nodes(owner):
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                yield owner, node


def public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Yield what others may name: not what is private, a dunder, or inside of a function."""
    waiting: list[ast.Module | ast.ClassDef] = [tree]
    while waiting:
        for node in waiting.pop().body:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
                yield node
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)


def undocumented(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of whatever is public and has no docstring."""
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        yield 1, "the module"
    for node in public(tree):
        excepted = isinstance(node, FUNCTIONS) and (
            is_command(node) or "overload" in decorators_of(node)
        )
        if not excepted and not ast.get_docstring(node):
            yield node.lineno, node.name


def commented_fields(text: str) -> Iterator[tuple[int, str]]:
    """Yield every comment directly above a field of a record."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ClassDef):
            continue
        kinds = decorators_of(node) | set(map(last_name, node.bases))
        if not kinds & {"dataclass", "NamedTuple", "TypedDict"}:
            continue
        for field in node.body:
            above = lines[field.lineno - 2].strip()
            if isinstance(field, ast.AnnAssign) and above.startswith("#"):
                yield field.lineno, f"{node.name}: {above}"


def parameter_count(function: Function, owner: ast.AST) -> int:
    """Count what a caller gives; neither `self` nor `cls`, nor what `*` and `**` gather."""
    arguments = function.args
    count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
    is_method = isinstance(owner, ast.ClassDef) and "staticmethod" not in decorators_of(function)
    return count - is_method


def oversized(text: str) -> Iterator[tuple[int, str]]:
    """Yield every function with too many parameters or lines."""
    for owner, function in owners(ast.parse(text)):
        if not isinstance(function, FUNCTIONS) or is_command(function):
            continue
        if "overload" in decorators_of(function):
            continue
        if function.name == "__init__" and is_error(owner):
            continue
        count = parameter_count(function, owner)
        if count > MAX_PARAMETERS:
            yield function.lineno, f"{function.name}: {count} parameters"
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MAX_LINES:
            yield function.lineno, f"{function.name}: {length} lines"


def found_in(room: str, rule: Callable[[str], Iterator[tuple[int, str]]]) -> list[str]:
    """Return what a rule finds in a room, with file and line."""
    return [
        f"{file.relative_to(ROOT)}:{line} {what}"
        for name, file in MODULES.items()
        if ".".join(name.split(".")[:2]) == room
        for line, what in rule(file.read_text("utf-8"))
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_says_what_it_is_for(room: str) -> None:
    found = found_in(room, undocumented)
    assert not found, "No docstring:\n" + "\n".join(found)


@pytest.mark.parametrize("room", ROOMS)
def test_the_meaning_of_a_field_stands_under_it(room: str) -> None:
    found = found_in(room, commented_fields)
    assert not found, "A comment above a field, where no editor shows it:\n" + "\n".join(found)


@pytest.mark.parametrize("room", ROOMS)
def test_functions_stay_small(room: str) -> None:
    found = found_in(room, oversized)
    limits = f"More than {MAX_PARAMETERS} parameters, or more than {MAX_LINES} lines:\n"
    assert not found, limits + "\n".join(found)


FAULTY = """
class Record(NamedTuple):
    # Above.
    size: int

    def grow(self, a, b, c, d, e): ...
    def shrink(self, a, b, *, c, d, e, f): ...

class OddError(Exception):
    \"\"\"Odd.\"\"\"

    def __init__(self, a, b, c, d, e, f): ...

@group.command("list")
def listed(a, b, c, d, e, f): ...

def _private(a, b, c, d, e, f):
    def inner(): ...
"""


def test_the_rules_find_what_they_are_for_and_nothing_else() -> None:
    assert sorted(undocumented(FAULTY)) == [
        (1, "the module"),
        (2, "Record"),
        (6, "grow"),
        (7, "shrink"),
    ]
    assert list(commented_fields(FAULTY)) == [(4, "Record: # Above.")]
    assert sorted(oversized(FAULTY)) == [
        (7, "shrink: 6 parameters"),
        (17, "_private: 6 parameters"),
    ]
    long = "def long():\n" + "    ...\n" * MAX_LINES
    assert list(oversized(long)) == [(1, f"long: {MAX_LINES + 1} lines")]
