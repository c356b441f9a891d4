"""Which suite of Debian a base image is made of, and what is installed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

MIRROR = "http://deb.debian.org"

#: Suites by the number of the release that their images carry, too.
_RELEASES = {"11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
_NAMES = ("bullseye", "bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable")

#: Suites that take no updates beside their own.
_ROLLING = frozenset({"sid", "unstable"})
_NUMBER = re.compile(r"([0-9]{2})(?:\.[0-9]+)?(?:-[0-9a-z]+)?")

#: Official images on top of a slim Debian, with the packages that they add to it, as of 2025.
#: https://github.com/docker-library
_ON_SLIM: Mapping[str, tuple[str, ...]] = {
    "node": (),
    "python": ("ca-certificates", "netbase", "tzdata", "openssl", "libsqlite3-0", "libreadline8", "libncursesw6"),
}


class Source(NamedTuple):
    """One list of packages: `url` of the archive, `suite` and `component` as in `sources.list`."""

    url: str
    suite: str
    component: str = "main"


class System(NamedTuple):
    """The Debian in a base image. `is_slim`: documentation, manuals and translations are not unpacked.

    `added` are packages that it has besides a minimal system. The first of `sources` is the suite itself.
    """

    suite: str
    sources: tuple[Source, ...]
    is_slim: bool
    added: tuple[str, ...] = ()


def system_of(image: str, mirror: str = MIRROR) -> System | None:
    """The system in an image of the public registry; None where that is not known. `mirror` ends before `/debian`."""
    reference = parse_image_reference(image)
    if isinstance(reference, Invalid) or not reference.is_official:
        return None
    # The tag beside a digest says well enough what the image is.
    name, tag = reference.familiar_name, reference.tag or reference.resolved().tag
    words = tag.split("-")
    if name == "debian":
        suite = _suite_of_debian(tag, words)
        return None if suite is None else System(suite, _sources(suite, mirror), "slim" in words)
    suite = next((word for word in words if word in _RELEASES.values()), None)
    if name not in _ON_SLIM or "slim" not in words or suite is None:
        return None
    return System(suite, _sources(suite, mirror), is_slim=True, added=_ON_SLIM[name])


def _suite_of_debian(tag: str, words: list[str]) -> str | None:
    if words[0] in _NAMES and "backports" not in words:
        return words[0]
    if tag in ("latest", "slim"):
        return "stable"
    match = _NUMBER.fullmatch(tag)
    return None if match is None or "backports" in words else _RELEASES.get(match[1])


def _sources(suite: str, mirror: str) -> tuple[Source, ...]:
    """What the official images have in `/etc/apt/sources.list.d/debian.sources`."""
    archive, security = f"{mirror}/debian", f"{mirror}/debian-security"
    if suite in _ROLLING:
        return (Source(archive, suite),)
    return Source(archive, suite), Source(archive, f"{suite}-updates"), Source(security, f"{suite}-security")
