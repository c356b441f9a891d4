"""Places in a text, counted as people, editors and formats count, and texts put together from pieces of a source."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.source import JoinedText, LineIndex, Position, Source, Span

#: Two UTF-16 units and four bytes; a lone surrogate stands for a byte that cannot be decoded.
ROCKET = "\U0001f680"
LETTERS = "ab\n\r\té日\u2028\x0b\x85\udcff" + ROCKET
TEXTS = st.text(st.sampled_from(LETTERS), max_size=60)


@pytest.mark.parametrize(
    ("text", "offset", "people", "utf16", "utf8"),
    [
        ("", 0, (1, 1), (1, 1), (1, 1)),
        ("ab", 1, (1, 2), (1, 2), (1, 2)),
        ("ab", 2, (1, 3), (1, 3), (1, 3)),
        ("a\nb", 1, (1, 2), (1, 2), (1, 2)),
        ("a\nb", 2, (2, 1), (2, 1), (2, 1)),
        ("a\n", 2, (2, 1), (2, 1), (2, 1)),
        ("a\r\nb", 2, (1, 3), (1, 3), (1, 3)),
        ("a\r\nb", 3, (2, 1), (2, 1), (2, 1)),
        ("é日x", 2, (1, 3), (1, 3), (1, 6)),
        (f"x\n{ROCKET}y", 3, (2, 2), (2, 3), (2, 5)),
        (f"{ROCKET}\n{ROCKET}{ROCKET}", 4, (2, 3), (2, 5), (2, 9)),
        ("\ufeffa", 1, (1, 2), (1, 2), (1, 4)),
        ("a\u2028b\x85c\x0bd\re", 8, (1, 9), (1, 9), (1, 12)),
    ],
)
def test_a_place_is_counted_in_three_ways(
    text: str, offset: int, people: tuple[int, int], utf16: tuple[int, int], utf8: tuple[int, int]
) -> None:
    lines = LineIndex(text)
    assert lines.position(offset) == Position(*people)
    assert lines.utf16_position(offset) == Position(*utf16)
    assert lines.byte_position(offset) == Position(*utf8)
    assert lines.line(offset) == people[0]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\r\n", ["a", "b", ""]),
        ("a\rb\n\r\n\r", ["a\rb", "", "\r"]),
        ("\r\r\n", ["\r", ""]),
        ("a\x0bb\u2028c\nd", ["a\x0bb\u2028c", "d"]),
    ],
)
def test_a_line_is_its_text_without_its_end(text: str, lines: list[str]) -> None:
    source = Source("Dockerfile", text)
    assert source.lines.line_count == len(lines)
    assert [source.slice(source.lines.line_span(number + 1)) for number in range(len(lines))] == lines


@given(TEXTS, st.data())
def test_columns_agree_with_the_text_before_them(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    index = LineIndex(text)
    before = text[:offset].split("\n")
    start = before[-1]
    assert index.position(offset) == (len(before), len(start) + 1)
    assert index.utf16_position(offset) == (len(before), len(start.encode("utf-16-le", "surrogatepass")) // 2 + 1)
    assert index.byte_position(offset) == (len(before), len(start.encode("utf-8", "surrogatepass")) + 1)


@given(TEXTS)
def test_the_lines_cover_the_text_in_order(text: str) -> None:
    index = LineIndex(text)
    spans = [index.line_span(number) for number in range(1, index.line_count + 1)]
    assert (spans[0].start, spans[-1].end) == (0, len(text))
    for above, below in pairwise(spans):
        assert text[above.end : below.start] in ("\n", "\r\n")


def test_spans_cover_and_hold_each_other() -> None:
    assert Span(3, 5).cover(Span(1, 4)) == Span(1, 5)
    assert Span(1, 5).holds(Span(1, 5))
    assert Span(1, 5).holds(Span(5, 5))
    assert not Span(1, 5).holds(Span(4, 6))


class Naive:
    """The same as `JoinedText`, with one number for each character."""

    def __init__(self, source: str, pieces: tuple[Span, ...]) -> None:
        self.offsets = [offset for piece in pieces for offset in range(piece.start, piece.end)]
        self.text = "".join(source[offset] for offset in self.offsets)

    def span_of(self, start: int, end: int) -> Span:
        return Span(self.offsets[start], self.offsets[end - 1] + 1)


@st.composite
def joined_texts(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    """A source and pieces of it in rising order; pieces may touch and may be empty."""
    source = draw(TEXTS)
    edges = sorted(draw(st.lists(st.integers(0, len(source)), max_size=12)))
    return source, tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


@given(joined_texts(), st.data())
def test_every_character_maps_back_to_its_place(drawn: tuple[str, tuple[Span, ...]], data: st.DataObject) -> None:
    source, pieces = drawn
    joined, naive = JoinedText(source, pieces), Naive(source, pieces)
    assert joined.text == naive.text
    assert [joined.offset(index) for index in range(len(joined.text))] == naive.offsets
    assert joined.span == (Span(pieces[0].start, pieces[-1].end) if pieces else Span(0, 0))
    end = joined.offset(len(joined.text))
    assert end == (pieces[-1].end if pieces else 0)
    start = data.draw(st.integers(0, len(joined.text)))
    stop = data.draw(st.integers(start, len(joined.text)))
    if stop > start:
        assert joined.span_of(start, stop) == naive.span_of(start, stop)
    else:
        assert joined.span_of(start, start) == (joined.offset(start), joined.offset(start))


@given(joined_texts(), st.data())
def test_a_part_maps_back_as_the_whole_does(drawn: tuple[str, tuple[Span, ...]], data: st.DataObject) -> None:
    source, pieces = drawn
    joined, naive = JoinedText(source, pieces), Naive(source, pieces)
    start = data.draw(st.integers(0, len(joined.text)))
    stop = data.draw(st.integers(start, len(joined.text)))
    part = joined.part(start, stop)
    assert part.text == naive.text[start:stop]
    assert [part.offset(index) for index in range(len(part.text))] == naive.offsets[start:stop]
    assert "".join(source[first:last] for first, last in part.pieces) == part.text
    if stop > start:
        assert part.span == naive.span_of(start, stop)
        again = data.draw(st.integers(0, stop - start))
        assert part.part(again, stop - start).text == naive.text[start + again : stop]


def test_a_text_may_stand_for_others_of_the_same_length() -> None:
    joined = JoinedText.of("xy", (Span(2, 3), Span(7, 8)))
    assert (joined.text, joined.offset(1), joined.part(1, 2).text) == ("xy", 7, "y")
    assert joined.part(1, 2).span == Span(7, 8)


def test_a_part_that_is_empty_still_has_a_place() -> None:
    joined = JoinedText("abcdef", (Span(0, 2), Span(4, 6)))
    assert [joined.part(index, index).span.start for index in range(5)] == [0, 1, 4, 5, 6]
