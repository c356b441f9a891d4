"""Matching many patterns at once, in a time that grows with the length of the path and nothing else.

All patterns share one nondeterministic automaton. Its places are the bits of an integer: a step that applies once is
one place, which leads to the next bit; a loop leads to itself too. So one character costs a few operations on
integers, however many ways there are to match, and nothing is ever tried twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.context.char_sets import CharSet
from dockerlint.context.globs import Alternatives, Repeat

_MOST_REMEMBERED = 2000


class Places(NamedTuple):
    """The places that an automaton has reached: where a step may begin, and inside which `**` a path is."""

    beginning: int
    inside: int


class Automaton:
    """The automaton of some patterns; bit `n` of `matched` stands for the pattern number `n`.

    Only a memory of which places take a character changes after it was made, and it changes no answer.
    """

    def __init__(self, patterns: Iterable[Alternatives]) -> None:
        starts: list[int] = []
        ends: dict[int, int] = {}
        of_kind: dict[Repeat, list[int]] = {kind: [] for kind in Repeat}
        taking: dict[CharSet, list[int]] = {}
        place = 0
        for number, alternatives in enumerate(patterns):
            for steps in alternatives:
                starts.append(place)
                for taken, repeat in steps:
                    of_kind[repeat].append(place)
                    taking.setdefault(taken, []).append(place)
                    place += 1
                ends[place] = number
                place += 1
        kinds = {kind: _bits(places, place) for kind, places in of_kind.items()}
        self._once = kinds[Repeat.ONCE] | kinds[Repeat.MAYBE]
        self._stay = kinds[Repeat.ANY]
        self._folders = kinds[Repeat.FOLDERS]
        self._skip = self._stay | self._folders | kinds[Repeat.MAYBE]
        self._ends = _bits(ends, place)
        self._owners = ends
        self._sets = [(taken, _bits(places, place)) for taken, places in taking.items()]
        self._taking: dict[str, int] = {}
        self.start = Places(_skipped(_bits(starts, place), self._skip | kinds[Repeat.START]), 0)

    def advance(self, places: Places, text: str) -> Places:
        """The places reached from some places by the characters of a text; without any, nothing can match any more."""
        beginning, inside = places
        for char in text:
            if not beginning and not inside:
                break
            taking = self._taking.get(char)
            if taking is None:
                taking = self._places_that_take(char)
            taken = beginning & taking
            inside = (inside | beginning & self._folders) & taking
            beginning = (taken & self._once) << 1 | taken & self._stay
            if char == "/":
                beginning |= inside << 1
            beginning = _skipped(beginning, self._skip)
        return Places(beginning, inside)

    def matched(self, places: Places) -> int:
        """The patterns, as bits, that match a text which led to these places."""
        ends = places.beginning & self._ends
        patterns = 0
        while ends:
            lowest = ends & -ends
            patterns |= 1 << self._owners[lowest.bit_length() - 1]
            ends ^= lowest
        return patterns

    def _places_that_take(self, char: str) -> int:
        taking = 0
        for taken, places in self._sets:
            if taken.holds(char):
                taking |= places
        if len(self._taking) < _MOST_REMEMBERED:
            self._taking[char] = taking
        return taking


def _skipped(places: int, skip: int) -> int:
    """The places, and those after each run of skippable ones that starts at a place.

    The carry of the addition runs through all ones of `skip` above a place, and stops at the first zero.
    """
    return places | ((places & skip) + skip) ^ skip


def _bits(numbers: Iterable[int], size: int) -> int:
    """The integer in which the bits of these numbers, `size` at most, are set."""
    octets = bytearray(size // 8 + 1)
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")
