"""Platforms as `--platform` names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.platforms import Platform, parse_platform


@pytest.mark.parametrize(
    ("text", "system", "architecture"),
    [
        ("linux/amd64", "linux", "amd64"),
        ("Linux/ARM/v7", "linux", "arm"),
        ("linux/aarch64", "linux", "arm64"),
        ("linux/x86-64", "linux", "amd64"),
        ("linux/armhf", "linux", "arm"),
        ("windows(10.0.17763)/amd64", "windows", "amd64"),
        ("macos/arm64", "darwin", "arm64"),
        ("wasi/wasm", "wasi", "wasm"),
        ("linux", "linux", ""),
        ("macos", "darwin", ""),
        ("arm64", "", "arm64"),
        ("i386", "", "386"),
    ],
)
def test_the_usual_names_are_given(text: str, system: str, architecture: str) -> None:
    assert parse_platform(text) == Platform(system, architecture)


@pytest.mark.parametrize(
    "text", ["", "*", "linux/", "/amd64", "linux/amd64/v1/x", "linux/a b", "lin.ux/amd64", "toaster", "a(b"]
)
def test_other_texts_are_no_platforms(text: str) -> None:
    found = parse_platform(text)
    assert isinstance(found, Invalid)
    assert (found.start, found.end) == (0, len(text))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(parse_platform(text), (Platform, Invalid))
