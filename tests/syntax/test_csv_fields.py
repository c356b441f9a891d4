from __future__ import annotations

import csv

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dockerlint.syntax.csv_fields import split_fields
from dockerlint.syntax.invalid import Invalid


def texts(line: str) -> list[str]:
    fields = split_fields(line)
    assert not isinstance(fields, Invalid), fields
    return [field.text for field in fields]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a", ["a"]),
        ("a,b=c", ["a", "b=c"]),
        ("a,", ["a", ""]),
        (",a", ["", "a"]),
        ("a,,b", ["a", "", "b"]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b"', ['a"b']),
        ('""', [""]),
        ('"",x', ["", "x"]),
        ("a b, c", ["a b", " c"]),
    ],
)
def test_fields(line: str, fields: list[str]) -> None:
    assert texts(line) == fields


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [("", 0, 0), ('a"b', 1, 2), ('x,a"b', 3, 4), ('"a', 0, 2), ('a,"b', 2, 4), ('"a"z', 3, 4), ('"a" ,b', 3, 6)],
)
def test_refused_lines(line: str, start: int, end: int) -> None:
    problem = split_fields(line)
    assert isinstance(problem, Invalid)
    assert (problem.start, problem.end) == (start, end)


@given(st.lists(st.text(alphabet='ab,"= ', max_size=6), min_size=1, max_size=5))
def test_quoted_fields_come_back(fields: list[str]) -> None:
    line = ",".join('"' + field.replace('"', '""') + '"' for field in fields)
    assert texts(line) == fields


@given(st.text(alphabet='ab,"=', min_size=1, max_size=15))
def test_agrees_with_the_strict_reader_of_python(line: str) -> None:
    # Python takes a quote in the middle of a field as it is, where Go refuses it.
    fields = split_fields(line)
    assume(not isinstance(fields, Invalid))
    assert texts(line) == next(csv.reader([line], strict=True))


@given(st.text(max_size=30))
def test_spans_lie_within_the_line(line: str) -> None:
    fields = split_fields(line)
    if isinstance(fields, Invalid):
        assert 0 <= fields.start <= fields.end <= len(line)
    else:
        assert all(0 <= field.start <= field.end <= len(line) for field in fields)
        assert '"' in line or all(line[field.start : field.end] == field.text for field in fields)
