"""Ports that a container listens on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.image.names import usual_name
from dockerlint.layers.history import exposed_ports
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, SourceKind, Stage
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Env, Expose, Onbuild, StartCommand
from dockerlint.unknown import Unknown
from dockerlint_rules._images import DISTRIBUTIONS, LANGUAGES
from dockerlint_rules._servers import PORT_VARIABLES, listening_port, port_number
from dockerlint_rules._start import Start, start_commands, start_of


class _Told(NamedTuple):
    """Where the file says on which port the container listens; `by_default` if only a server's name does."""

    port: int
    span: Span
    who: str
    by_default: bool


@rule(
    "DL8016",
    "missing-expose",
    on=Model,
    needs=(StartCommand,),
    severity=Severity.INFO,
    tags=("ports",),
)
def missing_expose(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The container listens on a port that no EXPOSE names.

    ## Why
    EXPOSE opens nothing, but it tells what to publish: people read it, `docker run --publish-all`, compose files,
    reverse proxies and development tools act on it. Without it one has to search the program's manual or its start
    command for the port.

    Ports are taken from options such as `--port`, from variables such as `PORT`, and from the defaults of well-known
    servers. The default of a server is not held against an EXPOSE of another port, since its configuration may differ.
    Nothing is said of images on bases that are not known, which may expose the port already.

    ## Bad
        FROM python:3.13-slim
        CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8080"]

    ## Good
        FROM python:3.13-slim
        EXPOSE 8080
        CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8080"]

    ## See
    https://docs.docker.com/reference/dockerfile/#expose
    """
    if model.target is None:
        return
    exposed = _exposed(model, model.target)
    if exposed is None:
        return
    start = start_of(model.target, ctx)
    if not start.is_own:
        return
    for told in (*_of_variables(model, model.target), *_of_start(start, ctx)):
        if told.port in exposed or (told.by_default and exposed):
            continue
        if told.by_default:
            message = f"{told.who} listens on port {told.port} unless it is told otherwise, but there is no EXPOSE"
        else:
            message = f"{told.who} is to listen on port {told.port}, but no EXPOSE names it"
        yield ctx.finding(told.span, f"{message}: add 'EXPOSE {told.port}'")
        exposed = exposed | {told.port}


def _exposed(model: Model, target: Stage) -> frozenset[int] | None:
    """The ports that the image exposes by any protocol, those of its base included; None if not all are known."""
    ports = _of_base(model.chain(target)[0].base)
    for stage in model.chain(target):
        for step in (*stage.triggered, *stage.steps[1:]):
            node = step.node
            if isinstance(node, Expose):
                if ports is None or any(isinstance(step.expand(word).value, Unknown) for word in node.ports):
                    return None
                ports |= {int(port.partition("/")[0]) for port in exposed_ports(step, node)}
            elif isinstance(node, Onbuild):
                return None
    return ports


def _of_base(base: FileSource) -> frozenset[int] | None:
    """The ports that a base exposes; None if that is not known."""
    if base.facts is not None and base.facts.exposed:
        return frozenset(int(port.partition("/")[0]) for port in base.facts.exposed)
    if base.kind is SourceKind.SCRATCH:
        return frozenset()
    # Of other images only what all their tags have in common may be known.
    name = None if base.reference is None else usual_name(base.reference)
    return frozenset() if name in DISTRIBUTIONS or name in LANGUAGES else None


def _of_variables(model: Model, target: Stage) -> Iterator[_Told]:
    """The ports in variables that the image keeps."""
    for stage in model.chain(target):
        for step in stage.steps[1:]:
            for pair in step.node.pairs if isinstance(step.node, Env) else ():
                name, value = pair.key.text, step.expand(pair.value).value
                port = port_number(value) if isinstance(value, str) and name in PORT_VARIABLES else None
                if port is not None and value == target.end.env.get(name):
                    yield _Told(port, pair.span, f"the program that reads {quoted(name)}", by_default=False)


def _of_start(start: Start, ctx: RuleContext) -> Iterator[_Told]:
    for command in start_commands(start, ctx):
        words = command.words
        found = listening_port([word.text for word in words])
        if found is not None:
            yield _Told(found.port, words[found.at].span, quoted(found.program), found.by_default)
