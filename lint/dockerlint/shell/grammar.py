"""tree-sitter-bash behind one function: shell text to a syntax tree, within bounds.

The parser is native code whose cost in time and memory is not linear for every text: ten thousand members of a pipeline
take it gigabytes, and while it looks for a way out of an error nothing can stop it. So long texts are refused (what
is longer is read in portions), as are texts with more pipes than any real script has, and parsing is given up when it
takes far more processor time than its length explains.
"""

from __future__ import annotations

from functools import cache
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

MOST_BYTES = 1 << 14
"""The longest text that is parsed: at worst that takes a second and a hundred megabytes."""

_MOST_PIPES = 1000
# So short a text cannot take long, and the plain way to parse is the better one: see `_parse_until`.
_SHORT = 1 << 10
_LEAST_SECONDS = 0.02
# Real scripts take about 0.2 microseconds a byte.
_SECONDS_PER_BYTE = 2e-6


@cache
def _language() -> Language:
    """The grammar; imported here since only files with shell text need it."""
    import tree_sitter_bash  # noqa: PLC0415
    from tree_sitter import Language  # noqa: PLC0415

    return Language(tree_sitter_bash.language())


def parse(code: bytes) -> Node | None:
    """The root of the syntax tree of UTF-8 text, or None if the text is too long or takes too long.

    A NUL byte, which no script can contain, would stop the parser's lexer: the text must have none.
    """
    if len(code) > MOST_BYTES or code.count(b"|") > _MOST_PIPES:
        return None
    if len(code) > _SHORT:
        return _parse_until(thread_time() + _LEAST_SECONDS + len(code) * _SECONDS_PER_BYTE, code)
    from tree_sitter import Parser  # noqa: PLC0415

    return Parser(_language()).parse(code).root_node


def _parse_until(deadline: float, code: bytes) -> Node | None:
    """The root of the tree, or None if the thread's processor time passes the deadline first."""
    from tree_sitter import Parser  # noqa: PLC0415

    views: list[memoryview] = []

    def read(offset: int, _: object) -> memoryview:
        views.append(memoryview(code)[offset:])
        return views[-1]

    try:
        return Parser(_language()).parse(read, progress_callback=lambda _, __: thread_time() > deadline).root_node
    except ValueError:
        # What the binding raises when the callback stopped the parser.
        return None
    finally:
        # The binding keeps what the callback returned for good: let it keep no text.
        for view in views:
            view.release()
