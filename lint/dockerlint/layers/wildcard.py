"""File names against patterns with `*`, `?` and `[…]`, one name at a time, as shells and Go's `filepath.Match` do it.

The time is at worst that of the length of the pattern times that of the name.
"""

from __future__ import annotations

from typing import NamedTuple

_SPECIAL = frozenset("*?[\\")


class _Step(NamedTuple):
    """One step of a pattern: a star, or a set of ranges of characters."""

    star: bool = False
    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False

    def takes(self, char: str) -> bool:
        """Whether the character fits."""
        return any(first <= char <= last for first, last in self.ranges) != self.negated


_STAR = _Step(star=True)
_ANY = _Step(negated=True)


def is_pattern(text: str) -> bool:
    """Whether a text has a character with a meaning in patterns."""
    return not _SPECIAL.isdisjoint(text)


def matches(pattern: str, name: str) -> bool:
    """Whether a name, which has no slash, fits the pattern. A class that is not closed stands for itself."""
    steps = _read(pattern)
    at, step, star, mark = 0, 0, -1, 0
    while at < len(name):
        if step < len(steps) and steps[step].star:
            star, mark = step, at
            step += 1
        elif step < len(steps) and steps[step].takes(name[at]):
            at, step = at + 1, step + 1
        elif star >= 0:
            mark += 1
            at, step = mark, star + 1
        else:
            return False
    return all(each.star for each in steps[step:])


def _read(pattern: str) -> list[_Step]:
    steps = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            steps.append(_STAR)
        elif char == "?":
            steps.append(_ANY)
        elif char == "[" and (end := pattern.find("]", at + 2 if pattern[at : at + 1] in ("!", "^") else at + 1)) > 0:
            steps.append(_class(pattern[at:end]))
            at = end + 1
        else:
            if char == "\\" and at < len(pattern):
                char = pattern[at]
                at += 1
            steps.append(_Step(ranges=((char, char),)))
    return steps


def _class(text: str) -> _Step:
    negated = text[:1] in ("!", "^")
    chars = text[negated:]
    ranges = []
    at = 0
    while at < len(chars):
        is_range = chars[at + 1 : at + 2] == "-" and at + 2 < len(chars)
        ranges.append((chars[at], chars[at + 2] if is_range else chars[at]))
        at += 3 if is_range else 1
    return _Step(ranges=tuple(ranges), negated=negated)
