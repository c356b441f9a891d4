"""Sets of characters, as the classes of a regular expression of Go describe them."""

from __future__ import annotations

from typing import NamedTuple

_LAST = 0x10FFFF


class CharSet(NamedTuple):
    """Characters by rising ranges of code points that do not touch; both ends of a range belong to it."""

    ranges: tuple[tuple[int, int], ...]

    def holds(self, char: str) -> bool:
        """Whether the character belongs to the set."""
        code = ord(char)
        return any(first <= code <= last for first, last in self.ranges)

    def without(self) -> CharSet:
        """All characters that do not belong to this set."""
        gaps = []
        start = 0
        for first, last in self.ranges:
            if first > start:
                gaps.append((start, first - 1))
            start = last + 1
        return CharSet((*gaps, (start, _LAST)) if start <= _LAST else tuple(gaps))


def char_set(*ranges: tuple[int, int]) -> CharSet:
    """The set of the characters in any of the ranges, which may overlap and stand in any order."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return CharSet(tuple(joined))


def chars(text: str) -> CharSet:
    """The set of the characters of a text."""
    return char_set(*((ord(char), ord(char)) for char in text))


NOTHING = CharSet(())
EVERYTHING = NOTHING.without()
NOT_LINE_FEED = chars("\n").without()

_UPPER, _LOWER, _DIGITS = ((0x41, 0x5A), (0x61, 0x7A), (0x30, 0x39))
_DIGIT = char_set(_DIGITS)
_WORD = char_set(_UPPER, _LOWER, _DIGITS, (0x5F, 0x5F))
_SPACE = chars("\t\n\f\r ")

#: What a letter after a backslash means, alone and in a class.
PERL_CLASSES = {
    "d": _DIGIT,
    "w": _WORD,
    "s": _SPACE,
    "D": _DIGIT.without(),
    "W": _WORD.without(),
    "S": _SPACE.without(),
}

#: What `[:name:]` within a class means.
NAMED_CLASSES = {
    "alnum": char_set(_UPPER, _LOWER, _DIGITS),
    "alpha": char_set(_UPPER, _LOWER),
    "ascii": char_set((0, 0x7F)),
    "blank": chars("\t "),
    "cntrl": char_set((0, 0x1F), (0x7F, 0x7F)),
    "digit": _DIGIT,
    "graph": char_set((0x21, 0x7E)),
    "lower": char_set(_LOWER),
    "print": char_set((0x20, 0x7E)),
    "punct": char_set((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": chars("\t\n\v\f\r "),
    "upper": char_set(_UPPER),
    "word": _WORD,
    "xdigit": char_set(_DIGITS, (0x41, 0x46), (0x61, 0x66)),
}
