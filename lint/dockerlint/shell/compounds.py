"""Compound commands: from `if`, loops, `case`, groups and functions to the blocks of commands inside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.shell.passage import Passage, touching
from dockerlint.shell.script import Loop, Reach, ScopeKind

if TYPE_CHECKING:
    from tree_sitter import Node

_CLAUSES = frozenset({"elif_clause", "else_clause"})
_BODIES = frozenset({"do_group", "compound_statement"})


class Block(NamedTuple):
    """Commands that stand together in a compound command, and whether they run once the compound command does."""

    kind: ScopeKind
    nodes: Sequence[Node]
    reach: Reach
    loop: Loop | None = None
    name: str | None = None


def blocks(passage: Passage, node: Node) -> Iterator[Block]:
    """The blocks of a compound command, or of a part of a broken script; nothing for other nodes."""
    kind = node.type
    if kind == "subshell":
        yield Block(ScopeKind.SUBSHELL, node.children, Reach.ALWAYS)
    elif kind == "compound_statement":
        yield Block(ScopeKind.GROUP, node.children, Reach.ALWAYS)
    elif kind == "if_statement":
        yield from _if(node)
    elif kind == "while_statement":
        yield from _while(passage, node)
    elif kind in {"for_statement", "c_style_for_statement"}:
        yield from _for(passage, node)
    elif kind == "case_statement":
        yield from _case(passage, node)
    elif kind == "function_definition":
        name, *rest = (child for child in node.children if child.is_named)
        yield Block(ScopeKind.FUNCTION, rest, Reach.MAYBE, name=passage.text(name))
    elif kind == "ERROR":
        yield Block(ScopeKind.BRANCH, node.children, Reach.MAYBE)


def _if(node: Node) -> Iterator[Block]:
    clauses = (node, *(child for child in node.children if child.type in _CLAUSES))
    for clause in clauses:
        condition: list[Node] = []
        body: list[Node] = []
        current = body if clause.type == "else_clause" else condition
        for child in clause.children:
            if child.type == "then":
                current = body
            elif child.type not in _CLAUSES:
                current.append(child)
        first = clause is node
        yield Block(ScopeKind.CONDITION, condition, Reach.ALWAYS if first else Reach.MAYBE)
        yield Block(ScopeKind.BRANCH, body, Reach.MAYBE)


def _while(passage: Passage, node: Node) -> Iterator[Block]:
    """The test runs at least once; so does the body of `while true` and `while :`."""
    bodies = [child for child in node.children if child.type in _BODIES]
    condition = [child for child in node.children if child.type not in _BODIES]
    tests = [passage.text(child).strip() for child in condition if child.is_named]
    endless = node.children[0].type == "while" and tests in (["true"], [":"])
    yield Block(ScopeKind.CONDITION, condition, Reach.ALWAYS)
    for body in bodies:
        yield Block(ScopeKind.LOOP, body.children, Reach.ALWAYS if endless else Reach.MAYBE)


def _for(passage: Passage, node: Node) -> Iterator[Block]:
    """A body surely runs if one of the words of the list is sure to be there."""
    bodies = [child for child in node.children if child.type in _BODIES]
    head = [
        child for child in node.children if child.is_named and child.type not in _BODIES and child.type != "comment"
    ]
    loop = None
    if node.type == "for_statement" and head:
        words = tuple(passage.word(nodes) for nodes in touching(head[1:]))
        loop = Loop(passage.text(head[0]), words)
    else:
        for child in head:
            passage.note(child)
    certain = loop is not None and any(word.text is not None and not word.glob for word in loop.words)
    for body in bodies:
        yield Block(ScopeKind.LOOP, body.children, Reach.ALWAYS if certain else Reach.MAYBE, loop)


def _case(passage: Passage, node: Node) -> Iterator[Block]:
    for child in node.children:
        if child.type != "case_item":
            if child.is_named:
                passage.note(child)
            continue
        children = child.children
        closing = next((index for index, part in enumerate(children) if part.type == ")"), len(children) - 1)
        for pattern in children[:closing]:
            passage.note(pattern)
        yield Block(ScopeKind.BRANCH, children[closing + 1 :], Reach.MAYBE)
