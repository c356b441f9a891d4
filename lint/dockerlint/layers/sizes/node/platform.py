"""Which packages fit the system of a base image: many are there once for each system, as optional dependencies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_PROCESSORS = {
    "amd64": "x64",
    "arm64": "arm64",
    "386": "ia32",
    "arm": "arm",
    "ppc64le": "ppc64",
    "s390x": "s390x",
    "riscv64": "riscv64",
}


class NodePlatform(NamedTuple):
    """A system as packages name it: `linux`, `x64`, `glibc`."""

    os: str
    cpu: str
    libc: str

    def fits(self, package: Mapping[str, object]) -> bool:
        """Whether a package may be installed, by its fields `os`, `cpu` and `libc`."""
        return all(_allows(package.get(field), value) for field, value in self._asdict().items())


def platform_of(image: str, platform: str) -> NodePlatform:
    """The system of an image for a platform, `os/arch[/variant]`."""
    system, _, rest = platform.partition("/")
    processor = rest.partition("/")[0]
    return NodePlatform(system, _PROCESSORS.get(processor, processor), "musl" if "alpine" in image else "glibc")


def _allows(told: object, value: str) -> bool:
    """Whether a list such as `["linux", "darwin"]` or `["!win32"]` allows a value."""
    words = [told] if isinstance(told, str) else told
    if not isinstance(words, list) or not words or "any" in words:
        return True
    if f"!{value}" in words:
        return False
    return value in words or all(isinstance(word, str) and word.startswith("!") for word in words)
