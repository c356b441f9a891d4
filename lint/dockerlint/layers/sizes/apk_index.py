"""Reads `APKINDEX.tar.gz`, the index of an archive of Alpine's packages.

Fields are lines `X:value`, a blank line ends a package.
https://man.archlinux.org/man/apk-package.5 and https://wiki.alpinelinux.org/wiki/Apk_spec
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from typing import Any

from dockerlint.context.fetch.limits import Budget, ContextError
from dockerlint.layers.sizes.capabilities import Unit
from dockerlint.layers.sizes.unpacking import unpacked

#: The fields that are kept: name, version, installed size, dependencies, provided, install-if, provider priority.
_FIELDS = ("P:", "V:", "I:", "D:", "p:", "i:", "k:")
_CAPABILITY = re.compile(r"!?([^\s<>=~!@]+)")
_LARGEST = 200_000_000
#: Further words of one field are not read: the longest real one has some thousands.
_MOST_WORDS = 20_000

#: What the database of installed packages has of a package besides its files; and of each kilobyte of these.
_ENTRY, _ENTRY_SHARE = 400, 0.004


def kept_text(chunks: Iterator[bytes], budget: Budget) -> str:
    """The lines of an index that `units_of` reads. Raises `ContextError` where the file is none.

    The file is two archives one behind the other, of which the first, a signature, has no end.
    """
    try:
        source: Any = _Stream(unpacked(chunks, ".gz", budget))
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.name == "APKINDEX" else None
                if file is not None:
                    text = file.read(_LARGEST).decode("utf-8", "replace")
                    return "".join(f"{line}\n" for line in text.splitlines() if not line or line.startswith(_FIELDS))
    except (tarfile.TarError, ValueError) as error:
        raise ContextError(f"{budget.what}: the index cannot be unpacked: {error}") from error
    raise ContextError(f"{budget.what}: there is no APKINDEX in it")


class _Stream:
    """Pieces of a content, read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ready = bytearray()

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        while size < 0 or len(self._ready) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._ready += chunk
        taken = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(taken)]
        return taken


def units_of(text: str) -> Iterator[Unit]:
    """The packages of an index; what is none is passed over."""
    for paragraph in text.split("\n\n"):
        fields = {line[0]: line[2:].strip() for line in paragraph.splitlines() if line[1:2] == ":"}
        name, version, size = fields.get("P"), fields.get("V"), fields.get("I", "0")
        if not name or not version or not _is_number(size):
            continue
        depends = fields.get("D", "").split()[:_MOST_WORDS]
        rank = fields.get("k", "0")
        yield Unit(
            name,
            version,
            int(size),
            _ENTRY + round(int(size) * _ENTRY_SHARE),
            tuple(_names(word for word in depends if not word.startswith("!"))),
            (),
            tuple(_names(fields.get("p", "").split()[:_MOST_WORDS])),
            tuple(_names(fields.get("i", "").split()[:_MOST_WORDS])),
            tuple(_names(word for word in depends if word.startswith("!"))),
            int(rank) if _is_number(rank) else 0,
        )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 13


def _names(words: Iterator[str] | list[str]) -> Iterator[str]:
    """The capabilities without their versions."""
    return (match[1] for word in words if (match := _CAPABILITY.match(word)) is not None)
