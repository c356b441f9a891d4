"""The number of layers of the image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Finding, Related, Severity
from dockerlint.layers.history import makes_layer
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Step
from dockerlint.syntax.tree import Form, Instruction, Run, Transfer, Workdir

MAX_LAYERS = Option("max-layers", 15, "How many layers an image may add to its base.", least=1)

# Four times what is already much.
_FAR_TOO_MANY = 60

# Docker stacks no more layers than this, those of the base included ("max depth exceeded"): moby's `maxLayerDepth`.
_DEEPEST = 125


@rule(
    "DL6001",
    "too-many-layers",
    on=Model,
    severity=Severity.INFO,
    tags=("layers",),
    options=(MAX_LAYERS,),
)
def too_many_layers(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""The image adds more layers to its base than it should.

    ## Why
    Each RUN, COPY, ADD and WORKDIR of the final stage (and of the stages it is FROM) makes a layer. What one layer
    writes and a later one removes or changes stays in the image, each layer is a request of its own when the image is
    pulled, and Docker refuses to stack more than 125 of them, those of the base image included. Official images add
    one to nine. Layers of stages that are only copied from do not count.

    Joining is worth it where the steps change together. Keep apart what the cache should tell apart: the installation
    of dependencies from the copy of the source.

    It is a warning above 60 layers, and an error where the builder's limit is passed.

    ## Bad
    Options: max-layers = 3

        FROM debian:12-slim
        RUN groupadd --system app
        RUN useradd --system --gid app app
        RUN mkdir /srv/app
        RUN chown app:app /srv/app

    ## Good
    Options: max-layers = 3

        FROM debian:12-slim
        RUN groupadd --system app \
         && useradd --system --gid app app \
         && install --directory --owner app --group app /srv/app

    ## See
    https://docs.docker.com/build/building/best-practices/
    https://docs.docker.com/get-started/docker-concepts/building-images/understanding-image-layers/
    """
    if model.target is None:
        return
    chain = model.chain(model.target)
    steps = [step for stage in chain for step in (*stage.triggered, *stage.steps[1:])]
    count = sum(map(makes_layer, steps))
    limit = ctx.option(MAX_LAYERS)
    if count <= limit:
        return
    of_base = 0 if chain[0].base.kind is SourceKind.SCRATCH else 1
    groups = tuple(_joinable_groups(steps))
    saved = sum(len(group) - 1 for group in groups)
    if count + of_base > _DEEPEST:
        severity, limits = Severity.ERROR, f"Docker stacks {_DEEPEST} at most, with those of the base"
    else:
        severity, limits = Severity.WARNING if count > _FAR_TOO_MANY else ctx.severity, f"limit {limit}"
    advice = (
        f"joining neighbours that belong together would save up to {saved}"
        if saved
        else "build in an earlier stage and copy the result"
    )
    finding = ctx.finding(
        model.target.node.keyword.span,
        f"the image adds {count} layers to its base ({limits}): {advice}",
        related=tuple(
            Related(group[0].node.keyword.span, f"{len(group)} neighbouring {group[0].node.name}s that could be one")
            for group in groups
        ),
    )
    yield replace(finding, severity=max(finding.severity, severity))


def _joinable_groups(steps: list[Step]) -> Iterator[tuple[Step, ...]]:
    """The stretches of neighbours that one instruction could replace, in file order."""
    group: list[Step] = []
    for step in steps:
        if group and _can_join(group[-1].node, step.node):
            group.append(step)
            continue
        if len(group) > 1:
            yield tuple(group)
        group = [step]
    if len(group) > 1:
        yield tuple(group)


def _can_join(first: Instruction, second: Instruction) -> bool:
    """Whether one instruction could do: RUNs in shell form, COPYs to one folder, WORKDIRs, all with equal flags."""
    if type(first) is not type(second) or first.heredocs or second.heredocs:
        return False
    if [flag.text for flag in first.flags] != [flag.text for flag in second.flags]:
        return False
    if isinstance(first, Run) and isinstance(second, Run):
        return first.command.form is Form.SHELL and second.command.form is Form.SHELL
    if isinstance(first, Transfer) and isinstance(second, Transfer):
        return first.destination.text == second.destination.text and first.destination.text.endswith("/")
    return isinstance(first, Workdir)
