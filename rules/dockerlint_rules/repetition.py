"""Instructions of which only the last one of a stage counts."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.syntax.tree import Cmd, Entrypoint, Healthcheck, Instruction
from dockerlint_rules._built import built_steps
from dockerlint_rules._edits import delete_instruction


@rule(
    "DL3012",
    "multiple-healthchecks",
    on=Stage,
    needs=(Healthcheck,),
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("MultipleInstructionsDisallowed", "DS-0023"),
    tags=("start-command",),
)
def multiple_healthchecks(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A stage has several HEALTHCHECK instructions, of which only the last one counts.

    ## Why
    An image has one health check: each HEALTHCHECK replaces the one before it. The earlier one looks as if it
    guarded something, yet it never runs, and whoever edits it wonders why nothing changes.

    ## Bad
        FROM nginx:1.27-alpine
        HEALTHCHECK CMD wget -q -O /dev/null http://localhost/
        HEALTHCHECK --interval=1m CMD wget -q -O /dev/null http://localhost/status

    ## Good
        FROM nginx:1.27-alpine
        HEALTHCHECK --interval=1m CMD wget -q -O /dev/null http://localhost/status

    ## See
    - https://docs.docker.com/reference/dockerfile/#healthcheck
    - https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/
    """
    return _all_but_the_last(stage, ctx, Healthcheck)


@rule(
    "DL4003",
    "multiple-cmds",
    on=Stage,
    needs=(Cmd,),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("MultipleInstructionsDisallowed", "DS-0016", "KICS-41c195f4"),
    tags=("start-command",),
)
def multiple_cmds(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A stage has several CMD instructions, of which only the last one counts.

    ## Why
    CMD does not run anything during the build, and CMDs do not add up: each one replaces the one before it. A
    file that seems to start two services starts only the second, and without any error.

    ## Bad
        FROM python:3.13-slim
        CMD ["python", "worker.py"]
        CMD ["python", "server.py"]

    ## Good
        FROM python:3.13-slim AS worker
        CMD ["python", "worker.py"]

        FROM python:3.13-slim
        CMD ["python", "server.py"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#cmd
    - https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/
    """
    return _all_but_the_last(stage, ctx, Cmd)


@rule(
    "DL4004",
    "multiple-entrypoints",
    on=Stage,
    needs=(Entrypoint,),
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=(
        "MultipleInstructionsDisallowed",
        "DS-0007",
        "KICS-6938958b",
        "multiple-entrypoint-instructions",
    ),
    tags=("start-command",),
)
def multiple_entrypoints(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A stage has several ENTRYPOINT instructions, of which only the last one counts.

    ## Why
    An image starts one program: each ENTRYPOINT replaces the one before it. What the earlier one was meant to
    do (to wait for a database, say, or to drop privileges) is left out without any error.

    ## Bad
        FROM python:3.13-slim
        ENTRYPOINT ["/wait-for-database"]
        ENTRYPOINT ["python", "server.py"]

    ## Good
        FROM python:3.13-slim
        ENTRYPOINT ["/wait-for-database", "python", "server.py"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#entrypoint
    - https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/
    """
    return _all_but_the_last(stage, ctx, Entrypoint)


def _all_but_the_last(stage: Stage, ctx: RuleContext, kind: type[Instruction]) -> Iterator[Finding]:
    """A finding for each instruction of a kind that a later one of the stage replaces."""
    all_built = [built for built in built_steps(stage, ctx) if isinstance(built.step.node, kind)]
    for built in all_built[:-1]:
        node, last = built.step.node, all_built[-1]
        related = (Related(last.place(last.step.node.keyword.span), f"only this {node.name} counts"),)
        if built.trigger_of is not None:
            message = f"the {node.name} that the base stage adds with ONBUILD has no effect: a later one replaces it"
            yield ctx.finding(built.trigger_of, message, related=related)
            continue
        message = f"this {node.name} has no effect: a later one of the same stage replaces it; remove it"
        fix = Fix(f"remove this {node.name}", Safety.UNSAFE, (delete_instruction(ctx.source, node),))
        yield ctx.finding(node.keyword.span, message, related=related, fix=fix)
