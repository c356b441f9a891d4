"""STOPSIGNAL: the signal that ends a container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.shell.interpreters import base_name
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.signals import SIGNALS, Signal, parse_signal
from dockerlint.syntax.tree import Onbuild, Stopsignal, Word
from dockerlint_rules._start import Start, StartValue, program_of, starts_of
from dockerlint_rules._values import value_of

#: Signals that no program can handle.
_UNGRACEFUL = (SIGNALS["KILL"], SIGNALS["STOP"])

#: What makes a server finish its work, where that is not SIGTERM; by the name of the program. From their manuals.
_GRACEFUL = {
    "apache2-foreground": "SIGWINCH",
    "httpd": "SIGWINCH",
    "httpd-foreground": "SIGWINCH",
    "init": "SIGRTMIN+3",
    "nginx": "SIGQUIT",
    "php-fpm": "SIGQUIT",
    "postgres": "SIGINT",
    "systemd": "SIGRTMIN+3",
}


@rule(
    "DL8024",
    "ungraceful-stop-signal",
    on=Stopsignal,
    severity=Severity.WARNING,
    aliases=("tally/no-ungraceful-stopsignal",),
    tags=("start-command",),
)
def ungraceful_stop_signal(node: Stopsignal, ctx: RuleContext) -> Iterator[Finding]:
    """The signal that stops the container cannot be handled by any program.

    ## Why
    `docker stop` sends this signal and gives the program ten seconds to finish requests, flush files and tell its
    partners. SIGKILL ends it at once, with data lost; SIGSTOP only freezes it until the engine kills it. The engine
    sends SIGKILL by itself to what does not end in time.

    ## Bad
        FROM debian:12.7-slim
        STOPSIGNAL SIGKILL
        CMD ["server"]

    ## Good
        FROM debian:12.7-slim
        STOPSIGNAL SIGTERM
        CMD ["server"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#stopsignal
    - https://docs.docker.com/reference/cli/docker/container/stop/
    """
    signal = None if ctx.step is None else _signal(node, ctx.step)
    if signal is not None and signal.number in _UNGRACEFUL:
        effect = "ends it at once" if signal.number == SIGNALS["KILL"] else "only freezes it"
        message = f"{quoted(node.signal.text)} cannot be handled by the program, it {effect}: use SIGTERM"
        fix = Fix("write SIGTERM", Safety.UNSAFE, (Edit(node.signal.span, "SIGTERM"),))
        yield ctx.finding(node.signal.span, message, fix=fix)


@rule(
    "DL8025",
    "noncanonical-stop-signal",
    on=Model,
    needs=(Stopsignal,),
    severity=Severity.STYLE,
    aliases=(
        "tally/prefer-canonical-stopsignal",
        "tally/prefer-nginx-sigquit",
        "tally/prefer-systemd-sigrtmin-plus-3",
    ),
    tags=("start-command",),
)
def noncanonical_stop_signal(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """STOPSIGNAL is written as a number or without SIG, or is not the one that the server stops well with.

    ## Why
    The engine takes `15`, `TERM` and `SIGTERM` for the same, but a reader has to look a number up, and numbers differ
    between architectures. This is a matter of style.

    Some servers finish their work on another signal than SIGTERM, on which they drop it: nginx and php-fpm on
    SIGQUIT, Apache httpd on SIGWINCH, PostgreSQL on SIGINT (on SIGTERM it waits for its clients without end); systemd
    shuts down on SIGRTMIN+3. Where a file sets another one for such a server, that is reported with level info.

    ## Bad
        FROM debian:12.7-slim
        STOPSIGNAL 15

    ## Good
        FROM debian:12.7-slim
        STOPSIGNAL SIGTERM

    ## See
    - https://docs.docker.com/reference/dockerfile/#stopsignal
    - https://nginx.org/en/docs/control.html
    - https://httpd.apache.org/docs/2.4/stopping.html
    - https://www.postgresql.org/docs/current/server-shutdown.html
    - https://www.freedesktop.org/software/systemd/man/latest/systemd.html#Signals
    """
    starts: tuple[Start, ...] = ()
    for stage in model.stages:
        for step in stage.steps[1:]:
            node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
            if not isinstance(node, Stopsignal):
                continue
            signal = _signal(node, step)
            if signal is None or signal.number in _UNGRACEFUL:
                continue
            starts = starts or starts_of(ctx)
            # What a trigger sets is for the program of another image.
            server = None if node is not step.node else _server(starts[stage.index])
            if server is not None and server.signal != signal.name:
                yield _for_server(server, node.signal, ctx)
            elif signal.name is not None and value_of(step, node.signal) == node.signal.text:
                yield from _misspelt(signal.name, node.signal, ctx)


class _Server(NamedTuple):
    """A server, and the signal on which it finishes its work."""

    program: str
    signal: str


def _for_server(server: _Server, word: Word, ctx: RuleContext) -> Finding:
    signal = server.signal
    message = f"{server.program} finishes its work on {signal}, not on {quoted(word.text)}: write {signal}"
    fix = Fix(f"write {signal}", Safety.UNSAFE, (Edit(word.span, signal),))
    finding = ctx.finding(word.span, message, fix=fix)
    return replace(finding, severity=max(finding.severity, Severity.INFO))


def _misspelt(name: str, word: Word, ctx: RuleContext) -> Iterator[Finding]:
    if word.text.startswith("SIG") and word.text.isupper():
        return
    fix = Fix(f"write {name}", Safety.SAFE, (Edit(word.span, name),))
    yield ctx.finding(word.span, f"{quoted(word.text)} is {name}: write the whole name", fix=fix)


def _signal(node: Stopsignal, step: Step) -> Signal | None:
    """The signal of an instruction, if it is known and valid."""
    value = value_of(step, node.signal)
    signal = None if value is None else parse_signal(value)
    return None if isinstance(signal, Invalid) else signal


def _server(start: Start) -> _Server | None:
    """The server that a container starts, if it is one that is known."""
    value = start.entrypoint if start.own_entrypoint is not None else start.command
    if not isinstance(value, StartValue) or value.shell_form:
        return None
    program = base_name(next(iter(program_of(value.words)), ""))
    signal = _GRACEFUL.get(program)
    return None if signal is None else _Server(program, signal)
