"""Which suite of Debian or Ubuntu a base image is made of, and what is installed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.layers.sizes.deb_excludes import Excludes
from dockerlint.layers.sizes.deb_images import variant_of
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

#: Where lists come from, by the name of the distribution; each ends before `/debian` or `/ubuntu`.
MIRROR = "http://deb.debian.org"
UBUNTU_MIRROR = "http://archive.ubuntu.com"
#: The other architectures are elsewhere.
_UBUNTU_MAIN = frozenset({"amd64", "i386"})
_UBUNTU_PORTS = "http://ports.ubuntu.com/ubuntu-ports"

#: Suites by the number of the release that their images carry, too.
_DEBIAN: Mapping[str, str] = {"11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
_UBUNTU: Mapping[str, str] = {
    "20.04": "focal",
    "22.04": "jammy",
    "24.04": "noble",
    "25.10": "questing",
    "26.04": "resolute",
}
#: What the names that move stood for at the end of 2026.
_MOVING: Mapping[str, str] = {"stable": "trixie", "testing": "forky", "oldstable": "bookworm", "unstable": "sid"}
_LATEST, _UBUNTU_LATEST = "trixie", "resolute"

#: Suites that take no updates beside their own.
_ROLLING = frozenset({"sid"})
_NUMBER = re.compile(r"([0-9]{2})(?:\.[0-9]+)?(?:-[0-9a-z]+)?")
#: Suites whose images keep `/bin` and `/usr/bin` apart.
_NOT_MERGED = frozenset({"bullseye"})
_COMPONENTS = ("main", "restricted", "universe", "multiverse")


class Source(NamedTuple):
    """One list of packages: `url` of the archive, `suite` and `component` as in `sources.list`."""

    url: str
    suite: str
    component: str = "main"


class System(NamedTuple):
    """The Debian or Ubuntu in a base image.

    `excludes` is not unpacked. `added` are packages that it has besides a minimal system. The first of `sources` is the
    suite itself.
    """

    suite: str
    sources: tuple[Source, ...]
    excludes: Excludes
    added: tuple[str, ...] = ()
    distribution: str = "debian"

    @property
    def is_merged(self) -> bool:
        """Whether `/bin`, `/lib` and their like are links to folders in `/usr`."""
        return self.suite not in _NOT_MERGED


class Mirrors(NamedTuple):
    """The archives that lists come from; each ends before `/debian` or `/ubuntu`."""

    debian: str = MIRROR
    ubuntu: str = UBUNTU_MIRROR


_OFFICIAL = Mirrors()


def system_of(image: str, mirrors: Mirrors = _OFFICIAL, architecture: str = "amd64") -> System | None:
    """The system in an image of the public registry; None where that is not known."""
    reference = parse_image_reference(image)
    if isinstance(reference, Invalid) or not reference.is_official:
        return None
    # The tag beside a digest says well enough what the image is.
    name, tag = reference.familiar_name, reference.tag or reference.resolved().tag
    words = tag.split("-")
    if name == "ubuntu":
        suite = _suite_of_ubuntu(words)
        return None if suite is None else _ubuntu(suite, mirrors, architecture)
    if name == "debian":
        suite = _suite_of_debian(tag, words)
        return None if suite is None else _debian(suite, mirrors, is_slim="slim" in words)
    variant = variant_of(name, tuple(words))
    if variant is None:
        return None
    for word in words:
        if word in _DEBIAN.values():
            return _debian(word, mirrors, is_slim=variant.is_slim)._replace(added=variant.added)
        if word in _UBUNTU.values():
            return _ubuntu(word, mirrors, architecture)._replace(added=variant.added)
    return None


def system_of_suite(suite: str) -> System:
    """The system of a suite, for small images. Any name that Ubuntu does not have is one of Debian."""
    return _ubuntu(suite, _OFFICIAL) if suite in _UBUNTU.values() else _debian(suite, _OFFICIAL, is_slim=True)


def _suite_of_debian(tag: str, words: list[str]) -> str | None:
    if "backports" in words:
        return None
    named = _MOVING.get(words[0], words[0])
    if named in _DEBIAN.values() or named in _ROLLING:
        return named
    if tag in ("latest", "slim"):
        return _LATEST
    match = _NUMBER.fullmatch(tag)
    return None if match is None else _DEBIAN.get(match[1])


def _suite_of_ubuntu(words: list[str]) -> str | None:
    """Tags are `22.04`, `jammy`, `jammy-20240111`, `latest`."""
    if words[0] in _UBUNTU.values():
        return words[0]
    return _UBUNTU_LATEST if words == ["latest"] else _UBUNTU.get(words[0])


def _debian(suite: str, mirrors: Mirrors, *, is_slim: bool) -> System:
    """What the official images have in `/etc/apt/sources.list.d/debian.sources`."""
    archive, security = f"{mirrors.debian}/debian", f"{mirrors.debian}/debian-security"
    excludes = Excludes.SLIM if is_slim else Excludes.NOTHING
    if suite in _ROLLING:
        return System(suite, (Source(archive, suite),), excludes)
    updates = Source(archive, f"{suite}-updates"), Source(security, f"{suite}-security")
    return System(suite, (Source(archive, suite), *updates), excludes)


def _ubuntu(suite: str, mirrors: Mirrors, architecture: str = "amd64") -> System:
    """What the official images have in `/etc/apt/sources.list`, without backports, which nothing is taken from."""
    archive = f"{mirrors.ubuntu}/ubuntu"
    if mirrors == _OFFICIAL and architecture not in _UBUNTU_MAIN:
        archive = _UBUNTU_PORTS
    pockets = (suite, f"{suite}-updates", f"{suite}-security")
    sources = tuple(Source(archive, pocket, component) for pocket in pockets for component in _COMPONENTS)
    return System(suite, sources, Excludes.UBUNTU, distribution="ubuntu")


#: Debian's names of the processors' architectures, by those of images.
ARCHITECTURES: Mapping[str, str] = MappingProxyType(
    {
        "amd64": "amd64",
        "arm64": "arm64",
        "386": "i386",
        "arm": "armhf",
        "ppc64le": "ppc64el",
        "s390x": "s390x",
        "riscv64": "riscv64",
    }
)
