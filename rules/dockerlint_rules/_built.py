"""What the builder runs in a stage, triggers of the base stage included, and where BuildKit reports it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Related
from dockerlint.rule import RuleContext
from dockerlint.semantics.stages import Stage, Step
from dockerlint.source import Span


class BuiltStep(NamedTuple):
    """An instruction that a stage runs.

    Where the instruction stands behind ONBUILD in the base stage, `trigger_of` is the place of the FROM that runs it;
    it is None for the stage's own instructions.
    """

    step: Step
    trigger_of: Span | None

    def place(self, span: Span) -> Span:
        """Where a finding goes that is about `span` of the instruction: to the FROM, if that is what runs it."""
        return span if self.trigger_of is None else self.trigger_of

    def related(self, span: Span) -> tuple[Related, ...]:
        """What explains such a finding at a FROM: the place in the ONBUILD."""
        return () if self.trigger_of is None else (Related(span, "this ONBUILD runs here"),)


def built_steps(stage: Stage, ctx: RuleContext) -> tuple[BuiltStep, ...]:
    """The steps of a stage after its FROM in the order in which they run.

    An instruction behind ONBUILD does nothing in its own stage. It runs where another stage is FROM that stage, but
    BuildKit adds it only to stages that the target needs.
    """
    return ctx.once(_built_steps, stage)


def _built_steps(stage: Stage, ctx: RuleContext) -> tuple[BuiltStep, ...]:
    return tuple(_each(stage, ctx))


def _each(stage: Stage, ctx: RuleContext) -> Iterator[BuiltStep]:
    if stage.index in ctx.model.reachable:
        for step in stage.triggered:
            yield BuiltStep(step, stage.node.keyword.span)
    for step in stage.steps[1:]:
        yield BuiltStep(step, None)
