"""Follows the commands of a RUN, each by what is known of its program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from types import MappingProxyType

from dockerlint.layers.call import Call, combined
from dockerlint.layers.conditions import holds, is_folder
from dockerlint.layers.copy_commands import COPY_COMMANDS
from dockerlint.layers.fetch_commands import FETCH_COMMANDS
from dockerlint.layers.file_commands import FILE_COMMANDS
from dockerlint.layers.find_command import find, is_followed
from dockerlint.layers.harmless import HARMLESS
from dockerlint.layers.output import can_redirect, is_redirected, output_of, redirected, writes_file
from dockerlint.layers.package_commands import with_packages
from dockerlint.layers.queries import is_question
from dockerlint.layers.reading_commands import READING_COMMANDS
from dockerlint.layers.removal_commands import REMOVAL_COMMANDS
from dockerlint.layers.run import Runner
from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.layers.user_commands import USER_COMMANDS
from dockerlint.shell.directories import CHANGING, Directories
from dockerlint.shell.flow import walk
from dockerlint.shell.interpreters import read_interpreter
from dockerlint.shell.nested import reads_standard_input
from dockerlint.shell.outcomes import Fate
from dockerlint.shell.script import Command, Pipeline, ScopeKind
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted

_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = {
    **FILE_COMMANDS,
    **REMOVAL_COMMANDS,
    **COPY_COMMANDS,
    **FETCH_COMMANDS,
    **USER_COMMANDS,
    "find": find,
}

#: Commands of which it is told what they make, also where it is not known whether they succeed.
_GUESSED = COPY_COMMANDS.keys() | {"mkdir", "touch", "truncate"}
#: Built-ins that always end in the same way.
_ENDS: Mapping[str, bool] = MappingProxyType(
    {**dict.fromkeys((":", "true", "echo", "export", "printf", "set", "umask", "unset"), True), "false": False}
)
#: What fails without having anything to do.
_CONSTANT = frozenset({"exit", "false"})
#: What runs its commands more than once, or elsewhere.
_REPEATING = frozenset({ScopeKind.LOOP, ScopeKind.FUNCTION})


def follow(commands: Sequence[Command], runner: Runner, *, is_sound: bool = True) -> None:
    """Do to the file system what the commands of a script do; `is_sound` says that all of the script was read.

    What runs for sure, or if all goes as hoped, is followed. What may run leaves a doubt.
    """
    runner.assigned |= {each.name for command in commands for each in command.assignments}
    if walk(commands, _Follower(commands, runner), is_sound=is_sound) and runner.failure is not None:
        runner.notes.problems.append(runner.failure)


class _Follower:
    """Follows the commands of one script as they are met; see `flow.Visitor`."""

    def __init__(self, commands: Sequence[Command], runner: Runner) -> None:
        workdir = runner.step.before.workdir
        self._runner = runner
        self._directories = Directories(workdir if isinstance(workdir, str) else None)
        self._outputs: dict[Pipeline, Size] = {}
        self._opened: dict[int, bool] = {}
        self._wrappers = {command.wrapped_by.span for command in commands if command.wrapped_by is not None}
        self._strings = _strings(commands)
        self._unsure: list[Command] = []

    def meet(self, command: Command, fate: Fate) -> bool | None:
        """See `flow.Visitor`."""
        if fate is Fate.NEVER:
            return None
        if _prints_only(command):
            return self._constant(command, fate)
        starts = bool(self._wrappers) and command.span in self._wrappers and command.name != "find"
        if starts or _is_shell(command, self._strings):
            # What it starts comes behind it.
            return None
        if fate <= Fate.MAYBE:
            _follow_doubtful(command, self._runner, fate)
            return None if command.redirects else self._constant(command, fate)
        runner = self._runner
        runner.is_repeated = command.scope.parent is not None and any(
            scope.kind in _REPEATING for scope in command.scope.outward()
        )
        end = self._followed(command)
        if end is not True and command.name in _CONSTANT:
            self._constant(command, fate)
        if end is None and command.name not in HARMLESS:
            self._unsure.append(command)
        return end

    def go_on(self, since: int) -> None:
        """See `flow.Visitor`."""
        runner = self._runner
        passed = [command for command in self._unsure if command.span.start >= since]
        for command in passed:
            in_turns = any(scope.kind in _REPEATING for scope in command.scope.outward())
            if command.name in _GUESSED and not (in_turns or runner.notes.doubts):
                runner.notes.suspect(f"{quoted(command.name)} may fail here, which does not end the script")
        runner.machine.is_hoped = runner.machine.is_hoped or bool(passed)
        self._unsure = [command for command in self._unsure if command.span.start < since]

    def have_succeeded(self) -> None:
        """See `flow.Visitor`."""
        self._unsure.clear()

    def _constant(self, command: Command, fate: Fate) -> bool | None:
        """How a command ends whose surroundings play no part."""
        name = command.name or ""
        end = _ENDS.get(name)
        if fate is Fate.SURE and (end is False or (name == "exit" and command.arguments)):
            self._runner.fail(command.span, f"it comes to {quoted(' '.join(word.raw for word in command.words))}")
        return end

    def _followed(self, command: Command) -> bool | None:
        runner = self._runner
        pipeline = command.pipeline
        given = self._outputs.get(pipeline, UNKNOWN) if pipeline is not None else UNKNOWN
        call = Call(command, _of_home(self._directories.of(command), runner), runner, given)
        if command.redirects and can_redirect(call) is False:
            return False
        # What a command prints is of interest only where it goes on to somewhere; its own effect may change that.
        to_file = is_redirected(command)
        output = output_of(call) if to_file or pipeline is not None else UNKNOWN
        end = _follow(call)
        if command.name in CHANGING and end is not False:
            self._directories.change(command, certain=True)
        if to_file:
            end = combined((end, redirected(call, output, self._opened)))
        if pipeline is not None:
            self._outputs[pipeline] = output
        return end


def _prints_only(command: Command) -> bool:
    """Whether a command writes nothing, reads nothing that may be missing, and what it prints goes to nobody."""
    return (
        command.name in HARMLESS
        and command.name not in _COMMANDS
        and command.name not in _LOOKING
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


def _cd(call: Call) -> bool | None:
    words = call.command.arguments
    return is_folder(call, words[0]) if len(words) == 1 and words[0].text not in ("-", "--", "-L", "-P") else None


#: What writes nothing, but may find out that something is missing.
_LOOKING: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {"[": holds, "[[": holds, "test": holds, "cd": _cd, **READING_COMMANDS}
)


def _follow(call: Call) -> bool | None:
    """Do what a command does; whether it succeeds, None where that is not known."""
    command = call.command
    name = command.name
    if name is None:
        if command.program is not None:
            _unknown(call, "a program whose name is not known")
            return None
        return True if all(each.value is None or each.value.text is not None for each in command.assignments) else None
    if command.open_ended or any(wrapper.name in ("chroot", "xargs", "parallel") for wrapper in command.wrappers):
        wrapper = command.wrapped_by
        is_done = name == "rm" and wrapper is not None and wrapper.name == "find" and is_followed(wrapper)
        if name not in HARMLESS and not is_done:
            call.doubt(f"the files that {quoted(name)} is given are not known")
        return None
    known = _COMMANDS.get(name) or _LOOKING.get(name)
    if known is not None:
        return known(call)
    actions = call.runner.actions(command)
    for action in actions:
        with_packages(call, action)
    if not actions and name not in HARMLESS and not is_question(command):
        _unknown(call, quoted(name))
    return _ENDS.get(name)


def _unknown(call: Call, name: str) -> None:
    call.runner.is_wild = True
    call.doubt(f"what {name} writes is not known")


def _follow_doubtful(command: Command, runner: Runner, fate: Fate) -> None:
    """Take into account a command that may run: it may have made or removed anything that it could.

    One that only runs if another one fails hardly does.
    """
    name = command.name
    if name is None and command.program is None:
        return
    if (name in HARMLESS or is_question(command)) and not writes_file(command):
        runner.machine.is_hoped = runner.machine.is_hoped or name in _COMMANDS
        return
    runner.machine.is_hoped = True
    shown = quoted(name) if name is not None else "a program"
    if fate is Fate.ON_FAILURE:
        runner.notes.suspect(f"whether {shown} runs depends on the end of another command")
        return
    interpreter = read_interpreter([command.name or "", *(word.text for word in command.arguments)])
    runner.notes.doubt(f"whether {shown} runs depends on a test")
    if name not in _COMMANDS or interpreter is not None:
        runner.is_wild = True
