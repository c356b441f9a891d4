"""Versions and ranges of versions, as npm's own library reads them; each is read once.

To read one takes longer than to compare, and a package may have thousands of versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cmp_to_key
from typing import Any

import nodesemver

_LONGEST = 300
#: What the library raises for what it cannot read.
_UNREADABLE = (ValueError, TypeError, AttributeError, IndexError, RecursionError)


class Versions:
    """Reads versions and ranges, and remembers them."""

    def __init__(self) -> None:
        # The library has no types; None stands for what it cannot read.
        self._versions: dict[str, Any] = {}
        self._ranges: dict[str, Any] = {}
        self._fitting: dict[tuple[str, str], bool] = {}

    def fits(self, version: str, wanted: str) -> bool:
        """Whether a version is in a range; not if one of them cannot be read."""
        key = (version, wanted)
        known = self._fitting.get(key)
        if known is None:
            range_, read = self._range(wanted), self._version(version)
            known = range_ is not None and read is not None and bool(_tried(lambda: range_.test(read)))
            self._fitting[key] = known
        return known

    def newest(self, versions: Iterable[str]) -> str | None:
        """The newest version; None if there is none. One that cannot be read is older than all others."""
        return max(versions, key=lambda version: _ORDER(self._version(version)), default=None)

    def _version(self, text: str) -> Any:
        if text not in self._versions:
            self._versions[text] = _read(nodesemver.make_semver, text)
        return self._versions[text]

    def _range(self, text: str) -> Any:
        if text not in self._ranges:
            self._ranges[text] = _read(nodesemver.make_range, text)
        return self._ranges[text]


def _compared(first: Any, second: Any) -> int:
    if first is None or second is None:
        return (first is not None) - (second is not None)
    return _tried(lambda: int(first.compare(second))) or 0


_ORDER = cmp_to_key(_compared)


def _read(reader: Callable[..., Any], text: str) -> Any:
    return _tried(lambda: reader(text, loose=True)) if len(text) <= _LONGEST else None


def _tried(call: Callable[[], Any]) -> Any:
    """What a call of the library gives, None where it fails."""
    try:
        return call()
    except _UNREADABLE:
        return None
