"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.

BuildKit translates a pattern into a regular expression of Go: `*` becomes `.*`, `?` becomes `.`, and neither
matches a line feed. A backslash makes `*`, `?` and itself ordinary, whatever the escape character of the
Dockerfile is; before `}` and `/` it is dropped. There are no bracket expressions.

The text of a Dockerfile never becomes a regular expression here. A star cannot leave its line, so the places
that a piece between two stars can take begin on one line, and the first of them leaves the most room for what
follows: taking it at once needs no backtracking.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

#: Go's text scanner drops it at the start of what it reads.
BYTE_ORDER_MARK = "\ufeff"


class Segment(NamedTuple):
    """What stands between two stars: literal texts and, as numbers, how many `?` there are in a row."""

    parts: tuple[str | int, ...]
    length: int

    @property
    def literal(self) -> str | None:
        """The text that this segment is, None with a `?` in it."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    def matches(self, value: str, start: int) -> bool:
        """Whether the segment stands in `value` at the offset `start`."""
        if start + self.length > len(value):
            return False
        at = start
        for part in self.parts:
            if isinstance(part, str):
                if not value.startswith(part, at):
                    return False
                at += len(part)
            else:
                if "\n" in value[at : at + part]:
                    return False
                at += part
        return True

    def first(self, value: str, low: int, high: int) -> int:
        """The first offset from `low` to `high`, both included, where the segment stands, or -1."""
        literal = self.literal
        if literal is not None:
            return value.find(literal, low, high + len(literal))
        return next((start for start in self._candidates(value, low, high) if self.matches(value, start)), -1)

    def last(self, value: str, low: int, high: int) -> int:
        """The last offset from `low` to `high`, both included, where the segment stands, or -1."""
        literal = self.literal
        if literal is not None:
            return value.rfind(literal, low, high + len(literal))
        found = -1
        for start in self._candidates(value, low, high):
            if self.matches(value, start):
                found = start
        return found

    def _candidates(self, value: str, low: int, high: int) -> Iterator[int]:
        """Offsets from `low` to `high` at which the first literal text of the segment, if any, fits."""
        offset, text = 0, ""
        for part in self.parts:
            if isinstance(part, str):
                text = part
                break
            offset += part
        at = value.find(text, low + offset, high + offset + len(text))
        while at >= 0:
            yield at - offset
            at = value.find(text, at + 1, high + offset + len(text))


class Pattern(NamedTuple):
    """A pattern, cut at its stars: one segment more than there are stars."""

    segments: tuple[Segment, ...]

    def cost(self, value: str, *, searching: bool) -> int:
        """A bound of the work of trying this pattern at the start of `value`, or `searching` for it.

        The unit is a compared character. Literal texts are found in C but a `?` is tried in Python; each line
        feed in the pattern carries a failing attempt one line further.
        """
        parts = [part for segment in self.segments for part in segment.parts]
        wildcards = sum(not isinstance(part, str) for part in parts)
        lines = sum(part.count("\n") for part in parts if isinstance(part, str))
        each = 1 + 64 * wildcards
        return len(value) * (each * (16 + lines) if searching and self.literal is None else each)

    @property
    def literal(self) -> str | None:
        """The text that this pattern is, None if it has a star or a `?`."""
        return self.segments[0].literal if len(self.segments) == 1 else None


class InvalidPattern(NamedTuple):
    """A pattern that stops the build: a backslash before `escaped` ("" at the end of the pattern)."""

    escaped: str


def parse_pattern(text: str) -> Pattern | InvalidPattern:
    """The pattern that BuildKit makes of `text`, the expanded word of an operator."""
    segments: list[Segment] = []
    parts: list[str | int] = []
    at = 1 if text.startswith(BYTE_ORDER_MARK) else 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if parts or not segments:  # a second star in a row adds nothing
                segments.append(_segment(parts))
                parts = []
        elif char == "?":
            parts.append(1)
        elif char != "\\":
            parts.append(char)
        elif text[at : at + 1] not in ("}", "/"):
            escaped = text[at : at + 1]
            if escaped not in ("*", "?", "\\"):
                return InvalidPattern(escaped)
            parts.append(escaped)
            at += 1
    segments.append(_segment(parts))
    return Pattern(tuple(segments))


def reverse_pattern(text: str) -> str:
    """The text of the pattern that matches reversed values. A backslash stays before what it escapes."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        width = 2 if text[at] == "\\" else 1
        pieces.append(text[at : at + width])
        at += width
    return "".join(reversed(pieces))


def trim_prefix(value: str, pattern: Pattern, longest: bool) -> str:
    """`value` without the shortest or longest beginning that the pattern matches."""
    if not pattern.segments[0].matches(value, 0):
        return value
    end = _match_rest(value, pattern, pattern.segments[0].length, longest)
    return value if end is None else value[end:]


