"""What the archive of a package unpacks to: its files are counted while it comes, nothing is written."""

from __future__ import annotations

import tarfile
import zlib
from typing import IO, NamedTuple, cast

from dockerlint.context.fetch.limits import Budget, ContextError, Stream

_CHUNK = 1 << 16
_MOST_FILES = 200_000


class Counted(NamedTuple):
    """The bytes of an archive, and those of its files."""

    download: int
    unpacked: int


def counted(stream: Stream, budget: Budget) -> Counted:
    """Read a gzip-compressed tar archive to its end. Raises `ContextError` for what is none, and beyond the limits."""
    unpacker = _Unpacker(stream, budget)
    total = 0
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", unpacker), mode="r|") as archive:
            for number, member in enumerate(archive):
                if number > _MOST_FILES:
                    raise ContextError(f"{budget.what}: it has more than {_MOST_FILES} files")
                total += member.size if member.isreg() else 0
                # The library keeps all members otherwise.
                archive.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, zlib.error, ValueError, EOFError, OSError) as error:
        raise ContextError(f"{budget.what}: it cannot be read as an archive") from error
    return Counted(unpacker.received, total)


class _Unpacker:
    """A stream that unpacks another one, a piece at a time."""

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._rest = b""
        self.received = 0

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end."""
        wanted = size if size > 0 else _CHUNK
        data = b""
        while len(data) < wanted and not self._unpacker.eof:
            if not self._rest:
                self._rest = self._stream.read(_CHUNK)
                self.received += len(self._rest)
                if not self._rest:
                    break
            piece = self._unpacker.decompress(self._rest, wanted - len(data))
            self._rest = self._unpacker.unconsumed_tail
            self._budget.unpack(len(piece))
            data += piece
        return data
