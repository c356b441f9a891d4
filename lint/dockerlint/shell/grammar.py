"""tree-sitter-bash behind one function: shell text to a syntax tree, within bounds.

The parser is native code whose cost is not linear for every text: a pipeline of thirty thousand members takes it
minutes and gigabytes. So a text is refused that has more pipes than any real script, and parsing is given up when
it takes far more processor time than its length explains.
"""

from __future__ import annotations

from functools import cache
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_MOST_PIPES = 1000
_LEAST_SECONDS = 0.05
# Real scripts take about 0.2 microseconds a byte.
_SECONDS_PER_BYTE = 2e-6
_CHUNK = 1 << 14


@cache
def _language() -> Language:
    """The grammar; imported here since only files with shell text need it."""
    import tree_sitter_bash  # noqa: PLC0415
    from tree_sitter import Language  # noqa: PLC0415

    return Language(tree_sitter_bash.language())


def parse(code: bytes) -> Node | None:
    """The root of the syntax tree of UTF-8 text, or None if parsing it would take too long.

    A NUL byte, which no script can contain, would stop the parser's lexer: the text must have none.
    """
    from tree_sitter import Parser  # noqa: PLC0415

    if code.count(b"|") > _MOST_PIPES:
        return None
    deadline = thread_time() + _LEAST_SECONDS + len(code) * _SECONDS_PER_BYTE
    try:
        tree = Parser(_language()).parse(
            lambda offset, _point: code[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _has_error: thread_time() > deadline,
        )
    except ValueError:
        # What the binding raises when the callback stopped the parser.
        return None
    return tree.root_node
