"""How a stage is laid out: what belongs to its end, what belongs together, and how keywords are written."""

from __future__ import annotations

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
    last_build = max((at for at, step in enumerate(steps) if makes_layer(step)), default=-1)
    for at, step in enumerate(steps):
        node = step.node
        if at < last_build and isinstance(node, _RUN_TIME):
            message = f"{node.name} stands above steps that build the image: move it to the end of the stage"
            yield ctx.finding(node.keyword.span, message)
        elif isinstance(node, _TOGETHER) and (first := _apart_from(steps[:at], node)) is not None:
            yield ctx.finding(
                node.keyword.span,
                f"{node.name} stands apart from another one above: keep them together",
                related=(Related(first.keyword.span, f"the other {node.name}"),),
            )
        elif isinstance(node, Arg):
            for declaration in node.declarations:
                user = _distant_user(declaration, steps[at + 1 :], ctx)
                if user is not None:
                    name = quoted(declaration.name.text)
                    message = f"ARG {name} stands above steps that do not read it: move it down to its first use"
                    related = (Related(user.keyword.span, "reads it first"),)
                    yield ctx.finding(declaration.name.span, message, related=related)


def _apart_from(earlier: Sequence[Step], node: Instruction) -> Instruction | None:
    """The last instruction of the same kind above, if others stand between."""
    for distance, step in enumerate(reversed(earlier)):
        if type(step.node) is type(node):
            return step.node if distance else None
    return None


def _distant_user(declaration: Declaration, later: Sequence[Step], ctx: RuleContext) -> Instruction | None:
    """The first instruction that reads an ARG, if a step that makes a layer stands between."""
    built = False
    for step in later:
        if declaration.name.text in _names_read(step, ctx):
            return step.node if built else None
        built = built or makes_layer(step)
    return None


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
