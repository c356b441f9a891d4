"""Archives of the build context that ADD unpacks."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import IO

from dockerlint.context.fetch.limits import Stream
from dockerlint.context.folder import FolderContext
from dockerlint.layers.filesystem import split
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link
from dockerlint.layers.size import UNKNOWN, measured
from dockerlint.source import Span

_NOWHERE = Span(0, 0)

#: The compression that the engine undoes only where its host has the program for it. It is taken not to.
_XZ = "xz"
_XZ_MARK = b"\xfd7zXZ\x00"
_TAR_MAGIC_AT = 257
_BLOCK = 512

#: Bounds for what is read: what lies beyond is content without known names.
_MOST_BYTES = 256_000_000
_MOST_ENTRIES = 100_000

_NAMES = (
    ".tar",
    ".tgz",
    ".tar.gz",
    ".taz",
    ".tar.bz2",
    ".tbz",
    ".tbz2",
    ".tb2",
    ".tar.zst",
    ".tzst",
    ".tar.xz",
    ".txz",
)


def is_archive_name(name: str) -> bool:
    """Whether a file is an archive that ADD unpacks, by its name alone; for a pattern, whether all that it fits are."""
    return name.lower().endswith(_NAMES)


def needs_xz(context: FolderContext, path: str) -> bool:
    """Whether a file of the context is compressed with xz, so that the engine's host decides what ADD does with it."""
    try:
        with open(os.path.join(context.root, path), "rb") as file:
            return file.read(len(_XZ_MARK)) == _XZ_MARK
    except (OSError, ValueError):
        return False


def read_archive(context: FolderContext, path: str) -> Folder | None:
    """The tree in an archive of the context, None for any other file.

    Reading is bounded in bytes and entries. What is not read, or has a name that leads out, is left out; a fill then
    says so.
    """
    try:
        with open(os.path.join(context.root, path), "rb") as file:
            start = file.read(_BLOCK)
            file.seek(0)
            return _read(file, start)
    except (OSError, ValueError):
        return None


def _read(file: IO[bytes], start: bytes) -> Folder | None:
    from dockerlint.context.fetch.archives import compression, decompressed  # noqa: PLC0415 - slow, seldom needed

    kind = compression(start)
    if kind == _XZ or (kind is None and not _is_tar(start)):
        return None
    return _tree(_Bounded(decompressed(file, kind)))


def _is_tar(start: bytes) -> bool:
    return start[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar"


def _doubtful() -> Folder:
    return Folder(0o755, "", BASE, _NOWHERE, None, (Fill(UNKNOWN, BASE, _NOWHERE),))


class _Bounded(io.RawIOBase):
    """Gives up with an `OSError` once too much was read."""

    def __init__(self, file: Stream) -> None:
        super().__init__()
        self._file = file
        self._left = _MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuchError
        return data


class _TooMuchError(OSError):
    """There is more in an archive than is read."""


def _tree(file: io.RawIOBase) -> Folder | None:
    import tarfile  # noqa: PLC0415 - slow to import, seldom needed

    from dockerlint.context.fetch.archives import DAMAGES  # noqa: PLC0415 - as above

    root = Folder(0o755, "", BASE, _NOWHERE, None)
    count = 0
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for member in archive:
                count += 1
                if count > _MOST_ENTRIES:
                    raise _TooMuchError
                _add(root, member)
    except (_TooMuchError, EOFError):
        root.fills = _doubtful().fills
    except (OSError, *DAMAGES):
        return None if count == 0 else _doubtful()
    return root


def _add(root: Folder, member: object) -> None:
    import tarfile  # noqa: PLC0415 - see `_tree`

    assert isinstance(member, tarfile.TarInfo)
    parts = split(member.name)
    if not parts or ".." in parts:
        return
    folder = root
    for name in parts[:-1]:
        child = folder.children.get(name)
        if not isinstance(child, Folder):
            child = folder.children[name] = Folder(0o755, "", BASE, _NOWHERE, None)
        folder = child
    name, mode, owner = parts[-1], member.mode & 0o7777, _owner(member.uid, member.gid)
    if member.isdir():
        old = folder.children.get(name)
        children = old.children if isinstance(old, Folder) else {}
        folder.children[name] = Folder(mode, owner, BASE, _NOWHERE, None, (), children)
    elif member.issym():
        folder.children[name] = Link(member.linkname, BASE, _NOWHERE)
    elif member.islnk():
        _link(root, folder, name, member.linkname, File(UNKNOWN, mode, owner, BASE, _NOWHERE))
    elif member.isreg():
        folder.children[name] = File(measured(member.size), mode, owner, BASE, _NOWHERE)


def _link(root: Folder, folder: Folder, name: str, target: str, link: File) -> None:
    """Add a further name of a file: mode and owner are those that its entry has, as they are set last."""
    *parents, last = split(target) or ("",)
    place: File | Link | Folder | None = root
    for parent in parents:
        place = place.children.get(parent) if isinstance(place, Folder) else None
    file = place.children.get(last) if isinstance(place, Folder) else None
    if isinstance(place, Folder) and isinstance(file, File):
        shared = replace(link, size=file.size)
        place.children[last] = folder.children[name] = shared


def _owner(user: int, group: int) -> str:
    return f"{user}:{group}" if user or group else ""
