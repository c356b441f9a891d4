"""What a build has run before an instruction."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.rule import RuleContext
from dockerlint.syntax.tree import Onbuild
from dockerlint_rules._runs import Placed


def earlier_in(ctx: RuleContext) -> Iterator[Placed]:
    """The instructions that ran before the one that a rule looks at: of its stage and of those that the stage is FROM.

    A trigger is among them where it runs, not where ONBUILD registers it.
    """
    if ctx.stage is None:
        return
    for stage in ctx.model.chain(ctx.stage):
        for step in (*stage.triggered, *stage.steps[1:]):
            if step is ctx.step:
                return
            if not isinstance(step.node, Onbuild):
                yield Placed(step.node, step)
