"""Fetches packages of Debian only to see what they hold, several at a time, and remembers that in the user's cache."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from dockerlint.context.fetch.downloads import downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits, Progress, Stream
from dockerlint.layers.sizes.deb_contents import Contents, contents_of, packed, restored
from dockerlint.layers.sizes.remembered import Remembered

#: What one package may cost, and all that one command installs; whatever is beyond that stays unread.
LIMITS = Limits(received=600_000_000, unpacked=4_000_000_000, entries=200_000, seconds=60.0, stall=20.0)
_MOST_RECEIVED = 1_000_000_000
_AT_ONCE = 4
_CHUNK = 1 << 16


class Place(NamedTuple):
    """Where a package lies: its URL, its SHA-256 sum as the list tells it, and its bytes as it is sent."""

    url: str
    sum: str
    size: int


class Packages:
    """What packages hold, by their places."""

    def __init__(self, remembered: Remembered, progress: Progress, *, limits: Limits = LIMITS) -> None:
        self._remembered = remembered
        self._progress = progress
        self._limits = limits

    def contents(self, places: Sequence[Place]) -> dict[Place, Contents]:
        """What is in these packages. One that cannot be had, or for which there is no time, is missing."""
        found: dict[Place, Contents] = {}
        todo = []
        for place in places:
            kept = self._remembered.get(_key(place))
            contents = None if kept is None else restored(kept)
            if contents is None:
                todo.append(place)
            else:
                found[place] = contents
        if todo:
            transfer = _Transfer(len(todo), self._progress, self._limits)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                # The largest ones first, so that none of them is alone at the end.
                for place, fetched in pool.map(transfer.fetched, sorted(_affordable(todo), key=_size, reverse=True)):
                    if fetched is not None:
                        found[place] = fetched
                        self._remembered.put(_key(place), packed(fetched))
            self._remembered.shrink()
        return found


class _Transfer:
    """Some packages that are fetched together: one clock, and one number of bytes that have come."""

    def __init__(self, count: int, progress: Progress, limits: Limits) -> None:
        self._what = f"the files of {count} package{'' if count == 1 else 's'}"
        self._progress = progress
        self._limits = limits
        self._end = time.monotonic() + limits.seconds
        self._received: dict[str, int] = {}
        self._lock = threading.Lock()

    def fetched(self, place: Place) -> tuple[Place, Contents | None]:
        """What one package holds; None if that cannot be had."""
        limits = self._limits._replace(seconds=max(0.0, self._end - time.monotonic()))
        budget = Budget("a package", limits, lambda _what, count: self._tell(place.url, count))
        try:
            budget.check_time()
            with downloaded(place.url, budget) as answer, _summed(answer, place.sum) as stream:
                return place, contents_of(stream, budget)
        except ContextError:
            return place, None

    def _tell(self, url: str, count: int) -> None:
        with self._lock:
            self._received[url] = count
            self._progress(self._what, sum(self._received.values()))


class _Summed:
    """A stream whose SHA-256 sum is formed."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """As the stream itself."""
        data = self._stream.read(size)
        self.digest.update(data)
        return data


@contextmanager
def _summed(stream: Stream, wanted: str) -> Iterator[Stream]:
    """A stream that must have a sum once it has been read. Raises `ContextError` if it has another."""
    summed = _Summed(stream)
    yield summed
    while summed.read(_CHUNK):
        continue
    if summed.digest.hexdigest() != wanted.lower():
        raise ContextError("a package is not the one that its list announces")


def _affordable(places: Sequence[Place]) -> Iterator[Place]:
    """As many of the packages, the small ones first, as may be fetched for one command."""
    received = 0
    for place in sorted(places, key=_size):
        received += place.size
        if received > _MOST_RECEIVED:
            return
        yield place


def _size(place: Place) -> int:
    return place.size


def _key(place: Place) -> str:
    return f"what is in the package with the sum {place.sum.lower()}"
