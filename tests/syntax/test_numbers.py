from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.booleans import parse_bool, parse_flag_bool
from dockerlint.syntax.integers import parse_signed, parse_unsigned
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.sizes import parse_size

NUMBERS = st.text(alphabet="0123456789+-_.eE kKmMgGtTpPbBiI", max_size=20)


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "True", "TRUE"])
def test_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "false", "False", "FALSE"])
def test_false(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "tRUE", "yes", "on", " true", "2", "true "])
def test_no_boolean(text: str) -> None:
    assert isinstance(parse_bool(text), Invalid)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("tRuE", True), ("fAlse", False)])
def test_flags_take_true_and_false_in_any_case(text: str, value: bool) -> None:
    assert parse_flag_bool(text) is value


@pytest.mark.parametrize("text", ["", "1", "0", "t", "yes", "$X"])
def test_flags_take_nothing_else(text: str) -> None:
    assert isinstance(parse_flag_bool(text), Invalid)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("-0", 0),
        ("64", 64),
        ("+5", 5),
        ("5.", 5),
        (".5k", 512),
        ("1_0", 10),
        ("1e3", 1000),
        ("1e3k", 1_024_000),
        ("1 ", 1),
        ("1b", 1),
        ("1B", 1),
        ("1 kb", 1024),
        ("64m", 64 << 20),
        ("64mb", 64 << 20),
        ("64MiB", 64 << 20),
        ("1KIB", 1024),
        ("1.5g", 3 << 29),
        ("1t", 1 << 40),
        ("1p", 1 << 50),
        ("99999999999999999999", (1 << 63) - 1),
    ],
)
def test_sizes_the_engine_takes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "k",
        "-1",
        "1.5.5",
        "1  kb",
        "1ki",
        "1kbb",
        "1bb",
        "1bib",
        "1e",
        "1E",
        "1ep",
        "1z",
        " 1",
        "inf",
        "nan",
        "infb",
        "1e400",
        "١",
        "1K\u200b",
        "1 ib",
        "1ib",
        "0x10",
        "1__0",
        "1_",
        "m1",
    ],
)
def test_sizes_the_engine_refuses(text: str) -> None:
    assert isinstance(parse_size(text), Invalid)


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [
        ("0", 10, 0),
        ("00", 10, 0),
        ("4294967295", 10, 4294967295),
        ("0400", 8, 0o400),
        ("37777777777", 8, (1 << 32) - 1),
    ],
)
def test_unsigned_numbers(text: str, base: int, value: int) -> None:
    assert parse_unsigned(text, base, 32) == value


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("", 10),
        ("+1", 10),
        ("-0", 10),
        ("1_0", 10),
        ("0x1", 10),
        (" 1", 10),
        ("٣", 10),
        ("4294967296", 10),
        ("8", 8),
        ("40000000000", 8),
        ("9" * 10000, 10),
    ],
)
def test_no_unsigned_numbers(text: str, base: int) -> None:
    assert parse_unsigned(text, base, 32) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("+2", 2), ("-1", -1), ("-0", 0), ("2147483647", 2147483647), ("-2147483648", -(1 << 31))],
)
def test_signed_numbers(text: str, value: int) -> None:
    assert parse_signed(text, 32) == value


@pytest.mark.parametrize("text", ["", "+", "-", "+-1", "1.5", "2147483648", "-2147483649", "a", "1_0"])
def test_no_signed_numbers(text: str) -> None:
    assert parse_signed(text, 32) is None


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_signed_numbers_round_trip(value: int) -> None:
    assert parse_signed(str(value), 64) == value


@given(st.one_of(NUMBERS, st.text(max_size=20)))
def test_any_text_has_an_answer(text: str) -> None:
    size = parse_size(text)
    assert isinstance(size, Invalid) or 0 <= size < 1 << 63
    signed, unsigned = parse_signed(text, 32), parse_unsigned(text, 10, 32)
    assert signed is None or -(1 << 31) <= signed < 1 << 31
    assert unsigned is None or 0 <= unsigned < 1 << 32
