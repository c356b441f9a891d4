"""The exec form: a JSON array of strings, read as Go's JSON decoder reads it, with the place of every string.

BuildKit tries to decode the arguments as a JSON array. Text that is no valid JSON silently becomes the other
form of the instruction; a valid array that holds anything but strings stops the build.
"""

from __future__ import annotations

import json
import math
import re
from typing import NamedTuple

_BLANKS = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_SURROGATE = re.compile("[\ud800-\udfff]")


class ArrayString(NamedTuple):
    """One string of the array: its decoded value, and the offsets of the text with its quotes."""

    value: str
    start: int
    end: int


class StringArray(NamedTuple):
    """A valid exec form."""

    strings: tuple[ArrayString, ...]


class NotAnArray(NamedTuple):
    """No valid JSON array; `offset` is where the text stops being one."""

    offset: int


class NotAString(NamedTuple):
    """A valid array with an element at `offset` that is no string."""

    offset: int


def read_exec_form(text: str) -> StringArray | NotAnArray | NotAString:
    """Read `text`, which begins with `[`, as an exec form. Offsets count code points of `text`; nothing is
    raised.
    """
    strings: list[ArrayString] = []
    at = _skip(text, 1)
    if text.startswith("]", at):
        return _closed(text, at, strings)
    while True:
        match = _STRING.match(text, at)
        if match is None:
            return NotAString(at) if _is_valid_array(text) else NotAnArray(at)
        strings.append(ArrayString(_decode(match.group()), at, match.end()))
        at = _skip(text, match.end())
        if text.startswith("]", at):
            return _closed(text, at, strings)
        if not text.startswith(",", at):
            return NotAnArray(at)
        at = _skip(text, at + 1)


def _closed(text: str, at: int, strings: list[ArrayString]) -> StringArray | NotAnArray:
    end = _skip(text, at + 1)
    return StringArray(tuple(strings)) if end == len(text) else NotAnArray(end)


def _skip(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _decode(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    # Go replaces half of a surrogate pair by the replacement character.
    return _SURROGATE.sub("\ufffd", str(json.loads(quoted)))


def _is_valid_array(text: str) -> bool:
    try:
        json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_constant)
    except (ValueError, OverflowError, RecursionError):
        return False
    return True


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("out of range for Go's decoder")
    return value


def _constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
