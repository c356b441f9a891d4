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


_CHANGING = frozenset({"cd", "popd", "pushd"})


class _Place(NamedTuple):
    """A directory, None if it is not known; it holds in `scope` and what that encloses."""

    path: str | None
    scope: Scope


def directories(commands: Sequence[Command], start: str | None) -> tuple[str | None, ...]:
    """The directory of each command, in the order of the commands, which is that of the text; None if not known.

    `start` is the directory that the script starts in. A path below the home directory begins with `~`. What a
    subshell changes ends with it, and so does what may not run at all.
    """
    if not any(command.name in _CHANGING for command in commands):
        return (start,) * len(commands)
    places: dict[Scope, list[_Place]] = {}
    found: list[str | None] = []
    for command in commands:
        inside = tuple(command.scope.outward())
        place = _current(places, inside, start)
        found.append(place)
        if command.name in ("cd", "pushd") and command.wrapped_by is None:
            process = next(scope for scope in inside if scope.kind in _PROCESSES)
            holds_in = process if command.reach is Reach.ALWAYS else command.scope
            places.setdefault(process, []).append(_Place(_changed(command, place), holds_in))
        elif command.name == "popd":
            process = next(scope for scope in inside if scope.kind in _PROCESSES)
            places.setdefault(process, []).append(_Place(None, process))
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
