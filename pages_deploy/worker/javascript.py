"""One file of JavaScript, as far as a Worker's bundle has to know it: imports, exports, mistakes.

The tree is tree-sitter's, whose grammar takes JSX as well; it is imported only here, since most
sites have no Worker code.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages_deploy.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser, Query

EVERYTHING = "*"
"""The name that stands for all exports of another module."""

_QUERY = """
(import_statement) @import
(export_statement) @export
(call_expression function: (import) arguments: (arguments . (string) @dynamic))
[(jsx_element) (jsx_self_closing_element)] @jsx
(ERROR) @error
(MISSING) @missing
"""


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


def read_javascript(content: bytes, file: str) -> SourceFile:
    """Read a file; raises WorkerError, at file, line and column, where it is no JavaScript."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorkerError(
            f"{file}:{line}:1: this is not UTF-8.", "Save the file as UTF-8."
        ) from error
    from tree_sitter import QueryCursor  # noqa: PLC0415 - only sites with Worker code need it

    parser, query = _grammar()
    root = parser.parse(content).root_node
    found = QueryCursor(query).captures(root)
    if root.has_error:
        _refuse([*found.get("error", ()), *found.get("missing", ())], content, file)
    exports: set[str] = set()
    reexported: list[str] = []
    imports = [_import_of(node) for node in found.get("import", ())]
    _refuse_nested([*found.get("import", ()), *found.get("export", ())], file)
    for node in found.get("export", ()):
        source = node.child_by_field_name("source")
        names = list(_exported_names(node))
        _refuse_twice(names, exports, file)
        exports.update(name for name, _ in names if name != EVERYTHING)
        if source is None:
            continue
        imports.append(_import(source, tuple(_names_taken(node))))
        if any(name == EVERYTHING for name, _ in names):
            reexported.append(_string(source))
    imports += [_import(node) for node in found.get("dynamic", ())]
    jsx = min(found.get("jsx", ()), key=lambda node: node.start_byte, default=None)
    return SourceFile(
        frozenset(exports),
        tuple(reexported),
        tuple(sorted(imports, key=lambda one: (one.place.line, one.place.column))),
        _place(jsx) if jsx is not None else None,
    )


@functools.cache
def _grammar() -> tuple[Parser, Query]:
    import tree_sitter_javascript  # noqa: PLC0415 - only sites with Worker code need it
    from tree_sitter import Language, Parser, Query  # noqa: PLC0415 - likewise

    language = Language(tree_sitter_javascript.language())
    return Parser(language), Query(language, _QUERY)


def _refuse(nodes: list[Node], content: bytes, file: str) -> None:
    first = min(nodes, key=lambda node: node.start_byte)
    place = _place(first)
    if first.is_missing:
        what = f"'{first.type}' is missing"
    else:
        quoted = content[first.start_byte : first.end_byte].decode(errors="replace")
        text = " ".join(quoted.split())[:40]
        what = f"'{text}' is not expected here" if text else "something is not expected here"
    raise WorkerError(
        f"{file}:{place.line}:{place.column}: this is no JavaScript: {what}.",
        "Correct the file; TypeScript needs a name that ends in .ts.",
    )


def _refuse_nested(statements: list[Node], file: str) -> None:
    """Refuse imports and exports inside of a function or block, which the grammar lets pass."""
    for node in statements:
        if node.parent is not None and node.parent.type != "program":
            place, what = _place(node), node.type.removesuffix("_statement")
            raise WorkerError(
                f"{file}:{place.line}:{place.column}: {what} may stand at the top level alone.",
                "Move it out of the function or block.",
            )


def _refuse_twice(names: list[tuple[str, Node]], exports: set[str], file: str) -> None:
    seen = set(exports)
    for name, node in names:
        if name in seen and name != EVERYTHING:
            place = _place(node)
            raise WorkerError(
                f"{file}:{place.line}:{place.column}: '{name}' is exported twice.",
                "Take one of them away.",
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


def _name(node: Node) -> str:
    return _string(node) if node.type == "string" else _text(node)


def _import_of(node: Node) -> Import:
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
                names += [(_name(one), _place(one)) for one in specifiers if one is not None]
    return _import(source or node, tuple(names), has_attributes=has_attributes)


def _import(
    source: Node, names: tuple[tuple[str, Place], ...] = (), *, has_attributes: bool = False
) -> Import:
    start, end = source.start_byte, source.end_byte
    return Import(_string(source), names, _place(source), start, end, has_attributes)


def _exported_names(node: Node) -> Iterator[tuple[str, Node]]:
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
                    yield _name(shown), shown
        elif child.type == "namespace_export":
            yield _name(child.named_children[-1]), child
        elif child.type == "*":
            yield EVERYTHING, child


def _names_taken(node: Node) -> Iterator[tuple[str, Place]]:
    """Yield the names that `export { ... } from` takes from the other module."""
    for clause in node.children:
        if clause.type != "export_clause":
            continue
        for specifier in clause.named_children:
            if (taken := specifier.child_by_field_name("name")) is not None:
                yield _name(taken), _place(taken)


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
