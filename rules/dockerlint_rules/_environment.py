"""Variables as a command of a RUN sees them."""

from __future__ import annotations

from dockerlint.rule import RuleContext
from dockerlint.shell.script import Command
from dockerlint_rules._runs import Placed, commands_of


def variable_at(name: str, command: Command, placed: Placed, ctx: RuleContext) -> str | None:
    """The value of a variable for a command of a RUN; None where it is not set, or not known.

    Counted are ENV and ARG, also those of parent stages and of a known base image, what the script exports above the
    command, and what stands in front of the command itself.
    """
    value = placed.step.before.environment.get(name)
    for earlier in commands_of(placed, ctx):
        if earlier.span.start >= command.span.start:
            break
        if earlier.name in ("export", "declare") or earlier.program is None:
            for assignment in earlier.assignments:
                if assignment.name == name and assignment.value is not None:
                    value = assignment.value.text
    for assignment in command.assignments:
        if assignment.name == name and assignment.value is not None:
            value = assignment.value.text
    return value if isinstance(value, str) else None
