"""The sandbox in which the builder runs commands."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.tree import Run

_OPENED = {
    ("network", "host"): "--network=host gives the command the network of the host",
    ("security", "insecure"): "--security=insecure gives the command the rights of root on the host",
}


@rule(
    "DL7034",
    "insecure-run-sandbox",
    on=Run,
    severity=Severity.WARNING,
    aliases=("run-security-insecure",),
    tags=("security", "shell"),
)
def insecure_run_sandbox(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A RUN is taken out of the sandbox of the builder.

    ## Why
    Commands of a build run with few rights and a network of their own, because they are often code that somebody else
    has written: install scripts, compilers, tests. With `--security=insecure` such code can take over the machine that
    builds; with `--network=host` it reaches the services that listen only on that machine. Builders refuse both unless
    they are started with the entitlement for it, so the file also builds in few places.

    ## Bad
        FROM debian:12.7-slim
        RUN --security=insecure ./build-image.sh

    ## Good
        FROM debian:12.7-slim
        RUN ./build-image.sh

    ## See
    - https://docs.docker.com/reference/dockerfile/#run---security
    - https://docs.docker.com/reference/dockerfile/#run---network
    """
    for flag in node.flags:
        value = "" if flag.value is None else flag.value.text
        effect = _OPENED.get((flag.name, value))
        if effect is not None:
            yield ctx.finding(flag.span, f"{effect}: drop it, or run this step outside the build")
