"""Text of others made fit to be shown: nothing in it moves the cursor, changes colours or turns the line around."""

from __future__ import annotations

#: Characters that reorder what follows them, or cannot be seen; they would let a file show something it does not say.
_DECEIVING = frozenset(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff"
) | frozenset(map(chr, range(0x202A, 0x202F)))


def visible(text: str) -> str:
    """The text with control characters, deceiving characters and undecodable bytes as escapes; a tab becomes a blank.

    Every character becomes at least one, so that columns counted in the result never come out too small.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_plain(char) else _escape(char) for char in text)


def _is_plain(char: str) -> bool:
    return char.isprintable() and char not in _DECEIVING


def _escape(char: str) -> str:
    if char == "\t" or (char.isspace() and ord(char) > 0x9F and char not in _DECEIVING):
        return " "
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"  # a byte that is no UTF-8, as the reader carries it along
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
