"""HEALTHCHECK: whether an image can tell that it works."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.syntax.tree import Expose, From, Healthcheck, StartCommand
from dockerlint_rules._labels import image_nodes


@rule(
    "DL3057",
    "missing-healthcheck",
    on=Model,
    needs=(StartCommand, Expose),
    severity=Severity.INFO,
    off=True,
    hadolint=Severity.OFF,
    aliases=("DS-0026", "CKV_DOCKER_2", "KICS-b03a748a", "CIS-DI-0006"),
    tags=("start-command",),
)
def missing_healthcheck(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """An image that starts a service has no HEALTHCHECK.

    ## Why
    The engine sees whether the process is there, not whether it still answers. With a health check, Docker
    marks a container that hangs as unhealthy, and Compose and Swarm wait for it or replace it.

    The rule is off by default: Kubernetes ignores HEALTHCHECK and has probes of its own. `HEALTHCHECK NONE` is
    a decision and is not reported, nor is an image that neither starts a command nor exposes a port.

    ## Bad
        FROM debian:12.7-slim
        COPY server /usr/local/bin/
        CMD ["server"]

    ## Good
        FROM debian:12.7-slim
        COPY server /usr/local/bin/
        HEALTHCHECK CMD ["server", "--check"]
        CMD ["server"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    stage = model.target
    if stage is None:
        return
    nodes = tuple(image_nodes(model, stage))
    if any(isinstance(node, Healthcheck) for node in nodes):
        return
    if not any(isinstance(node, (StartCommand, Expose)) for node in nodes):
        return
    facts = model.chain(stage)[0].base.facts
    if facts is not None and facts.healthcheck:
        return
    span = stage.node.image.span if isinstance(stage.node, From) else stage.node.keyword.span
    yield ctx.finding(span, "the image starts a service but has no HEALTHCHECK: add one, or HEALTHCHECK NONE")
