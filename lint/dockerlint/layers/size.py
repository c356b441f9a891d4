"""Numbers of bytes that say how they are known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Provenance(IntEnum):
    """How a size is known; a sum is known as badly as the worst of its parts."""

    MEASURED = 0
    """Of a file that was looked at."""
    READ = 1
    """Read off an instruction or a command: the text of a heredoc, the number of `head -c`."""
    ESTIMATED = 2
    """A rule of thumb."""
    UNKNOWN = 3

    @property
    def label(self) -> str:
        """The word used in reports."""
        return self.name.lower()


class Size(NamedTuple):
    """Bytes: at least `low`, at most `high` (None: there is no bound), probably `estimate` (None: nobody knows).

    `low <= estimate <= high` holds for those that are given.
    """

    low: int
    estimate: int | None
    high: int | None
    provenance: Provenance

    @property
    def is_exact(self) -> bool:
        """Whether there is nothing to doubt."""
        return self.low == self.high


NOTHING = Size(0, 0, 0, Provenance.MEASURED)
UNKNOWN = Size(0, None, None, Provenance.UNKNOWN)


def measured(count: int) -> Size:
    """The size of a file that was looked at."""
    return Size(count, count, count, Provenance.MEASURED)


def read_off(count: int) -> Size:
    """The size that a command or an instruction tells."""
    return Size(count, count, count, Provenance.READ)


def estimated(count: int) -> Size:
    """A guess at the size of something small."""
    return Size(0, count, None, Provenance.ESTIMATED)


def total(sizes: Iterable[Size]) -> Size:
    """The sum: an estimate or a bound that one of them lacks is missing from it, too."""
    low, estimate, high, provenance = 0, 0, 0, Provenance.MEASURED
    guessed, bounded = True, True
    for size in sizes:
        low += size.low
        if size.estimate is None:
            guessed = False
        else:
            estimate += size.estimate
        if size.high is None:
            bounded = False
        else:
            high += size.high
        provenance = max(provenance, size.provenance)
    return Size(low, estimate if guessed else None, high if bounded else None, provenance)


def shown(size: Size) -> str:
    """A size for people: `43.1 MB`, `~43.1 MB` where it is an estimate, `≥43.1 MB` where only that is known, `?`."""
    if size.is_exact:
        return in_words(size.low)
    if size.estimate is not None:
        return f"~{in_words(size.estimate)}"
    return f"≥{in_words(size.low)}" if size.low else "?"


def in_words(count: int) -> str:
    """A number of bytes for people: `812 bytes`, `4.1 kB`, `43.1 MB`, in powers of 1000 as Docker shows them."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.1f} {unit}"
