from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.signals import SIGNALS, Signal, parse_signal


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ("SIGTERM", 15, "SIGTERM"),
        ("sigterm", 15, "SIGTERM"),
        ("term", 15, "SIGTERM"),
        ("15", 15, "SIGTERM"),
        ("+15", 15, "SIGTERM"),
        ("SIGRTMIN", 34, "SIGRTMIN"),
        ("SIGRTMIN+3", 37, "SIGRTMIN+3"),
        ("rtmin+3", 37, "SIGRTMIN+3"),
        ("RTMIN+15", 49, "SIGRTMIN+15"),
        ("RTMAX-14", 50, "SIGRTMAX-14"),
        ("CLD", 17, "SIGCHLD"),
        ("SIGIOT", 6, "SIGABRT"),
        ("37", 37, "SIGRTMIN+3"),
        ("99", 99, None),
        ("-5", -5, None),
        ("2147483648", 2147483648, None),
    ],
)
def test_signals_the_engine_takes(text: str, number: int, name: str | None) -> None:
    assert parse_signal(text) == Signal(number, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-0",
        "RTMIN+16",
        "RTMAX-15",
        "SIGSIGTERM",
        "TERMX",
        "INFO",
        "SIGEMT",
        "0x9",
        "1_0",
        "99999999999999999999",
        "SIGRTMIN+0",
        "SIGRTMIN+03",
        "SIG",
        "$SIGNAL",
        "SIGTERM SIGINT",
        "9 ",
    ],
)
def test_signals_the_engine_refuses(text: str) -> None:
    problem = parse_signal(text)
    assert isinstance(problem, Invalid)
    assert (problem.start, problem.end) == (0, len(text))


def test_a_misspelt_signal_has_a_suggestion() -> None:
    problem = parse_signal("sigtern")
    assert isinstance(problem, Invalid)
    assert "'SIGTERM'" in problem.reason


def test_numbers_are_those_of_this_machine() -> None:
    named = {name: getattr(signal, f"SIG{name}", None) for name in SIGNALS if not name.startswith("RT")}
    assert {name: number for name, number in named.items() if number is not None and number != SIGNALS[name]} == {}


@given(st.text(max_size=20))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(parse_signal(text), Signal | Invalid)
