"""Which commands of a script run, where somebody tells how each of them ends.

`Command.reach` says what runs when everything goes as its author hopes. Here the script is gone through from its start:
what is known of a command decides about those behind it, by `&&`, `||`, `!`, `if`, `set -e` and `exit`. With nothing
known the outcome is that of `Command.reach`. Nesting takes no stack: scopes are opened and closed as commands come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dockerlint.shell.interpreters import set_options
from dockerlint.shell.outcomes import (
    AFTER_AND,
    AFTER_OR,
    NEGATED,
    Fate,
    Outcome,
    end_of_pipeline,
    joined_by_and,
    joined_by_or,
    outcome_of,
)
from dockerlint.shell.script import Command, Operator, Reach, Scope, ScopeKind
from dockerlint.source import Span


class Visitor(Protocol):
    """Who follows the commands of a script."""

    def meet(self, command: Command, fate: Fate) -> bool | None:
        """Take in the next command in the order of the text; whether it succeeds, None where that is not known."""

    def go_on(self, since: int) -> None:
        """What follows now runs also if commands have failed, from an offset on, whose end is not known."""

    def have_succeeded(self) -> None:
        """What follows now runs only if all that has run so far has succeeded."""


_SUBSHELLS = frozenset({ScopeKind.SUBSHELL, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})
_STARTED = frozenset({ScopeKind.SCRIPT, ScopeKind.STRING})
_BRANCHING = frozenset({ScopeKind.CONDITION, ScopeKind.BRANCH, ScopeKind.LOOP})
_CHAINING = frozenset({Operator.AND, Operator.OR})
_PIPES = frozenset({Operator.PIPE, Operator.PIPE_BOTH})
_JOINING = _PIPES | {Operator.AND}
_WITHIN_WORDS = frozenset({ScopeKind.STRING, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})
#: After these nothing is sure any more: they run what is not read, or change how the script ends.
_TRICKY = frozenset({".", "eval", "exec", "source", "trap"})
_LEAVING = frozenset({"break", "continue", "exit", "return"})
_SPECIAL: frozenset[str | None] = _TRICKY | _LEAVING | {"set"}
_NOWHERE = Span(0, 0)
#: The number of open frames in a script itself.
_OUTERMOST = 2
_FATES = {Reach.ALWAYS: Fate.HOPED, Reach.MAYBE: Fate.MAYBE, Reach.ON_FAILURE: Fate.ON_FAILURE}


@dataclass(slots=True)
class _Compound:
    """An `if`, `case` or loop on the way through its blocks.

    `open` is the fate of the next block as far as the ones before it decide, `condition` the end of the last test.
    """

    span: Span
    open: Fate = Fate.SURE
    condition: Outcome | None = None
    ends: tuple[Outcome, ...] = ()


@dataclass(slots=True)
class _Frame:
    """A scope whose commands are being met.

    `fate` is its own, `limit` what is left of it after `exit` and its like, `now` the fate of the command or compound
    command in work, which lies at `span`. `item` is how that ends, `stages` how those before it in its pipeline do,
    `status` how the list before it does, whose own fate is `begun` and which begins at `start`; `before` joins the two
    if there is such a list (`is_joined`). `result` is the end of the process, where `exit` has brought it about.
    `ignoring` says that failures do not end the script. In a `detached` scope only `Command.reach` is known.
    """

    scope: Scope | None
    fate: Fate
    options: frozenset[str] = frozenset()
    ignoring: bool = False
    detached: bool = False
    limit: Fate = Fate.SURE
    now: Fate = Fate.SURE
    begun: Fate = Fate.SURE
    start: int = 0
    item: Outcome | None = None
    span: Span = _NOWHERE
    is_plain: bool = True
    negated: bool = False
    background: bool = False
    before: Operator = Operator.NONE
    status: Outcome | None = None
    is_joined: bool = False
    is_chain: bool = False
    stages: tuple[Outcome, ...] = ()
    result: Outcome | None = None
    compound: _Compound | None = None

    @property
    def is_process(self) -> bool:
        """Whether what `exit` and `set` do ends with it."""
        scope = self.scope
        if scope is None or scope.parent is None:
            return True
        return scope.kind in _SUBSHELLS or scope.options is not None or scope.pipeline is not None


def walk(commands: Sequence[Command], visitor: Visitor, *, is_sound: bool = True) -> bool:
    """Have a visitor meet the commands of a script, in the order of the text. Whether the script surely fails.

    Nothing is sure of a script that is not sound: one that could be read in part only.
    """
    return _Walk(commands, visitor, Fate.SURE if is_sound else Fate.HOPED).run()


class _Walk:
    """One way through a script. `_frames` are the open scopes, below the script itself one that stands for nothing."""

    def __init__(self, commands: Sequence[Command], visitor: Visitor, fate: Fate) -> None:
        self._commands = commands
        self._visitor = visitor
        self._frames = [_Frame(None, fate, now=fate)]
        self._closed: set[Scope] = set()
        self._decided: dict[Scope, int] | None = None
        scopes = {id(command.scope): command.scope for command in commands if command.scope.parent is not None}
        outer = (each for scope in scopes.values() for each in scope.outward())
        self._special = _SPECIAL | {scope.name for scope in outer if scope.kind is ScopeKind.FUNCTION}

    def run(self) -> bool:
        for command in self._commands:
            frame = self._frames[-1]
            if frame.scope is not command.scope:
                frame = self._enter(command)
            if command.wrapped_by is None:
                self._begin(frame, command, command.span)
            self._meet(frame, command)
        while len(self._frames) > 1:
            self._leave_scope()
        return self._frames[0].item is Outcome.FAILURE

    def _meet(self, frame: _Frame, command: Command) -> None:
        fate = frame.now
        if frame.detached:
            fate = min(frame.fate, _FATES[command.reach])
        known = self._visitor.meet(command, fate)
        if command.wrapped_by is None:
            frame.item = outcome_of(command, known)
        if command.name in self._special:
            self._do(command, fate)

    def _do(self, command: Command, fate: Fate) -> None:
        """Do what a built-in does to the course of the script; nothing is sure behind a call of a function."""
        if command.name == "set":
            if fate >= Fate.HOPED:
                self._set(command)
        elif command.name in _LEAVING:
            self._exit(command, fate)
        else:
            for each in self._frames:
                each.limit = min(each.limit, Fate.HOPED)

    def _enter(self, command: Command) -> _Frame:
        """Close the scopes that end before a command, and open those that begin before it."""
        path = [*command.scope.outward()][::-1]
        common = 0
        while common < min(len(path), len(self._frames) - 1) and self._frames[common + 1].scope is path[common]:
            common += 1
        while len(self._frames) > common + 1:
            self._leave_scope()
        for scope in path[common:]:
            self._enter_scope(scope, command)
        return self._frames[-1]

    def _enter_scope(self, scope: Scope, command: Command) -> None:
        parent = self._frames[-1]
        fate = parent.now
        options, ignoring = parent.options, parent.ignoring
        detached = parent.detached or scope.kind is ScopeKind.FUNCTION or scope in self._closed
        if scope.kind is ScopeKind.STRING:
            # A here-document may be read by a command before the one in work.
            detached = detached or not parent.span.holds(scope.span)
        elif scope.kind in (ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION, ScopeKind.SCRIPT):
            detached = detached or (scope.parent is not None and not parent.span.holds(scope.span))
        elif parent.compound is None or scope.kind not in _BRANCHING or parent.compound.span != scope.span:
            self._begin(parent, scope, scope.span)
            parent.compound = _Compound(scope.span) if scope.kind in _BRANCHING else None
            if scope.kind is ScopeKind.BRANCH and parent.compound is not None:
                # A `case`: what its word is like is not looked at.
                parent.compound.open = Fate.MAYBE
            fate = parent.now
        if parent.compound is not None and scope.kind in _BRANCHING:
            fate = min(parent.now, _block(parent.compound, scope, command))
        if scope.options is not None:
            options, ignoring = scope.options, False
        elif scope.kind is ScopeKind.CONDITION or scope.negated or scope.after in _CHAINING:
            ignoring = True
        frame = _Frame(scope, fate, options, ignoring, detached)
        if detached:
            frame.fate = min(parent.fate, parent.limit, Fate.HOPED)
        self._frames.append(frame)

    def _leave_scope(self) -> None:
        frame = self._frames.pop()
        self._settle(frame, Operator.NONE)
        scope, parent = frame.scope, self._frames[-1]
        assert scope is not None
        self._closed.add(scope)
        end = frame.result or frame.status or Outcome.SUCCESS
        if frame.detached or scope.kind in (ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION):
            return
        if parent.compound is not None and scope.kind in _BRANCHING:
            _end_of_block(parent.compound, scope, end)
            if not parent.detached:
                parent.item = _end_of_compound(parent.compound)
        elif scope.kind is ScopeKind.STRING:
            parent.item = end if end is not Outcome.TESTED else Outcome.HOPED
        elif parent.scope is not None or frame.result is not None or frame.begun is Fate.SURE:
            parent.item = end

    def _begin(self, frame: _Frame, item: Command | Scope, span: Span) -> None:
        """Begin with a command or a compound command of a scope: what becomes of it is up to those before it."""
        joins_pipe = item.before in _PIPES and item.stage > 0
        if joins_pipe and frame.item is not None:
            frame.stages = (*frame.stages, frame.item)
        else:
            self._settle(frame, item.before)
            self._decide(frame, item.before, span)
            frame.stages = ()
        frame.compound = None
        frame.item, frame.span = Outcome.HOPED, span
        frame.is_plain = isinstance(item, Command) or item.kind is ScopeKind.SUBSHELL
        frame.negated, frame.background = item.negated, item.background

    def _decide(self, frame: _Frame, before: Operator, span: Span) -> None:
        """What the operator in front of it makes of the fate of a command."""
        own = Fate.SURE
        frame.is_joined = before in _CHAINING and frame.status is not None
        if frame.is_joined:
            assert frame.status is not None
            own = (AFTER_AND if before is Operator.AND else AFTER_OR)[frame.status]
            if own is Fate.MAYBE and before is Operator.AND and self._is_decided(frame, span):
                # Without it the script would have failed.
                own = Fate.HOPED
            if before is Operator.OR:
                self._visitor.go_on(frame.start)
        elif frame.status is not None:
            exits = "errexit" in frame.options and not (frame.ignoring or frame.negated or frame.is_chain)
            if exits and len(self._frames) == _OUTERMOST:
                self._visitor.have_succeeded()
            elif frame.status is not Outcome.SUCCESS and not exits:
                self._visitor.go_on(frame.start)
            frame.status = None
        if not frame.is_joined:
            frame.begun = min(frame.fate, frame.limit)
            frame.start = span.start
        frame.is_chain = frame.is_joined
        frame.before = before
        frame.now = min(frame.fate, frame.limit, own)

    def _is_decided(self, frame: _Frame, span: Span) -> bool:
        """Whether what lies at a place of a script has surely run once the script has succeeded."""
        if self._decided is None:
            self._decided = _decided(self._commands)
        start = None if frame.scope is None else self._decided.get(frame.scope)
        return start is not None and span.start > start

    def _settle(self, frame: _Frame, following: Operator) -> None:
        """Take the end of the command in work into account."""
        if frame.item is None:
            return
        end = end_of_pipeline((*frame.stages, frame.item), pipefail="pipefail" in frame.options)
        frame.item = None
        if frame.background:
            end = Outcome.SUCCESS
        if frame.negated:
            end = NEGATED[end]
        if not frame.is_joined or frame.status is None:
            frame.status = end
        else:
            frame.status = (joined_by_and if frame.before is Operator.AND else joined_by_or)(frame.status, end)
        exits = "errexit" in frame.options and not (frame.ignoring or frame.negated or following in _CHAINING)
        if exits and end is Outcome.FAILURE and frame.is_plain and frame.now >= Fate.MAYBE:
            self._end_process((*self._frames, frame), frame.now, Outcome.FAILURE)

    def _exit(self, command: Command, fate: Fate) -> None:
        """`exit`, and what ends a function or a loop."""
        if fate <= Fate.ON_FAILURE or command.pipeline is not None:
            return
        if command.name != "exit":
            kind = ScopeKind.FUNCTION if command.name == "return" else ScopeKind.LOOP
            for each in reversed(self._frames):
                each.limit = min(each.limit, Fate.NEVER if fate is Fate.SURE else Fate.MAYBE)
                if each.scope is not None and each.scope.kind is kind:
                    return
            return
        number = command.arguments[0].text if command.arguments else None
        end = Outcome.HOPED
        if command.arguments and number is not None and number.isascii() and number.isdigit():
            end = Outcome.FAILURE if int(number[-4:]) % 256 else Outcome.SUCCESS
        is_script = all(not each.is_process for each in self._frames[2:])
        if end is Outcome.FAILURE and fate < Fate.SURE and is_script:
            # The build would fail: whoever gets so far has not come by here.
            return
        self._end_process(self._frames, fate, end)

    def _end_process(self, frames: Sequence[_Frame], fate: Fate, end: Outcome) -> None:
        for each in reversed(frames):
            each.limit = min(each.limit, Fate.NEVER if fate is Fate.SURE else Fate.MAYBE)
            if each.is_process:
                each.result = end if fate is Fate.SURE and each.result is None else each.result or Outcome.TESTED
                return

    def _set(self, command: Command) -> None:
        on, off = set_options([word.text for word in command.arguments])
        for each in reversed(self._frames):
            each.options = (each.options | on) - off
            if each.is_process:
                return


def _block(compound: _Compound, scope: Scope, command: Command) -> Fate:
    """The fate of a block of a compound command, seen from the whole."""
    condition, compound.condition = compound.condition, None
    if scope.kind is ScopeKind.CONDITION:
        return compound.open
    if scope.kind is ScopeKind.LOOP:
        if scope.loop is not None:
            is_sure = any(word.text is not None and not word.glob for word in scope.loop.words)
            return Fate.SURE if is_sure else Fate.MAYBE
        if condition is Outcome.SUCCESS and command.reach is Reach.ALWAYS:
            return Fate.SURE
        return _FATES[command.reach] if condition is not Outcome.FAILURE else Fate.MAYBE
    if condition is None:
        return compound.open
    own = {Outcome.SUCCESS: Fate.SURE, Outcome.FAILURE: Fate.NEVER}.get(condition, Fate.MAYBE)
    fate = min(compound.open, own)
    rest = {Outcome.SUCCESS: Fate.NEVER, Outcome.FAILURE: Fate.SURE}.get(condition, Fate.MAYBE)
    compound.open = min(compound.open, rest)
    return fate


def _end_of_block(compound: _Compound, scope: Scope, end: Outcome) -> None:
    if scope.kind is ScopeKind.CONDITION:
        compound.condition = end
    else:
        compound.ends = (*compound.ends, end)


def _end_of_compound(compound: _Compound) -> Outcome:
    """How the whole ends, as far as its blocks tell: what runs none of them succeeds."""
    return Outcome.SUCCESS if set(compound.ends) <= {Outcome.SUCCESS} else Outcome.HOPED


def _decided(commands: Sequence[Command]) -> dict[Scope, int]:
    """For each script the offset behind which commands of its last list have surely run once it has succeeded."""
    starts: dict[Scope, int] = {}
    lasts: dict[Scope, Scope | Command] = {}
    for command in commands:
        item: Scope | Command = command
        for scope in command.scope.outward():
            if scope.kind in _STARTED and _is_item(item):
                last = lasts.get(scope)
                if last is None or last.span.start != item.span.start:
                    is_joined = last is not None and item.before in _JOINING
                    starts[scope] = starts[scope] if is_joined else item.span.start
                    lasts[scope] = item
            item = scope
    return {scope: start for scope, start in starts.items() if not lasts[scope].background}


def _is_item(item: Scope | Command) -> bool:
    """Whether something stands in a list: a command that no other starts, or a compound command."""
    return item.wrapped_by is None if isinstance(item, Command) else item.kind not in _WITHIN_WORDS
