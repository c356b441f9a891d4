"""The output of a program that calls itself ShellCheck is read with care."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.finding import Severity
from dockerlint.shellcheck.remarks import (
    OutputError,
    Range,
    Remark,
    Replacement,
    read_output,
    read_remarks,
    write_remarks,
)
from tests.shellcheck.fake import comment, output

PLACE = {"line": 1, "endLine": 1, "column": 3, "endColumn": 3}


def test_a_remark_has_all_that_the_program_says() -> None:
    fix = {"replacements": [{**PLACE, "replacement": '"', "precedence": 7, "insertionPoint": "afterEnd"}]}
    said = read_output(output(comment(file="1", fix=fix), comment(level="style", code=10000)), ["0", "1"])
    assert said == {
        "0": (Remark("SC10000", Severity.STYLE, Range(1, 1, 1, 2), "Quote it."),),
        "1": (Remark("SC2086", Severity.INFO, Range(1, 1, 1, 2), "Quote it.", (Replacement(Range(1, 3, 1, 3), '"'),)),),
    }


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"comments": {}}',
        b'{"comments": [1]}',
        b"shellcheck: not found",
        b'{"comments": [' + b"[" * 100_000,
        b"\xff\xfe",
        output(comment(file="2")),
        output(comment(file=["0"])),
        output(comment(line="1")),
        output(comment(line=True)),
        output(comment(endColumn=1.5)),
        output(comment(code=1)),
        output(comment(code="SC2086")),
        output(comment(level="fatal")),
        output(comment(level=[])),
        output(comment(message=None)),
    ],
)
def test_what_has_another_shape_is_refused(text: bytes) -> None:
    with pytest.raises(OutputError):
        read_output(text, ["0", "1"])


@pytest.mark.parametrize(
    "fix",
    [
        None,
        1,
        [],
        {},
        {"replacements": None},
        {"replacements": []},
        {"replacements": [1]},
        {"replacements": [{**PLACE}]},
        {"replacements": [{**PLACE, "replacement": "x"}, {**PLACE, "line": None, "replacement": "x"}]},
        {"replacements": [{**PLACE, "replacement": "x" * 2000}]},
        {"replacements": [{**PLACE, "replacement": "x"}] * 50},
    ],
)
def test_a_fix_of_another_shape_is_left_out(fix: object) -> None:
    ((remark,),) = read_output(output(comment(fix=fix)), ["0"]).values()
    assert remark.fix == ()


def test_there_are_bounds() -> None:
    ((*remarks,),) = read_output(output(*[comment(message="x" * 9999)] * 3000), ["0"]).values()
    assert (len(remarks), len(remarks[0].message)) == (1000, 1000)


NUMBERS = st.integers(-10, 10_000)
RANGES = st.builds(Range, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
REMARKS = st.builds(
    Remark,
    st.integers(1000, 99_999).map(lambda number: f"SC{number}"),
    st.sampled_from([Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.STYLE]),
    RANGES,
    st.text(max_size=50),
    st.lists(st.builds(Replacement, RANGES, st.text(max_size=5)), max_size=3).map(tuple),
)


@given(st.lists(REMARKS, max_size=4).map(tuple))
def test_what_is_written_is_read_again(remarks: tuple[Remark, ...]) -> None:
    assert read_remarks(write_remarks(remarks)) == remarks


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"code": 1}]', "[" * 100_000, json.dumps([{}] * 2000)])
def test_what_was_not_written_here_is_not_read(text: str) -> None:
    assert read_remarks(text) is None
