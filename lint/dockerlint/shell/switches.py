"""The options of `set` that are in force at a place of a script: errexit, pipefail and their like."""

from __future__ import annotations

from dockerlint.shell.interpreters import set_options
from dockerlint.shell.script import Command, Reach, Scope, ScopeKind, Script

_PROCESSES = frozenset({ScopeKind.SUBSHELL, ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})


def switches_at(script: Script, scope: Scope, offset: int) -> frozenset[str]:
    """The names of `set -o` that are on at an offset of the file, which lies in `scope`.

    They are those that the shell was started with, and those that `set` and bash's `shopt -o` have switched since then
    in the same process or in one around it. Switches in a branch count as if it were taken.
    """
    processes = _processes(scope)
    on = processes[-1].options or frozenset()
    for command in script.named("set", "shopt"):
        if command.span.start >= offset:
            break
        if command.reach is not Reach.ON_FAILURE and _processes(command.scope)[0] in processes:
            gained, lost = _switched(command)
            on = (on | gained) - lost
    return on


def _processes(scope: Scope) -> list[Scope]:
    """The scopes that are a process of their own, from the innermost to the one in which the shell was started."""
    found = []
    for each in scope.outward():
        if each.kind in _PROCESSES or each.options is not None or each.parent is None:
            found.append(each)
        if each.options is not None:
            break
    return found


def _switched(command: Command) -> tuple[frozenset[str], frozenset[str]]:
    words = [word.text for word in command.arguments]
    if command.name == "set":
        return set_options(words)
    letters = "".join(word[1:] for word in words if word is not None and word.startswith("-"))
    named = frozenset(word for word in words if word is not None and not word.startswith("-"))
    if "o" not in letters:
        return frozenset(), frozenset()
    return (named, frozenset()) if "s" in letters else (frozenset(), named if "u" in letters else frozenset())
