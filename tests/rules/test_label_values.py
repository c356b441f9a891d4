from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint_rules import _label_values

CHECKS = [
    _label_values.check_email,
    _label_values.check_hash,
    _label_values.check_license,
    _label_values.check_time,
    _label_values.check_url,
    _label_values.check_version,
]
each_check = pytest.mark.parametrize("check", CHECKS)


@each_check
@given(value=st.text(min_size=1) | st.text("()-+.@0aTZ:/ \\\"'", min_size=1))
def test_any_text_is_right_or_told_what_is_wrong(check: Callable[[str], str | None], value: str) -> None:
    wrong = check(value)
    assert wrong is None or wrong.strip() == wrong != ""


@each_check
@pytest.mark.parametrize("part", ["(", "MIT OR ", "a.", "1.", "0-", "a@", '"', "1.2.3-1", "%41", "((MIT))"])
def test_a_long_value_takes_no_long_time(check: Callable[[str], str | None], part: str) -> None:
    start = time.perf_counter()
    check(part * 20_000)
    assert time.perf_counter() - start < 1


@given(st.datetimes(timezones=st.timezones()))
def test_what_python_writes_as_rfc_3339_is_a_time(value: datetime) -> None:
    text = value.isoformat()
    offset = text[-6:]
    if offset[0] in "+-" and offset[3] == ":":  # not a zone with seconds, which RFC 3339 cannot write
        assert _label_values.check_time(text) is None


@pytest.mark.parametrize(
    "expression", ["MIT" * 400, "(" * 300 + "MIT" + ")" * 300, " ", "MIT OR", "MIT WITH MIT", "NONE OR MIT"]
)
def test_no_license(expression: str) -> None:
    assert _label_values.check_license(expression) is not None
