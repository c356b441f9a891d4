"""Texts put together from parts of another, each character with its way back to the file."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlint.source import JoinedText, Span


def cut(joined: JoinedText, ranges: Iterable[tuple[int, int]]) -> JoinedText:
    """The ranges of a text, put together in order."""
    return glued((part.text, part.pieces) for part in (joined.part(start, end) for start, end in ranges if start < end))


def glued(parts: Iterable[tuple[str, tuple[Span, ...]]]) -> JoinedText:
    """Texts put together, each with the spans of the file it stands for, which are as long as it in all.

    What a span covers need not read like the text: a line feed written as an escape has the place of its letter.
    """
    texts: list[str] = []
    pieces: list[Span] = []
    for text, spans in parts:
        texts.append(text)
        pieces += spans
    return JoinedText.of("".join(texts), tuple(pieces))
