"""What a build has run before an instruction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step
from dockerlint.syntax.tree import Onbuild
from dockerlint_rules._runs import Placed

Test = Callable[[Placed, RuleContext], bool]

#: No file has so many stages upon each other; it keeps hostile ones cheap.
_MOST_ANCESTORS = 100


def so_far(test: Test, placed: Placed, ctx: RuleContext) -> bool:
    """Whether a test holds for the instruction that a rule looks at, or for one that ran before it.

    Those are the instructions of its stage above it, and all of the stages that the stage is FROM. The test is made
    once for each instruction, whichever rule asks: it must not depend on the rule, nor on where the rule looks.
    """
    if ctx.stage is None:
        return False
    if ctx.once(_held_above, (test, ctx.stage)):
        return True
    first = ctx.once(_first, (test, ctx.stage))
    return (first is not None and first <= order_of(placed.step, ctx.stage, ctx)) or ctx.once(_holds, (test, placed))


def ancestors(stage: Stage, ctx: RuleContext) -> tuple[Stage, ...]:
    """The stages that a stage is FROM, directly or not, the nearest first."""
    return ctx.once(_ancestors, stage)


def base_of(stage: Stage, ctx: RuleContext) -> FileSource:
    """What a stage is built on in the end."""
    above = ancestors(stage, ctx)
    return above[-1].base if above else stage.base


def placed_in(stage: Stage) -> Iterator[tuple[int, Placed]]:
    """The instructions that run in a stage, with their place in it; triggers where they run, not where they are set."""
    for order, step in enumerate((*stage.triggered, *stage.steps[1:])):
        if not isinstance(step.node, Onbuild):
            yield order, Placed(step.node, step)


def order_of(step: Step, stage: Stage, ctx: RuleContext) -> int:
    """The place of a step in its stage."""
    return ctx.once(_orders, stage)[step]


def _ancestors(stage: Stage, ctx: RuleContext) -> tuple[Stage, ...]:
    found: list[Stage] = []
    while stage.base.kind is SourceKind.STAGE and stage.base.stage is not None and len(found) < _MOST_ANCESTORS:
        stage = ctx.model.stages[stage.base.stage]
        found.append(stage)
    return tuple(found)


def _orders(stage: Stage, _: RuleContext) -> Mapping[Step, int]:
    return {step: order for order, step in enumerate((*stage.triggered, *stage.steps[1:]))}


def _held_above(key: tuple[Test, Stage], ctx: RuleContext) -> bool:
    """Whether a test holds for an instruction of the stages that a stage is FROM."""
    test, stage = key
    return any(ctx.once(_first, (test, above)) is not None for above in ancestors(stage, ctx))


def _first(key: tuple[Test, Stage], ctx: RuleContext) -> int | None:
    """The place of the first instruction of a stage that a test holds for."""
    test, stage = key
    return next((order for order, placed in placed_in(stage) if test(placed, ctx)), None)


def _holds(key: tuple[Test, Placed], ctx: RuleContext) -> bool:
    test, placed = key
    return test(placed, ctx)
