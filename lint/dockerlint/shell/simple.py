"""Simple commands: from a node of the tree to program, arguments, assignments and redirections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.shell.lists import Item
from dockerlint.shell.passage import Passage, touching
from dockerlint.shell.script import Assignment, Redirect, Word
from dockerlint.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_REDIRECTS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
_TEST_GROUPS = frozenset({"unary_expression", "binary_expression", "parenthesized_expression", "postfix_expression"})
_PLAIN = frozenset({"command_name", "word", "string", "raw_string", "concatenation", "simple_expansion"})
_LEFT_OUT = frozenset({"comment", "ERROR"})
_SIMPLE = frozenset(
    {
        "command",
        "variable_assignment",
        "variable_assignments",
        "declaration_command",
        "unset_command",
        "test_command",
    }
)


class Simple(NamedTuple):
    """What stands in a simple command."""

    program: Word | None
    arguments: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    span: Span


def is_simple(node: Node | None) -> bool:
    """Whether an item of a list is a simple command; redirections alone are one."""
    return node is None or node.type in _SIMPLE or is_arithmetic(node)


def is_arithmetic(node: Node) -> bool:
    """Whether this is `(( … ))`, which the grammar files under compound statements."""
    return node.type == "compound_statement" and node.child_count > 0 and node.children[0].type == "(("


def read_simple(passage: Passage, item: Item) -> Simple:
    """The words of a simple command; `is_simple` holds for the item's node."""
    node = item.node
    words: list[Word] = []
    assignments: list[Assignment] = []
    redirects: list[Node] = []
    kind = None if node is None else node.type
    if node is None:
        pass
    elif kind in {"test_command", "compound_statement"}:
        words = _bracketed(passage, node)
    elif kind == "variable_assignment":
        assignments = [passage.assignment(node)]
    else:
        declares = kind == "declaration_command"
        bare: list[Node] = []
        for child in node.children:
            what = child.type
            if what in _PLAIN:
                bare.append(child)
            elif what in _REDIRECTS:
                redirects.append(child)
            elif what == "variable_assignment":
                assignments.append(passage.assignment(child))
                # Those of `export` are its arguments too.
                bare += [child] if declares else []
            elif what not in _LEFT_OUT:
                bare.append(child)
        words = [passage.word(nodes) for nodes in touching(bare)]
        if declares:
            assignments += [Assignment(word.raw, None, word.span) for word in words[1:] if _is_name(word)]
    read = [passage.redirect(redirect) for redirect in (*redirects, *item.redirects)]
    late = [word for _, extra in read for word in extra]
    if late:
        words = sorted([*words, *late], key=lambda word: word.span.start)
    first = node if node is not None else item.redirects[0]
    last = item.redirects[-1] if item.redirects else first
    span = passage.joined.span_of(passage.start(first), max(passage.end(first), passage.end(last)))
    program, arguments = (words[0], tuple(words[1:])) if words else (None, ())
    return Simple(program, arguments, tuple(assignments), tuple(redirect for redirect, _ in read), span)


def _is_name(word: Word) -> bool:
    return word.text is not None and word.raw.isidentifier()


def _bracketed(passage: Passage, node: Node) -> list[Word]:
    """`[`, `[[` or `((`, and the words and operators of a test."""
    opening, *rest = node.children
    if opening.type == "((":
        passage.note(node)
        return [passage.word([opening])]
    leaves: list[Node] = []
    waiting: list[Node] = list(reversed(rest[:-1] if rest and rest[-1].type in {"]", "]]"} else rest))
    while waiting:
        inner = waiting.pop()
        if inner.type in _TEST_GROUPS:
            waiting.extend(reversed(inner.children))
        elif not inner.is_error and inner.type != "comment":
            leaves.append(inner)
    return [passage.word([opening]), *_tested(passage, leaves)]


def _tested(passage: Passage, leaves: Sequence[Node]) -> list[Word]:
    return [passage.word(nodes) for nodes in touching(leaves)]
