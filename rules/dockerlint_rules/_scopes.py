"""The commands of a script by the scope they stand in, for questions about neighbours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from dockerlint.shell.script import Command, Scope, Script


class Neighbours:
    """Answers which command stands where; the script is gone through once for all questions."""

    def __init__(self, script: Script) -> None:
        by_scope: dict[Scope, list[Command]] = {}
        for command in script.commands:
            by_scope.setdefault(command.scope, []).append(command)
        self._by_scope: Mapping[Scope, Sequence[Command]] = by_scope

    def owner(self, scope: Scope) -> Command | None:
        """The command in whose words a scope stands: `sh` for the script of `sh -c`; None if there is none."""
        if scope.parent is None:
            return None
        commands = self._by_scope.get(scope.parent, ())
        number = bisect_right(commands, scope.span.start, key=_start)
        found = commands[number - 1] if number else None
        return found if found is not None and found.span.holds(scope.span) else None

    def following(self, scope: Scope, offset: int) -> Command | None:
        """The first command of a scope that starts at an offset or behind it."""
        commands = self._by_scope.get(scope, ())
        number = bisect_left(commands, offset, key=_start)
        return commands[number] if number < len(commands) else None


def _start(command: Command) -> int:
    return command.span.start
