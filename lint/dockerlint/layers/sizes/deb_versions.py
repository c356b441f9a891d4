"""The order of versions of Debian packages.

https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
"""

from __future__ import annotations

import re

_PART = re.compile(r"([^0-9]*)([0-9]*)")

#: Longer versions than this have never been seen; what is behind it decides nothing.
_LONGEST = 1_000

#: What one character of a part without digits weighs: `~` is before the end, letters are before everything else.
Weights = tuple[int, ...]
Key = tuple[int, tuple[tuple[Weights, int], ...], tuple[tuple[Weights, int], ...]]


def version_key(version: str) -> Key:
    """A key that puts versions into their order: epoch, upstream version and revision. Any text has one."""
    version = version.strip()[:_LONGEST]
    epoch, colon, rest = version.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    if not dash:
        upstream, revision = rest, ""
    return int(epoch), _parts(upstream), _parts(revision)


def satisfies(version: str, relation: str, wanted: str) -> bool:
    """Whether a version stands in a relation of control files (`>=`, `<<`, `=` …) to another."""
    ours, theirs = version_key(version), version_key(wanted)
    if relation in (">=", ">"):
        return ours >= theirs
    if relation in ("<=", "<"):
        return ours <= theirs
    if relation == "<<":
        return ours < theirs
    if relation == ">>":
        return ours > theirs
    return relation == "=" and ours == theirs


def _parts(text: str) -> tuple[tuple[Weights, int], ...]:
    """The parts of a version, each of other characters and a number. A missing part is an empty one with number 0."""
    found = [((*map(_weight, letters), 0), int(digits or 0)) for letters, digits in _PART.findall(text)]
    while found and found[-1] == ((0,), 0):
        found.pop()
    # What follows may begin with `~`, which is before the end.
    return (*found, ((0,), 0))


def _weight(char: str) -> int:
    if char == "~":
        return -1
    return ord(char) if char.isascii() and char.isalpha() else ord(char) + 256
