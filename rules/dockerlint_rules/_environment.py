"""Variables as a command of a RUN sees them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.shell.script import Command
from dockerlint_rules._runs import Placed, commands_of


class _History(NamedTuple):
    """The values that a script gives to a variable, with the places of the commands; None for what is not known."""

    starts: list[int]
    values: list[str | None]


def variable_at(name: str, command: Command, placed: Placed, ctx: RuleContext) -> str | None:
    """The value of a variable for a command of a RUN; None where it is not set, or not known.

    Counted are ENV and ARG, also those of parent stages and of a known base image, what the script exports above the
    command, and what stands in front of the command itself.
    """
    for assignment in reversed(command.assignments):
        if assignment.name == name and assignment.value is not None:
            return assignment.value.text
    history = ctx.once(_histories, placed).get(name)
    at = 0 if history is None else bisect_left(history.starts, command.span.start)
    if history is not None and at > 0:
        return history.values[at - 1]
    value = placed.step.before.environment.get(name)
    return value if isinstance(value, str) else None


def _histories(placed: Placed, ctx: RuleContext) -> Mapping[str, _History]:
    """What the commands of a RUN set for those below them, by the name of the variable."""
    found: dict[str, _History] = {}
    for command in commands_of(placed, ctx):
        if command.name in ("export", "declare") or command.program is None:
            for assignment in command.assignments:
                if assignment.value is not None:
                    history = found.setdefault(assignment.name, _History([], []))
                    history.starts.append(command.span.start)
                    history.values.append(assignment.value.text)
    return found
