"""Signals: whether they reach the program that a container runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, Step
from dockerlint.shell.interpreters import read_interpreter
from dockerlint.shell.script import Command, Operator, ScopeKind
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Cmd, Entrypoint, Form, StartCommand
from dockerlint_rules._shells import sh_of
from dockerlint_rules._start import starts_of
from dockerlint_rules._tables import names

# Shells that replace themselves by the last command of a script if it is a simple one. dash, the sh of Debian and
# Ubuntu, does not.
_REPLACING_SHELLS = names("ash bash ksh ksh93 mksh zsh")

# Programs that hand the signals of process 1 on to the command that they start.
_INITS = names("catatonit docker-init dumb-init pid1 tini tini-static")

# Commands that end by themselves, so that nothing waits for a signal.
_SHORT = names(
    ": [ [[ cat cd chmod chown cp date echo env exit export false hostname ls mkdir printf pwd rm set test true uname"
)

# What scripts do that take care of signals.
_CAREFUL = names("exec trap wait")

_SUBSTITUTIONS = frozenset({ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})


@rule(
    "DL8012",
    "unforwarded-signals",
    on=Model,
    needs=(StartCommand,),
    severity=Severity.INFO,
    tags=("start-command",),
)
def unforwarded_signals(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A shell stays process 1 of the container and keeps the signals that the program should get.

    ## Why
    Signals go to process 1. A shell that waits for a program neither hands them on nor ends by itself, so `docker stop`
    waits ten seconds and kills: no request is finished, nothing is flushed. `exec` before the last command makes the
    shell replace itself, and the program process 1.

    bash and busybox do so by themselves where the last command is a simple one; dash, the `sh` of Debian and Ubuntu,
    does not. Scripts with `trap` or `wait`, and commands behind an init such as `tini`, are exempt. A single command in
    shell form is left to shell-form-entrypoint (DL3025).

    ## Bad
        FROM python:3.13-slim
        CMD ["sh", "-c", "python manage.py migrate && gunicorn app.wsgi"]

    ## Good
        FROM python:3.13-slim
        CMD ["sh", "-c", "python manage.py migrate && exec gunicorn app.wsgi"]

    ## See
    https://docs.docker.com/reference/dockerfile/#shell-form-entrypoint-example
    https://docs.docker.com/reference/cli/docker/container/stop/
    """
    for stage, start in zip(model.stages, starts_of(ctx), strict=True):
        for step in stage.steps[1:]:
            # Behind an ENTRYPOINT the CMD is not process 1.
            if isinstance(step.node, Entrypoint) or (isinstance(step.node, Cmd) and start.own_entrypoint is None):
                yield from _kept_signals(step.node, step, start.base, ctx)


def _kept_signals(node: StartCommand, step: Step, base: FileSource, ctx: RuleContext) -> Iterator[Finding]:
    is_exec = node.command.form is Form.EXEC
    level = ScopeKind.STRING if is_exec else ScopeKind.SCRIPT
    commands = [command for command in ctx.script(node, step).commands if not _is_inside_word(command)]
    listed = [command for command in commands if command.scope.kind is level]
    if (
        not listed
        or not listed[-1].is_posix
        or commands[0].name in _INITS
        or any(command.name in _CAREFUL for command in commands)
    ):
        return
    last = listed[-1]
    if last is not commands[-1] or last.background or last.name is None or last.name in _SHORT:
        # What a compound command at the end does is for people to judge.
        return
    is_alone = all(command is last or command in last.wrappers for command in listed)
    if is_alone and not is_exec and step.before.shell_from is None:
        return
    is_simple = last.pipeline is None and not last.redirects and last.before is not Operator.OR
    if is_simple and _replaces(_dialect(commands, step.before.shell, is_exec=is_exec), base):
        return
    stays = "the shell stays process 1 and passes no signals on"
    if last.pipeline is not None:
        message = f"{stays} to what it pipes into {quoted(last.name)}: write the output elsewhere"
        yield ctx.finding(last.span, message)
        return
    first = last.wrappers[-1] if last.wrappers else last
    message = f"{stays} to {quoted(last.name)}: write 'exec' before it"
    yield ctx.finding(first.span, message, fix=_exec_fix(first, ctx.source))


def _exec_fix(command: Command, source: Source) -> Fix | None:
    """The fix that lets the program replace the shell, where the place of the program is exact."""
    program = command.program
    if program is None or source.slice(program.span) != program.raw:
        return None
    edit = Edit(Span(program.span.start, program.span.start), "exec ")
    return Fix("Let the program replace the shell", Safety.UNSAFE, (edit,))


def _is_inside_word(command: Command) -> bool:
    return any(scope.kind in _SUBSTITUTIONS for scope in command.scope.outward())


def _dialect(commands: Sequence[Command], shell: tuple[str, ...], *, is_exec: bool) -> str:
    """The base name of the shell that reads the script."""
    words: Sequence[str | None] = shell
    if is_exec:
        outside = [command for command in commands if command.scope.kind is ScopeKind.SCRIPT]
        words = [word.text for word in outside[-1].words]
    interpreter = read_interpreter(words)
    return "" if interpreter is None else interpreter.dialect


def _replaces(dialect: str, base: FileSource) -> bool:
    """Whether the shell replaces itself by a last simple command; `base` decides what `sh` is."""
    real = sh_of(base) if dialect == "sh" else dialect
    return real in _REPLACING_SHELLS
