"""The LALR parser of dockerfile.lark over the tokens of lexer.py.

Its tables are made beforehand (tools/make_tables.py); a test holds them to the grammar. Importing Lark takes
longer than reading a usual file, so this module is imported only for lines whose shape is not known
beforehand (`grammar`).
"""

from __future__ import annotations

import io
import json
import os
import pickle
from collections.abc import Iterator
from functools import cache
from typing import Any

import lark
from lark import Lark, Tree, UnexpectedToken
from lark import Token as LarkToken
from lark.lexer import Lexer

from dockerlint.syntax.shapes import Mismatch, Shape


def shape_of(types: tuple[str, ...]) -> Shape | Mismatch:
    """The rule that tokens of these types make, or where they stop being an instruction."""
    feed: Any = [LarkToken(kind, "", index) for index, kind in enumerate(types)]
    try:
        tree = _parser().parse(feed)
    except UnexpectedToken as error:
        return Mismatch(len(types) if error.token.type == "$END" else int(error.token.start_pos or 0))
    (instruction,) = tree.children
    return _shape(instruction)


def accepted(types: tuple[str, ...]) -> frozenset[str]:
    """The types of tokens that may follow these; `$END` where the instruction may be complete."""
    state = _parser().parse_interactive()
    for index, kind in enumerate(types):
        state.feed_token(LarkToken(kind, "", index))
    return frozenset(state.accepts())  # type: ignore[no-untyped-call]  # Lark has no annotation there


def _shape(tree: Any) -> Shape:
    # The grammar's rules nest three deep at the most.
    parts = (_shape(child) if isinstance(child, Tree) else child.start_pos for child in tree.children)
    return Shape(str(tree.data), tuple(parts))


class _TokenFeed(Lexer):
    """Hands the parser tokens that are already there. Each carries its index in the line as its offset."""

    def __init__(self, lexer_conf: Any) -> None:
        """Lark gives every lexer its configuration; there is nothing to configure."""

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[LarkToken]:
        del parser_state  # the tokens do not depend on it
        return iter(lexer_state)


@cache
def _parser() -> Lark:
    with open(_beside("tables.json"), encoding="utf-8") as file:
        tables = json.load(file, object_hook=_with_numbers)
    if tables["lark"] != lark.__version__:
        # What another version saved may not load: building the tables takes longer, but always works.
        with open(_beside("dockerfile.lark"), encoding="utf-8") as file:
            return Lark(file.read(), parser="lalr", lexer=_TokenFeed, start="instruction")
    tables["data"]["options"]["lexer"] = _TokenFeed
    tables["data"]["parser"]["lexer_conf"]["lexer_type"] = _TokenFeed
    return Lark.load(io.BytesIO(pickle.dumps(tables)))


def _beside(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), name)


def _with_numbers(values: dict[str, Any]) -> dict[str | int, Any]:
    """Lark numbers its states and rules; JSON has turned those keys into text."""
    return {int(key) if key.isdecimal() else key: value for key, value in values.items()}
