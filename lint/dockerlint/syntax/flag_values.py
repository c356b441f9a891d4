"""Values of flags that have no module of their own: `--network`, `--security`, `--device`, `--retries`."""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.syntax.booleans import parse_bool
from dockerlint.syntax.csv_fields import CsvField, split_fields
from dockerlint.syntax.integers import parse_signed
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import did_you_mean

NETWORK_MODES = ("default", "none", "host")
SECURITY_MODES = ("sandbox", "insecure")


class Device(NamedTuple):
    """A value of `RUN --device`: the name of the device or of its class, and whether the build needs it."""

    name: str
    required: bool


def parse_network(text: str) -> str | Invalid:
    """The value of `RUN --network`: one of `NETWORK_MODES`, in lower case, never expanded."""
    return _one_of(text, NETWORK_MODES, "network mode")


def parse_security(text: str) -> str | Invalid:
    """The value of `RUN --security`: one of `SECURITY_MODES`, in lower case, never expanded."""
    return _one_of(text, SECURITY_MODES, "security mode")


def parse_device(text: str) -> Device | Invalid:
    """The value of `RUN --device`: `NAME[,required[=BOOL]]` or `name=NAME,…`, as comma-separated fields.

    The first field that is no known key is the name, even if it holds `=`, as in `vendor.com/device=all`. Without a
    name the build passes; the name is then blank.
    """
    fields = split_fields(text)
    if isinstance(fields, Invalid):
        return fields
    device = Device("", False)
    for field in fields:
        read = _read_device_field(device, field)
        if isinstance(read, Invalid):
            return read
        device = read
    return device


def parse_retries(text: str) -> int | Invalid:
    """The value of `HEALTHCHECK --retries`: a number from 0 to 2147483647; nothing is 0, which means the default."""
    if not text:
        return 0
    number = parse_signed(text, 32)
    if number is None:
        return Invalid(f"{quoted(text)} is not a number of retries", 0, len(text))
    if number < 0:
        return Invalid(f"{quoted(text)} is negative", 0, len(text), "range")
    return number


def _one_of(text: str, modes: tuple[str, ...], what: str) -> str | Invalid:
    if text in modes:
        return text
    hint = did_you_mean(text.lower(), modes) or f": use {', '.join(modes[:-1])} or {modes[-1]}"
    return Invalid(f"{quoted(text)} is not a {what}{hint}", 0, len(text))


def _read_device_field(device: Device, field: CsvField) -> Device | Invalid:
    written, equals, value = field.text.partition("=")
    key = written.lower()
    if key == "required":
        required = parse_bool(value) if equals else True
        if isinstance(required, Invalid):
            return required.shifted(field.end - len(value))
        return device._replace(required=required)
    names = equals and key == "name"
    if not device.name:
        return device._replace(name=value if names else field.text)
    if names:
        reason = f"the device is already named {quoted(device.name)}"
    else:
        hint = did_you_mean(key, ("name", "required"))
        reason = f"{quoted(field.text)} is not an option of a device{hint}"
    return Invalid(reason, field.start, field.end)
