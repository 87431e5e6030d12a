"""One file of JavaScript, as far as a Worker's bundle has to know it: imports, exports, mistakes.

The grammar does not know all that JavaScript has, so what it does not expect is told, and whoever
asks decides what to make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError
from pages_deploy.worker.grammar import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

EVERYTHING = "*"
"""The name that stands for all exports of another module."""
# What people write is smaller, and has shorter lines.
GENERATED_BYTES, GENERATED_LINE_BYTES = 64 * 1024, 1000


@dataclass(frozen=True)
class Place:
    """Where something stands in a file: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Import:
    """What a file takes from another module."""

    specifier: str
    names: tuple[tuple[str, Place], ...]
    """The names that the other module has to export; not those of a dynamic import."""
    place: Place
    start: int
    end: int
    """Where its text stands in the file, in bytes, quotes included."""
    has_attributes: bool = False


@dataclass(frozen=True)
class SourceFile:
    """A file that has been read."""

    exports: frozenset[str]
    """The names that its own text exports, `default` among them."""
    reexported: tuple[str, ...]
    """The modules of which it exports everything."""
    imports: tuple[Import, ...]
    jsx: Place | None
    """Where the first JSX stands."""
    mistake: WorkerError | None = None
    """What the grammar does not expect in it, at file, line and column; all else is a guess then.

    It is a mistake, or JavaScript that the grammar does not know.
    """
    is_generated: bool = False
    """Whether a program seems to have written it, one that knows all of JavaScript."""


def read_javascript(content: bytes, file: str) -> SourceFile:
    """Read a file.

    Raises WorkerError, at file, line and column, where it is not UTF-8, exports a name twice, or
    imports or exports anywhere but at its top level.
    """
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorkerError(
            f"{file}:{line}:1: this is not UTF-8.", "Save the file as UTF-8."
        ) from error
    found, unexpected = parsed(content)
    exports: set[str] = set()
    reexported: list[str] = []
    imports = [_import_of(node, content) for node in found.get("import", ())]
    if not unexpected:
        _refuse_nested([*found.get("import", ()), *found.get("export", ())], file)
    for node in found.get("export", ()):
        source = node.child_by_field_name("source")
        names = list(_exported_names(node, content))
        if not unexpected:
            _refuse_twice(names, exports, file)
        exports.update(name for name, _ in names if name != EVERYTHING)
        if source is None:
            continue
        imports.append(_import(source, tuple(_names_taken(node, content))))
        if any(name == EVERYTHING for name, _ in names):
            reexported.append(_string(source))
    imports += [_import(node) for node in found.get("dynamic", ())]
    jsx = min(found.get("jsx", ()), key=lambda node: node.start_byte, default=None)
    return SourceFile(
        frozenset(exports),
        tuple(reexported),
        tuple(sorted(imports, key=lambda one: (one.place.line, one.place.column))),
        _place(jsx) if jsx is not None else None,
        _mistake(unexpected, content, file) if unexpected else None,
        len(content) > GENERATED_BYTES
        or any(len(line) > GENERATED_LINE_BYTES for line in content.splitlines()),
    )


def _mistake(nodes: list[Node], content: bytes, file: str) -> WorkerError:
    first = min(nodes, key=lambda node: node.start_byte)
    place = _place(first)
    if first.is_missing:
        what = f"'{first.type}' is missing"
    else:
        quoted = content[first.start_byte : first.end_byte].decode(errors="replace")
        text = " ".join(quoted.split())[:40]
        what = f"unexpected '{text}'" if text else "something unexpected"
    return WorkerError(
        f"{file}:{place.line}:{place.column}: this is not valid JavaScript: {what}.",
        "Correct the file. If it is TypeScript, its name has to end in .ts. If it is correct, "
        "install esbuild, which knows all of JavaScript: `npm install --save-dev esbuild`.",
    )


def _refuse_nested(statements: list[Node], file: str) -> None:
    """Refuse imports and exports inside of a function or block, which the grammar lets pass."""
    for node in statements:
        if node.parent is not None and node.parent.type != "program":
            place, what = _place(node), node.type.removesuffix("_statement")
            raise WorkerError(
                f"{file}:{place.line}:{place.column}: '{what}' is only allowed at the top level.",
                "Move it out of the function or block.",
            )


