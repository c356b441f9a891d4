"""Texts as Go's `%q` writes them, which BuildKit puts into an image's history."""

from __future__ import annotations

from collections.abc import Iterable

_SHORT = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}


def quote(text: str) -> str:
    """The text as Go's `strconv.Quote` writes it: in double quotes, with escapes for what cannot be printed."""
    return '"' + "".join('\\"' if char == '"' else _escaped(char) for char in text) + '"'


def quote_list(texts: Iterable[str]) -> str:
    """A list of texts as `%q` writes it: `["a" "b"]`."""
    return "[" + " ".join(quote(text) for text in texts) + "]"


def quote_rune(number: int) -> str:
    """A number as Go's `strconv.QuoteRune` writes it: the character of that number, in single quotes."""
    char = chr(number) if number < 0xD800 or 0xE000 <= number <= 0x10FFFF else "\ufffd"
    return "'" + ("\\'" if char == "'" else _escaped(char)) + "'"


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if char == " " or (char.isprintable() and not char.isspace()):
        return char
    number = ord(char)
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
