from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.paths import clean_path


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("", "."),
        (".", "."),
        ("/", "/"),
        ("//", "/"),
        ("///a", "/a"),
        ("//a//b/", "/a/b"),
        ("a/../b", "b"),
        ("/../a", "/a"),
        ("../a", "../a"),
        ("./a/.", "a"),
        ("a/..", "."),
    ],
)
def test_as_go_cleans_paths(path: str, cleaned: str) -> None:
    assert clean_path(path) == cleaned


@given(st.text("a./", max_size=15))
def test_cleaning_twice_changes_nothing(path: str) -> None:
    assert clean_path(clean_path(path)) == clean_path(path)
