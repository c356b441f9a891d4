"""The grammar at work: from the tokens of a line to the rule that they make.

Which rule it is depends on the types of the tokens alone. The shapes of usual lines are kept beside the
grammar, made by its own parser (tools/make_tables.py); only a line of another shape needs the parser itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from dockerlint.syntax.shapes import Mismatch, Shape
from dockerlint.syntax.tree import Token

#: Shapes of lines with at most this many tokens are worth remembering.
_SHORT = 16


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


def parse_tokens(tokens: Sequence[Token]) -> Rule | Mismatch:
    """The rule of one instruction for the tokens of its line, or where they stop being an instruction."""
    types = tuple([token.type for token in tokens])
    shape = _short_shape(types) if len(types) <= _SHORT else _shape(types)
    return shape if isinstance(shape, Mismatch) else _rule(shape, tokens)


def _shape(types: tuple[str, ...]) -> Shape | Mismatch:
    from dockerlint.syntax.lalr import shape_of  # noqa: PLC0415 - slow to import, seldom needed

    return shape_of(types)


@lru_cache(maxsize=512)
def _short_shape(types: tuple[str, ...]) -> Shape | Mismatch:
    known = _usual_shapes().get(" ".join(types))
    return _shape(types) if known is None else _from_json(known)


@cache
def _usual_shapes() -> Mapping[str, Any]:
    with open(os.path.join(os.path.dirname(__file__), "shapes.json"), encoding="utf-8") as file:
        shapes: Mapping[str, Any] = json.load(file)["shapes"]
    return shapes


def _from_json(shape: Any) -> Shape:
    """A shape as it is kept: the rule's name, then its parts."""
    name, *parts = shape
    return Shape(name, tuple(part if isinstance(part, int) else _from_json(part) for part in parts))


def _rule(shape: Shape, tokens: Sequence[Token]) -> Rule:
    parts = [tokens[part] if isinstance(part, int) else _rule(part, tokens) for part in shape.parts]
    return Rule(shape.name, tuple(parts))
