"""Unpacks what is packed with gzip, xz or zstd piece by piece, no matter how much one piece of it unpacks to."""

from __future__ import annotations

import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from dockerlint.context.fetch.limits import Budget, ContextError

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

_CHUNK = 1 << 18
_MOST_MEMORY = 256_000_000
#: The binary logarithm of the largest window that is reserved: 128 MiB.
_LARGEST_WINDOW = 27


class _Unpacker(Protocol):
    """What `lzma` and `zstd` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def unpacked(chunks: Iterator[bytes], name: str, budget: Budget) -> Iterator[bytes]:
    """The content of a file, whose name tells how it is packed; archives one behind the other are one content.

    Raises `ContextError` where it is damaged, cut short, or more than the budget allows.
    """
    try:
        if name.endswith(".gz"):
            yield from _gzip(chunks, budget)
        elif name.endswith(".xz"):
            yield from _blocks(chunks, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY), budget)
        elif name.endswith(".zst"):
            options = {int(DecompressionParameter.window_log_max): _LARGEST_WINDOW}
            yield from _blocks(chunks, lambda: ZstdDecompressor(options=options), budget)
        else:
            for chunk in chunks:
                budget.unpack(len(chunk))
                yield chunk
    except (lzma.LZMAError, ZstdError, zlib.error, EOFError, MemoryError) as error:
        raise ContextError(f"{budget.what}: it cannot be unpacked: {error}") from error


def _gzip(chunks: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    for chunk in chunks:
        todo = chunk
        while todo:
            if unpacker.eof:
                unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
            data = unpacker.decompress(todo, _CHUNK)
            todo = unpacker.unconsumed_tail or unpacker.unused_data
            budget.unpack(len(data))
            yield data
    while not unpacker.eof:
        data = unpacker.decompress(b"", _CHUNK)
        if not data:
            raise ContextError(f"{budget.what}: it is cut short")
        budget.unpack(len(data))
        yield data


def _blocks(chunks: Iterator[bytes], make: Callable[[], _Unpacker], budget: Budget) -> Iterator[bytes]:
    unpacker = make()
    for chunk in chunks:
        todo = chunk
        while todo or not (unpacker.eof or unpacker.needs_input):
            if unpacker.eof:
                unpacker = make()
            data = unpacker.decompress(todo, _CHUNK)
            todo = unpacker.unused_data if unpacker.eof else b""
            budget.unpack(len(data))
            yield data
    if not unpacker.eof:
        raise ContextError(f"{budget.what}: it is cut short")
