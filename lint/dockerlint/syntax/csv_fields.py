"""One line of comma-separated fields, as Go's `encoding/csv` reads it for `--mount` and `--device`."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.syntax.invalid import Invalid, quoted


class CsvField(NamedTuple):
    """One field: its text without quotes, and the offsets of what lies between the commas (or the quotes).

    Where a quoted field holds doubled quotes, `text` is shorter than `end - start`.
    """

    text: str
    start: int
    end: int


def split_fields(text: str) -> tuple[CsvField, ...] | Invalid:
    """The fields of a line. There is always one at least; a text without anything is invalid.

    A field in double quotes may hold commas, and doubled quotes for one; a quote within an unquoted field is invalid,
    and so is text after a closing quote.
    """
    if not text:
        return Invalid("the value is blank", 0, 0)
    fields: list[CsvField] = []
    at = 0
    while True:
        field = _quoted_field(text, at) if text[at : at + 1] == '"' else _plain_field(text, at)
        if isinstance(field, Invalid):
            return field
        fields.append(field)
        at = field.end + (field.start > at)
        if at == len(text):
            return tuple(fields)
        at += 1


def _plain_field(text: str, start: int) -> CsvField | Invalid:
    end = text.find(",", start)
    if end < 0:
        end = len(text)
    quote = text.find('"', start, end)
    if quote >= 0:
        return Invalid(f"{quoted(text[start:end])} has a quote in the middle: quote the whole field", quote, quote + 1)
    return CsvField(text[start:end], start, end)


def _quoted_field(text: str, start: int) -> CsvField | Invalid:
    """A field whose first character is a quote; `start` and `end` of the answer lie within the quotes."""
    at = start + 1
    while True:
        at = text.find('"', at)
        if at < 0:
            return Invalid("a quote is not closed", start, len(text))
        if text[at + 1 : at + 2] != '"':
            break
        at += 2
    if text[at + 1 : at + 2] not in ("", ","):
        return Invalid("text follows a closing quote: a comma was expected", at + 1, len(text))
    return CsvField(text[start + 1 : at].replace('""', '"'), start + 1, at)
