"""Sizes that say how they are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.layers.size import (
    NOTHING,
    UNKNOWN,
    Provenance,
    Size,
    estimated,
    in_words,
    measured,
    read_off,
    shown,
    total,
)

SIZES = st.one_of(
    st.builds(measured, st.integers(0, 10**9)),
    st.builds(read_off, st.integers(0, 10**9)),
    st.builds(estimated, st.integers(0, 10**9)),
    st.just(UNKNOWN),
)


@given(st.lists(SIZES, max_size=6))
def test_a_sum_is_in_order_and_as_bad_as_its_worst_part(sizes: list[Size]) -> None:
    found = total(sizes)
    assert found.low == sum(size.low for size in sizes)
    if found.estimate is not None:
        assert found.low <= found.estimate
        assert found.high is None or found.estimate <= found.high
    assert found.provenance == max((size.provenance for size in sizes), default=Provenance.MEASURED)
    assert found.is_exact == all(size.is_exact for size in sizes)


def test_nothing_is_the_empty_sum() -> None:
    assert total([]) == NOTHING


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_940, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (43_100_000, "43.1 MB"),
        (5 * 10**12, "5.0 TB"),
        (5 * 10**16, "50000 TB"),
    ],
)
def test_bytes_in_words(count: int, text: str) -> None:
    assert in_words(count) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (measured(5000), "5.0 kB"),
        (estimated(5000), "~5.0 kB"),
        (Size(5000, None, None, Provenance.UNKNOWN), "≥5.0 kB"),
        (UNKNOWN, "?"),
    ],
)
def test_sizes_for_people(size: Size, text: str) -> None:
    assert shown(size) == text