def _refuse_twice(names: list[tuple[str, Node]], exports: set[str], file: str) -> None:
    seen = set(exports)
    for name, node in names:
        if name in seen and name != EVERYTHING:
            place = _place(node)
            raise WorkerError(
                f"{file}:{place.line}:{place.column}: '{name}' is exported twice.",
                "Remove one of them.",
            )
        seen.add(name)


def _place(node: Node) -> Place:
    return Place(node.start_point.row + 1, node.start_point.column + 1)


def _string(node: Node) -> str:
    """Return the value of a string's node, its escapes resolved as far as names have any."""
    text = ""
    for part in node.children:
        if part.type == "string_fragment":
            text += _text(part)
        elif part.type == "escape_sequence":
            text += _unescaped(_text(part))
    return text


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def _unescaped(sequence: str) -> str:
    rest = sequence[1:]
    if rest[0] in "xu" and len(rest) > 1:
        return chr(min(int(rest[1:].strip("{}"), 16), 0x10FFFF))
    return _ESCAPES.get(rest, "" if rest in {"\n", "\r\n"} else rest)


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def _name(node: Node, content: bytes) -> str:
    if node.type == "string":
        return _string(node)
    return content[node.start_byte : node.end_byte].decode()


def _import_of(node: Node, content: bytes) -> Import:
    source = node.child_by_field_name("source")
    names: list[tuple[str, Place]] = []
    has_attributes = False
    for child in node.named_children:
        if child.type == "import_attribute":
            has_attributes = True
        if child.type != "import_clause":
            continue
        for part in child.named_children:
            if part.type == "identifier":
                names.append(("default", _place(part)))
            elif part.type == "named_imports":
                specifiers = (one.child_by_field_name("name") for one in part.named_children)
                names += [(_name(one, content), _place(one)) for one in specifiers if one]
    return _import(source or node, tuple(names), has_attributes=has_attributes)


def _import(
    source: Node, names: tuple[tuple[str, Place], ...] = (), *, has_attributes: bool = False
) -> Import:
    start, end = source.start_byte, source.end_byte
    return Import(_string(source), names, _place(source), start, end, has_attributes)


def _exported_names(node: Node, content: bytes) -> Iterator[tuple[str, Node]]:
    """Yield each name that an export statement exports; `EVERYTHING` for `export *`."""
    if any(child.type == "default" for child in node.children):
        yield "default", node
        return
    declaration = node.child_by_field_name("declaration")
    if declaration is not None:
        yield from _declared_names(declaration)
        return
    for child in node.children:
        if child.type == "export_clause":
            for specifier in child.named_children:
                shown = specifier.child_by_field_name("alias")
                shown = shown or specifier.child_by_field_name("name")
                if shown is not None:
                    yield _name(shown, content), shown
        elif child.type == "namespace_export":
            yield _name(child.children[-1], content), child
        elif child.type == "*":
            yield EVERYTHING, child


def _names_taken(node: Node, content: bytes) -> Iterator[tuple[str, Place]]:
    """Yield the names that `export { ... } from` takes from the other module."""
    for clause in node.children:
        if clause.type != "export_clause":
            continue
        for specifier in clause.named_children:
            if (taken := specifier.child_by_field_name("name")) is not None:
                yield _name(taken, content), _place(taken)


def _declared_names(declaration: Node) -> Iterator[tuple[str, Node]]:
    if (name := declaration.child_by_field_name("name")) is not None:
        yield _text(name), name
        return
    for declarator in declaration.named_children:
        if (pattern := declarator.child_by_field_name("name")) is not None:
            yield from _bound_names(pattern)


def _bound_names(pattern: Node) -> Iterator[tuple[str, Node]]:
    """Yield the names that a pattern of a declaration binds, destructuring included."""
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield _text(node), node
        elif node.type == "pair_pattern":
            waiting += filter(None, [node.child_by_field_name("value")])
        elif node.type in {"assignment_pattern", "object_assignment_pattern"}:
            waiting += filter(None, [node.child_by_field_name("left")])
        else:
            waiting += node.named_children
