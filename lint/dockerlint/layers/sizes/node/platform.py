"""Which packages fit the system of a base image: many are there once for each system, as optional dependencies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

_PROCESSORS = {
    "amd64": "x64",
    "arm64": "arm64",
    "386": "ia32",
    "arm": "arm",
    "ppc64le": "ppc64",
    "s390x": "s390x",
    "riscv64": "riscv64",
}


#: The releases with long support, by the names that they have in tags. https://github.com/nodejs/Release
_NAMED: Mapping[str, str] = {
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
_VERSION = re.compile(r"v?([0-9]{1,3})(?:\.([0-9]{1,4}))?(?:\.([0-9]{1,4}))?")
#: A number that is not told is that of the newest one there is.
_NEWEST = "9999"


class NodePlatform(NamedTuple):
    """A system as packages name it: `linux`, `x64`, `glibc`. `node` is the version of Node, "" if it is not known."""

    os: str
    cpu: str
    libc: str
    node: str = ""

    def fits(self, package: Mapping[str, object]) -> bool:
        """Whether a package may be installed, by its fields `os`, `cpu` and `libc`."""
        return all(_allows(package.get(field), getattr(self, field)) for field in ("os", "cpu", "libc"))


def platform_of(image: str, platform: str, environment: Mapping[str, str]) -> NodePlatform:
    """The system of an image for a platform, `os/arch[/variant]`. `NODE_VERSION` in the environment is believed."""
    system, _, rest = platform.partition("/")
    processor = rest.partition("/")[0]
    libc = "musl" if "alpine" in image else "glibc"
    node = environment.get("NODE_VERSION") or _told(image)
    match = _VERSION.fullmatch(node)
    version = "" if match is None else ".".join(number or _NEWEST for number in match.groups())
    return NodePlatform(system, _PROCESSORS.get(processor, processor), libc, version)


def _told(image: str) -> str:
    """The version in the tag of an official image of Node; "" where there is none."""
    reference = parse_image_reference(image)
    if isinstance(reference, Invalid) or not reference.is_official or reference.familiar_name != "node":
        return ""
    word = (reference.tag or reference.resolved().tag).partition("-")[0]
    return _NAMED.get(word, word)


def _allows(told: object, value: str) -> bool:
    """Whether a list such as `["linux", "darwin"]` or `["!win32"]` allows a value."""
    words = [told] if isinstance(told, str) else told
    if not isinstance(words, list) or not words or "any" in words:
        return True
    if f"!{value}" in words:
        return False
    return value in words or all(isinstance(word, str) and word.startswith("!") for word in words)
