"""Ports as EXPOSE names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.syntax.integers import parse_signed
from dockerlint.syntax.invalid import Invalid, quoted

HIGHEST_PORT = 65535
PROTOCOLS = ("tcp", "udp", "sctp")


class PortSpec(NamedTuple):
    """The ports of one word of EXPOSE, `first` to `last` with both ends, and the parts of it that have no effect.

    `protocol` is in lower case, `written_protocol` as in the text (blank if left out, which means tcp). `host_ip` and
    `host_port` are what stands before the port as if it were to be published: accepted, checked and ignored.
    """

    first: int
    last: int
    protocol: str
    written_protocol: str = ""
    host_ip: str = ""
    host_port: str = ""

    @property
    def is_mapping(self) -> bool:
        """Whether an address or a host port is given, which EXPOSE cannot use (BuildKit: ExposeInvalidFormat)."""
        return bool(self.host_ip or self.host_port)

    @property
    def has_upper_case_protocol(self) -> bool:
        """Whether the protocol is not written in lower case (BuildKit: ExposeProtoCasing)."""
        return self.written_protocol != self.written_protocol.lower()

    def expanded(self) -> Iterator[str]:
        """Each port as history and configuration of the image write it, such as `10/tcp`."""
        return (f"{port}/{self.protocol}" for port in range(self.first, self.last + 1))


class _Range(NamedTuple):
    first: int
    last: int


def parse_port(text: str) -> PortSpec | Invalid:
    """One word of EXPOSE after expansion: `[[IP:][HOST-PORT]:]PORT[-PORT][/PROTOCOL]`.

    Leading zeros and a plus sign are accepted, port 0 too. Kinds of problems: `missing` (no port), `protocol`,
    `address`, `number`, `range` (above 65535 or below 0), `reversed` (a range that ends before it starts) and
    `unequal` (host ports and ports of different number).

    BuildKit sorts the words of one EXPOSE as written, before expansion, and then expands them in that order.
    """
    host_ip, host_port, rest = _split(text)
    offset = len(text) - len(rest)
    ports, _, protocol = rest.partition("/")
    if not ports:
        return Invalid(f"{quoted(text)} names no port", 0, len(text), "missing")
    if protocol and protocol.lower() not in PROTOCOLS:
        reason = f"{quoted(protocol)} is not a protocol: use tcp, udp or sctp"
        return Invalid(reason, offset + len(ports) + 1, len(text), "protocol")
    if host_ip and not _is_address(host_ip):
        return Invalid(f"{quoted(host_ip)} is not an IP address", 0, len(host_ip), "address")
    container = _parse_range(ports, offset)
    if isinstance(container, Invalid):
        return container
    if host_port:
        host = _parse_range(host_port, offset - len(host_port) - 1)
        if isinstance(host, Invalid):
            return host
        if container.last > container.first and host.last - host.first != container.last - container.first:
            reason = f"{quoted(host_port)} and {quoted(ports)} are not equally many ports"
            return Invalid(reason, offset - len(host_port) - 1, offset + len(ports), "unequal")
    return PortSpec(*container, protocol.lower() or "tcp", protocol, host_ip, host_port)


def _split(text: str) -> tuple[str, str, str]:
    """Address, host port and the rest, at the last two colons: an address may hold colons itself."""
    before, _, rest = text.rpartition(":")
    address, _, host_port = before.rpartition(":")
    return address, host_port, rest


def _parse_range(text: str, offset: int) -> _Range | Invalid:
    start, dash, end = text.partition("-")
    first = _parse_number(text, start, offset)
    if isinstance(first, Invalid):
        return first
    if not dash or start == end:
        return _Range(first, first)
    last = _parse_number(text, end, offset + len(start) + 1)
    if isinstance(last, Invalid):
        return last
    if last < first:
        reason = f"{quoted(text)} ends before it starts: write '{last}-{first}'"
        return Invalid(reason, offset, offset + len(text), "reversed")
    return _Range(first, last)


def _parse_number(text: str, number: str, offset: int) -> int | Invalid:
    """The port `number`, a part of `text`, that stands at `offset`."""
    value = parse_signed(number, 64)
    digits = number[1:] if number[:1] in ("+", "-") else number
    if value is None and (not digits or digits.strip("0123456789")):
        what = quoted(number) if number == text else f"{quoted(number)} in {quoted(text)}"
        return Invalid(f"{what} is not a port number", offset, offset + len(number), "number")
    if value is None or not 0 <= value <= HIGHEST_PORT:
        reason = f"port {quoted(number)} is out of range: ports go from 0 to {HIGHEST_PORT}"
        return Invalid(reason, offset, offset + len(number), "range")
    return value


def _is_address(text: str) -> bool:
    """Whether Go's `net.ParseIP` accepts the text, after it was freed from brackets: no zones, no leading zeros."""
    if text[0] == "[":
        if text[-1] != "]":
            return False
        text = text[1:-1]
        if not text:
            return True
    if "%" in text:
        return False
    from ipaddress import ip_address  # noqa: PLC0415  # slow to import, seldom needed

    try:
        ip_address(text)
    except ValueError:
        return False
    return True
