"""The file that a container starts with, as the image holds it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File, Folder, Link, Node
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.state import DEFAULT_PATH
from dockerlint.shell.interpreters import base_name
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run, StartCommand, Transfer
from dockerlint_rules._start import StartValue, start_commands, start_of
from dockerlint_rules._tables import names

_EXECUTE = 0o111

#: Programs that make files which cannot be executed yet.
_MAKING = names("curl tee touch wget")
#: And those that put files into their places.
_PUTTING = _MAKING | names("cp install ln mv")
_PARTS = re.compile(r"""[/=?#&"'{},]""")
_MOST_LINKS = 10


@rule(
    "DL8014",
    "entrypoint-not-executable",
    on=Model,
    needs=(StartCommand,),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def entrypoint_not_executable(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""The file that ENTRYPOINT or CMD starts has no execute permission in the image.

    ## Why
    The container does not start: "exec /entrypoint.sh: permission denied". A copied file has the mode that it has in
    the build context, a heredoc makes one of mode 0644, and so does a download in a RUN. `--chmod=755` sets the mode
    as the file is copied, without storing it twice as a `RUN chmod` would.

    The mode is known of heredocs, of what a RUN makes, and of files of the build context where that is known
    (`--context`, or `context` in the settings). Where a program that is not known has run since, nothing is said.

    ## Bad
        FROM alpine:3.20
        COPY <<EOF /entrypoint.sh
        #!/bin/sh
        exec "$@"
        EOF
        ENTRYPOINT ["/entrypoint.sh"]

    ## Good
        FROM alpine:3.20
        COPY --chmod=755 <<EOF /entrypoint.sh
        #!/bin/sh
        exec "$@"
        EOF
        ENTRYPOINT ["/entrypoint.sh"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#entrypoint
    - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
    """
    if model.target is None:
        return
    start = start_of(model.target, ctx)
    if not any(isinstance(value, StartValue) and value.step is not None for value in (start.entrypoint, start.command)):
        return
    for command in start_commands(start, ctx):
        if not _may_be_known(command, model, ctx):
            continue
        paths = _paths(command, model)
        found = next(((path, node) for path in paths if (node := _find(ctx.prediction.root, path)) is not None), None)
        if found is None or command.program is None:
            continue
        path, file = found
        if file.mode is None or file.mode & _EXECUTE or not file.certain:
            continue
        layers = ctx.prediction.layers
        if any(layer.is_wild for layer in layers if layer.number >= file.layer):
            continue
        yield ctx.finding(
            command.program.span,
            f"{quoted(path)} has mode {file.mode:04o} in the image, so it cannot be started: {_remedy(file, layers)}",
            related=(Related(file.origin, "put there by this"),),
            fix=_fix(file, layers),
        )


def _may_be_known(command: Command, model: Model, ctx: RuleContext) -> bool:
    """Whether the mode of the program may be known, before the image is predicted, which costs much more."""
    if model.options.context is not None:
        return True
    name = base_name((command.program.text if command.program is not None else None) or "")
    stages = (stage for stage in model.stages if stage.index in model.reachable)
    for step in (step for stage in stages for step in (*stage.triggered, *stage.steps[1:])):
        if isinstance(step.node, Transfer) and step.node.heredocs:
            return True
        if isinstance(step.node, Run) and name in step.node.line.text:
            commands = ctx.commands(step.node, step)
            makes = any(each.name in _MAKING or each.redirects for each in commands)
            if makes and any(_may_put(each, name) for each in commands):
                return True
    return False


def _may_put(command: Command, name: str) -> bool:
    """Whether a command may make a file of that name, or move or link one: it is a part of one of its words."""
    targets = [redirect.target for redirect in command.redirects if redirect.target is not None]
    words = (*targets, *command.arguments) if command.name in _PUTTING else targets
    return any(name in _PARTS.split(word.text or word.raw) for word in words)


def _paths(command: Command, model: Model) -> tuple[str, ...]:
    """Where the program of a command may lie."""
    program = None if command.program is None else command.program.text
    if not program or model.target is None:
        return ()
    workdir = model.target.end.workdir
    if "/" in program:
        if program.startswith("/"):
            return (program,)
        return (posixpath.join(workdir, program),) if isinstance(workdir, str) else ()
    search = model.target.end.environment.get("PATH")
    folders = (search if isinstance(search, str) else DEFAULT_PATH).split(":")
    return tuple(posixpath.join(folder, program) for folder in folders if folder.startswith("/"))


def _find(root: Folder, path: str) -> File | None:
    """The file at a path; links are followed where their text is plain."""
    for _ in range(_MOST_LINKS):
        node: Node | None = root
        for name in posixpath.normpath(path).strip("/").split("/"):
            node = node.children.get(name) if isinstance(node, Folder) else None
        if not isinstance(node, Link):
            return node if isinstance(node, File) else None
        path = posixpath.join(posixpath.dirname(path), node.target)
    return None


def _transfer(file: File, layers: tuple[Layer, ...]) -> Transfer | None:
    node = layers[file.layer - 1].step.node if file.layer else None
    return node if isinstance(node, Transfer) else None


def _remedy(file: File, layers: tuple[Layer, ...]) -> str:
    node = _transfer(file, layers)
    return "run chmod +x where it is made" if node is None else f"write '{node.name} --chmod=755'"


def _fix(file: File, layers: tuple[Layer, ...]) -> Fix | None:
    """`--chmod` on the copy, which sets the mode of all that it copies."""
    node = _transfer(file, layers)
    if node is None or node.flag("chmod") is not None:
        return None
    place = Span(node.keyword.span.end, node.keyword.span.end)
    return Fix("let the copy make it executable", Safety.UNSAFE, (Edit(place, " --chmod=755"),))
