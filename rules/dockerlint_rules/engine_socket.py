"""The socket of a container engine inside an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.interpreters import base_name
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.mounts import parse_mount
from dockerlint.syntax.tree import Flag, Instruction, Run, StartCommand, Transfer, Volume, Word
from dockerlint_rules._sources import written_sources

_SOCKET = re.compile(r"\b(?:docker|containerd|podman|crio)\.sock\b")
_PATH = re.compile(r"[^\s'\"=,:]+")

#: Programs that make such a socket themselves, so that none of the host's is meant.
_ENGINES = frozenset(("containerd", "crio", "dockerd", "dockerd-entrypoint.sh", "k3s", "podman"))


@rule(
    "DL7009",
    "docker-socket-exposed",
    on=(Run, StartCommand, Transfer, Volume),
    severity=Severity.ERROR,
    aliases=("dockerfile-dockerd-socket-mount",),
    tags=("security", "start-command"),
)
def docker_socket_exposed(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """The image expects the socket of a container engine.

    ## Why
    Whoever may write to the socket of the engine can start a container with the host's files in it, and so is
    root on the host. An image that declares the socket as a volume, or starts with it as an argument, asks
    everybody who runs it to hand that over. Most programs need a part of the API only: a proxy that lets read
    requests through, or a rootless engine, limits the harm.

    Images that start an engine themselves are not reported.

    ## Bad
        FROM example.com/proxy:3.1
        VOLUME /var/run/docker.sock

    ## Good
        FROM example.com/proxy:3.1
        ENV DOCKER_HOST=tcp://socket-proxy:2375

    ## See
    - https://docs.docker.com/engine/security/#docker-daemon-attack-surface
    - https://docs.docker.com/engine/security/rootless/
    """
    places = tuple(_places(node))
    if places and isinstance(node, StartCommand) and _starts_engine(node, ctx):
        return
    for text, span in places:
        message = f"{node.name} names {quoted(text)}: whoever reaches this socket is root on the host; do without it"
        yield ctx.finding(span, message)


def _places(node: Instruction) -> Iterator[tuple[str, Span]]:
    """The paths of sockets that an instruction names, and where."""
    words: tuple[Word, ...] = ()
    if isinstance(node, Volume):
        words = node.paths
    elif isinstance(node, Transfer):
        words = (*written_sources(node), node.destination)
    elif isinstance(node, Run):
        yield from (place for flag in node.flags for place in _mounted(flag))
    elif isinstance(node, StartCommand):
        words = node.command.words
        script = node.command.script
        if script is not None:
            yield from ((script.text[start:end], script.span_of(start, end)) for start, end in _paths(script.text))
    for word in words:
        yield from ((word.text[start:end], word.span_of(start, end)) for start, end in _paths(word.text))


def _mounted(flag: Flag) -> Iterator[tuple[str, Span]]:
    mount = parse_mount(flag.value.text) if flag.name == "mount" and flag.value is not None else None
    if flag.value is None or mount is None or isinstance(mount, Invalid):
        return
    for field in mount.fields:
        if field.option in ("source", "target") and _SOCKET.search(field.value or ""):
            yield field.value or "", flag.value.span_of(field.value_start, field.value_end)


def _paths(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text the paths of sockets stand, without the `//` of a URL before them."""
    for part in _PATH.finditer(text) if ".sock" in text else ():
        found = _SOCKET.search(part.group())
        if found is not None:
            slashes = len(part.group()) - len(part.group().lstrip("/"))
            yield part.start() + max(slashes - 1, 0), part.start() + found.end()


def _starts_engine(node: StartCommand, ctx: RuleContext) -> bool:
    names = [command.name for command in ctx.script(node).commands]
    names += [base_name(word.text) for word in node.command.words[:1]]
    return any(name in _ENGINES for name in names)
