from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.modes import OctalMode, SymbolicMode, parse_mode

ACTIONS = st.lists(st.tuples(st.sampled_from("+-="), st.text("rwxXstugo", max_size=4)), min_size=1, max_size=3)
CLAUSES = st.lists(st.tuples(st.text("ugoa", max_size=3), ACTIONS), min_size=1, max_size=3)


def applied(text: str, mode: int, folder: bool = False) -> int:
    value = parse_mode(text)
    assert not isinstance(value, Invalid), value
    return value.apply(mode, folder)


@pytest.mark.parametrize(
    ("text", "bits"),
    [("0", 0), ("644", 0o644), ("0644", 0o644), ("00000000644", 0o644), ("7777", 0o7777), ("07777", 0o7777)],
)
def test_octal_modes(text: str, bits: int) -> None:
    assert parse_mode(text) == OctalMode(bits)


@pytest.mark.parametrize(
    "text",
    [
        "10000",
        "8",
        "9",
        "64a",
        "6_4",
        "0o644",
        "0b1",
        "0x1",
        "64400000",
        "37777777777",
        "7777777777777777",
        "18446744073709551616",
    ],
)
def test_what_starts_with_a_digit_must_be_octal(text: str) -> None:
    problem = parse_mode(text)
    assert isinstance(problem, Invalid)
    assert problem.kind == "octal"


@pytest.mark.parametrize(
    "text",
    [
        "u=rw",
        "u+x",
        "+x",
        "a+rX",
        "u=rw,go=r",
        "u=",
        "=",
        "u+",
        "u=g",
        "ug=o",
        "u=g-w",
        "u=rw+x",
        "+X",
        "=X",
        "+",
        "-",
        "--x",
        "u==r",
        "u+-r",
        "ugoa+rwxXst",
        "u=ugo",
        "o+s",
        "u=rw,g=r,o=r",
    ],
)
def test_symbolic_modes_the_engine_takes(text: str) -> None:
    assert isinstance(parse_mode(text), SymbolicMode)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("u", 1),
        ("ua", 2),
        ("rw", 0),
        ("X", 0),
        ("u=rwz", 4),
        ("u=rw,", 5),
        ("u=rw,,g=r", 5),
        (",u=r", 0),
        ("u=rw;g=r", 4),
        ("u=RW", 2),
        ("A+x", 0),
        ("u =r", 1),
        ("u=644", 2),
        ("+644", 1),
        ("-644", 1),
        ("u=rw,g", 6),
        ("u+🙂", 2),
    ],
)
def test_symbolic_modes_the_engine_refuses(text: str, start: int) -> None:
    problem = parse_mode(text)
    assert isinstance(problem, Invalid)
    assert (problem.start, problem.end, problem.kind) == (start, len(text), "symbolic")


@pytest.mark.parametrize(
    ("text", "original", "file", "folder"),
    [
        ("640", 0o7777, 0o640, 0o640),
        ("+w", 0o640, 0o662, 0o662),
        ("+x", 0o640, 0o751, 0o751),
        ("+s", 0o640, 0o6640, 0o6640),
        ("+t", 0o640, 0o1640, 0o1640),
        ("u+s", 0o444, 0o4444, 0o4444),
        ("o+t", 0o640, 0o640, 0o640),
        ("o+s", 0o640, 0o640, 0o640),
        ("g=u", 0o640, 0o660, 0o660),
        ("a+X", 0o640, 0o640, 0o751),
        ("a+X", 0o100, 0o111, 0o111),
        ("=X", 0o640, 0o0, 0o111),
        ("=X", 0o7777, 0o1111, 0o1111),
        ("=", 0o7777, 0o1000, 0o1000),
        ("u=", 0o7777, 0o3077, 0o3077),
        ("u=g", 0o7777, 0o7777, 0o7777),
        ("+u", 0o640, 0o666, 0o666),
        ("-", 0o640, 0o640, 0o640),
        ("-X", 0o751, 0o640, 0o640),
        ("u+x-X", 0o640, 0o640, 0o640),
        ("u=x=X", 0o640, 0o040, 0o140),
        ("+x,g=X", 0o640, 0o701, 0o711),
        ("-Xr", 0o751, 0o200, 0o200),
        ("u=gx", 0o640, 0o140, 0o140),
        ("g=ux", 0o640, 0o610, 0o610),
        ("u=ugo", 0o640, 0o040, 0o040),
        ("u=gX", 0o640, 0o440, 0o540),
        ("u=Xg", 0o640, 0o440, 0o440),
        ("+tx", 0o640, 0o1640, 0o1640),
        ("=rt", 0o640, 0o1640, 0o1640),
        ("=u", 0o5614, 0o5666, 0o5666),
        ("o=t", 0o5614, 0o5610, 0o5610),
        ("u=o+x", 0o5614, 0o5514, 0o5514),
    ],
)
def test_modes_of_copies_that_the_engine_made(text: str, original: int, file: int, folder: int) -> None:
    assert (applied(text, original), applied(text, original, folder=True)) == (file, folder)


@pytest.mark.parametrize("text", ["u=rw,go=r", "a=rwx", "ug=rx,o=", "=r", "u=rwx,g=u,o=g"])
@given(mode=st.integers(0, 0o7777), folder=st.booleans())
def test_setting_everything_twice_is_setting_it_once(text: str, mode: int, folder: bool) -> None:
    once = applied(text, mode, folder)
    assert applied(text, once, folder) == once


@given(CLAUSES, st.integers(0, 0o7777), st.booleans())
def test_well_formed_clauses_give_permission_bits(
    clauses: list[tuple[str, list[tuple[str, str]]]], mode: int, folder: bool
) -> None:
    text = ",".join(who + "".join(operator + letters for operator, letters in actions) for who, actions in clauses)
    assert 0 <= applied(text, mode, folder) <= 0o7777


@given(st.one_of(st.text(max_size=20), st.text("ugoa+-=rwxXst,0178", max_size=20)))
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    value = parse_mode(text)
    if isinstance(value, Invalid):
        assert 0 <= value.start <= value.end <= len(text)
