"""Reads what a Debian package holds, from the package itself: it is read once, as a stream, and never unpacked to disk.

A package is an `ar` archive of three members: a version, the files of the package manager, and the files that are
installed, both as tar archives. https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from dockerlint.context.fetch.archives import DAMAGES, read_fully
from dockerlint.context.fetch.limits import Budget, ContextError, Stream
from dockerlint.layers.sizes.deb_control import fields_of
from dockerlint.layers.sizes.tar_entries import tar_entries

_MAGIC = b"!<arch>\n"
_HEADER = 60
_CHUNK = 1 << 18


class Kind(StrEnum):
    """What an entry of a package is."""

    FILE = "f"
    NAME = "n"
    """Another name of a file that the package has already had."""
    LINK = "l"
    FOLDER = "d"


class Entry(NamedTuple):
    """One path of a package, absolute. `size` is 0 for all but files."""

    kind: Kind
    mode: int
    size: int
    path: str


class Contents(NamedTuple):
    """What a package holds.

    `database` are the files that go to the package manager's folder, by the ends of their names, with their bytes.
    `control` are the bytes of its own description, `settings` the paths of its configuration files. `is_shared` says
    that it may be installed for several processors, which shows in the names of its files in the database.
    """

    entries: tuple[Entry, ...]
    database: tuple[tuple[str, int], ...]
    control: int
    settings: tuple[str, ...]
    is_shared: bool


def contents_of(stream: Stream, budget: Budget) -> Contents:
    """What a package holds. Raises `ContextError` for what is no package, is damaged, or goes beyond the limits."""
    try:
        return _read(stream, budget)
    except (*DAMAGES, UnicodeError, KeyError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ContextError(f"{budget.what}: the package is damaged: {reason}") from error


def _read(stream: Stream, budget: Budget) -> Contents:
    if read_fully(stream, len(_MAGIC)) != _MAGIC:
        raise ContextError(f"{budget.what}: it is no package")
    database: list[tuple[str, int]] = []
    texts: dict[str, str] = {}
    entries: tuple[Entry, ...] | None = None
    for name, member in _members(stream):
        if name.startswith("control.tar"):
            for header, content in tar_entries(member, budget):
                found = header.name.removeprefix("./")
                if header.isreg():
                    database.append((found, header.size))
                    if found in ("control", "conffiles"):
                        texts[found] = content.decode("utf-8", "replace")
        elif name.startswith("data.tar"):
            entries = tuple(entry for header, _ in tar_entries(member, budget) if (entry := _entry(header)) is not None)
    if entries is None or "control" not in texts:
        raise ContextError(f"{budget.what}: the package has no {'files' if entries is None else 'description'}")
    return Contents(
        entries,
        tuple(each for each in database if each[0] != "control"),
        dict(database)["control"],
        tuple(line.strip() for line in texts.get("conffiles", "").splitlines() if line.startswith("/")),
        fields_of(texts["control"]).get("Multi-Arch") == "same",
    )


class _Member:
    """One member of an `ar` archive as a stream."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self.rest = size

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end."""
        data = self._stream.read(min(size if size >= 0 else _CHUNK, self.rest)) if self.rest else b""
        self.rest -= len(data)
        return data


def _members(stream: Stream) -> Iterator[tuple[str, _Member]]:
    while header := read_fully(stream, _HEADER):
        digits = header[48:58].strip()
        if len(header) < _HEADER or not digits.isdigit():
            raise ValueError("a member has no size")
        size = int(digits)
        member = _Member(stream, size)
        yield header[:16].decode("ascii").strip().rstrip("/"), member
        while member.read(_CHUNK):
            continue
        if member.rest:
            raise EOFError("it is cut short")
        read_fully(stream, size % 2)


def _entry(header: tarfile.TarInfo) -> Entry | None:
    path = "/" + ("" if header.name == "." else header.name.removeprefix("./").strip("/"))
    if header.isreg():
        return Entry(Kind.FILE, header.mode & 0o7777, header.size, path)
    if header.isdir():
        return Entry(Kind.FOLDER, header.mode & 0o7777, 0, path)
    if header.issym():
        return Entry(Kind.LINK, 0o777, 0, path)
    return Entry(Kind.NAME, header.mode & 0o7777, 0, path) if header.islnk() else None


def packed(contents: Contents) -> bytes:
    """A form to be remembered."""
    return json.dumps(contents, separators=(",", ":")).encode("utf-8", "surrogatepass")


def restored(data: bytes) -> Contents | None:
    """What was packed; None for anything else."""
    try:
        entries, database, control, settings, is_shared = json.loads(data)
        return Contents(
            tuple(Entry(Kind(kind), int(mode), int(size), str(path)) for kind, mode, size, path in entries),
            tuple((str(name), int(size)) for name, size in database),
            int(control),
            tuple(map(str, settings)),
            bool(is_shared),
        )
    except (ValueError, TypeError):
        return None
