r"""Patterns of `.dockerignore` and `--exclude`, taken apart into steps that match one character each.

The builder (moby/patternmatcher) turns most patterns into a regular expression of Go, without looking closely: `*`
becomes `[^/]*` also within brackets, `|` and `{2}` keep the meaning they have in an expression, a letter after a
backslash becomes an escape such as `\d`. The same is done here, so that a pattern matches the same files; the
expression is then read by the few rules that it can follow, never by Python's `re`, whose time could grow out of
hand.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from dockerlint.context.char_sets import (
    EVERYTHING,
    NAMED_CLASSES,
    NOT_LINE_FEED,
    NOTHING,
    PERL_CLASSES,
    CharSet,
    char_set,
    chars,
)
from dockerlint.syntax.invalid import Invalid, quoted

_MOST_STEPS = 20_000
_MOST_REPEATS = 1000
_FOLDERS = "(.*/)?"
_NAME = "[^/]*"
_ESCAPED = frozenset(".+()$")
_PLAIN_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PLACES = frozenset("bBzQ")
_CATEGORIES = frozenset("CLMNPSZ")
_LAST_CODE = 0x10FFFF
_HEX = re.compile(r"([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\}")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_REPEAT = re.compile(r"\{(0|[1-9][0-9]{0,7})(?:(,)(0|[1-9][0-9]{0,7})?)?\}")
_CLASS_NAME = re.compile(r"\[:(\^?)([^\]]*?):\]")


class Repeat(Enum):
    """How often a step applies."""

    ONCE = "once"
    MAYBE = "once or not at all"
    ANY = "any number of times"
    FOLDERS = "any number of characters and a slash, or nothing at all"
    START = "never: it holds at the start of the path only"


class Step(NamedTuple):
    """One step of a pattern: which characters it takes, and how often."""

    chars: CharSet
    repeat: Repeat = Repeat.ONCE


Alternatives = tuple[tuple[Step, ...], ...]
"""A pattern: sequences of steps, one of which has to match the whole path."""


_ANYTHING = Step(EVERYTHING, Repeat.ANY)
_START = Step(NOTHING, Repeat.START)


def read_pattern(pattern: str) -> Alternatives | Invalid:
    r"""The steps of a cleaned pattern without its `!`.

    Kinds of problems: `malformed` is refused at once (as by Go's `filepath.Match`), `expression` only when the
    builder first tries the pattern on a path. Escapes that stand for a place rather than a character (`\b`, `\B`,
    `\z`), quoting by `\Q` and Unicode classes (`\pL`) are read as matching nothing, though they might match
    something there.
    """
    malformed = _malformed(pattern)
    if malformed is not None:
        return malformed
    if not any(char in "*?[]\\" for char in pattern):
        return (_literal(pattern),)
    stars = pattern.find("**")
    rest = pattern.replace("**", "", 1)
    if stars >= 0 and not any(char in "*?[]\\" for char in rest):
        if stars == 0:
            return (_suffix(pattern[2:]),)
        if stars == len(pattern) - 2:
            return ((*_literal(pattern[:-2]), _ANYTHING),)
    return _Expression(_expression(pattern)).read() or Invalid(
        f"the pattern {quoted(pattern)} cannot be tried: it has a bad escape, range or repetition",
        0,
        len(pattern),
        "expression",
    )


def _literal(text: str) -> tuple[Step, ...]:
    return tuple(Step(chars(char)) for char in text)


def _suffix(text: str) -> tuple[Step, ...]:
    """What follows `**` at the start: with a slash it is a name in any folder, without one the end of a path."""
    if text.startswith("/"):
        return (Step(EVERYTHING, Repeat.FOLDERS), *_literal(text[1:]))
    return (_ANYTHING, *_literal(text))


def _malformed(pattern: str) -> Invalid | None:
    """What the builder refuses before it looks at any path.

    It tries the pattern on the path `.` with Go's `filepath.Match`, which reads on only while it matches: the part up
    to the next `*` outside brackets, and the part after that if the first one took the whole of `.`.
    """
    at = 0
    for _ in range(2):
        while pattern.startswith("*", at):
            at += 1
        part = _read_part(pattern, at)
        if part.end < 0:
            reason = (
                f"the pattern {quoted(pattern)} has brackets that are not closed or filled, or ends with a backslash"
            )
            return Invalid(reason, at, len(pattern), "malformed")
        if not part.takes_dot:
            return None
        at = part.end
    return None


class _Part(NamedTuple):
    """Where a part of a pattern without stars ends (-1 if it is malformed), and whether it matches just `.`."""

    end: int
    takes_dot: bool


def _read_part(pattern: str, start: int) -> _Part:
    at, elements, takes_dot = start, 0, False
    while at < len(pattern) and pattern[at] != "*":
        if pattern[at] == "[":
            at, takes_dot = _read_brackets(pattern, at)
        else:
            at += pattern[at] == "\\"
            takes_dot = pattern[at : at + 1] in (".", "?")
            at += 1
        if not 0 <= at <= len(pattern):
            return _Part(-1, False)
        elements += 1
    return _Part(at, takes_dot and elements == 1)


def _read_brackets(pattern: str, start: int) -> tuple[int, bool]:
    """The offset after the brackets that open at `start`, or -1, and whether they hold a `.`."""
    negated = pattern[start + 1 : start + 2] == "^"
    at = start + 1 + negated
    ranges, holds_dot = 0, False
    while not (pattern[at : at + 1] == "]" and ranges):
        first, at = _read_member(pattern, at)
        last = first
        if at > 0 and pattern[at] == "-":
            last, at = _read_member(pattern, at + 1)
        if at < 0:
            return -1, False
        ranges += 1
        holds_dot = holds_dot or first <= "." <= last
    return at + 1, holds_dot != negated


def _read_member(pattern: str, at: int) -> tuple[str, int]:
    """One character in brackets and the offset after it, which is -1 where there is none or nothing follows."""
    if pattern[at : at + 1] in ("", "-", "]"):
        return "", -1
    at += pattern[at] == "\\"
    return pattern[at : at + 1], at + 1 if at + 1 < len(pattern) else -1


def _expression(pattern: str) -> str:
    """The regular expression that the builder makes of a pattern, without its anchors."""
    made: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if pattern.startswith("**", at - 1):
            at += 1 + (pattern[at + 1 : at + 2] == "/")
            made.append(_FOLDERS if at < len(pattern) else ".*")
        elif char == "*":
            made.append(_NAME)
        elif char == "?":
            made.append(_NAME[:-1])
        elif char == "\\":
            made.append(pattern[at - 1 : at + 1])
            at += 1
        else:
            made.append("\\" + char if char in _ESCAPED else char)
    return "".join(made)


class _Expression:
    """Reads an expression that `_expression` made; `read` gives None for one that Go refuses."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        # The expression starts with an anchor, which `{0}` can take away again.
        self._steps = [_ANYTHING, _START]
        self._repeatable: int | None = 1

    def read(self) -> Alternatives | None:
        alternatives: list[tuple[Step, ...]] = []
        while self._at < len(self._text):
            if self._text[self._at] == "|":
                self._at += 1
                # Only the first alternative is anchored at its start, and only the last one at its end.
                alternatives.append((*self._steps, _ANYTHING))
                self._steps = [_ANYTHING]
                self._repeatable = None
            elif not self._read_step() or len(self._steps) > _MOST_STEPS:
                return None
        alternatives.append(tuple(self._steps))
        return tuple(steps[2:] if steps[:2] == (_ANYTHING, _START) else steps for steps in alternatives)

    def _read_step(self) -> bool:
        """Read what stands at the place reached; False if it is refused."""
        text, at = self._text, self._at
        if text.startswith(_FOLDERS, at):
            return self._add(Step(NOT_LINE_FEED, Repeat.FOLDERS), len(_FOLDERS))
        if text.startswith(".*", at):
            return self._add(Step(NOT_LINE_FEED, Repeat.ANY), 2)
        if text[at] == "^" or text.startswith("\\A", at):
            return self._add(_START, 1 + (text[at] != "^"))
        if text[at:] == "\\":
            # A backslash at the end protects the closing anchor: a dollar sign, and then whatever follows.
            return self._add(Step(chars("$")), 1) and self._add(_ANYTHING, 0)
        if text[at] == "{":
            repeat = _REPEAT.match(text, at)
            if repeat is not None:
                return self._repeat(repeat)
        found = self._read_class() if text[at] == "[" else self._read_char(in_class=False)
        if found is None:
            return False
        if text[self._at : self._at + 1] == "*":
            return self._add(Step(found, Repeat.ANY), 1)
        return self._add(Step(found), 0)

    def _add(self, step: Step, length: int) -> bool:
        self._at += length
        # Two loops in a row match what one does.
        if step.repeat in (Repeat.ONCE, Repeat.START) or self._steps[-1:] != [step]:
            self._steps.append(step)
        self._repeatable = len(self._steps) - 1 if step.repeat in (Repeat.ONCE, Repeat.START) else None
        return True

    def _repeat(self, match: re.Match[str]) -> bool:
        """A repetition `{n}`, `{n,}` or `{n,m}` of the step before, which must be there and not repeated itself."""
        least, comma, most = int(match[1]), match[2], match[3]
        highest = int(most) if most else least
        if self._repeatable is None or max(least, highest) > _MOST_REPEATS or highest < least:
            return False
        self._at = match.end()
        step = self._steps.pop(self._repeatable)
        self._repeatable = None
        self._steps += [step] * least
        if comma and not most:
            self._steps.append(Step(step.chars, Repeat.ANY))
        else:
            self._steps += [Step(step.chars, Repeat.MAYBE)] * (highest - least)
        return True

    def _read_class(self) -> CharSet | None:
        """A class in brackets: characters, ranges, escapes and names such as `[:alpha:]`."""
        text = self._text
        self._at += 1
        negated = text.startswith("^", self._at)
        self._at += negated
        ranges: list[tuple[int, int]] = []
        first = True
        while first or text[self._at : self._at + 1] != "]":
            found = self._read_class_part()
            if found is None:
                return None
            ranges += found.ranges
            first = False
        self._at += 1
        found = char_set(*ranges)
        return found.without() if negated else found

    def _read_class_part(self) -> CharSet | None:
        name = _CLASS_NAME.match(self._text, self._at)
        if name is not None:
            self._at = name.end()
            named = NAMED_CLASSES.get(name[2])
            return named.without() if named is not None and name[1] else named
        first = self._read_char(in_class=True)
        start = _single(first) if first is not None else None
        text, at = self._text, self._at
        if start is None or not text.startswith("-", at) or text[at + 1 : at + 2] in ("", "]"):
            return first
        self._at += 1
        last = self._read_char(in_class=True)
        end = _single(last) if last is not None else None
        return char_set((start, end)) if end is not None and start <= end else None

    def _read_char(self, *, in_class: bool) -> CharSet | None:
        """A character or an escape; None for one that Go refuses, and at the end of the text."""
        text = self._text
        char = text[self._at : self._at + 1]
        self._at += 1
        if char != "\\":
            return chars(char) if char else None
        letter = text[self._at : self._at + 1]
        self._at += 1
        if letter in PERL_CLASSES:
            return PERL_CLASSES[letter]
        if letter in ("p", "P"):
            return self._read_unicode_class()
        if letter in _PLACES and not in_class:
            return NOTHING
        if letter in _PLAIN_ESCAPES:
            return chars(_PLAIN_ESCAPES[letter])
        if letter.isascii() and letter and not letter.isalnum():
            return chars(letter)
        code = _HEX.match(text, self._at) if letter == "x" else _OCTAL.match(text, self._at - 1)
        if code is None:
            return None
        self._at = code.end()
        value = int(code[1] or code[2], 16) if letter == "x" else int(code[0], 8)
        return char_set((value, value)) if value <= _LAST_CODE else None

    def _read_unicode_class(self) -> CharSet | None:
        r"""A class such as `\pL` or `\p{Greek}`, which is not known here and matches nothing."""
        end = self._text.find("}", self._at) if self._text.startswith("{", self._at) else self._at
        category = self._text[self._at : end + 1]
        self._at = end + 1
        return NOTHING if len(category) > 1 or category in _CATEGORIES else None


def _single(found: CharSet) -> int | None:
    """The code point of a set of one character."""
    return found.ranges[0][0] if len(found.ranges) == 1 and found.ranges[0][0] == found.ranges[0][1] else None
