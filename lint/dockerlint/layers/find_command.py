"""`find` where it removes files: which of those that are known it chooses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import walk
from dockerlint.layers.layer import Cause
from dockerlint.layers.nodes import File, Folder, Link
from dockerlint.layers.removal_commands import remove
from dockerlint.layers.wildcard import matches
from dockerlint.shell.removals import removals
from dockerlint.shell.script import Command, Word

_FLAGS = frozenset({"-depth", "-xdev", "-mount", "-print", "-ignore_readdir_race"})
_KINDS = {"f": File, "l": Link}


class _Choice(NamedTuple):
    """The folders that `find` goes through, and what it removes of that: by the kind, name and depth of a file."""

    roots: tuple[Word, ...]
    kind: type[File | Link]
    names: tuple[str, ...]
    least: int
    most: int


def find(call: Call) -> bool | None:
    """Follow `find`; of one whose tests or actions are not known the state of the files is not known afterwards."""
    emptied = tuple(removals(call.command, call.directory))
    choice = _choice(call.command)
    if choice is not None and not (emptied and _has_unknown(call, choice)):
        for root in choice.roots:
            for path in list(_chosen(call, choice, root)):
                remove(call, path, Cause.REMOVED, root, recursive=False, forced=True)
    elif emptied:
        for removal in emptied:
            for path in call.paths(removal.word):
                for pattern in ("*", ".*"):
                    remove(call, f"{path}/{pattern}", Cause.REMOVED, removal.word, recursive=True, forced=True)
    elif any(word.text == "-delete" for word in call.command.arguments):
        call.runner.machine.is_hoped = True
    return None


def _has_unknown(call: Call, choice: _Choice) -> bool:
    """Whether there is content without known names, which `find` takes, too."""
    nodes = (call.runner.fs.find(path, follow=False) for root in choice.roots for path in call.paths(root))
    below = (each for node in nodes if node is not None for _, each in walk(node))
    return any(isinstance(each, Folder) and any(fill.sure for fill in each.fills) for each in below)


def is_followed(command: Command) -> bool:
    """Whether a `find` is understood in full: what it starts adds nothing."""
    return next(removals(command, "/"), None) is not None or _choice(command) is not None


def _chosen(call: Call, choice: _Choice, root: Word) -> Iterator[str]:
    runner = call.runner
    for top in call.paths(root):
        node = runner.fs.find(top, follow=False)
        if node is None or runner.is_outside(top) or not runner.fs.budget.affords(node):
            continue
        start = top.rstrip("/").count("/")
        for path, found in walk(node, top.rstrip("/")):
            name = path.rpartition("/")[2]
            fits = isinstance(found, choice.kind) and all(matches(each, name) for each in choice.names)
            if fits and choice.least <= path.count("/") - start <= choice.most:
                yield path


def _choice(command: Command) -> _Choice | None:
    """What is removed if all tests are of files' kinds, names and depths; None otherwise."""
    words = command.arguments
    count = next((at for at, word in enumerate(words) if (word.text or "-").startswith(("-", "!", "("))), len(words))
    roots, rest = words[:count], list(words[count:])
    kind: type[File | Link] | None = None
    patterns: list[str] = []
    depths = {"-mindepth": 0, "-maxdepth": 1_000_000}
    while rest:
        sign = rest.pop(0).text
        if sign in _FLAGS:
            continue
        if sign == "-delete":
            return None if rest or kind is None else _Choice(roots, kind, tuple(patterns), *depths.values())
        if sign in ("-exec", "-execdir"):
            done = None if kind is None or not _is_removal(rest) else kind
            return None if done is None else _Choice(roots, done, tuple(patterns), *depths.values())
        value = rest.pop(0).text if rest else None
        if value is None:
            return None
        if sign == "-type" and value in _KINDS:
            kind = _KINDS[value]
        elif sign == "-name":
            patterns.append(value)
        elif sign in depths and value.isascii() and value.isdigit() and len(value) < 6:
            depths[sign] = int(value)
        else:
            return None
    return None


def _is_removal(words: list[Word]) -> bool:
    """Whether a command of `-exec`, the last words of all, removes the file it is given."""
    texts = [word.text for word in words]
    if not texts or texts[0] not in ("rm", "/bin/rm") or texts[-1] not in (";", "+"):
        return False
    return [text for text in texts[1:-1] if text not in ("-f", "-rf", "-fr", "-r", "-v", "--")] == ["{}"]
