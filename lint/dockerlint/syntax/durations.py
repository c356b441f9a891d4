"""Durations as Go writes and reads them, in nanoseconds: the values of the flags of HEALTHCHECK."""

from __future__ import annotations

from dockerlint.syntax.invalid import Invalid, quoted

_DIGITS = "0123456789"
_LIMIT = 1 << 63
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_MILLISECOND = 1_000_000


def parse_duration(text: str) -> int | Invalid:
    """The nanoseconds of a duration such as `1h30m`, `1.5s` or `-0`, by the rules of Go's `time.ParseDuration`.

    A sign, then numbers with an optional fraction, each followed by a unit: ns, us, µs (either micro sign), ms, s, m
    or h. Only `0` needs no unit. What does not fit into 64 bits is invalid.
    """
    at = 1 if text[:1] in ("+", "-") else 0
    if text[at:] == "0":
        return 0
    if at == len(text):
        return Invalid(f"{quoted(text)} is not a duration such as '1m30s'", 0, len(text))
    total = 0
    while at < len(text):
        part = _part(text, at)
        if isinstance(part, Invalid):
            return part
        nanoseconds, at = part
        total += nanoseconds
        if total > _LIMIT:
            return _too_long(text)
    if text[0] == "-":
        return -total
    return total if total < _LIMIT else _too_long(text)


def parse_interval(text: str) -> int | Invalid:
    """The nanoseconds of a time flag of HEALTHCHECK: nothing and zero are 0, anything else is 1ms at least.

    BuildKit takes the flag apart byte by byte, so that a micro sign never arrives whole and `µs` is refused there.
    """
    if not text:
        return 0
    duration = parse_duration(text)
    if isinstance(duration, Invalid):
        return duration
    for at, char in enumerate(text):
        if not char.isascii():
            return Invalid(f"the unit {quoted(text[at : at + 2])} is not accepted in a flag: write 'us'", at, at + 2)
    if duration != 0 and duration < _MILLISECOND:
        return Invalid(f"{quoted(text)} is shorter than 1ms", 0, len(text), "range")
    return duration


def format_duration(nanoseconds: int) -> str:
    """The duration as Go's `Duration.String` writes it, for example `5m0s`, `1.5s`, `250ms` or `0s`."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if rest < size * 1_000:
            return f"{sign}{_decimal(rest, size)}{unit}"
    minutes, below = divmod(rest, _UNITS["m"])
    seconds = f"{_decimal(below, _UNITS['s'])}s"
    if minutes < 60:
        return f"{sign}{minutes}m{seconds}" if minutes else sign + seconds
    return f"{sign}{minutes // 60}h{minutes % 60}m{seconds}"


def _part(text: str, start: int) -> tuple[int, int] | Invalid:
    """One number with its unit at `start`: the nanoseconds and where the next one starts."""
    point = _skip(text, start, _DIGITS)
    end = point
    if text[point : point + 1] == ".":
        end = _skip(text, point + 1, _DIGITS)
    if end - start - (end > point) == 0:
        return Invalid(f"{quoted(text)} is not a duration: a number is missing", start, len(text))
    unit_end = _find(text, end, _DIGITS + ".")
    unit = text[end:unit_end]
    if not unit:
        return Invalid(f"{quoted(text)} has no unit after '{text[start:end][:20]}'", start, end)
    size = _UNITS.get(unit)
    if size is None:
        return Invalid(f"the unit {quoted(unit)} is unknown: use ns, us, ms, s, m or h", end, unit_end)
    digits = text[start:point].lstrip("0")
    whole = int(digits or "0") if len(digits) < 20 else _LIMIT + 1
    if whole > _LIMIT // size:
        return _too_long(text)
    nanoseconds = whole * size + _fraction(text[point + 1 : end], size)
    return (nanoseconds, unit_end) if nanoseconds <= _LIMIT else _too_long(text)


def _fraction(digits: str, size: int) -> int:
    """The nanoseconds of the digits after the point, rounded through a floating point number as in Go."""
    value, scale = 0, 1.0
    for digit in digits:
        if value > (_LIMIT - 1) // 10 or value * 10 + int(digit) > _LIMIT:
            break
        value = value * 10 + int(digit)
        scale *= 10
    return int(value * (size / scale))


def _decimal(value: int, size: int) -> str:
    """`value / size` with as many digits after the point as needed; `size` is a power of ten."""
    whole, rest = divmod(value, size)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).zfill(len(str(size)) - 1).rstrip('0')}"


def _too_long(text: str) -> Invalid:
    return Invalid(f"{quoted(text)} is longer than the longest duration, about 292 years", 0, len(text), "range")


def _skip(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def _find(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] not in chars:
        at += 1
    return at
