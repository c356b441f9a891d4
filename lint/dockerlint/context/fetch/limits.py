"""What a context that comes from elsewhere may cost, and how its coming is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

#: Called with what is being done and the bytes that have come so far.
Progress = Callable[[str, int], None]


class Stream(Protocol):
    """Something that bytes are read from, one after the other."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; nothing at the end."""


class ContextError(Exception):
    """A build context cannot be had; the message says what, why, and what to do."""


class Limits(NamedTuple):
    """What one context may cost: bytes that are received, bytes and entries that are written, and seconds in all.

    `stall` is the longest time in seconds in which nothing comes.
    """

    received: int = 2_000_000_000
    unpacked: int = 8_000_000_000
    entries: int = 500_000
    seconds: float = 600.0
    stall: float = 30.0


class Metered:
    """A stream whose bytes are counted as received."""

    def __init__(self, stream: Stream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int = -1, /) -> bytes:
        """As the stream itself; raises `ContextError` beyond the limits."""
        data = self._stream.read(size)
        self._budget.receive(len(data))
        return data


class Budget:
    """Counts what a context costs, and raises `ContextError` once it costs too much; `what` names it in messages."""

    def __init__(self, what: str, limits: Limits, progress: Progress) -> None:
        self.what = what
        self.limits = limits
        self._progress = progress
        self._end = time.monotonic() + limits.seconds
        self._received = 0
        self._unpacked = 0
        self._entries = 0

    def receive(self, count: int) -> None:
        """Count bytes that have come."""
        self._received += count
        self._within(self._received, self.limits.received, "it is larger than {} bytes")
        self._progress(self.what, self._received)
        self.check_time()

    def hold(self, count: int) -> None:
        """Say how many bytes have come so far, where something else counts them."""
        self.receive(count - self._received)

    def unpack(self, count: int) -> None:
        """Count bytes that come out of an archive."""
        self._unpacked += count
        self._within(self._unpacked, self.limits.unpacked, "unpacked it is larger than {} bytes")
        self.check_time()

    def enter(self) -> None:
        """Count a file, folder or link."""
        self._entries += 1
        self._within(self._entries, self.limits.entries, "it has more than {} files and folders")

    def check_time(self) -> None:
        """Raise if the time is over."""
        if self.remaining() <= 0:
            raise ContextError(
                f"{self.what}: it takes longer than {self.limits.seconds:g} seconds; use a local copy of it"
            )

    def remaining(self) -> float:
        """The seconds that are left; not positive when the time is over."""
        return self._end - time.monotonic()

    def _within(self, count: int, most: int, reason: str) -> None:
        if count > most:
            raise ContextError(f"{self.what}: {reason.format(f'{most:,}')}, which is the limit; use a local copy of it")
