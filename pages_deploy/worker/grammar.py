"""tree-sitter and its grammar of JavaScript, which takes JSX as well.

It is imported only here, and only when something is to be parsed: most sites have no Worker code.
Where the grammar lags behind the language, this makes up for it as far as that is certain:

1. Names of exports may be words that are reserved elsewhere: `export { remove as delete }`.
2. At the end of a line a semicolon may be left out, even if the next line begins with `[`.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node, Parser, Query

_QUERY = """
(import_statement) @import
(export_statement) @export
(call_expression function: (import) arguments: (arguments . (string) @dynamic))
[(jsx_element) (jsx_self_closing_element)] @jsx
(ERROR) @error
(MISSING) @missing
"""
_CLAUSE = re.compile(rb"\b(?:export|import(?:\s+[\w$]+\s*,)?)\s*\{[^{}]*\}")
# https://tc39.es/ecma262/#prod-ReservedWord; `default` is known to the grammar.
_RESERVED = re.compile(
    rb"(?<=[\s{,])(?:await|break|case|catch|class|const|continue|debugger|delete|do|else|enum|export|"
    rb"extends|false|finally|for|function|if|import|in|instanceof|new|null|return|super|switch|this|"
    rb"throw|true|try|typeof|var|void|while|with|yield)(?=[\s,}])"
)
_END_OF_LINE = re.compile(rb"\s*?[\r\n]")


def parsed(content: bytes) -> tuple[Mapping[str, list[Node]], list[Node]]:
    """Parse a file; return its nodes by what they are, and those that the grammar does not expect.

    Names of exports are to be read from the content itself, by the places of their nodes.
    """
    from tree_sitter import QueryCursor  # noqa: PLC0415 - only sites with Worker code need it

    parser, query = _grammar()
    root = parser.parse(content).root_node
    if root.has_error:
        root = parser.parse(_CLAUSE.sub(_without_reserved, content)).root_node
    found = QueryCursor(query).captures(root)
    missing = (node for node in found.get("missing", ()) if not _ends_line(node, content))
    return found, [*found.get("error", ()), *missing]


@functools.cache
def _grammar() -> tuple[Parser, Query]:
    import tree_sitter_javascript  # noqa: PLC0415 - only sites with Worker code need it
    from tree_sitter import Language, Parser, Query  # noqa: PLC0415 - likewise

    language = Language(tree_sitter_javascript.language())
    return Parser(language), Query(language, _QUERY)


def _without_reserved(clause: re.Match[bytes]) -> bytes:
    """Put names of the same length in place of reserved words."""
    return _RESERVED.sub(lambda word: b"_" * len(word[0]), clause[0])


def _ends_line(node: Node, content: bytes) -> bool:
    """Whether a semicolon that is missing is one that JavaScript puts at the end of a line."""
    return node.type == ";" and _END_OF_LINE.match(content, node.start_byte) is not None
