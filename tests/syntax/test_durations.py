from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.durations import format_duration, parse_duration, parse_interval
from dockerlint.syntax.invalid import Invalid

SECOND = 1_000_000_000
TEXTS = st.text(alphabet="0123456789.+-nuµμmsh a", max_size=30)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("0s", 0),
        ("5m", 300 * SECOND),
        ("5m0s", 300 * SECOND),
        ("1h30m", 5400 * SECOND),
        ("1m1m", 120 * SECOND),
        ("00005s", 5 * SECOND),
        ("+5s", 5 * SECOND),
        ("-1.5s", -1_500_000_000),
        (".5s", 500_000_000),
        ("5.s", 5 * SECOND),
        ("1ms", 1_000_000),
        ("1us", 1_000),
        ("1µs", 1_000),
        ("1μs", 1_000),
        ("1.0000000000000000000000000001s", SECOND),
        ("0.000000001h", 3_600),
        ("9223372036854775807ns", (1 << 63) - 1),
        ("-9223372036854775808ns", -(1 << 63)),
        ("2562047h47m16.854775807s", (1 << 63) - 1),
    ],
)
def test_durations_of_go(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "-",
        ".",
        "s",
        ".s",
        "3s.",
        "1",
        "1s2",
        "1d",
        "1w",
        "1H",
        "1sm",
        "1e3s",
        "1_000ms",
        "0x5s",
        "1.2.3s",
        "٣s",
        "1h 2m",
        "9223372036854775808ns",
        "2562047h47m16.854775808s",
        "9999999999999999999999h",
        "99999999999999999999ns",
        "-99999999999h",
    ],
)
def test_what_go_refuses(text: str) -> None:
    assert isinstance(parse_duration(text), Invalid)


@pytest.mark.parametrize(("text", "start", "end"), [("5x", 1, 2), ("1h5", 2, 3), ("5minutes", 1, 8), ("1m.s", 2, 4)])
def test_the_guilty_part_is_named(text: str, start: int, end: int) -> None:
    problem = parse_duration(text)
    assert isinstance(problem, Invalid)
    assert (problem.start, problem.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("", 0), ("0", 0), ("-0s", 0), ("1ms", 1_000_000), ("1000000ns", 1_000_000), ("30s", 30 * SECOND)],
)
def test_intervals_of_healthcheck(text: str, nanoseconds: int) -> None:
    assert parse_interval(text) == nanoseconds


@pytest.mark.parametrize("text", ["-1s", "999us", "999999ns", "0.1ms", "1ns"])
def test_intervals_below_a_millisecond_are_refused(text: str) -> None:
    problem = parse_interval(text)
    assert isinstance(problem, Invalid)
    assert problem.kind == "range"


@pytest.mark.parametrize("text", ["1000µs", "1000μs"])
def test_the_engine_never_sees_a_whole_micro_sign_in_a_flag(text: str) -> None:
    assert isinstance(parse_interval(text), Invalid)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (300 * SECOND, "5m0s"),
        (3600 * SECOND, "1h0m0s"),
        (3661 * SECOND + 1_000_000, "1h1m1.001s"),
        (-90 * SECOND, "-1m30s"),
        ((1 << 63) - 1, "2562047h47m16.854775807s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
    ],
)
def test_durations_are_written_as_go_writes_them(nanoseconds: int, text: str) -> None:
    assert format_duration(nanoseconds) == text


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_what_is_written_reads_the_same(nanoseconds: int) -> None:
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds


@given(st.one_of(TEXTS, st.text(max_size=30)))
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    for duration in (parse_duration(text), parse_interval(text)):
        if isinstance(duration, Invalid):
            assert 0 <= duration.start <= duration.end <= len(text)
        else:
            assert -(1 << 63) <= duration < 1 << 63


def test_long_digits_take_no_time() -> None:
    assert isinstance(parse_duration("9" * 100_000 + "s"), Invalid)
    assert parse_duration("0." + "9" * 100_000 + "s") == SECOND
