"""Pipes whose failures are not seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.interpreters import POSIX_DIALECTS
from dockerlint.shell.script import Command, Operator, Pipeline, Reach, Scope, ScopeKind, Script
from dockerlint.shell.switches import Switches
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._scopes import Neighbours
from dockerlint_rules._shells import sh_of_stage

# Commands that fail only if nobody reads what they say.
_HARMLESS = frozenset({"echo", "printf", "yes", ":", "true"})
_SHELL = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]'
_IGNORING = frozenset({":", "true"})
_SUBSTITUTIONS = frozenset({ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})


class _Pipe(NamedTuple):
    """A pipeline, the scope it stands in, and the commands of each member: several where it is a compound command."""

    pipeline: Pipeline
    scope: Scope
    members: tuple[tuple[Command, ...], ...]


@rule(
    "DL4006",
    "pipe-without-pipefail",
    on=Run,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-efbf148a", "set-pipefail"),
    tags=("shell",),
)
def pipe_without_pipefail(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A pipe hides the failure of the command in front of it.

    ## Why
    A pipeline succeeds if its last command does. Without the option pipefail, `curl … | tar x` or `curl … | sh` goes on
    with half a file or with none when the download breaks, and the step passes and is cached.

    `set -o pipefail` switches the option on in bash, zsh, ksh and the ash of Alpine, for one RUN; SHELL does so for
    all that follow, stages based on this one included. The `sh` of Debian and Ubuntu is dash, whose older versions do
    not know it: there the shell has to be bash.

    Nothing is reported where there is nothing to see: behind `echo`, `printf`, `yes` or a here-document; in a
    condition or a test, in a pipeline with `|| true`, and in a substitution whose result is but a word of another
    command. With pipefail a command whose reader stops early (`| head -n 1`) fails as well: write such pipelines so
    that the reader reads all.

    ## Bad
        FROM alpine:3.20
        RUN wget -O - https://example.com/app.tar.gz | tar -xz -C /opt

    ## Good
        FROM alpine:3.20
        RUN set -o pipefail && wget -O - https://example.com/app.tar.gz | tar -xz -C /opt

    or for all that follow

        FROM debian:12.7-slim
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]
        RUN curl -fsSL https://example.com/app.tar.gz | tar -xz -C /opt

    ## See
    - https://docs.docker.com/build/building/best-practices/#using-pipes
    - https://www.gnu.org/software/bash/manual/html_node/Pipelines.html
    """
    script = ctx.script(node)
    if not script.pipelines:
        return
    switches = Switches(script)
    unguarded = [
        pipe
        for pipe in _pipes(script)
        if pipe.scope.dialect in POSIX_DIALECTS and "pipefail" not in switches.at(pipe.scope, pipe.pipeline.span.start)
    ]
    neighbours = Neighbours(script)
    guilty = [pipe for pipe in unguarded if _can_hide(pipe, neighbours)]
    if not guilty and ctx.as_hadolint:
        guilty = unguarded
    if not guilty:
        return
    first, *others = guilty
    stage = _first_that_fails(first)
    member = first.members[stage]
    name = quoted(member[0].name) if len(member) == 1 and member[0].name is not None else "what stands before it"
    span = first.pipeline.pipes[min(stage, len(first.pipeline.pipes) - 1)]
    yield ctx.finding(
        span,
        f"a failure of {name} is lost in this pipe: {_advice(first, ctx)}",
        related=tuple(Related(pipe.pipeline.pipes[0], "here, too") for pipe in others),
        fix=_fix(node, first, script, ctx),
    )


