"""Whole numbers as Go's `strconv` reads them: ASCII digits only, no blanks, no underscores."""

from __future__ import annotations


def parse_unsigned(text: str, base: int, bits: int) -> int | None:
    """The number of digits in base 8 or 10 that fits into `bits` bits, or None (`ParseUint`: no sign at all)."""
    digits = "01234567" if base == 8 else "0123456789"
    if not text or text.strip(digits):
        return None
    significant = text.lstrip("0")
    if len(significant) > bits:
        return None
    value = int(significant or "0", base)
    return value if value < 1 << bits else None


def parse_signed(text: str, bits: int) -> int | None:
    """The decimal number, with an optional sign, that fits into `bits` bits, or None (`ParseInt`)."""
    negative = text[:1] == "-"
    value = parse_unsigned(text[1:] if text[:1] in ("+", "-") else text, 10, bits)
    if value is None or value > (1 << (bits - 1)) - (not negative):
        return None
    return -value if negative else value
