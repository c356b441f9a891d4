from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.nearest import did_you_mean, edit_distance, nearest

WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("frm", ["from", "run"], "from"),
        ("from", ["from"], None),
        ("xyz", ["from", "run"], None),
        ("chwon", ["chmod", "chown"], "chown"),
        ("abx", ["aby", "abz"], "aby"),
        ("abcd", ["abdc", "abcx"], "abcx"),
        ("FROM", ["from"], None),
        ("x" * 100, ["x" * 99], None),
    ],
)
def test_the_nearest_word(word: str, known: list[str], near: str | None) -> None:
    assert nearest(word, known) == near


def test_the_end_of_a_message() -> None:
    assert did_you_mean("frm", ["from"]) == ": did you mean 'from'?"
    assert did_you_mean("x", ["from"]) == ""


@given(WORDS, WORDS, WORDS)
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) is (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


@given(WORDS, st.lists(WORDS))
def test_no_known_word_is_nearer(word: str, known: list[str]) -> None:
    near = nearest(word, known)
    distances = [edit_distance(word, other) for other in known if other != word]
    if near is None:
        assert all(distance > 2 for distance in distances)
    else:
        assert near in known
        assert edit_distance(word, near) == min(distances)
