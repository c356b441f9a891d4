from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid, quoted


def test_quoted_text_is_printable_and_short() -> None:
    assert quoted("a b") == "'a b'"
    assert quoted("a\x1b[31m\n") == r"'a\x1b[31m\n'"
    assert quoted("x" * 61) == "'" + "x" * 59 + "…'"


@given(st.text(max_size=200))
def test_any_text_can_be_quoted(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 60 * 10 + 2


def test_a_problem_can_move_into_a_longer_text() -> None:
    assert Invalid("bad", 1, 3, "kind").shifted(4) == Invalid("bad", 5, 7, "kind")
