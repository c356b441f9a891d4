"""Which release of Alpine a base image is made of, and what is installed in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

MIRROR = "https://dl-cdn.alpinelinux.org/alpine"

_RELEASE = re.compile(r"(3\.[0-9]{1,2})(?:\.[0-9]+)?(?:_rc[0-9]+)?")
_OF_TAG = re.compile(r"alpine(3\.[0-9]{1,2})?")

#: What the smallest system is made from; all else follows from it.
#: https://gitlab.alpinelinux.org/alpine/aports/-/blob/master/scripts/genrootfs.sh
_SEEDS = ("alpine-baselayout", "alpine-release", "alpine-keys", "apk-tools", "busybox", "libc-utils", "musl-utils")

#: Official images on top of Alpine, with the packages that they add to it.
#: https://github.com/docker-library
_ON_ALPINE: Mapping[str, tuple[str, ...]] = {
    "golang": ("ca-certificates",),
    "node": ("libstdc++",),
    "python": ("ca-certificates", "tzdata", "libbz2", "libffi", "libpanelw", "readline", "sqlite-libs", "xz-libs"),
    "ruby": ("bzip2", "ca-certificates", "gmp-dev", "libffi-dev", "procps", "yaml-dev", "zlib-dev"),
}


class System(NamedTuple):
    """The Alpine in a base image: the URLs of its archives, the release's name, and from what it was made."""

    release: str
    archives: tuple[str, ...]
    seeds: tuple[str, ...]


def system_of(image: str, mirror: str = MIRROR) -> System | None:
    """The Alpine of an image, None where it is another one or not known."""
    reference = parse_image_reference(image)
    if isinstance(reference, Invalid):
        return None
    name, tag = reference.familiar_name, reference.tag or reference.resolved().tag
    if name == "alpine":
        return _system(_release_of(tag), (), mirror)
    match = next((match for word in tag.split("-") if (match := _OF_TAG.fullmatch(word)) is not None), None)
    if name not in _ON_ALPINE or match is None:
        return None
    return _system(f"v{match[1]}" if match[1] else "latest-stable", _ON_ALPINE[name], mirror)


def _release_of(tag: str) -> str | None:
    if tag in ("latest", "3"):
        return "latest-stable"
    match = _RELEASE.fullmatch(tag)
    if match is not None:
        return f"v{match[1]}"
    return "edge" if tag == "edge" or (tag.isascii() and tag.isdigit() and len(tag) == 8) else None


def _system(release: str | None, added: tuple[str, ...], mirror: str) -> System | None:
    if release is None:
        return None
    return System(release, tuple(f"{mirror}/{release}/{name}" for name in ("main", "community")), (*_SEEDS, *added))
