"""The order of versions of RPM packages.

https://rpm-software-management.github.io/rpm/manual/dependencies.html#versioning
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PART = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")

#: Longer versions than this have never been seen; what is behind it decides nothing.
_LONGEST = 500

_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)

Parts = tuple[tuple[int, int, str], ...]
Key = tuple[int, Parts, Parts]


class Version(NamedTuple):
    """Epoch, version and release of a package, as texts."""

    epoch: str
    version: str
    release: str

    def __str__(self) -> str:
        shown = f"{self.version}-{self.release}"
        return shown if self.epoch in ("", "0") else f"{self.epoch}:{shown}"

    def key(self) -> Key:
        """A key that puts versions into their order."""
        epoch = int(self.epoch) if self.epoch.isascii() and self.epoch.isdigit() and len(self.epoch) < 13 else 0
        return epoch, parts_of(self.version), parts_of(self.release)


def parts_of(text: str) -> Parts:
    """A key for one version or release: `~` is before the end, `^` behind it, letters are before numbers."""
    found = [_weighed(part) for part in _PART.findall(text[:_LONGEST])]
    return (*found, (_END, 0, ""))


def _weighed(part: str) -> tuple[int, int, str]:
    if part == "~":
        return _TILDE, 0, ""
    if part == "^":
        return _CARET, 0, ""
    return (_DIGITS, int(part), "") if part.isdigit() else (_LETTERS, 0, part)
