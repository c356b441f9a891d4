"""The options of `set` that are in force at a place of a script: errexit, pipefail and their like."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.shell.interpreters import SWITCHES, set_options
from dockerlint.shell.script import Command, Reach, Scope, ScopeKind, Script

_PROCESSES = frozenset({ScopeKind.SUBSHELL, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})


class _State(NamedTuple):
    """What was switched in one process up to an offset: for each option where it was switched last, and how."""

    start: int
    last: Mapping[str, tuple[int, bool]]


class Switches:
    """The options of `set` in a script, which is gone through once for all questions."""

    def __init__(self, script: Script) -> None:
        self._processes: dict[Scope, Scope] = {}
        self._states: dict[Scope, list[_State]] = {}
        for command in script.named("set", "shopt"):
            if command.reach is not Reach.ON_FAILURE:
                self._switch(command)

    def at(self, scope: Scope, offset: int) -> frozenset[str]:
        """The names of `set -o` that are on at an offset of the file, which lies in `scope`.

        They are those that the shell was started with, and those that `set` and bash's `shopt -o` have switched since
        then in the same process or in one around it. Switches in a branch count as if it were taken.
        """
        last: dict[str, tuple[int, bool]] = {}
        process = self._process(scope)
        while True:
            states = self._states.get(process, [])
            number = bisect_left(states, offset, key=lambda state: state.start)
            if number:
                for name, switched in states[number - 1].last.items():
                    last[name] = max(switched, last.get(name, (-1, False)))
            if process.options is not None or process.parent is None:
                break
            process = self._process(process.parent)
        on = frozenset(name for name, (_, is_on) in last.items() if is_on)
        return on | ((process.options or frozenset()) - last.keys())

    def _switch(self, command: Command) -> None:
        gained, lost = _switched(command)
        states = self._states.setdefault(self._process(command.scope), [])
        start = command.span.start
        last = dict(states[-1].last) if states else {}
        last |= {name: (start, name in gained) for name in (gained | lost) & SWITCHES}
        states.append(_State(start, last))

    def _process(self, scope: Scope) -> Scope:
        """The innermost scope around, or itself, that is a process of its own."""
        passed = []
        current = scope
        while not (current in self._processes or _is_process(current)):
            passed.append(current)
            assert current.parent is not None
            current = current.parent
        process = self._processes.get(current, current)
        self._processes |= dict.fromkeys(passed, process)
        return process


def _is_process(scope: Scope) -> bool:
    return scope.kind in _PROCESSES or scope.options is not None or scope.parent is None


def _switched(command: Command) -> tuple[frozenset[str], frozenset[str]]:
    words = [word.text for word in command.arguments]
    if command.name == "set":
        return set_options(words)
    letters = "".join(word[1:] for word in words if word is not None and word.startswith("-"))
    named = frozenset(word for word in words if word is not None and not word.startswith("-"))
    if "o" not in letters:
        return frozenset(), frozenset()
    return (named, frozenset()) if "s" in letters else (frozenset(), named if "u" in letters else frozenset())
