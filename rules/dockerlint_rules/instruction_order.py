"""How a stage is laid out: what belongs to its end, what belongs together, and how keywords are written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.layers.history import makes_layer
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.fields import expanded_fields
from dockerlint.semantics.stages import Stage, Step
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import SHAPES
from dockerlint.syntax.tree import (
    Arg,
    Declaration,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Run,
    StartCommand,
    Stopsignal,
    Transfer,
)

# What only says how a container is started.
_RUN_TIME = (StartCommand, Expose, Healthcheck, Stopsignal)

# What readers look for in one place.
_TOGETHER = (Expose, Label)


@rule(
    "DL8019",
    "disordered-instructions",
    on=Stage,
    severity=Severity.INFO,
    off=True,
    aliases=("tally/epilogue-order",),
    tags=("maintainability",),
)
def disordered_instructions(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Instructions of a stage do not stand where readers look for them.

    ## Why
    A stage reads well from the base over what is installed to how it is run. CMD, ENTRYPOINT, EXPOSE, HEALTHCHECK and
    STOPSIGNAL say how the container runs: between build steps they are overlooked, and the next person adds a second
    one at the end. LABELs and EXPOSEs in several places are read as if each were all there is. An ARG far above the
    step that reads it hides what it is for, and makes the steps between run again when its value changes.

    The order does not change the image, but for the build cache.

    ## Bad
        FROM nginx:1.27-alpine
        CMD ["nginx", "-g", "daemon off;"]
        COPY site/ /usr/share/nginx/html/

    ## Good
        FROM nginx:1.27-alpine
        COPY site/ /usr/share/nginx/html/
        CMD ["nginx", "-g", "daemon off;"]

    ## See
    https://docs.docker.com/build/building/best-practices/
    """
    steps = [step for step in stage.steps[1:] if not isinstance(step.node, Onbuild)]
    builds = [at for at, step in enumerate(steps) if makes_layer(step)]
    seen: dict[type[Instruction], int] = {}
    for at, step in enumerate(steps):
        node = step.node
        if isinstance(node, _RUN_TIME) and builds and at < builds[-1]:
            message = f"{node.name} stands above steps that build the image: move it to the end of the stage"
            yield ctx.finding(node.keyword.span, message)
        elif isinstance(node, _TOGETHER) and seen.get(type(node), at - 1) != at - 1:
            first = steps[seen[type(node)]].node
            yield ctx.finding(
                node.keyword.span,
                f"{node.name} stands apart from another one above: keep them together",
                related=(Related(first.keyword.span, f"the other {node.name}"),),
            )
        seen[type(node)] = at
    for at, declaration, user in _arguments(steps, ctx):
        number = bisect_right(builds, at)
        if number < len(builds) and builds[number] < user:
            yield ctx.finding(
                declaration.name.span,
                f"ARG {quoted(declaration.name.text)} stands above steps that do not read it:"
                " move it down to its first use",
                related=(Related(steps[user].node.keyword.span, "reads it first"),),
            )


def _arguments(steps: Sequence[Step], ctx: RuleContext) -> Iterator[tuple[int, Declaration, int]]:
    """The arguments that are read: the place of the ARG, the declaration and the place of the first use below."""
    first_use: dict[str, int] = {}
    if not any(isinstance(step.node, Arg) for step in steps):
        return
    for at in range(len(steps) - 1, -1, -1):
        node = steps[at].node
        if isinstance(node, Arg):
            for declaration in node.declarations:
                user = first_use.get(declaration.name.text)
                if user is not None:
                    yield at, declaration, user
        first_use.update(dict.fromkeys(_names_read(steps[at], ctx), at))


def _names_read(step: Step, ctx: RuleContext) -> frozenset[str]:
    """The variables that an instruction reads."""
    node = step.node
    read = {use.name for field in expanded_fields(node) for use in step.expand(field.word).uses}
    if isinstance(node, Run):
        read |= ctx.script(node, step).variables
    elif isinstance(node, Transfer):
        read |= {use.name for heredoc in node.heredocs for use in step.expand_body(heredoc).uses}
    return frozenset(read)


@rule(
    "DL8020",
    "lowercase-instruction",
    on=Instruction,
    severity=Severity.INFO,
    off=True,
    aliases=("dockerfilelint/uppercase_commands",),
    tags=("maintainability",),
)
def lowercase_instruction(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """An instruction is not written in capital letters.

    ## Why
    The case of instructions means nothing to the builder. Capital letters are the convention, in the documentation as
    in almost every published file: they set instructions apart from their arguments and from shell text, in which
    lower-case words such as `copy` or `label` are easily taken for commands.

    That a file does not change between the two is the business of inconsistent-instruction-casing (DL5004).

    ## Bad
        from debian:12-slim
        run useradd app

    ## Good
        FROM debian:12-slim
        RUN useradd app

    ## See
    https://docs.docker.com/reference/dockerfile/#format
    """
    if node.keyword.text != node.name and node.name in SHAPES:
        edit = Edit(node.keyword.span, node.name)
        yield ctx.finding(
            node.keyword.span,
            f"{quoted(node.keyword.text)} is not in capital letters: write '{node.name}'",
            fix=Fix("Write the instruction in capital letters", Safety.SAFE, (edit,)),
        )
