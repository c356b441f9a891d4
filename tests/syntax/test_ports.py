from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.ports import PROTOCOLS, PortSpec, parse_port

PARTS = st.text("0123456789:-/[].+tcpudsUDP", max_size=24)


def spec(text: str) -> PortSpec:
    port = parse_port(text)
    assert not isinstance(port, Invalid), port
    return port


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("80", ["80/tcp"]),
        ("80/", ["80/tcp"]),
        ("80/tcp", ["80/tcp"]),
        ("80/sctp", ["80/sctp"]),
        ("80/TCP", ["80/tcp"]),
        ("0", ["0/tcp"]),
        ("00080/tcp", ["80/tcp"]),
        ("+80", ["80/tcp"]),
        ("65535", ["65535/tcp"]),
        ("80-80", ["80/tcp"]),
        ("80-82/UDP", ["80/udp", "81/udp", "82/udp"]),
        ("080-081", ["80/tcp", "81/tcp"]),
        ("8080:80", ["80/tcp"]),
        ("8080-8081:80", ["80/tcp"]),
        ("8080-8081:80-81", ["80/tcp", "81/tcp"]),
        ("127.0.0.1:8080:80", ["80/tcp"]),
        ("127.0.0.1::80", ["80/tcp"]),
        ("::80", ["80/tcp"]),
        (":80", ["80/tcp"]),
        ("::1:80:80", ["80/tcp"]),
        ("[::1]:80:80", ["80/tcp"]),
        ("[::1]::80", ["80/tcp"]),
        ("::ffff:1.2.3.4:80:80", ["80/tcp"]),
        ("[1.2.3.4]:80:80", ["80/tcp"]),
        ("[]:80:80", ["80/tcp"]),
        ("0:80", ["80/tcp"]),
    ],
)
def test_ports_as_the_engine_stores_them(text: str, expanded: list[str]) -> None:
    assert list(spec(text).expanded()) == expanded


@pytest.mark.parametrize(
    ("text", "kind", "guilty"),
    [
        ("", "missing", ""),
        ("80:", "missing", "80:"),
        ("/tcp", "missing", "/tcp"),
        ("80/icmp", "protocol", "icmp"),
        ("80/tcp/udp", "protocol", "tcp/udp"),
        ("80/ſctp", "protocol", "ſctp"),
        ("65536", "range", "65536"),
        ("65535-65536", "range", "65536"),
        ("99999999999999999999", "range", "99999999999999999999"),
        ("70000:80", "range", "70000"),
        ("80--81", "range", "-81"),
        ("-80", "number", ""),
        ("80-", "number", ""),
        ("-", "number", ""),
        ("abc", "number", "abc"),
        ("80-81-82", "number", "81-82"),
        ("0x50", "number", "0x50"),
        ("8_0", "number", "8_0"),
        ("１", "number", "１"),
        ("#", "number", "#"),
        ("8080:abc", "number", "abc"),
        ("x:80", "number", "x"),
        ("81-80", "reversed", "81-80"),
        ("8080:80-81", "unequal", "8080:80-81"),
        ("8080-8082:80-81", "unequal", "8080-8082:80-81"),
        (":::80", "address", ":"),
        ("[::1]:80", "address", "[:"),
        ("[::1:80:80", "address", "[::1"),
        ("1.2.3:80:80", "address", "1.2.3"),
        ("01.2.3.4:80:80", "address", "01.2.3.4"),
        ("fe80::1%eth0:80:80", "address", "fe80::1%eth0"),
        ("[fe80::1%eth0]:80:80", "address", "[fe80::1%eth0]"),
        ("localhost:80:80", "address", "localhost"),
    ],
)
def test_ports_the_engine_refuses(text: str, kind: str, guilty: str) -> None:
    problem = parse_port(text)
    assert isinstance(problem, Invalid)
    assert (problem.kind, text[problem.start : problem.end]) == (kind, guilty)


@pytest.mark.parametrize(
    ("text", "mapping", "upper_case"),
    [
        ("80", False, False),
        ("80/TCP", False, True),
        ("80/Udp", False, True),
        ("8080:80", True, False),
        ("8080:80/UDP", True, True),
        ("127.0.0.1::80", True, False),
        ("::80", False, False),
        ("[]::80", True, False),
    ],
)
def test_what_the_engine_warns_of(text: str, mapping: bool, upper_case: bool) -> None:
    assert (spec(text).is_mapping, spec(text).has_upper_case_protocol) == (mapping, upper_case)


@given(st.integers(0, 65535), st.integers(0, 65535), st.sampled_from(PROTOCOLS))
def test_ranges_round_trip(one: int, other: int, protocol: str) -> None:
    first, last = sorted((one, other))
    port = spec(f"{first}-{last}/{protocol}")
    assert (port.first, port.last, port.protocol) == (first, last, protocol)
    assert next(port.expanded()) == f"{first}/{protocol}"


@given(st.one_of(PARTS, st.text(max_size=20)))
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    port = parse_port(text)
    if isinstance(port, Invalid):
        assert 0 <= port.start <= port.end <= len(text)
    else:
        assert 0 <= port.first <= port.last <= 65535
        assert port.protocol in PROTOCOLS
