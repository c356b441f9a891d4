"""Sizes in bytes, as in `--mount=type=tmpfs,size=64m`."""

from __future__ import annotations

import re

from dockerlint.syntax.invalid import Invalid, quoted

_SIZE = re.compile(r"([+-]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?) ?([a-zA-Z]*)")
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_LIMIT = 1 << 63


def parse_size(text: str) -> int | Invalid:
    """The bytes of a size such as `64`, `64m`, `1.5GiB` or `10 kb`; units are powers of 1024.

    As go-units' `RAMInBytes` reads it: b, k, m, g, t or p in any case, all but b also with `b` or `ib` after it, one
    blank before the unit. Not read here, though accepted there: hexadecimal floating point numbers.
    """
    match = _SIZE.fullmatch(text)
    if match is not None:
        factor, number = _factor(match[2].lower()), _number(match[1])
        if factor is not None and number is not None:
            size = number * factor
            return int(size) if size < _LIMIT else _LIMIT - 1
    return Invalid(f"{quoted(text)} is not a size: use a number with an optional unit b, k, m, g, t or p", 0, len(text))


def _factor(unit: str) -> int | None:
    """The bytes of a unit in lower case; None if there is no such unit."""
    if unit in ("", "b"):
        return 1
    power = _POWERS.get(unit[0])
    return 1024**power if power is not None and unit[1:] in ("", "b", "ib") else None


def _number(digits: str) -> float | None:
    """The number, or None if it is negative, too great, or has an underscore in the wrong place."""
    try:
        number = float(digits)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