def _pipes(script: Script) -> Iterator[_Pipe]:
    """The pipelines of a script in order."""
    scopes: dict[Pipeline, Scope] = {}
    members: dict[tuple[Pipeline, int], list[Command]] = {}
    around: dict[Scope, list[Scope]] = {}
    for command in script.commands:
        if command.wrapped_by is not None:
            continue
        if command.pipeline is not None:
            scopes[command.pipeline] = command.scope
            members.setdefault((command.pipeline, command.stage), []).append(command)
        piped = around.get(command.scope)
        if piped is None:
            piped = around[command.scope] = list(_piped(command.scope))
        for scope in piped:
            if scope.pipeline is not None and scope.parent is not None:
                scopes[scope.pipeline] = scope.parent
                members.setdefault((scope.pipeline, scope.stage), []).append(command)
    for pipeline in script.pipelines:
        if pipeline in scopes:
            stages = range(pipeline.length)
            yield _Pipe(pipeline, scopes[pipeline], tuple(tuple(members.get((pipeline, n), ())) for n in stages))


def _piped(inner: Scope) -> Iterator[Scope]:
    """The scopes around a command that are part of a pipeline, as far out as its output goes."""
    for scope in inner.outward():
        if scope.kind in _SUBSTITUTIONS:
            return
        if scope.pipeline is not None:
            yield scope


def _can_hide(pipe: _Pipe, neighbours: Neighbours) -> bool:
    """Whether the failure of a command before the last one matters."""
    if pipe.pipeline.negated or all(_cannot_fail(member) for member in pipe.members[:-1]):
        return False
    if any(command.reach is Reach.ON_FAILURE for command in pipe.members[0]):
        return False
    for scope in pipe.scope.outward():
        if scope.kind is ScopeKind.CONDITION:
            return False
        if scope.kind in _SUBSTITUTIONS:
            # The outcome of a substitution is that of a command only in `VERSION=$(…)`.
            owner = neighbours.owner(scope)
            if owner is None or owner.program is not None:
                return False
    following = neighbours.following(pipe.scope, pipe.pipeline.span.end)
    return following is None or following.before is not Operator.OR or following.name not in _IGNORING


def _cannot_fail(member: tuple[Command, ...]) -> bool:
    """Whether commands hardly fail; so does `cat` with a here-document."""
    return bool(member) and all(
        command.name in _HARMLESS
        or (command.name == "cat" and not command.arguments and any(r.is_heredoc for r in command.redirects))
        for command in member
    )


def _first_that_fails(pipe: _Pipe) -> int:
    """The number of the first member whose failure is lost."""
    return next((stage for stage, member in enumerate(pipe.members[:-1]) if not _cannot_fail(member)), 0)


def _advice(pipe: _Pipe, ctx: RuleContext) -> str:
    shell = next(scope for scope in pipe.scope.outward() if scope.options is not None)
    if shell.kind is ScopeKind.STRING:
        return f"start {quoted(shell.dialect)} with '-o pipefail'"
    real = _real_shell(pipe.scope.dialect, ctx)
    if real == "dash":
        return f"sh is dash here, so make bash the shell with {_SHELL}"
    if real is None:
        return f"write {_SHELL}, or 'set -o pipefail' if sh is not dash"
    return "write 'set -o pipefail' before it"


def _real_shell(dialect: str, ctx: RuleContext) -> str | None:
    """The shell that a dialect is; None for a `sh` of which nothing is known."""
    if dialect != "sh" or ctx.stage is None:
        return dialect
    return sh_of_stage(ctx.model, ctx.stage)


def _fix(node: Run, pipe: _Pipe, script: Script, ctx: RuleContext) -> Fix | None:
    """`set -o pipefail` at the start of the script, where the shell is known to have it."""
    shell = next(scope for scope in pipe.scope.outward() if scope.options is not None)
    if shell.kind is not ScopeKind.SCRIPT or _real_shell(shell.dialect, ctx) in {None, "dash"}:
        return None
    if any(word.text == "pipefail" for command in script.named("set") for word in command.arguments):
        # Somebody has thought about it.
        return None
    text = ctx.source.text
    start = script.span.start
    if node.heredocs:
        if node.heredocs[0].body.start != start:
            return None
        if text.startswith("#!", start):
            start = text.find("\n", start) + 1
        edit = Edit(Span(start, start), "set -o pipefail\n")
    else:
        while text[start].isspace():
            start += 1
        edit = Edit(Span(start, start), "set -o pipefail && ")
    return Fix("Switch pipefail on for this script", Safety.UNSAFE, (edit,))