def trim_suffix(value: str, pattern: Pattern, longest: bool) -> str:
    """`value` without the shortest or longest end that matches; the pattern comes from `reverse_pattern`."""
    return trim_prefix(value[::-1], pattern, longest)[::-1]


def replace_first(value: str, pattern: Pattern, replacement: str) -> str:
    """`value` with `replacement` for the first match, which is as long as possible."""
    match = _search(value, pattern, 0)
    return value if match is None else value[: match[0]] + replacement + value[match[1] :]


def replace_all(value: str, pattern: Pattern, replacement: str, limit: int) -> str | None:
    """`value` with `replacement` for all matches, from left to right; None if that is longer than `limit`.

    Other than in `replace_first`, `$0` and `${0}` in the replacement stand for the match, `$$` for a dollar
    sign and other names for nothing: BuildKit calls ReplaceAllString of Go, which reads its replacement as a
    template.
    """
    template = _parse_template(replacement)
    literal = pattern.literal
    if literal and None not in template:
        text = "".join(filter(None, template))
        if len(value) + value.count(literal) * (len(text) - len(literal)) > limit:
            return None
        return value.replace(literal, text)
    return _replace_matches(value, pattern, template, limit)


def _replace_matches(value: str, pattern: Pattern, template: tuple[str | None, ...], limit: int) -> str | None:
    parts: list[str] = []
    total = last_end = at = 0
    while at <= len(value) and (match := _search(value, pattern, at)) is not None:
        start, end = match
        new = value[last_end:start]
        # Go leaves out an empty match that touches the match before it.
        if end > last_end or start == 0:
            new += "".join(value[start:end] if part is None else part for part in template)
        parts.append(new)
        total += len(new)
        if total > limit:
            return None
        last_end = end
        at = max(at + 1, end)
    parts.append(value[last_end:])
    return "".join(parts)


def _segment(parts: list[str | int]) -> Segment:
    """The segment of single characters and single `?`, with neighbours of a kind joined."""
    joined: list[str | int] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        run = list(group)
        joined.append("".join(map(str, run)) if is_text else len(run))
    return Segment(tuple(joined), len(parts))


def _line_end(value: str, start: int) -> int:
    """How far a star that begins at `start` can reach."""
    end = value.find("\n", start)
    return len(value) if end < 0 else end


def _match_rest(value: str, pattern: Pattern, start: int, longest: bool) -> int | None:
    """The end of the shortest or longest match whose first segment ends at `start`, None without a match."""
    if len(pattern.segments) == 1:
        return start
    for segment in pattern.segments[1:-1]:
        found = segment.first(value, start, _line_end(value, start))
        if found < 0:
            return None
        start = found + segment.length
    last = pattern.segments[-1]
    find = last.last if longest else last.first
    found = find(value, start, _line_end(value, start))
    return None if found < 0 else found + last.length


def _search(value: str, pattern: Pattern, start: int) -> tuple[int, int] | None:
    """Start and end of the longest match among those that begin first, at `start` or after it."""
    first = pattern.segments[0]
    if pattern.literal is not None:
        found = first.first(value, start, len(value))
        return None if found < 0 else (found, found + first.length)
    # What the first place on a line cannot reach, no later place on that line can.
    while start <= len(value):
        line_end = _line_end(value, start)
        found = first.first(value, start, line_end)
        if found >= 0:
            end = _match_rest(value, pattern, found + first.length, longest=True)
            if end is not None:
                return found, end
        start = line_end + 1
    return None


def is_name_character(char: str) -> bool:
    """Whether Go takes `char` as part of a name: a letter or decimal digit of any script, or `_`."""
    return char == "_" or char.isalpha() or char.isdecimal()


def _parse_template(text: str) -> tuple[str | None, ...]:
    """Go's template for a replacement: texts, and None where the whole match goes."""
    parts: list[str | None] = []
    end = 0
    while (dollar := text.find("$", end)) >= 0:
        parts.append(text[end:dollar])
        name, end = _template_name(text, dollar + 1)
        if name == "0":
            parts.append(None)
        elif name in ("", "$"):
            parts.append("$")
    parts.append(text[end:])
    return tuple(parts)


def _template_name(text: str, start: int) -> tuple[str, int]:
    """The name in `$name` or `${name}` and its end; "$" for `$$`, "" after an ordinary dollar sign."""
    if text.startswith("$", start):
        return "$", start + 1
    braced = text.startswith("{", start)
    begin = start + braced
    end = begin
    while end < len(text) and is_name_character(text[end]):
        end += 1
    if end == begin or (braced and not text.startswith("}", end)):
        return "", start
    return text[begin:end], end + braced
