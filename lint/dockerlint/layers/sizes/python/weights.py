"""The bytes that one package takes when it is installed: at least, probably, at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.layers.sizes.python.sources import Source
from dockerlint.layers.sizes.python.wheels import Wheel

#: Bytes that a program of a package takes, and what the list of a package grows by for each compiled module.
_PROGRAM = 230
_RECORD_LINE = 28
#: The description, the list of files and the names of licences that a package gets when it is built.
_DESCRIBED = 3_000
#: What a package whose source archive cannot be read takes for each byte of it: usually, at least and at most. Without
#: a compiler that was 0.25 to 5.4 bytes for 21 much used packages, and byte code doubles it.
_OF_ARCHIVE = (4.0, 0.3, 30.0)
#: Which share of the modules that are expected is installed at least, and at most of all that is expected. Of these 21
#: packages 18 had the very modules that were expected; the others had 0.58, 0.85 and 2.0 bytes for each byte of them.
_OF_SOURCE = (0.5, 2.2)

#: What the byte code of modules weighs, by the second number of Python's version: bytes for each module, and for each
#: byte of its text. Measured on the 19,907 modules of 267 much used wheels: half of the wheels differ by less than 9 %,
#: nine of ten by less than 25 %. It has grown a lot with Python 3.11, which keeps positions and caches.
_BYTE_CODE: Mapping[int, tuple[float, float]] = {
    10: (613.0, 0.746),
    11: (712.0, 1.201),
    12: (562.0, 1.112),
    13: (613.0, 1.108),
}


class Weight(NamedTuple):
    """Bytes: at least, probably, at most."""

    low: int
    usual: int
    high: int


class Compiler(NamedTuple):
    """The interpreter Python 3.`minor`, and whether it compiles what is installed."""

    minor: int
    compiles: bool


def of_wheel(wheel: Wheel, compiler: Compiler) -> Weight:
    """What a wheel takes."""
    if not compiler.compiles:
        return Weight(wheel.unpacked, wheel.unpacked + _PROGRAM, wheel.unpacked + 40 * _PROGRAM)
    code = _byte_code(wheel.modules, wheel.source, compiler.minor)
    lines = wheel.names + _RECORD_LINE * wheel.modules + _PROGRAM
    return Weight(
        wheel.unpacked + code // 2,
        wheel.unpacked + code + lines,
        wheel.unpacked + code * 7 // 4 + lines + 20_000,
    )


def of_source(source: Source | None, archive: int, compiler: Compiler) -> Weight:
    """What is built from a source archive of so many bytes takes, as far as is told of it."""
    usual, low, high = (round(factor * archive) for factor in _OF_ARCHIVE)
    if source is None or not source.modules:
        return Weight(low, usual, high)
    code = _byte_code(source.modules, source.source, compiler.minor) if compiler.compiles else 0
    whole = source.unpacked + code + source.names + _RECORD_LINE * source.modules + _DESCRIBED
    least = round(_OF_SOURCE[0] * source.source) + code // 2
    if source.is_compiled:
        return Weight(least, max(whole, usual), max(round(_OF_SOURCE[1] * whole), high))
    return Weight(least, whole, round(_OF_SOURCE[1] * whole) + 20_000)


def _byte_code(modules: int, source: int, minor: int) -> int:
    """The probable bytes of compiled modules, which have so many bytes of text, for Python 3.`minor`."""
    each, of_source = _BYTE_CODE[min(max(minor, 10), 13)]
    return round(each * modules + of_source * source)
