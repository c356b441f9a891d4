"""Fetches indexes of package archives, reduced to what is needed of them, and remembers them for a day."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dockerlint.context.fetch.downloads import downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits, Progress
from dockerlint.layers.sizes.remembered import Remembered

LIMITS = Limits(received=120_000_000, unpacked=1_500_000_000, seconds=120.0, stall=20.0)

_FRESH = 24 * 3600
_CHUNK = 1 << 18

#: Makes the text that is kept out of the content of a file, which comes piece by piece.
Reduce = Callable[[Iterator[bytes], Budget], str]


class Fetched(NamedTuple):
    """The text that was made of an index, and the bytes that the index has as it is sent."""

    text: str
    sent: int


class Indexes:
    """The indexes behind some URLs. Without a folder nothing is remembered."""

    def __init__(
        self,
        folder: str | None,
        progress: Progress,
        *,
        limits: Limits = LIMITS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._remembered = Remembered(folder, clock=clock)
        self._progress = progress
        self._limits = limits

    def get(self, url: str, what: str, reduce: Reduce, sha256: str | None = None) -> Fetched:
        """What `reduce` makes of a file: remembered and fresh, else fetched, else remembered. Raises `ContextError`.

        `what` names the index in messages; with `sha256` the file must have this sum, and stays fresh.
        """
        return self._remembered.or_made(
            f"{url} {sha256 or ''}",
            lambda: self._fetched(url, what, reduce, sha256),
            _read,
            _FRESH if sha256 is None else None,
        )

    def _fetched(self, url: str, what: str, reduce: Reduce, sha256: str | None) -> bytes:
        budget = Budget(what, self._limits, self._progress)
        digest = hashlib.sha256()
        sent = 0
        with downloaded(url, budget) as answer:

            def chunks() -> Iterator[bytes]:
                nonlocal sent
                while chunk := answer.read(_CHUNK):
                    digest.update(chunk)
                    sent += len(chunk)
                    yield chunk

            text = reduce(chunks(), budget)
            # What is behind the end of the packed content belongs to the sum, too.
            for _ in chunks():
                continue
        if sha256 is not None and digest.hexdigest() != sha256.lower():
            raise ContextError(f"{what}: the index is not the one that its archive announces; try again later")
        return f"{sent}\n{text}".encode("utf-8", "replace")


def _read(content: bytes) -> Fetched | None:
    """What was fetched, as it is kept."""
    sent, _, text = content.decode("utf-8", "replace").partition("\n")
    return Fetched(text, int(sent)) if sent.isascii() and sent.isdigit() else None
