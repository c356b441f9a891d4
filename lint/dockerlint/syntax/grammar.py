"""The LALR parser of dockerfile.lark over the tokens of lexer.py.

The tables are made beforehand (tools/make_tables.py); a test holds them to the grammar.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from lark import Lark, Tree, UnexpectedToken
from lark import Token as LarkToken
from lark.lexer import Lexer

from dockerlint.syntax.tables import TABLES
from dockerlint.syntax.tree import Token


class Mismatch(NamedTuple):
    """The tokens are no instruction: `index` is the first that does not fit, their number where the line ends too early."""

    index: int


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

    def lex(self, data: Any) -> Iterator[LarkToken]:
        return iter(data)


@cache
def _parser() -> Lark:
    tables: Any = TABLES
    data = tables["data"]
    conf = {**data["parser"]["lexer_conf"], "lexer_type": _TokenFeed}
    data = {**data, "options": {**data["options"], "lexer": _TokenFeed}, "parser": {**data["parser"], "lexer_conf": conf}}
    return Lark.load(io.BytesIO(pickle.dumps({"data": data, "memo": tables["memo"]})))


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
