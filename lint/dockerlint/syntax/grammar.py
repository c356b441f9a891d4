"""The LALR parser of dockerfile.lark over the tokens of lexer.py.

The tables are made beforehand (tools/make_tables.py); a test holds them to the grammar.
"""

from __future__ import annotations

import io
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import lark
from lark import Lark, Tree, UnexpectedToken
from lark import Token as LarkToken
from lark.lexer import Lexer

from dockerlint.syntax.tree import Token

#: Lines of at most this many tokens are worth remembering.
_SHORT = 16


class Mismatch(NamedTuple):
    """The tokens are no instruction: `at` is the index of the first that does not fit.

    It equals the number of tokens where the line ends too early.
    """

    at: int


class Rule(NamedTuple):
    """A node of the parse: a rule of the grammar and what it derives, in order."""

    name: str
    parts: tuple[Rule | Token, ...]

    def rule(self, name: str) -> Rule | None:
        """The first part derived by that rule."""
        return next((part for part in self.parts if isinstance(part, Rule) and part.name == name), None)

    def rules(self, name: str) -> tuple[Rule, ...]:
        """All parts derived by that rule."""
        return tuple(part for part in self.parts if isinstance(part, Rule) and part.name == name)

    def tokens(self, kind: str) -> tuple[Token, ...]:
        """All parts that are tokens of that type."""
        return tuple(part for part in self.parts if isinstance(part, Token) and part.type == kind)


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


def parse_tokens(tokens: Sequence[Token]) -> Rule | Mismatch:
    """The rule of one instruction for the tokens of its line, or where they stop being an instruction."""
    types = tuple([token.type for token in tokens])
    shape = _short_shape(types) if len(types) <= _SHORT else _shape(types)
    return shape if isinstance(shape, Mismatch) else _rule(shape, tokens)


class _Shape(NamedTuple):
    """A rule and its parts, with the index of a token in place of the token."""

    name: str
    parts: tuple[_Shape | int, ...]


def _shape(types: tuple[str, ...]) -> _Shape | Mismatch:
    feed: Any = [LarkToken(kind, "", index) for index, kind in enumerate(types)]
    try:
        tree = _parser().parse(feed)
    except UnexpectedToken as error:
        return Mismatch(len(types) if error.token.type == "$END" else int(error.token.start_pos or 0))
    (instruction,) = tree.children
    return _shape_of(instruction)


#: Most lines have one of few shapes, so the parser is asked once for each.
_short_shape = lru_cache(maxsize=512)(_shape)


def _shape_of(tree: Any) -> _Shape:
    # The grammar's rules nest three deep at the most.
    parts = (_shape_of(child) if isinstance(child, Tree) else child.start_pos for child in tree.children)
    return _Shape(str(tree.data), tuple(parts))


def _rule(shape: _Shape, tokens: Sequence[Token]) -> Rule:
    parts = [tokens[part] if isinstance(part, int) else _rule(part, tokens) for part in shape.parts]
    return Rule(shape.name, tuple(parts))
