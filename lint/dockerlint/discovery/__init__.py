"""From the paths that a user names to texts: which files of a folder are Dockerfiles, and what they hold.

A path has one form everywhere: relative inside the working directory, absolute outside of it, and `-` for standard
input.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import BinaryIO, NamedTuple

from dockerlint.discovery.gitignore import Ignored, Patterns
from dockerlint.source import Source

#: The largest file that is read, in bytes. The largest real Dockerfiles have some hundred thousand.
SIZE_LIMIT = 64 * 1024 * 1024

STDIN = "-"

#: Names of Dockerfiles as patterns, compared in lower case.
NAMES = tuple(
    pattern.format(kind)
    for kind in ("dockerfile", "containerfile")
    for pattern in ("{}", "{}.*", "{}[-_]*", "*.{}", "*[-_]{}", "*[-_]{}.*")
)

#: What no pattern means: lists of what is left out of a build, and copies that editors and tools leave behind.
_LEFTOVER_ENDINGS = (".dockerignore", "~", ".bak", ".old", ".orig", ".rej", ".save", ".swn", ".swo", ".swp", ".tmp")
_LEFTOVER_STARTS = ("#", ".#")

#: Endings of files that are about Dockerfiles, as `dockerfile.py` or `test_Dockerfile.json`. `Dockerfile.py` may well
#: be the Dockerfile of something that is written in Python.
_ABOUT = (
    *(".c", ".cc", ".cpp", ".cs", ".css", ".go", ".h", ".html", ".java", ".js", ".json", ".jsx", ".kt", ".lark"),
    *(".lua", ".md", ".mjs", ".php", ".pl", ".ps1", ".py", ".pyi", ".rb", ".rs", ".rst", ".sh", ".snap", ".swift"),
    *(".toml", ".ts", ".tsx", ".vim", ".xml", ".yaml", ".yml"),
)

Pattern = tuple[str, str]


class Unreadable(NamedTuple):
    """A path that could not be read, and why."""

    path: str
    reason: str


class Search(NamedTuple):
    """How files are found in a folder.

    `include` are patterns for files, `exclude` are patterns for files and folders that are passed over; each comes with
    the folder that it is written for ("" for the working directory). Without `include` the usual names are meant
    (`NAMES`). `gitignore` says whether what git ignores is passed over.
    """

    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    gitignore: bool = True


def normal_path(path: str) -> str:
    """A path in its one form, "" for the working directory."""
    root = os.getcwd()
    folder, name = os.path.split(path)
    if os.pardir in path.split(os.sep):
        # What lies above the target of a link is not what lies above the link.
        folder, name = (os.path.realpath(path), "") if name == os.pardir else (os.path.realpath(folder), name)
    absolute = os.path.normpath(os.path.join(root, folder, name))
    return "" if absolute == root else absolute.removeprefix(os.path.join(root, ""))


def shown_path(path: str) -> str:
    """A path as reports show it: with `/` between its parts on every system."""
    return path.replace(os.sep, "/")


def files_below(folder: str, search: Search) -> list[str | Unreadable]:
    """The files below a folder that a search finds, in the order of their paths, and folders that cannot be read.

    `folder` is in its one form, and so are the results. Links to folders are not followed, so a loop cannot be entered.
    Links to files are followed inside the folder, unless they lead to a file that is found anyway: a link to elsewhere
    may lead to what nobody meant to show.
    """
    names = _Names(search.include)
    excluded = _by_folder(search.exclude)
    ignored = Ignored(folder) if search.gitignore else None
    found: list[str] = []
    links: list[str] = []
    unreadable: list[Unreadable] = []
    pending = [folder]
    while pending:
        parent = pending.pop()
        try:
            with os.scandir(parent or ".") as entries:
                children = [(entry.name, entry.is_dir(follow_symlinks=False), entry) for entry in entries]
        except OSError as error:
            unreadable.append(Unreadable(parent, error.strerror or str(error)))
            continue
        for name, is_folder, entry in children:
            path = os.path.join(parent, name)
            if name == ".git" or not (is_folder or names.match(path)) or _any(excluded, path, is_folder):
                continue
            if ignored is not None and ignored.match(path, is_folder):
                continue
            if is_folder:
                pending.append(path)
            elif _is_file(entry):
                (links if entry.is_symlink() else found).append(path)
    found += _followed(folder, found, links)
    return sorted([*found, *unreadable], key=lambda item: item if isinstance(item, str) else item.path)


def read_file(path: str, limit: int = SIZE_LIMIT) -> Source | Unreadable:
    """The text of a file, or why there is none."""
    try:
        with open(path, "rb") as file:
            return read_stream(file, shown_path(path), limit)
    except OSError as error:
        return Unreadable(shown_path(path), error.strerror or str(error))
    except ValueError:
        return Unreadable(shown_path(path), "a path cannot hold a NUL character")


def read_stream(stream: BinaryIO, name: str, limit: int = SIZE_LIMIT) -> Source | Unreadable:
    """The text of a stream; `name` is the path that reports show.

    The text is decoded as UTF-8. Bytes that are none become surrogates (U+DC80 to U+DCFF), one for each byte, so that
    what is wrong can be shown where it is. A byte order mark and carriage returns are kept.
    """
    data = stream.read(limit + 1)
    if len(data) > limit:
        return Unreadable(name, f"larger than {limit // (1024 * 1024)} MiB: this is no Dockerfile")
    return Source(name, data.decode("utf-8", "surrogateescape"))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether a directory's entry is a file or a link to one, and no pipe or device."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _followed(folder: str, found: Iterable[str], links: Sequence[str]) -> list[str]:
    """Links that lead to files inside the folder which are not found otherwise; of several to one file, the first."""
    if not links:
        return []
    root = os.path.join(os.path.realpath(folder or "."), "")
    known = {os.path.realpath(path) for path in found}
    followed = []
    for link in sorted(links):
        target = os.path.realpath(link)
        if target.startswith(root) and target not in known:
            known.add(target)
            followed.append(link)
    return followed


class _Names:
    """Tells by its name whether a file is a Dockerfile."""

    def __init__(self, include: Sequence[Pattern]) -> None:
        self._usual = not include
        self._patterns = [pattern.lower() for _, pattern in include if "/" not in pattern]
        self._paths = _by_folder([(folder, pattern) for folder, pattern in include if "/" in pattern])

    def match(self, path: str) -> bool:
        """Whether the file of this path is meant."""
        name = os.path.basename(path)
        lower = name.lower()
        if lower.endswith(_LEFTOVER_ENDINGS) or name.startswith(_LEFTOVER_STARTS):
            return False
        if not self._usual:
            return any(fnmatchcase(lower, pattern) for pattern in self._patterns) or _any(self._paths, path, False)
        if "dockerfile" not in lower and "containerfile" not in lower:
            return False
        exact = name.startswith(("Dockerfile", "Containerfile"))
        if not exact and lower.endswith(_ABOUT):
            return False
        return any(fnmatchcase(lower, pattern) for pattern in NAMES)


def _by_folder(patterns: Iterable[Pattern]) -> list[Patterns]:
    lines: dict[str, list[str]] = {}
    for folder, pattern in patterns:
        lines.setdefault(folder, []).append(pattern)
    return [Patterns(os.path.abspath(folder or "."), each) for folder, each in lines.items()]


def _any(patterns: Iterable[Patterns], path: str, is_folder: bool) -> bool:
    absolute = os.path.abspath(path)
    return any(each.verdict(absolute, is_folder) for each in patterns)
