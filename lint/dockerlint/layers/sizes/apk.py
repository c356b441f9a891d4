"""Estimates installations with apk on images of Alpine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.apk_images import MIRROR, System, system_of
from dockerlint.layers.sizes.apk_index import kept_text, units_of
from dockerlint.layers.sizes.base_images import NO_SYSTEM, BaseImages
from dockerlint.layers.sizes.capabilities import Pool, Unit, resolve
from dockerlint.layers.sizes.indexes import Indexes
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, Request, names_file, unknown
from dockerlint.layers.sizes.wishes import Wish, fulfilled, without
from dockerlint.shell.managers import Cache

#: https://wiki.alpinelinux.org/wiki/Requirements
_ARCHITECTURES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "386": "x86",
    "arm/v6": "armhf",
    "arm/v7": "armv7",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}

#: Options with which packages come from elsewhere, go elsewhere, or stay out.
_NOT_USUAL = (
    *("-X", "--repository", "--repositories-file", "-p", "--root", "--arch", "--initdb"),
    *("-s", "--simulate", "-u", "--upgrade", "-l", "--latest"),
)
_NAME = re.compile(r"([^\s<>=~!@]+)(@\S+)?(?:[<>=~].*)?")
_MOST_NAMES = 2_000

#: Of older releases a package tells whole blocks of 4096 bytes for each of its files, so that what it tells may be too
#: much; a tenth is what a package with many small files has of them.
_LEAST, _MOST = 0.85, 1.03
#: Bytes of the database of a minimal system, which is written anew, and what is uncertain in any case.
_DATABASE, _SLACK = 30_000, 400_000
#: What programs make at the end of an installation: all certificates in one file.
_MADE = {"ca-certificates": 220_000}


class _Known(NamedTuple):
    system: System
    pool: Pool
    base: tuple[Unit, ...]
    lists: int


class ApkEstimator:
    """The estimator for apk; see `Estimator`. Each index is fetched once, when it is first needed."""

    def __init__(self, indexes: Indexes, mirror: str = MIRROR) -> None:
        self._systems = BaseImages(partial(_read, indexes, mirror))

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides the indexes."""
        if install.request.verb != "add" or not _is_usual(install.request):
            return unknown("such an installation is not followed")
        known = self._systems.get(install.image, install.platform)
        if isinstance(known, str):
            return unknown(known)
        wishes = _wishes(install.before) or ()
        before = fulfilled(known.pool, known.base, wishes)
        now = fulfilled(known.pool, known.base, (*wishes, _wish(install.request)))
        estimate = _estimate(now.units[len(before.units) :], known.system, "")
        missing = now.missing[len(before.missing) :]
        if not missing:
            return estimate
        size = Size(estimate.size.low, None, None, Provenance.UNKNOWN)
        return estimate._replace(size=size, note=f"{estimate.note}, which has no '{missing[0]}'")

    def removed(self, install: Install) -> Estimate:
        """What a layer has of its packages once some are taken back; what nobody needs any more goes with them."""
        known = self._systems.get(install.image, install.platform)
        layer = install.request.layer
        below = _wishes(request for request in install.before if request.layer < layer)
        wishes = _wishes((*install.before, install.request))
        if isinstance(known, str) or below is None or wishes is None:
            return unknown(known if isinstance(known, str) else "something is removed that was not installed here")
        there = {unit.name for unit in fulfilled(known.pool, known.base, below).units}
        now = fulfilled(known.pool, known.base, wishes)
        if now.missing:
            return unknown(f"the index of alpine {known.system.release} has no '{now.missing[0]}'")
        return _estimate([unit for unit in now.units if unit.name not in there], known.system, " that stay")

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What is kept of the indexes themselves: as they come. Packages are not kept."""
        known = self._systems.get(install.image, install.platform)
        if isinstance(known, str) or cache.kind != "index":
            return unknown(known if isinstance(known, str) else "packages are kept only where apk is set up for it")
        size = Size(round(known.lists * 0.9), known.lists, round(known.lists * 1.1), Provenance.ESTIMATED)
        return Estimate(size, f"indexes of {len(known.pool)} packages")


def _read(indexes: Indexes, mirror: str, image: str, platform: str) -> _Known | str:
    """The system of a base image, or why it is not known. Raises `ContextError` where an index cannot be had."""
    system = system_of(image, mirror)
    machine = platform.partition("/")[2]
    architecture = _ARCHITECTURES.get(machine) or _ARCHITECTURES.get(machine.partition("/")[0])
    if system is None or architecture is None:
        return NO_SYSTEM
    what = f"packages of alpine {system.release}"
    found = [indexes.get(f"{archive}/{architecture}/APKINDEX.tar.gz", what, kept_text) for archive in system.archives]
    pool = Pool(unit for index in found for unit in units_of(index.text))
    base = resolve(pool, system.seeds).units
    return _Known(system, pool, base, sum(index.sent for index in found))


def _is_usual(request: Request) -> bool:
    """Whether all that is installed comes from the release's own archives."""
    if request.has(*_NOT_USUAL) or any(map(names_file, request.packages)):
        return False
    matches = [_NAME.fullmatch(each.removeprefix("!")) for each in request.packages]
    return all(match is not None and match[2] is None for match in matches)


def _wishes(requests: Iterable[Request]) -> tuple[Wish, ...] | None:
    """What is wished for after some commands; None where one takes back what was not wished for."""
    wishes: tuple[Wish, ...] = ()
    for request in requests:
        is_new = request.verb == "add"
        after = (*wishes, _wish(request)) if is_new else without(wishes, frozenset(_names(request)[0]))
        if after is None:
            return None
        wishes = after
    return wishes


def _wish(request: Request) -> Wish:
    names, avoided = _names(request)
    return Wish(names, next(request.values("-t", "--virtual"), ""), avoided=avoided)


def _names(request: Request) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names without their versions: of what shall be installed, and of what shall not."""
    words = request.packages[:_MOST_NAMES]
    found = [(word, match[1]) for word in words if (match := _NAME.fullmatch(word.removeprefix("!"))) is not None]
    wanted = tuple(name for word, name in found if not word.startswith("!"))
    return wanted, frozenset(name for word, name in found if word.startswith("!"))


def _sized(unit: Unit) -> PackageSize:
    return PackageSize(unit.name, unit.version, unit.size + unit.entry + _MADE.get(unit.name, 0))


def _estimate(units: Sequence[Unit], system: System, which: str) -> Estimate:
    """The bytes of packages that a layer gets."""
    sizes = tuple(_sized(unit) for unit in units)
    count = f"{len(sizes)} package{'' if len(sizes) == 1 else 's'}"
    return Estimate(_size(units, sizes), f"{count}{which} from the index of alpine {system.release}", sizes)


def _size(units: Sequence[Unit], sizes: Sequence[PackageSize]) -> Size:
    """The bytes of all, and of the database that is written anew."""
    if not units:
        return Size(0, _DATABASE, _SLACK, Provenance.ESTIMATED)
    files = sum(unit.size for unit in units)
    whole = sum(each.size for each in sizes) + _DATABASE
    low = max(0, round(files * _LEAST) - _SLACK)
    return Size(low, whole, round(whole * _MOST) + _SLACK, Provenance.ESTIMATED)
