"""The LALR parser of dockerfile.lark over the tokens of lexer.py.

The tables are made beforehand (tools/make_tables.py); a test holds them to the grammar.
"""

from __future__ import annotations

import io
import json
import os
import pickle
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import lark
from lark import Lark, Tree, UnexpectedToken
from lark import Token as LarkToken
from lark.lexer import Lexer

from dockerlint.syntax.tree import Token


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
    feed: Any = [LarkToken(token.type, "", index) for index, token in enumerate(tokens)]
    try:
        tree = _parser().parse(feed)
    except UnexpectedToken as error:
        return Mismatch(len(tokens) if error.token.type == "$END" else int(error.token.start_pos or 0))
    (instruction,) = tree.children
    return _rule(instruction, tokens)


def _rule(tree: Any, tokens: Sequence[Token]) -> Rule:
    # The grammar's rules nest three deep at the most.
    parts = (_rule(child, tokens) if isinstance(child, Tree) else tokens[child.start_pos] for child in tree.children)
    return Rule(str(tree.data), tuple(parts))
