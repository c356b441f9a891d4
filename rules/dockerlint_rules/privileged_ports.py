"""Ports that only some users may listen on."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Confidence, Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.ports import PortSpec, parse_port
from dockerlint.syntax.tree import Expose, Run, User, Word
from dockerlint.syntax.words import expand_words
from dockerlint.unknown import Unknown
from dockerlint_rules._labels import image_steps

_FIRST_FREE_PORT = 1024
_ROOT = ("root", "0")


@rule(
    "DL7040",
    "privileged-port-as-non-root",
    on=Model,
    needs=(Expose,),
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    tags=("security", "ports"),
)
def privileged_port_as_non_root(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A port below 1024 is exposed, but the container runs as a user that may not listen on it.

    ## Why
    On Linux only root may listen on ports below 1024, unless the system says otherwise. Docker has said so since
    version 20.10; with Kubernetes and other engines it depends on their settings, and the program ends with
    "permission denied". A port above 1023 works everywhere, and can be published as any other.

    It is not reported where the file gives a program the capability to do so by `setcap`.

    ## Bad
        FROM debian:12.7-slim
        EXPOSE 80
        USER 1000

    ## Good
        FROM debian:12.7-slim
        EXPOSE 8080
        USER 1000

    ## See
    - https://docs.docker.com/engine/release-notes/20.10/
    - https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    """
    stage = model.target
    if stage is None or stage.windows or not isinstance(stage.end.user_from, User):
        return
    user = stage.end.user
    if isinstance(user, Unknown) or user.partition(":")[0] in ("", *_ROOT):
        return
    words = tuple(_privileged(model, stage))
    if not words or _grants_capability(model, stage, ctx):
        return
    related = (Related(stage.end.user_from.user.span, "containers run as this user"),)
    for word in words:
        message = (
            f"port {quoted(word.text)} is for root on some systems, but containers run as"
            f" {quoted(user)}: use one above 1023"
        )
        yield ctx.finding(word.span, message, related=related)


def _privileged(model: Model, stage: Stage) -> Iterator[Word]:
    for step in image_steps(model, stage):
        for word in step.node.ports if isinstance(step.node, Expose) else ():
            parts = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows).words
            ports = [parse_port(part.value) for part in parts if isinstance(part.value, str)]
            if any(isinstance(port, PortSpec) and 0 < port.first < _FIRST_FREE_PORT for port in ports):
                yield word


def _grants_capability(model: Model, stage: Stage, ctx: RuleContext) -> bool:
    return any(
        isinstance(step.node, Run) and any(ctx.script(step.node, step).named("setcap"))
        for step in image_steps(model, stage)
    )
