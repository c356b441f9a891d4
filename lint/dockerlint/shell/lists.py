"""Lists of commands: from the tree's nested and sometimes misplaced nodes to the plain sequence that the shell
sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dockerlint.shell.script import Operator

if TYPE_CHECKING:
    from tree_sitter import Node

_CHAINS = frozenset({"list", "pipeline", "negated_command", "redirected_statement", "heredoc_redirect"})
_REDIRECTS = frozenset({"file_redirect", "herestring_redirect"})
_SKIPPED = frozenset({"comment", "heredoc_start", "heredoc_body", "heredoc_end", "<<", "<<-"})
_CONNECTORS = {"&&": Operator.AND, "||": Operator.OR, "|": Operator.PIPE, "|&": Operator.PIPE_BOTH}
_TERMINATORS = {";": Operator.SEMICOLON, "&": Operator.BACKGROUND, ";;": Operator.NONE, "\n": Operator.NEWLINE}


class Item(NamedTuple):
    """A command, simple or compound, of a list; `node` is None for redirections alone.

    `sign` is the node of the operator in front of it. `redirects` are those behind the command.
    """

    node: Node | None
    operator: Operator
    sign: Node | None
    negated: bool
    redirects: list[Node]


class Statement(NamedTuple):
    """A list (`a && b | c`) of a sequence, and what stands before and after it."""

    node: Node
    before: Operator
    after: Operator


def statements(nodes: Sequence[Node]) -> list[Statement]:
    """The lists that follow one another in a sequence of nodes; `NEWLINE` parts those with nothing else between."""
    found: list[Statement] = []
    before = Operator.NONE
    for node in nodes:
        terminator = _TERMINATORS.get(node.type)
        if terminator is not None:
            if found and found[-1].after is Operator.NONE:
                found[-1] = found[-1]._replace(after=terminator)
            before = terminator
        elif node.is_named and node.type != "comment":
            if found and found[-1].after is Operator.NONE:
                found[-1] = found[-1]._replace(after=Operator.NEWLINE)
                before = Operator.NEWLINE
            found.append(Statement(node, before, Operator.NONE))
            before = Operator.NONE
    return found


def items(node: Node) -> list[Item]:
    """The commands of a list in order.

    The operators between them say all, since pipes bind more closely than `&&` and `||`, which bind alike. A
    redirection belongs to the command it follows, where the tree gives it to the whole list.
    """
    found: list[Item] = []
    operator, sign, negated = Operator.NONE, None, False
    waiting = [node]
    while waiting:
        current = waiting.pop()
        kind = current.type
        if kind in _CHAINS:
            waiting.extend(reversed(current.children))
        elif kind in _CONNECTORS:
            operator, sign = _CONNECTORS[kind], current
        elif kind == "!":
            negated = not negated
        elif kind in _REDIRECTS and found and sign is None:
            found[-1].redirects.append(current)
        elif kind not in _SKIPPED:
            redirects = [current] if kind in _REDIRECTS else []
            found.append(Item(None if redirects else current, operator, sign, negated, redirects))
            operator, sign, negated = Operator.NONE, None, False
    return found


def pipelines(found: Sequence[Item]) -> list[list[Item]]:
    """The commands of a list in groups that are joined by pipes."""
    groups: list[list[Item]] = []
    for item in found:
        if groups and (item.operator is Operator.PIPE or item.operator is Operator.PIPE_BOTH):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
