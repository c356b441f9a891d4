"""tree-sitter-bash behind one function: shell text to a syntax tree, within bounds.

The parser is native code whose cost in time and memory is not linear for every text: ten thousand members of a
pipeline take it gigabytes, and so may a few kilobytes that are no shell. While it looks for a way out of an error
nothing can stop it, so it is stopped before: it reports every hundred steps, and a text that needs several times the
steps of any real script is given up, as is one that takes far more processor time than its length explains.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from time import thread_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Language, Node

MOST_BYTES = 1 << 16
"""The longest text that is parsed at once."""

_MOST_PIPES = 1000
# So short a text cannot take long, and the plain way to parse is the better one: see `_parse_within`.
_SHORT = 1 << 10
# Real scripts are done after a quarter of the reports, and in a fiftieth of the time: a busy machine, whose clock of
# the processor counts what others take away, must not make them unreadable.
_LEAST_REPORTS = 20
_REPORTS_PER_BYTE = 0.02
_LEAST_SECONDS = 0.1
_SECONDS_PER_BYTE = 5e-6


@cache
def _language() -> Language:
    """The grammar; loaded here since only files with shell text need it."""
    from tree_sitter import Language  # noqa: PLC0415

    return Language(_grammar().language())


def _grammar() -> Any:
    """The compiled part of tree-sitter-bash.

    What its package imports besides, to find query files that are not used here, takes longer than reading a script.
    """
    from importlib.machinery import PathFinder  # noqa: PLC0415
    from importlib.util import module_from_spec  # noqa: PLC0415

    package = PathFinder.find_spec("tree_sitter_bash")
    spec = None if package is None else PathFinder.find_spec("_binding", package.submodule_search_locations)
    if spec is None or spec.loader is None:
        import tree_sitter_bash  # noqa: PLC0415

        return tree_sitter_bash
    binding = module_from_spec(spec)
    spec.loader.exec_module(binding)
    return binding


def parse(code: bytes) -> Node | None:
    """The root of the syntax tree of UTF-8 text, or None if the text is too long or takes too long.

    A NUL byte, which no script can contain, would stop the parser's lexer: the text must have none.
    """
    if len(code) > MOST_BYTES or code.count(b"|") > _MOST_PIPES:
        return None
    if len(code) > _SHORT:
        return _parse_within(_LEAST_REPORTS + len(code) * _REPORTS_PER_BYTE, code)
    from tree_sitter import Parser  # noqa: PLC0415

    return Parser(_language()).parse(code).root_node


def _parse_within(most_reports: float, code: bytes) -> Node | None:
    """The root of the tree, or None if the parser reports more often, or works longer, than its text deserves."""
    from tree_sitter import Parser  # noqa: PLC0415

    deadline = thread_time() + _LEAST_SECONDS + len(code) * _SECONDS_PER_BYTE
    reports = count(1)
    views: list[memoryview] = []

    def read(offset: int, _: object) -> memoryview:
        views.append(memoryview(code)[offset:])
        return views[-1]

    def is_enough(_: int, __: bool) -> bool:
        return next(reports) > most_reports or thread_time() > deadline

    try:
        return Parser(_language()).parse(read, progress_callback=is_enough).root_node
    except ValueError:
        # What the binding raises when the callback stopped the parser.
        return None
    finally:
        # The binding keeps what the callback returned for good: let it keep no text.
        for view in views:
            view.release()
