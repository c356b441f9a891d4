"""How EXPOSE names ports: what the builder accepts though it has no effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.ports import PROTOCOLS
from dockerlint.syntax.tree import Expose, Word
from dockerlint.syntax.words import expand_words
from dockerlint.unknown import Unknown
from dockerlint_rules._built import BuiltStep, built_steps


@rule(
    "DL5010",
    "uppercase-expose-protocol",
    on=Stage,
    needs=(Expose,),
    severity=Severity.WARNING,
    aliases=("ExposeProtoCasing",),
    tags=("ports",),
)
def uppercase_expose_protocol(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """The protocol of an EXPOSE is not written in lower case.

    ## Why
    The builder turns `80/TCP` into `80/tcp` for the image. Other tools that read the file, and a search for `/tcp`,
    take the text as it is and do not find the port.

    ## Bad
        FROM nginx:1.27-alpine
        EXPOSE 443/TCP

    ## Good
        FROM nginx:1.27-alpine
        EXPOSE 443/tcp

    ## See
    - https://docs.docker.com/reference/build-checks/expose-proto-casing/
    - https://docs.docker.com/reference/dockerfile/#expose
    """
    for port in _ports(stage, ctx):
        if port.protocol != port.protocol.lower():
            fix = None
            if port.written is not None:
                span = Span(port.written.end - len(port.protocol), port.written.end)
                fix = Fix("write the protocol in lower case", Safety.SAFE, (Edit(span, port.protocol.lower()),))
            message = f"protocol of {quoted(port.text)} is not in lower case: write {quoted(port.protocol.lower())}"
            yield ctx.finding(port.place, message, related=port.related, fix=fix)


@rule(
    "DL5011",
    "host-mapping-in-expose",
    on=Stage,
    needs=(Expose,),
    severity=Severity.WARNING,
    aliases=("ExposeInvalidFormat", "dockerfilelint/expose_host_port"),
    tags=("ports",),
)
def host_mapping_in_expose(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """EXPOSE names an address or a port of the host, which has no effect.

    ## Why
    EXPOSE only notes on which ports the container listens. `8080:80` looks as if port 80 were published as 8080, but
    the builder drops the first part. Which address and port of the host are used is decided where a container is
    started, by `docker run --publish` or a Compose file.

    ## Bad
        FROM nginx:1.27-alpine
        EXPOSE 127.0.0.1:8080:80

    ## Good
        FROM nginx:1.27-alpine
        EXPOSE 80

    ## See
    - https://docs.docker.com/reference/build-checks/expose-invalid-format/
    - https://docs.docker.com/reference/dockerfile/#expose
    - https://docs.docker.com/reference/cli/docker/container/run/#publish
    """
    for port in _ports(stage, ctx):
        if port.host:
            fix = None
            if port.written is not None:
                fix = Fix("name only the port of the container", Safety.UNSAFE, (Edit(port.written, port.container),))
            message = f"{quoted(port.text)} names the host, which has no effect: write {quoted(port.container)}"
            yield ctx.finding(port.place, message, related=port.related, fix=fix)


class _Port(NamedTuple):
    """A word of EXPOSE as the builder takes it apart before it reads the numbers.

    `host` is what stands before the port of the container: an address, a port, or both. `place` is where a finding
    goes, and `written` where the text stands in the file, None if it comes from a variable.
    """

    text: str
    host: bool
    container: str
    protocol: str
    place: Span
    related: tuple[Related, ...]
    written: Span | None


def _ports(stage: Stage, ctx: RuleContext) -> Iterator[_Port]:
    for built in built_steps(stage, ctx):
        node = built.step.node
        for word in node.ports if isinstance(node, Expose) else ():
            yield from _ports_of(word, built)


def _ports_of(word: Word, built: BuiltStep) -> Iterator[_Port]:
    step = built.step
    expansion = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows)
    for part in expansion.words:
        if isinstance(part.value, Unknown):
            continue
        before, _, container = part.value.rpartition(":")
        address, _, host_port = before.rpartition(":")
        number, _, protocol = container.partition("/")
        if not number or protocol.lower() not in ("", *PROTOCOLS):
            continue  # the builder refuses it before it looks at anything else
        span = word.span_of(part.start, part.end)
        is_text = built.trigger_of is None and word.text[part.start : part.end] == part.value
        yield _Port(
            part.value,
            host=bool(address or host_port),
            container=container,
            protocol=protocol,
            place=built.place(span),
            related=built.related(span),
            written=span if is_text else None,
        )
