from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.flag_values import (
    NETWORK_MODES,
    SECURITY_MODES,
    Device,
    parse_device,
    parse_network,
    parse_retries,
    parse_security,
)
from dockerlint.syntax.invalid import Invalid


@pytest.mark.parametrize("mode", NETWORK_MODES)
def test_network_modes(mode: str) -> None:
    assert parse_network(mode) == mode


@pytest.mark.parametrize("text", ["", "HOST", "bridge", "$X", "none "])
def test_no_network_modes(text: str) -> None:
    assert isinstance(parse_network(text), Invalid)


@pytest.mark.parametrize("mode", SECURITY_MODES)
def test_security_modes(mode: str) -> None:
    assert parse_security(mode) == mode


@pytest.mark.parametrize(
    ("text", "near"), [("Insecure", "insecure"), ("sandboxes", "sandbox"), ("privileged", "sandbox or insecure")]
)
def test_no_security_modes_with_a_way_out(text: str, near: str) -> None:
    problem = parse_security(text)
    assert isinstance(problem, Invalid)
    assert near in problem.reason


# By BuildKit's own tests of `RUN --device`; the built-in frontend of the engine knows the flag only by name.
@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("vendor1.com/device=foo", Device("vendor1.com/device=foo", False)),
        ("vendor1.com/device", Device("vendor1.com/device", False)),
        ("vendor1.com/device=foo,required", Device("vendor1.com/device=foo", True)),
        ("vendor1.com/device=foo,required=true", Device("vendor1.com/device=foo", True)),
        ("vendor1.com/device=foo,required=false", Device("vendor1.com/device=foo", False)),
        ("name=vendor1.com/device=foo", Device("vendor1.com/device=foo", False)),
        ("required,NAME=x", Device("x", True)),
        ("required", Device("", True)),
    ],
)
def test_devices(text: str, device: Device) -> None:
    assert parse_device(text) == device


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        ("x,y", "y"),
        ("x,requird=true", "requird=true"),
        ("x,name=y", "name=y"),
        ("x,required=yes", "yes"),
        ('x,"', '"'),
        ("", ""),
    ],
)
def test_no_devices(text: str, guilty: str) -> None:
    problem = parse_device(text)
    assert isinstance(problem, Invalid)
    assert text[problem.start : problem.end] == guilty


@pytest.mark.parametrize(
    ("text", "retries"), [("", 0), ("0", 0), ("3", 3), ("+2", 2), ("-0", 0), ("2147483647", 2147483647)]
)
def test_retries(text: str, retries: int) -> None:
    assert parse_retries(text) == retries


@pytest.mark.parametrize("text", ["-1", "1.5", "2147483648", "0x1", "1_0", "a", "٣", " "])
def test_no_retries(text: str) -> None:
    assert isinstance(parse_retries(text), Invalid)


@given(st.one_of(st.text(max_size=20), st.text('x=,"requiredname', max_size=20)))
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    for value in (parse_network(text), parse_security(text), parse_device(text), parse_retries(text)):
        if isinstance(value, Invalid):
            assert 0 <= value.start <= value.end <= len(text)
