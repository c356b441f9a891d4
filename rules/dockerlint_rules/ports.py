"""EXPOSE: ports that do not exist, and ports that invite a login."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.ports import PortSpec, parse_port
from dockerlint.syntax.tree import Expose, Problem
from dockerlint.syntax.words import expand_words
from dockerlint.unknown import Unknown
from dockerlint_rules._edits import delete_instruction

_PORT_OR_RANGE = "[0-9]{1,5}(?:-[0-9]{1,5})?"

LOGIN_PORTS: Option[tuple[str, ...]] = Option(
    "ports",
    ("22",),
    "TCP ports of services that let people in, or ranges such as 512-514.",
    pattern=_PORT_OR_RANGE,
    form="a port or a range such as 512-514",
)
DOUBTFUL_PORTS: Option[tuple[str, ...]] = Option(
    "doubtful-ports",
    ("21", "23", "512-514", "3389", "5900"),
    "TCP ports or ranges that are reported with level info only.",
    pattern=_PORT_OR_RANGE,
    form="a port or a range such as 512-514",
)


@rule(
    "DL3011",
    "port-out-of-range",
    on=Problem,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DL1000", "DS-0008", "KICS-71bf8cf8", "invalid-port", "dockerfilelint/invalid_port"),
    tags=("ports",),
)
def port_out_of_range(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """EXPOSE names a port above 65535.

    ## Why
    Ports are numbers of 16 bits: nothing can listen on a greater one, and the builder refuses the file. Mostly
    a digit was typed twice, or a variable holds something else than a port.

    ## Bad
        FROM nginx:1.27-alpine
        EXPOSE 80800

    ## Good
        FROM nginx:1.27-alpine
        EXPOSE 8080 65535/udp

    ## See
    - https://docs.docker.com/reference/dockerfile/#expose
    """
    yield ctx.problem(problem)


@rule(
    "DL7010",
    "remote-login-port-exposed",
    on=Expose,
    severity=Severity.WARNING,
    aliases=("DS-0004", "CKV_DOCKER_1"),
    tags=("security", "ports"),
    options=(LOGIN_PORTS, DOUBTFUL_PORTS),
)
def remote_login_port_exposed(node: Expose, ctx: RuleContext) -> Iterator[Finding]:
    """The port of a remote login service such as SSH is exposed.

    ## Why
    A container that runs an SSH server has a second way in, with keys or passwords that must be kept, logged
    and rotated apart from those of the host, and a daemon that must be patched. `docker exec` and `kubectl
    exec` give the same access under the control of the host. Ports of other login services (telnet, FTP, remote
    desktops) are reported with level info.

    It is fine where logging in is the purpose of the image, as for a git server or a bastion.

    ## Bad
        FROM debian:12.7-slim
        EXPOSE 22 8080

    ## Good
        FROM debian:12.7-slim
        EXPOSE 8080

    ## See
    - https://docs.docker.com/reference/dockerfile/#expose
    - https://docs.docker.com/reference/cli/docker/container/exec/
    """
    if ctx.step is None:
        return
    step = ctx.step
    for index, word in enumerate(node.ports):
        parts = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows).words
        for part in parts:
            port = None if isinstance(part.value, Unknown) else parse_port(part.value)
            if port is None or isinstance(port, Invalid) or port.protocol != "tcp":
                continue
            fix = _without(node, index, ctx) if len(parts) == 1 else None
            for option, lower_to in ((LOGIN_PORTS, None), (DOUBTFUL_PORTS, Severity.INFO)):
                found = _first_common(port, ctx.option(option))
                if found is None:
                    continue
                what = f"port {found}{_SERVICES.get(found, '')}"
                message = f"{what} lets people log in: drop it, and use the engine's exec command"
                yield ctx.finding(word.span_of(part.start, part.end), message, lower_to=lower_to, fix=fix)
                break


_SERVICES = {
    21: " (FTP)",
    22: " (SSH)",
    23: " (telnet)",
    512: " (rexec)",
    513: " (rlogin)",
    514: " (rsh)",
    3389: " (RDP)",
    5900: " (VNC)",
}


def _first_common(port: PortSpec, listed: tuple[str, ...]) -> int | None:
    """The lowest port that the specification shares with the ports or ranges of an option."""
    common = []
    for text in listed:
        other = parse_port(text)
        if isinstance(other, PortSpec) and other.first <= port.last and port.first <= other.last:
            common.append(max(other.first, port.first))
    return min(common, default=None)


def _without(node: Expose, index: int, ctx: RuleContext) -> Fix:
    """A fix that drops one word of an EXPOSE, or the whole instruction if there is no other."""
    if len(node.ports) == 1:
        return Fix("remove the EXPOSE", Safety.UNSAFE, (delete_instruction(ctx.source, node),))
    if index:
        span = Span(node.ports[index - 1].span.end, node.ports[index].span.end)
    else:
        span = Span(node.ports[0].span.start, node.ports[1].span.start)
    return Fix("remove the port", Safety.UNSAFE, (Edit(span, ""),))
