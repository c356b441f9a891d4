"""Estimates installations with apk on images of Alpine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.apk_images import MIRROR, System, system_of
from dockerlint.layers.sizes.apk_index import kept_text, units_of
from dockerlint.layers.sizes.capabilities import Pool, Unit, resolve
from dockerlint.layers.sizes.indexes import Indexes
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, Request, names_file, unknown
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
        self._indexes = indexes
        self._mirror = mirror
        self._known: dict[tuple[str, str], _Known | str] = {}

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides the indexes."""
        if install.request.verb != "add" or not _is_usual(install.request):
            return unknown("such an installation is not followed")
        known = self._system(install)
        if isinstance(known, str):
            return unknown(known)
        present = known.base
        for request in install.before:
            names, avoided = _names(request)
            present = (*present, *resolve(known.pool, names, present=present, avoided=avoided).units)
        names, avoided = _names(install.request)
        wanted = resolve(known.pool, names, present=present, avoided=avoided)
        sizes = tuple(_sized(unit) for unit in wanted.units)
        note = f"{len(sizes)} package{'' if len(sizes) == 1 else 's'} from the index of alpine {known.system.release}"
        size = _size(wanted.units, sizes)
        if wanted.missing:
            size = Size(size.low, None, None, Provenance.UNKNOWN)
            note = f"{note}, which has no '{wanted.missing[0]}'"
        return Estimate(size, note, sizes)

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What is kept of the indexes themselves: as they come. Packages are not kept."""
        known = self._system(install)
        if isinstance(known, str) or cache.kind != "index":
            return unknown(known if isinstance(known, str) else "packages are kept only where apk is set up for it")
        size = Size(round(known.lists * 0.9), known.lists, round(known.lists * 1.1), Provenance.ESTIMATED)
        return Estimate(size, f"indexes of {len(known.pool)} packages")

    def _system(self, install: Install) -> _Known | str:
        """The system of the base image, or why it is not known."""
        key = install.image, install.platform
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, image: str, platform: str) -> _Known | str:
        system = system_of(image, self._mirror)
        machine = platform.partition("/")[2]
        architecture = _ARCHITECTURES.get(machine) or _ARCHITECTURES.get(machine.partition("/")[0])
        if system is None or architecture is None:
            return "the packages in this base image are not known"
        what = f"packages of alpine {system.release}"
        try:
            found = [
                self._indexes.get(f"{archive}/{architecture}/APKINDEX.tar.gz", what, kept_text)
                for archive in system.archives
            ]
        except ContextError as error:
            return str(error)
        pool = Pool(unit for index in found for unit in units_of(index.text))
        base = resolve(pool, system.seeds).units
        return _Known(system, pool, base, sum(index.sent for index in found))


def _is_usual(request: Request) -> bool:
    """Whether all that is installed comes from the release's own archives."""
    if request.has(*_NOT_USUAL) or any(map(names_file, request.packages)):
        return False
    matches = [_NAME.fullmatch(each.removeprefix("!")) for each in request.packages]
    return all(match is not None and match[2] is None for match in matches)


def _names(request: Request) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names without their versions: of what shall be installed, and of what shall not."""
    words = request.packages[:_MOST_NAMES]
    found = [(word, match[1]) for word in words if (match := _NAME.fullmatch(word.removeprefix("!"))) is not None]
    wanted = tuple(name for word, name in found if not word.startswith("!"))
    return wanted, frozenset(name for word, name in found if word.startswith("!"))


def _sized(unit: Unit) -> PackageSize:
    return PackageSize(unit.name, unit.version, unit.size + unit.entry + _MADE.get(unit.name, 0))


def _size(units: Sequence[Unit], sizes: Sequence[PackageSize]) -> Size:
    """The bytes of all, and of the database that is written anew."""
    if not units:
        return Size(0, _DATABASE, _SLACK, Provenance.ESTIMATED)
    files = sum(unit.size for unit in units)
    whole = sum(each.size for each in sizes) + _DATABASE
    low = max(0, round(files * _LEAST) - _SLACK)
    return Size(low, whole, round(whole * _MOST) + _SLACK, Provenance.ESTIMATED)
