"""What a wheel unpacks to, read off the directory at the end of the file; the files themselves are not fetched.

https://packaging.python.org/specifications/binary-distribution-format/
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.fetched import Fetcher, Part

#: Bytes that hold the directory of most wheels, and of the largest that is read.
_USUAL_END = 1 << 16
_LONGEST_END = 16_000_000
_MOST_SIZE = 1 << 40
#: Bytes of the header before a file, besides its name.
_LONGEST_HEADER = 4_096


class Wheel(NamedTuple):
    """The sizes of a wheel, in bytes: of the file itself, and of all that it unpacks to.

    There are so many `modules`, which have `source` bytes of text, and paths of `names` characters.
    """

    download: int
    unpacked: int
    modules: int
    source: int
    names: int


def wheel_of(fetcher: Fetcher, url: str, sha256: str) -> Wheel:
    """The sizes of the wheel at a URL. Raises `ContextError`."""
    facts = fetcher.facts(f"wheel {url} {sha256}", lambda: _read(fetcher, url)._asdict())
    numbers = [facts.get(name) for name in Wheel._fields]
    counts = [number for number in numbers if isinstance(number, int)]
    if len(counts) < len(numbers):
        raise ContextError(f"{url}: what is remembered of it is of no use")
    return Wheel(*counts)


def metadata_of(fetcher: Fetcher, url: str) -> bytes:
    """The file METADATA of a wheel, for indexes that do not serve it by itself. Raises `ContextError`."""
    with _reading(url):
        archive, parts = _opened(fetcher, url)
        with archive:
            name = next(name for name in archive.namelist() if name.count("/") == 1 and name.endswith("info/METADATA"))
            entry = archive.getinfo(name)
            if max(entry.file_size, entry.compress_size) > _LONGEST_END:
                raise ContextError(f"{url}: its metadata are too long")
            if not parts.has(entry.header_offset):
                length = entry.compress_size + len(entry.orig_filename.encode()) + _LONGEST_HEADER
                parts.add(fetcher.part_of(url, entry.header_offset, length))
            return archive.read(name)


def _read(fetcher: Fetcher, url: str) -> Wheel:
    with _reading(url):
        archive, parts = _opened(fetcher, url)
        with archive:
            return _sizes(archive, parts.size)


@contextmanager
def _reading(url: str) -> Iterator[None]:
    """Turn whatever is wrong with a wheel into a `ContextError`."""
    try:
        yield
    except (zipfile.BadZipFile, StopIteration, NotImplementedError, ValueError, OSError, EOFError, KeyError) as error:
        raise ContextError(f"{url}: it cannot be read as a wheel") from error
    except (zlib.error, _MissingError, RuntimeError) as error:
        raise ContextError(f"{url}: it cannot be read as a wheel") from error


def _opened(fetcher: Fetcher, url: str) -> tuple[zipfile.ZipFile, _Parts]:
    """The directory at the end of a wheel, and the parts of the file that are there."""
    parts = _Parts(fetcher.end_of(url, _USUAL_END))
    try:
        return zipfile.ZipFile(parts), parts
    except _MissingError as missing:
        if missing.count > _LONGEST_END:
            raise ContextError(f"{url}: its directory is too long") from missing
        parts.add(fetcher.end_of(url, missing.count))
        return zipfile.ZipFile(parts), parts


def _sizes(archive: zipfile.ZipFile, size: int) -> Wheel:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    modules = [entry for entry in entries if entry.filename.endswith(".py")]
    return Wheel(
        size,
        min(sum(entry.file_size for entry in entries), _MOST_SIZE),
        len(modules),
        min(sum(entry.file_size for entry in modules), _MOST_SIZE),
        sum(len(entry.filename) for entry in modules),
    )


class _MissingError(Exception):
    """A part of the file is needed that is not there: it is so many bytes from its start to the end of the file."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count


class _Parts(io.RawIOBase):
    """A file of which only some parts are there."""

    def __init__(self, part: Part) -> None:
        self._parts = [part]
        self.size = part.size
        self._at = 0

    def add(self, part: Part) -> None:
        """Have another part as well."""
        self._parts.append(part)

    def has(self, at: int) -> bool:
        """Whether the byte at this place is there."""
        return self._with(at) is not None

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("before the start of the file")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        if self._at >= self.size or size == 0:
            return b""
        part = self._with(self._at)
        if part is None:
            raise _MissingError(self.size - self._at)
        begin = self._at - part.start
        data = part.content[begin:] if size < 0 else part.content[begin : begin + size]
        self._at += len(data)
        return data

    def _with(self, at: int) -> Part | None:
        """A part that has the byte at a place."""
        return next((part for part in self._parts if 0 <= at - part.start < len(part.content)), None)
