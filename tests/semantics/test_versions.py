"""A versioned mapping is a plain dictionary that is copied for each change, only cheaper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.semantics.state import Environment
from dockerlint.semantics.versions import Versioned
from dockerlint.unknown import Unknown

NAMES = st.sampled_from("abcd")
CHANGES = st.dictionaries(NAMES, st.integers(), max_size=3)
#: Each step changes one of the mappings that were made so far.
STEPS = st.lists(st.tuples(st.integers(0, 30), CHANGES), max_size=20)


@given(CHANGES, STEPS)
def test_each_mapping_keeps_what_it_held(first: dict[str, int], steps: list[tuple[int, dict[str, int]]]) -> None:
    made: list[tuple[Versioned[int], dict[str, int]]] = [(Versioned(first), dict(first))]
    for number, changes in steps:
        mapping, copy = made[number % len(made)]
        made.append((mapping.with_values(changes), {**copy, **changes}))
    for mapping, copy in made:
        assert list(mapping.items()) == list(copy.items())
        assert len(mapping) == len(copy)
        for name in "abcde":
            assert (name in mapping) is (name in copy)
            assert mapping.get(name) == copy.get(name)


@given(CHANGES, CHANGES, CHANGES)
def test_two_lines_of_descent_do_not_see_each_other(
    first: dict[str, int], left: dict[str, int], right: dict[str, int]
) -> None:
    root = Versioned(first)
    left_made, right_made = root.with_values(left), root.with_values(right)
    assert dict(root) == first
    assert dict(left_made.with_values(right)) == {**first, **left, **right}
    assert dict(left_made) == {**first, **left}
    assert dict(right_made) == {**first, **right}


def test_a_missing_name_is_an_error() -> None:
    later = Versioned({"a": 1})
    later.with_values({"b": 2})
    for name in ("b", "c"):
        with pytest.raises(KeyError):
            later[name]


def test_an_environment_tells_what_other_names_may_hold() -> None:
    unknown = Unknown("the base may set it")
    known = Environment({"a": "1"}).with_values({"b": "2"})
    assert dict(known) == {"a": "1", "b": "2"}
    assert known.get("c") is None
    partly = Environment({"a": "1"}, unknown).with_values({"b": "2"})
    assert dict(partly) == {"a": "1", "b": "2"}
    assert (partly["b"], partly["c"]) == ("2", unknown)
    assert "c" not in partly
