"""Variables that get a value: by ENV, by ARG, and in the script of a RUN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.source import Span
from dockerlint.syntax.tree import Arg, Env, Instruction, Run
from dockerlint_rules._values import value_of


class Assigned(NamedTuple):
    """A variable that gets a value; `value` is None where it cannot be known.

    `span` covers the name and the value, `value_span` the value alone, or the name where the value comes from outside.
    """

    name: str
    value: str | None
    span: Span
    value_span: Span


def assigned(node: Instruction, ctx: RuleContext) -> tuple[Assigned, ...]:
    """The variables that an instruction of a stage gives values to, in order.

    An ARG without a default has the value that it takes over from outside the stage, if any; one before the first FROM
    changes nothing until a stage declares it again.
    """
    if not isinstance(node, (Arg, Env, Run)) or ctx.step is None or ctx.stage is None:
        return ()
    return ctx.once(_assigned, node)


def _assigned(node: Instruction, ctx: RuleContext) -> tuple[Assigned, ...]:
    return tuple(_each_assigned(node, ctx))


def _each_assigned(node: Instruction, ctx: RuleContext) -> Iterator[Assigned]:
    step = ctx.step
    assert step is not None, "only what stands in a stage is looked at"
    if isinstance(node, Env):
        for pair in node.pairs:
            name = value_of(step, pair.key)
            if name is not None:
                yield Assigned(name, value_of(step, pair.value), pair.span, pair.value.span)
    elif isinstance(node, Arg):
        for declaration in node.declarations:
            value = step.after.args.get(declaration.name.text)
            if declaration.default is not None and not isinstance(value, str):
                value = value_of(step, declaration.default)
            place = (declaration.default or declaration.name).span
            yield Assigned(declaration.name.text, value if isinstance(value, str) else None, declaration.span, place)
    elif isinstance(node, Run):
        yield from _in_script(node, ctx)


def _in_script(node: Run, ctx: RuleContext) -> Iterator[Assigned]:
    seen: set[Span] = set()
    for command in ctx.script(node).commands:
        for assignment in command.assignments:
            # What stands before a wrapper is handed on to the command that it starts.
            if assignment.value is not None and assignment.span not in seen:
                seen.add(assignment.span)
                yield Assigned(assignment.name, assignment.value.text, assignment.span, assignment.value.span)
