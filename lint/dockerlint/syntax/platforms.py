"""Platforms as `--platform` names them: `os/architecture[/variant]`, or an operating system or architecture alone.

The rules are those of containerd's platforms package, which BuildKit reads them with.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerlint.syntax.invalid import Invalid, quoted

_MOST_PARTS = 3
_PART = re.compile(r"[A-Za-z0-9_.-]+")
# A version and features of the system may follow in parentheses: windows(10.0.17763+win32k).
_SYSTEM = re.compile(r"([A-Za-z0-9_-]+)(?:\([A-Za-z0-9_.%+-]*\))?")
_SYSTEMS = frozenset({
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
    "openbsd", "plan9", "solaris", "windows", "zos",
})  # fmt: skip
_ARCHITECTURES = frozenset({
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le",
    "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64",
    "wasm",
})  # fmt: skip
_USUAL_NAMES = {
    "aarch64": "arm64",
    "armel": "arm",
    "armhf": "arm",
    "i386": "386",
    "macos": "darwin",
    "x86-64": "amd64",
    "x86_64": "amd64",
}


class Platform(NamedTuple):
    """A platform by containerd's names, such as `amd64` for `x86_64`; what the text leaves open is blank."""

    system: str
    architecture: str


def parse_platform(text: str) -> Platform | Invalid:
    """The platform that a text names; system and architecture together are not held against those that are known."""
    first, *rest = text.split("/")
    system = _SYSTEM.fullmatch(first)
    if system is None or len(rest) >= _MOST_PARTS or not all(_PART.fullmatch(part) for part in rest):
        return Invalid(f"{quoted(text)} is not a platform: write os/architecture, such as linux/arm64", 0, len(text))
    name = _usual_name(system[1])
    if rest:
        return Platform(name, _usual_name(rest[0]))
    if name in _SYSTEMS:
        return Platform(name, "")
    if _usual_name(first) in _ARCHITECTURES:
        return Platform("", name)
    return Invalid(f"{quoted(text)} is neither an operating system nor an architecture that is known", 0, len(text))


def _usual_name(name: str) -> str:
    return _USUAL_NAMES.get(name.lower(), name.lower())
