"""Tags of official images that name no suite, such as `python:3.13-slim`, and the suites that they may stand on.

Such a tag moves to a newer suite some day, and nothing in a Dockerfile tells on which side of that day a build is. So
all suites of recent years are asked: the likeliest gives the estimate, and the interval holds what the others say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.size import Size
from dockerlint.layers.sizes.install import Estimate, Install, Remover
from dockerlint.shell.managers import Cache
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid

#: The suites of Debian that moving tags stood on at the end of 2026, and before that.
_SUITES = ("trixie", "bookworm")

#: The oldest versions that were still built on these suites, by https://github.com/docker-library/official-images and
#: https://github.com/nodejs/docker-node/pull/2558. Tags of older ones stand where they were left.
_SINCE: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"golang": (1, 24), "node": (22,), "php": (8, 2), "python": (3, 10), "ruby": (3, 2), "rust": (1, 80)}
)
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?")
_NEWEST = frozenset({"latest", "lts", "current"})
#: What a tag may name besides its version: none of these is a suite.
_VARIANTS = frozenset({"apache", "cli", "fpm", "slim", "zts"})


def possible_images(image: str) -> tuple[str, ...]:
    """The references with a suite that an image without one may stand for, the likeliest first; none for any other."""
    reference = parse_image_reference(image)
    if isinstance(reference, Invalid) or not reference.is_official:
        return ()
    name = reference.familiar_name
    tag = reference.tag or reference.resolved().tag
    words = tag.split("-")
    version = "" if words[0] in _VARIANTS else words.pop(0)
    if name not in _SINCE or not _VARIANTS.issuperset(words) or not _is_recent(name, version):
        return ()
    return tuple(f"{name}:{tag}-{suite}" for suite in _SUITES)


def _is_recent(name: str, version: str) -> bool:
    if not version or version in _NEWEST:
        return True
    numbers = tuple(map(int, version.split("."))) if _VERSION.fullmatch(version) else ()
    # `3` stands for the newest of its kind.
    return bool(numbers) and numbers >= _SINCE[name][: len(numbers)]


class MovingTags:
    """An estimator for all images of another one, and for tags without a suite; see `Remover`."""

    def __init__(self, estimator: Remover) -> None:
        self._estimator = estimator

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides lists of packages."""
        return _asked(self._estimator.installed, install)

    def removed(self, install: Install) -> Estimate:
        """What is left of a layer's packages when some of all packages have been removed."""
        return _asked(self._estimator.removed, install)

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What a command leaves in one cache of its manager."""
        return _asked(lambda each: self._estimator.cached(each, cache), install)


def _asked(ask: Callable[[Install], Estimate], install: Install) -> Estimate:
    """The estimate for the likeliest of the images that are meant, with an interval that holds those for the others."""
    images = possible_images(install.image)
    if not images:
        return ask(install)
    likeliest, *others = (ask(install._replace(image=image)) for image in images)
    if likeliest.size.estimate is None:
        return likeliest
    note = f"{likeliest.note}, or from {_SUITES[1]}'s, as the tag names no suite"
    sizes = [likeliest.size, *(each.size for each in others)]
    # What is removed of lower layers is certain only where it is so for all.
    common = [path for path in likeliest.whiteouts if all(path in each.whiteouts for each in others)]
    return likeliest._replace(size=_holding(sizes), note=note, whiteouts=tuple(common))


def _holding(sizes: list[Size]) -> Size:
    """The first of some sizes, with bounds that hold all."""
    highs = [size.high for size in sizes]
    known = [high for high in highs if high is not None]
    return sizes[0]._replace(low=min(size.low for size in sizes), high=max(known) if len(known) == len(highs) else None)
