"""Follows the commands of a RUN, each by what is known of its program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from dockerlint.layers.call import Call
from dockerlint.layers.copy_commands import COPY_COMMANDS
from dockerlint.layers.fetch_commands import FETCH_COMMANDS
from dockerlint.layers.file_commands import FILE_COMMANDS
from dockerlint.layers.harmless import HARMLESS
from dockerlint.layers.output import is_redirected, output_of, redirected
from dockerlint.layers.package_commands import with_packages
from dockerlint.layers.run import Runner
from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.layers.user_commands import USER_COMMANDS
from dockerlint.shell.directories import directories
from dockerlint.shell.interpreters import read_interpreter
from dockerlint.shell.nested import reads_standard_input
from dockerlint.shell.script import Command, Pipeline, Reach, ScopeKind
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted

_COMMANDS: Mapping[str, Callable[[Call], None]] = {**FILE_COMMANDS, **COPY_COMMANDS, **FETCH_COMMANDS, **USER_COMMANDS}


def follow(commands: Sequence[Command], runner: Runner) -> None:
    """Do to the file system what the commands of a script surely do."""
    places = _directories(commands, runner)
    runner.assigned |= {each.name for command in commands for each in command.assignments}
    outputs: dict[Pipeline, Size] = {}
    opened: dict[int, bool] = {}
    wrappers = {id(command.wrapped_by) for command in commands if command.wrapped_by is not None}
    strings = _strings(commands)
    for command, directory in zip(commands, places, strict=True):
        if command.reach is Reach.ON_FAILURE or _prints_only(command):
            continue
        if id(command) in wrappers or _is_shell(command, strings):
            # What it starts comes behind it.
            continue
        if command.reach is Reach.MAYBE:
            _follow_doubtful(command, runner)
            continue
        given = outputs.get(command.pipeline, UNKNOWN) if command.pipeline is not None else UNKNOWN
        call = Call(command, directory, runner, given)
        # What a command prints is of interest only where it goes on to somewhere; its own effect may change that.
        to_file = is_redirected(command)
        output = output_of(call) if to_file or command.pipeline is not None else UNKNOWN
        _follow(call)
        if to_file:
            redirected(call, output, opened)
        if command.pipeline is not None:
            outputs[command.pipeline] = output


def _directories(commands: Sequence[Command], runner: Runner) -> Sequence[str | None]:
    """The directory of each command, the home directory put in."""
    workdir = runner.step.before.workdir
    start = workdir if isinstance(workdir, str) else None
    if not any(command.name in ("cd", "pushd", "popd") for command in commands):
        return [start] * len(commands)
    return [_of_home(place, runner) for place in directories(commands, start)]


def _prints_only(command: Command) -> bool:
    """Whether a command writes nothing, and what it prints goes to nobody: most commands do."""
    return (
        command.name in HARMLESS
        and command.name not in _COMMANDS
        and not command.redirects
        and command.pipeline is None
        and command.scope.kind is ScopeKind.SCRIPT
    )


def _strings(commands: Sequence[Command]) -> frozenset[Span]:
    """The places of the scripts that stand in words and here-documents."""
    scopes = {id(command.scope): command.scope for command in commands}.values()
    outer = (each for scope in scopes for each in scope.outward())
    return frozenset(scope.span for scope in outer if scope.kind is ScopeKind.STRING)


def _is_shell(command: Command, strings: Set[Span]) -> bool:
    """Whether a command is a shell whose script, in one of its words or in a here-document, is read."""
    if not strings or read_interpreter([command.name or "", *(word.text for word in command.arguments)]) is None:
        return False
    return reads_standard_input(command) is not None or any(command.span.holds(span) for span in strings)


def _of_home(directory: str | None, runner: Runner) -> str | None:
    """The directory, the home directory put in."""
    if directory is None or not directory.startswith("~"):
        return directory
    home = runner.home()
    return None if home is None or directory[1:2] not in ("", "/") else home + directory[1:]


def _follow(call: Call) -> None:
    command = call.command
    name = command.name
    if name is None:
        if command.program is not None:
            _unknown(call, "a program whose name is not known")
        return
    if command.open_ended or any(wrapper.name in ("chroot", "xargs", "parallel") for wrapper in command.wrappers):
        if name not in HARMLESS:
            call.doubt(f"the files that {quoted(name)} is given are not known")
        return
    known = _COMMANDS.get(name)
    if known is not None:
        known(call)
        return
    actions = call.runner.actions(command)
    for action in actions:
        with_packages(call, action)
    if not actions and name not in HARMLESS:
        _unknown(call, quoted(name))


def _unknown(call: Call, name: str) -> None:
    call.runner.is_wild = True
    call.doubt(f"what {name} writes is not known")


def _follow_doubtful(command: Command, runner: Runner) -> None:
    """Take into account a command that may run: it may have made or removed anything that it could."""
    name = command.name
    if name is None and command.program is None:
        return
    if name in HARMLESS and not command.redirects:
        return
    interpreter = read_interpreter([command.name or "", *(word.text for word in command.arguments)])
    shown = quoted(name) if name is not None else "a program"
    runner.notes.doubt(f"whether {shown} runs depends on a test")
    if name not in _COMMANDS or interpreter is not None:
        runner.is_wild = True
