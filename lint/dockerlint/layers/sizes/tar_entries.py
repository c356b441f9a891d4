"""Reads tar archives as they come, packed or not, for what they hold; nothing is written to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

from dockerlint.context.fetch.archives import Counted, Joined, compression, decompressed, read_fully
from dockerlint.context.fetch.limits import Budget, Stream

_BLOCK = 512
_CHUNK = 1 << 18
_LONGEST_PATH = 4_096


def tar_entries(stream: Stream, budget: Budget) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """The headers of a tar archive, each with its content if that is short.

    The library parses the headers; its own reader would take a long name of any length into memory.
    """
    head = read_fully(stream, _BLOCK)
    source = _Exact(decompressed(Joined(head, stream), compression(head)), budget)
    name = target = ""
    while (block := source.exactly(_BLOCK)) != bytes(_BLOCK):
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        is_name = header.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if header.size < 0 or (is_name and header.size > _LONGEST_PATH):
            raise ValueError("a path is too long")
        has_content = header.isreg() or is_name or header.type in (tarfile.XHDTYPE, tarfile.XGLTYPE)
        size = header.size if has_content else 0
        content = source.exactly(size) if is_name or size < _CHUNK else b""
        source.skip(-size % _BLOCK + (size - len(content)))
        if header.type == tarfile.GNUTYPE_LONGNAME:
            name = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif header.type == tarfile.GNUTYPE_LONGLINK:
            target = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif has_content or not header.issparse():
            budget.enter()
            header.name, header.linkname = name or header.name, target or header.linkname
            name = target = ""
            yield header, content


class _Exact(Counted):
    """A stream of unpacked bytes, which are counted, and must not end too soon."""

    def exactly(self, size: int) -> bytes:
        """So many bytes. Raises `EOFError` if there are fewer."""
        data = self.read(size)
        if len(data) < size:
            raise EOFError("it is cut short")
        return data

    def skip(self, size: int) -> None:
        """Pass over so many bytes, some at a time."""
        while size > 0:
            size -= len(self.exactly(min(size, _CHUNK)))
