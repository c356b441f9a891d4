"""Patterns in the syntax of `.gitignore`: https://git-scm.com/docs/gitignore.

pathspec translates them. It means to answer for whole paths of files, where git goes down folder by folder and asks for
each on its own; so here each pattern is asked for one level only, and whoever asks goes down.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pathspec

#: The largest ignore file that is read, in bytes.
_LIMIT = 1024 * 1024

#: pathspec's name for the group that matches the slash behind a folder, when a path lies in a folder that the pattern
#: means.
_FOLDER_MARK = "ps_d"


class Patterns:
    """Patterns for paths below a folder."""

    def __init__(self, folder: str, lines: Iterable[str]) -> None:
        self._folder = folder or "."
        self._patterns = tuple(pattern for line in lines for pattern in _translated(line))

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Whether the patterns mean a path: that of its last one that matches; None if none does.

        Of what lies in a folder that is meant, nothing is said. `path` and the folder are both relative or both
        absolute.
        """
        inside = os.path.relpath(path, self._folder)
        if inside == os.curdir or inside.split(os.sep, 1)[0] == os.pardir or os.path.isabs(inside):
            return None
        text = inside.replace(os.sep, "/") + "/" * is_folder
        for pattern in reversed(self._patterns):
            if _means(pattern, text):
                return bool(pattern.include)
        return None


class Ignored:
    """What git ignores below a folder, by the ignore files from the root of its repository down to each path.

    The user's own list (`core.excludesFile`) is not read, so that everybody finds the same files. Outside a repository
    the ignore files in the folder and below it hold.
    """

    def __init__(self, folder: str) -> None:
        start = os.path.abspath(folder or ".")
        above: tuple[Patterns, ...] = ()
        root = _repository(start)
        if root is not None:
            above = _patterns_of(root, os.path.join(root, ".git", "info", "exclude"))
            parent = root
            for part in os.path.relpath(start, root).split(os.sep) if start != root else ():
                above += _patterns_of(parent, os.path.join(parent, ".gitignore"))
                parent = os.path.join(parent, part)
                # Who names an ignored folder wants to see what is in it.
                if _decide(above, parent, True):
                    above = ()
        self._holding = {os.path.dirname(start): above}

    def match(self, path: str, is_folder: bool) -> bool:
        """Whether git ignores a path below the folder, for paths whose own folder is not ignored."""
        absolute = os.path.abspath(path)
        return _decide(self._patterns_for(os.path.dirname(absolute)), absolute, is_folder)

    def _patterns_for(self, folder: str) -> tuple[Patterns, ...]:
        """What holds in a folder, the ignore file of the folder itself last. Its parent has been asked for before."""
        if folder not in self._holding:
            above = self._holding[os.path.dirname(folder)]
            self._holding[folder] = above + _patterns_of(folder, os.path.join(folder, ".gitignore"))
        return self._holding[folder]


def _decide(patterns: tuple[Patterns, ...], path: str, is_folder: bool) -> bool:
    """The verdict of the deepest ignore file that has one."""
    verdicts = (each.verdict(path, is_folder) for each in reversed(patterns))
    return next((verdict for verdict in verdicts if verdict is not None), False)


def _repository(folder: str) -> str | None:
    """The root of the git repository that an absolute path lies in."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _patterns_of(folder: str, path: str) -> tuple[Patterns, ...]:
    """The patterns of an ignore file for what is below a folder; nothing if there is no such file."""
    if not os.path.isfile(path):
        return ()
    try:
        with open(path, "rb") as file:
            text = file.read(_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return ()
    return (Patterns(folder, (line for line in text.split("\n") if _is_cheap(line))),)


def _is_cheap(line: str) -> bool:
    """Whether a pattern can be compared in little time.

    pathspec makes regular expressions of patterns, in which many stars mean very many ways to match a path. A pattern
    with more than real ones have is passed over.
    """
    segments = line.split("/")
    return segments.count("**") <= 3 and all(segment.count("*") <= 4 for segment in segments)


def _translated(line: str) -> list[Any]:
    """What pathspec makes of a line: one, or none for a comment and for what git does not understand either."""
    import pathspec  # noqa: PLC0415 - slow to import

    line = line.rstrip("\r")
    if line.endswith("/**/"):
        # All folders below one: pathspec takes that folder for one of them.
        line += "*/"
    try:
        with warnings.catch_warnings():
            # `[[a]` is a set for git, and something that Python may read differently one day.
            warnings.simplefilter("ignore", FutureWarning)
            patterns: pathspec.GitIgnoreSpec = pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return []
    return [pattern for pattern in patterns.patterns if pattern.include is not None]


def _means(pattern: Any, text: str) -> bool:
    """Whether a pattern means the path itself, and not only a folder above it; `text` ends with `/` for a folder."""
    for match in pattern.regex.finditer(text):
        groups = match.groupdict()
        if groups.get(_FOLDER_MARK) is not None:
            if match.end(_FOLDER_MARK) == len(text):
                return True
        elif not (match.end() == len(text) and match.group().endswith("/")):
            # `a/**` becomes `^a/`, which means everything in the folder but not the folder.
            return True
    return False
