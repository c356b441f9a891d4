"""Unpacks an archive into an empty folder: streamed, within limits, and never outside the folder.

As the builder does it, the compression is told by the first bytes, not by the name: gzip, bzip2, xz, zstd or none.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import sys
import tarfile
import zlib
from contextlib import suppress
from typing import Any

from dockerlint.context.fetch.limits import Budget, ContextError, Stream
from dockerlint.syntax.invalid import quoted

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

_CHUNK = 1 << 16
_MAGIC = 512
_TAR_MARK = slice(257, 262)

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
#: What reading a damaged archive raises.
DAMAGES = (tarfile.TarError, EOFError, lzma.LZMAError, ZstdError, zlib.error, gzip.BadGzipFile, ValueError)
_OPEN_FOLDER = 0o700
_USUAL_FOLDER = 0o755
_NAME_LIMIT = 4096


def looks_packed(start: bytes) -> bool:
    """Whether a file that begins with these bytes (512 are enough) is an archive that the builder unpacks."""
    return compression(start) is not None or start[_TAR_MARK] == b"ustar"


def compression(start: bytes) -> str | None:
    """How a file that begins with these bytes is compressed: gzip, bzip2, xz or zstd; None if it is not."""
    return next((name for mark, name in _COMPRESSIONS.items() if start.startswith(mark)), None)


def unpack(stream: Stream, folder: str, budget: Budget) -> None:
    """Unpack a tar archive, compressed or not, into an empty folder.

    Modes are kept; owners and times are not, special files are left out. Entries may not leave the folder, nor lie
    below a link of the archive. Raises `ContextError`: for what is no archive, is damaged, or goes beyond the limits.
    """
    head = read_fully(stream, _MAGIC)
    whole = Joined(head, stream)
    kind = compression(head)
    try:
        source: Any = Counted(decompressed(whole, kind), budget)
        with tarfile.open(fileobj=source, mode="r|", errorlevel=1) as archive:
            _Unpacking(folder, budget).run(archive)
    except DAMAGES as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ContextError(f"{budget.what}: the archive is damaged, or is none: {reason}") from error
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise ContextError(f"{budget.what}: the archive is damaged: {error}") from error
        raise


class Joined:
    """A stream with some bytes put back in front of it."""

    def __init__(self, head: bytes, rest: Stream) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; all that come at once without a size. Nothing is the end."""
        if not self._head:
            return self._rest.read(size if size >= 0 else _CHUNK)
        end = size if size >= 0 else len(self._head)
        part, self._head = self._head[:end], self._head[end:]
        return part


class Counted:
    """A stream of unpacked bytes, which are counted as they come."""

    def __init__(self, source: Stream, budget: Budget) -> None:
        self._source = source
        self._budget = budget

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer at the end."""
        data = read_fully(self._source, size)
        self._budget.unpack(len(data))
        return data


def decompressed(source: Stream, kind: str | None) -> Stream:
    """What comes out of a compressed stream; never more than what is asked for is held."""
    stream: Any = source
    if kind == "gzip":
        return gzip.GzipFile(fileobj=stream, mode="rb")
    if kind == "bzip2":
        return bz2.BZ2File(stream)
    if kind == "xz":
        return lzma.LZMAFile(stream)
    if kind == "zstd":
        return ZstdFile(stream)
    return source


def read_fully(stream: Stream, size: int) -> bytes:
    """Exactly `size` bytes, fewer at the end of the stream."""
    parts: list[bytes] = []
    wanted = size
    while wanted > 0:
        part = stream.read(min(wanted, _CHUNK))
        if not part:
            break
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


class _Unpacking:
    """An archive on its way into a folder. `_folders` are the folders that were made, by their parts."""

    def __init__(self, folder: str, budget: Budget) -> None:
        self._folder = folder
        self._budget = budget
        self._folders: dict[tuple[str, ...], int] = {}

    def run(self, archive: tarfile.TarFile) -> None:
        """Unpack all entries."""
        try:
            for entry in archive:
                self._budget.enter()
                parts = self._parts(entry.name)
                if parts:
                    self._entry(archive, entry, parts)
        finally:
            # Folders get their modes last: one that nobody may write to could not be filled.
            for parts, mode in self._folders.items():
                os.chmod(self._path(parts), mode)

    def _entry(self, archive: tarfile.TarFile, entry: tarfile.TarInfo, parts: tuple[str, ...]) -> None:
        mode = stat.S_IMODE(entry.mode)
        if entry.isdir():
            self._make_folders(parts)
            self._folders[parts] = mode
            return
        if not (entry.isreg() or entry.issym() or entry.islnk()):
            return
        self._make_folders(parts[:-1])
        path = self._path(parts)
        self._clear(parts, path)
        if entry.issym():
            os.symlink(entry.linkname[:_NAME_LIMIT], path)
        elif entry.islnk():
            self._link(entry, path)
        else:
            self._file(archive, entry, path, mode)

    def _file(self, archive: tarfile.TarFile, entry: tarfile.TarInfo, path: str, mode: int) -> None:
        content = archive.extractfile(entry)
        assert content is not None, "a regular file has a content"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(path, flags, 0o600), "wb") as file:
            while data := content.read(_CHUNK):
                file.write(data)
        os.chmod(path, mode)

    def _link(self, entry: tarfile.TarInfo, path: str) -> None:
        """A second name of a file that the archive has already had."""
        target = self._path(self._parts(entry.linkname))
        if os.path.islink(target) or not os.path.isfile(target):
            raise ContextError(
                f"{self._budget.what}: {quoted(entry.name)} is a link to {quoted(entry.linkname)}, which is no file"
                " of the archive"
            )
        os.link(target, path, follow_symlinks=False)

    def _make_folders(self, parts: tuple[str, ...]) -> None:
        for count in range(1, len(parts) + 1):
            folder = parts[:count]
            if folder in self._folders:
                continue
            path = self._path(folder)
            if os.path.lexists(path):
                raise ContextError(
                    f"{self._budget.what}: the archive has entries below {quoted('/'.join(folder))}, which is no folder"
                )
            os.mkdir(path, _OPEN_FOLDER)
            self._folders[folder] = _USUAL_FOLDER

    def _clear(self, parts: tuple[str, ...], path: str) -> None:
        """Make room: a later entry of a name takes the place of an earlier one, unless that is a folder."""
        if parts in self._folders:
            raise ContextError(f"{self._budget.what}: {quoted('/'.join(parts))} is a folder and a file in one archive")
        with suppress(FileNotFoundError):
            os.unlink(path)

    def _parts(self, name: str) -> tuple[str, ...]:
        """The parts of an entry's name, without what says nothing; raises for a name that leads outside."""
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        foreign = os.sep != "/" and (os.sep in name or ":" in name)
        if ".." in parts or foreign or "\0" in name or len(name) > _NAME_LIMIT:
            raise ContextError(f"{self._budget.what}: the entry {quoted(name[:80])} of the archive leads outside of it")
        return parts

    def _path(self, parts: tuple[str, ...]) -> str:
        return os.path.join(self._folder, *parts)
