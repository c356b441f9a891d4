"""The directory that each command of a script runs in, as far as `cd` tells it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from dockerlint.shell.script import Command, Reach, Scope, ScopeKind

HOME = "~"

_PROCESSES = frozenset(
    {ScopeKind.SCRIPT, ScopeKind.SUBSHELL, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION, ScopeKind.STRING}
)


#: Commands that change it.
CHANGING = frozenset({"cd", "popd", "pushd"})


class _Place(NamedTuple):
    """A directory, None if it is not known; it holds in `scope` and what that encloses."""

    path: str | None
    scope: Scope


class Directories:
    """The directory that each command of a script runs in, told in the order of the text.

    `start` is the one that the script starts in. A path below the home directory begins with `~`. What a subshell
    changes ends with it, and so does what may not run at all.
    """

    def __init__(self, start: str | None) -> None:
        self._start = start
        self._places: dict[Scope, list[_Place]] = {}

    def of(self, command: Command) -> str | None:
        """The directory of a command, None if it is not known."""
        if not self._places:
            return self._start
        return _current(self._places, tuple(command.scope.outward()), self._start)

    def change(self, command: Command, *, certain: bool) -> None:
        """Take in a `cd` or its like that succeeds, or, if it is not certain, may do so."""
        if command.name == "popd" or command.wrapped_by is None:
            process = next(scope for scope in command.scope.outward() if scope.kind in _PROCESSES)
            is_gone = command.name == "popd"
            place = _Place(
                None if is_gone else _changed(command, self.of(command)),
                process if certain or is_gone else command.scope,
            )
            self._places.setdefault(process, []).append(place)


def directories(commands: Sequence[Command], start: str | None) -> tuple[str | None, ...]:
    """The directory of each command if all goes as hoped, in the order of the text; see `Directories`."""
    if not any(command.name in CHANGING for command in commands):
        return (start,) * len(commands)
    known = Directories(start)
    found: list[str | None] = []
    for command in commands:
        found.append(known.of(command))
        if command.name in CHANGING:
            known.change(command, certain=command.reach is Reach.ALWAYS)
    return tuple(found)


def _current(places: dict[Scope, list[_Place]], inside: Sequence[Scope], start: str | None) -> str | None:
    """The directory in the innermost scope; where a change has ended that may have happened, it is not known."""
    for scope in inside:
        if scope.kind in _PROCESSES and scope in places:
            last = places[scope][-1]
            return last.path if last.scope in inside else None
    return start


def _changed(command: Command, place: str | None) -> str | None:
    words = [word for word in command.arguments if word.text not in ("--", "-L", "-P")]
    if not words:
        return HOME
    text = words[0].text
    return None if text is None or text == "-" or words[0].glob else absolute(text, place)


def absolute(path: str, directory: str | None) -> str | None:
    """The path seen from a directory, without `.`, `..` and a final slash; None if that depends on what is not known.

    A path in the home directory, `~` or below it, stays one.
    """
    if path.startswith(("/", HOME)):
        joined = path
    elif directory is None:
        return None
    else:
        joined = f"{directory}/{path}"
    cleaned = posixpath.normpath(joined)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
