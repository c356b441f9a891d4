"""A build context that is a folder: what the builder would be sent of it, looked at only where it is asked for.

Nothing outside the folder is ever looked at: links are read, not followed. The number of entries that are looked at is
bounded, so that a home folder that is named by accident costs seconds, not minutes.
"""

from __future__ import annotations

import os
import stat
from enum import Enum
from typing import NamedTuple

from dockerlint.context.ignore_lookup import FoundIgnoreFile, find_ignore_file

#: As many as large projects have with all their dependencies, a few times over.
MOST_ENTRIES = 200_000


class EntryKind(Enum):
    """What an entry is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"
    """A socket, a device or a pipe."""


class Entry(NamedTuple):
    """A file, folder or link. `size` is in bytes (0 for all but files), `mode` its permission bits, `target` the text
    of a link.
    """

    kind: EntryKind
    size: int
    mode: int
    target: str = ""


class FolderContext:
    """The build context in a folder, seen through its ignore file.

    Paths are relative to the folder, cleaned, with slashes; the folder itself is `.`. `dockerfile` is the path of the
    Dockerfile, which decides about the ignore file. `problem` says after a look why the listing is not complete.
    """

    def __init__(self, root: str, dockerfile: str, *, most_entries: int = MOST_ENTRIES) -> None:
        self.root = root
        self.ignore: FoundIgnoreFile | None = find_ignore_file(root, dockerfile)
        self.problem: str | None = None
        self._most = most_entries
        self._seen = 0
        self._listed: dict[str, dict[str, Entry]] = {}
        self._takes_back = self.ignore is not None and any(each.negated for each in self.ignore.content.patterns)

    def entry(self, path: str) -> Entry | None:
        """What is at a path; None where nothing is, or the ignore file keeps it from the builder.

        A folder that is left out is there all the same if a pattern takes back something in it.
        """
        if path == ".":
            return self._look(path)
        entry = self._look(path)
        if entry is None or not self._is_excluded(path):
            return entry
        if entry.kind is EntryKind.FOLDER and self._takes_back and self._holds_something(path):
            return entry
        return None

    def is_ignored(self, path: str) -> bool:
        """Whether the path is there, and the ignore file keeps it from the builder."""
        return self._look(path) is not None and self.entry(path) is None

    def read(self, path: str, most: int) -> bytes | None:
        """The content of a file that the builder is sent; None where there is none, or more than `most` bytes."""
        entry = self.entry(path)
        if entry is None or entry.kind is not EntryKind.FILE or entry.size > most:
            return None
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                content = file.read(most + 1)
        except OSError:
            return None
        return content if len(content) <= most else None

    def listing(self, path: str) -> dict[str, Entry]:
        """The entries of a folder by their names, in the order of these, without what is not sent."""
        known = self._listed.get(path)
        if known is None:
            entries = self._read(path)
            prefix = "" if path == "." else f"{path}/"
            if self.ignore is not None:
                entries = {name: each for name, each in entries.items() if self._is_sent(f"{prefix}{name}", each)}
            known = self._listed[path] = entries
        return known

    def _is_excluded(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.content.excludes(path)

    def _is_sent(self, path: str, entry: Entry) -> bool:
        if not self._is_excluded(path):
            return True
        return entry.kind is EntryKind.FOLDER and self._takes_back and self._holds_something(path)

    def _holds_something(self, folder: str) -> bool:
        """Whether anything below a folder that is left out is taken back."""
        todo = [folder]
        while todo:
            path = todo.pop()
            for name, entry in self._read(path).items():
                if not self._is_excluded(f"{path}/{name}"):
                    return True
                if entry.kind is EntryKind.FOLDER:
                    todo.append(f"{path}/{name}")
        return False

    def _look(self, path: str) -> Entry | None:
        """The entry itself, if no part of its path above it is a link: that would lead out."""
        at = self.root
        parts = [] if path == "." else path.split("/")
        if ".." in parts:
            return None
        try:
            for part in parts[:-1]:
                at = os.path.join(at, part)
                if not stat.S_ISDIR(os.lstat(at).st_mode):
                    return None
            at = os.path.join(at, *parts[-1:])
            return _entry(at, os.stat(at) if path == "." else os.lstat(at))
        except (OSError, ValueError):
            return None

    def _read(self, path: str) -> dict[str, Entry]:
        if self.problem is not None:
            return {}
        entries: dict[str, Entry] = {}
        try:
            with os.scandir(self.root if path == "." else os.path.join(self.root, path)) as found:
                for each in found:
                    self._seen += 1
                    if self._seen > self._most:
                        self.problem = (
                            f"the build context has more than {self._most} entries: the rest is not looked at"
                        )
                        break
                    entries[each.name] = _entry(each.path, each.stat(follow_symlinks=False))
        except OSError as error:
            self.problem = f"the build context cannot be read: {error.strerror or 'an error'} ({path})"
        return dict(sorted(entries.items()))


def _entry(path: str, status: os.stat_result) -> Entry:
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISREG(status.st_mode):
        return Entry(EntryKind.FILE, status.st_size, mode)
    if stat.S_ISDIR(status.st_mode):
        return Entry(EntryKind.FOLDER, 0, mode)
    if stat.S_ISLNK(status.st_mode):
        return Entry(EntryKind.LINK, 0, 0o777, os.readlink(path))
    return Entry(EntryKind.OTHER, 0, mode)
