"""Quote removal: from a word as written to its value, with the way back for scripts that stand inside a word.

POSIX quoting with bash's `$'…'` and `$"…"`. Expansions are not looked into here: the caller says where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dockerlint.shell.script import Expansion

_SPECIAL = re.compile(r"""[\\'"$`*?\[<>(]""")
_RUN = re.compile(r"""[^\\'"$*?\[]+""")
_QUOTED_RUN = re.compile(r'[^\\"]+')
_ANSI_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|c.|.)", re.DOTALL)
_ANSI_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Hole(NamedTuple):
    """An expansion inside a word: `raw[start:end]` of the word as written. `name` and `variables` as in
    `Expansion`.
    """

    start: int
    end: int
    name: str | None
    variables: tuple[str, ...]


class Chunk(NamedTuple):
    """A stretch of the value that stands at `raw[start : start + len(text)]`, but for escapes, whose one character
    stands at `start`. With a `hole` it is an expansion and `text` is as written. `quote` is the quote sign around it.
    """

    text: str
    start: int
    quote: str
    hole: Hole | None = None


def is_plain(raw: str) -> bool:
    """Whether the word has neither quotes nor expansions nor patterns: its value is what is written."""
    return _SPECIAL.search(raw) is None


def chunks(raw: str, holes: Sequence[Hole]) -> Iterator[Chunk]:
    """The value of a word in stretches; `holes` are its outermost expansions in order.

    An empty stretch stands for empty quotes. A quote that is not closed goes to the end of the word.
    """
    at = 0
    double = False
    waiting = iter((*holes, None))
    hole = next(waiting)
    while at < len(raw):
        if hole is not None and at >= hole.start:
            yield Chunk(raw[at : hole.end], at, '"' if double else "", hole)
            at, hole = hole.end, next(waiting)
            continue
        end = len(raw) if hole is None else hole.start
        if raw[at] == '"':
            double = not double
            at += 1
            if double:
                yield Chunk("", at, '"')
        elif double:
            chunk, at = _in_double_quotes(raw, at, end)
            yield chunk
        elif raw[at] == "'" or raw.startswith("$'", at):
            ansi = raw[at] == "$"
            start = at + 1 + ansi
            stop = _closing_quote(raw, start, ansi=ansi)
            yield from _ansi(raw, start, stop) if ansi else (Chunk(raw[start:stop], start, "'"),)
            at = stop + 1
        else:
            chunk, at = _unquoted(raw, at, end)
            yield chunk


def _in_double_quotes(raw: str, at: int, end: int) -> tuple[Chunk, int]:
    if raw[at] != "\\":
        match = _QUOTED_RUN.match(raw, at, end)
        stop = match.end() if match else at + 1
        return Chunk(raw[at:stop], at, '"'), stop
    following = raw[at + 1 : at + 2]
    if following == "\n":
        return Chunk("", at, '"'), at + 2
    if following in {"$", "`", '"', "\\"}:
        return Chunk(following, at + 1, '"'), at + 2
    return Chunk("\\", at, '"'), at + 1


def _unquoted(raw: str, at: int, end: int) -> tuple[Chunk, int]:
    char = raw[at]
    if char == "\\" and at + 1 < len(raw):
        # Marked as quoted: an escaped pattern sign is an ordinary character.
        return Chunk("" if raw[at + 1] == "\n" else raw[at + 1], at + 1, "\\"), at + 2
    if char == "$" and raw.startswith('"', at + 1):
        return Chunk("", at, ""), at + 1
    match = _RUN.match(raw, at, end)
    stop = match.end() if match else at + 1
    return Chunk(raw[at:stop], at, ""), stop


def _closing_quote(raw: str, start: int, *, ansi: bool) -> int:
    if not ansi:
        end = raw.find("'", start)
        return len(raw) if end < 0 else end
    at = start
    while at < len(raw) and raw[at] != "'":
        at += 2 if raw[at] == "\\" else 1
    return min(at, len(raw))


def _ansi(raw: str, start: int, end: int) -> Iterator[Chunk]:
    """What stands between `$'` and `'` (bash, "ANSI-C Quoting")."""
    if start == end:
        yield Chunk("", start, "'")
    at = start
    while at < end:
        match = _ANSI_ESCAPE.match(raw, at, end) if raw[at] == "\\" else None
        if match is None:
            stop = raw.find("\\", at + 1, end)
            stop = end if stop < 0 else stop
            yield Chunk(raw[at:stop], at, "'")
        else:
            stop = match.end()
            yield Chunk(_ansi_character(match.group()[1:]), at + 1, "'")
        at = stop


def _ansi_character(escape: str) -> str:
    letter = escape[0]
    if letter in _ANSI_LETTERS:
        return _ANSI_LETTERS[letter]
    if letter in "01234567":
        return chr(int(escape, 8) & 0xFF)
    if letter in "xuU" and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    if letter == "c" and len(escape) > 1:
        return chr(ord(escape[1]) & 0x1F)
    return escape[:1] if letter in "\\'\"?" else "\\" + escape


def parts_of(raw: str, holes: Sequence[Hole]) -> tuple[tuple[str | Expansion, ...], bool]:
    """The literal and expanded parts of a word that is not plain, and whether an unquoted pattern sign is among
    them.
    """
    return parts_of_chunks(chunks(raw, holes))


def parts_of_chunks(read: Iterable[Chunk]) -> tuple[tuple[str | Expansion, ...], bool]:
    """The same of a value that is in stretches already."""
    parts: list[str | Expansion] = []
    literal: list[str] = []
    glob = False
    for chunk in read:
        if chunk.hole is None:
            literal.append(chunk.text)
            glob = glob or (chunk.quote == "" and chunk.text in {"*", "?", "["})
            continue
        if any(literal):
            parts.append("".join(literal))
        literal = []
        parts.append(Expansion(chunk.hole.name, chunk.hole.variables, chunk.text, chunk.quote == '"'))
    if any(literal) or not parts:
        parts.append("".join(literal))
    return tuple(parts), glob
