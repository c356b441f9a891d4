"""Estimates installations with dnf, microdnf and yum on images of distributions with RPM packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from dockerlint.context.fetch.limits import Budget
from dockerlint.layers.size import NOTHING, Provenance, Size
from dockerlint.layers.sizes.base_images import NO_SYSTEM, BaseImages
from dockerlint.layers.sizes.capabilities import Pool, Unit, resolve
from dockerlint.layers.sizes.indexes import Fetched, Indexes
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, Request, names_file, unknown
from dockerlint.layers.sizes.rpm_images import System, system_of
from dockerlint.layers.sizes.rpm_index import listed_in, reduced, units_of
from dockerlint.layers.sizes.unpacking import unpacked
from dockerlint.layers.sizes.wishes import Wish, fulfilled, without
from dockerlint.shell.managers import Cache

#: Options that leave what is installed alone; with another one it may be other packages, or none.
_USUAL = frozenset(
    (
        *("-y", "--assumeyes", "-q", "--quiet", "-v", "--verbose", "--nodocs", "--best", "--nobest", "--allowerasing"),
        *("--noplugins", "--refresh", "--nogpgcheck", "--skip-broken", "-e", "-d", "--setopt", "--color"),
    )
)
#: Values of `--setopt` that do.
_SET = re.compile(r"(?:\*\.)?(?:install_weak_deps|assumeyes|tsflags|keepcache|timeout|retries|fastestmirror)=.*")
_VERBS = frozenset({"install", "in"})
_REMOVALS = frozenset({"remove", "rm", "erase"})
_MOST_NAMES = 2_000
_VERSION = re.compile(r"-[0-9][^-]*(?:-[^-]+)?")

#: Documentation is often left out, which is seldom more than a quarter; nothing was measured.
_LEAST, _MOST = 0.7, 1.05
#: What the file of the database has besides the headers of packages, and what dnf itself writes down.
_DATABASE_SHARE, _HISTORY, _SLACK = 1.2, 300_000, 3_000_000


class _Known(NamedTuple):
    system: System
    pool: Pool
    base: tuple[Unit, ...]
    sent: int


class RpmEstimator:
    """The estimator for dnf, microdnf and yum; see `Estimator`. Each list is fetched once, when it is first needed.

    `mirror`: a URL below which each repository stands under the name of its host, instead of that host itself.
    """

    def __init__(self, indexes: Indexes, mirror: str = "") -> None:
        self._systems = BaseImages(partial(_read, indexes, mirror))

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides the lists."""
        if not _is_usual(install.request):
            return unknown("such an installation is not followed")
        known = self._systems.get(install.image, install.platform)
        if isinstance(known, str):
            return unknown(known)
        wishes = _wishes(install.before, known.pool) or ()
        before = fulfilled(known.pool, known.base, wishes).units
        wish = _wish(install.request, known.pool)
        now = fulfilled(known.pool, known.base, (*wishes, wish))
        added = now.units[len(before) :]
        estimate = _estimate(known.system, added, (*known.base, *now.units), "")
        absent = next((name for name in wish.names if name in now.missing), None)
        if absent is None:
            return estimate
        size = Size(estimate.size.low, None, None, Provenance.UNKNOWN)
        return estimate._replace(size=size, note=f"{estimate.note}, which have no '{absent}'")

    def removed(self, install: Install) -> Estimate:
        """What a layer has of its packages once some are removed; what nobody needs any more goes with them."""
        known = self._systems.get(install.image, install.platform)
        if isinstance(known, str):
            return unknown(known)
        layer = install.request.layer
        below = _wishes((request for request in install.before if request.layer < layer), known.pool)
        wishes = _wishes((*install.before, install.request), known.pool)
        if below is None or wishes is None:
            return unknown("something is removed that was not installed here")
        there = {unit.name for unit in fulfilled(known.pool, known.base, below).units}
        now = fulfilled(known.pool, known.base, wishes)
        if any(name in now.missing for wish in wishes for name in wish.names):
            return unknown(f"the lists of {known.system.name} lack something that was installed")
        if {unit.name for unit in now.units} & set(_wish(install.request, known.pool).names):
            return unknown("something is removed that other packages need, which go with it")
        added = [unit for unit in now.units if unit.name not in there]
        return _estimate(known.system, added, (*known.base, *now.units), " that stay")

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What is kept of the lists: at least they themselves, which are unpacked and indexed there."""
        known = self._systems.get(install.image, install.platform)
        if isinstance(known, str):
            return unknown(known)
        if not _is_filled(install.manager, cache, known.system):
            return Estimate(NOTHING, f"{install.manager} keeps nothing in {cache.path}")
        return Estimate(Size(known.sent, None, None, Provenance.UNKNOWN), f"lists of {len(known.pool)} packages")


def _read(indexes: Indexes, mirror: str, image: str, platform: str) -> _Known | str:
    """The system of a base image, or why it is not known. Raises `ContextError` where a list cannot be had."""
    system = system_of(image, platform)
    if system is None:
        return NO_SYSTEM
    places = (f"{mirror}/{url.partition('://')[2]}" if mirror else url for url in system.repositories)
    found = [_list(indexes, place, system) for place in places]
    pool = Pool(unit for each in found for unit in units_of(each.text))
    return _Known(system, pool, resolve(pool, system.seeds).units, sum(each.sent for each in found))


def _list(indexes: Indexes, place: str, system: System) -> Fetched:
    """The packages of a repository."""
    what = f"packages of {system.name}"
    path, sha256 = indexes.get(f"{place}/repodata/repomd.xml", what, _described).text.split("\n")
    read = partial(_reduced, name=path, architectures=frozenset({system.architecture, "noarch"}))
    return indexes.get(f"{place}/{path}", what, read, sha256 or None)


def _described(chunks: Iterator[bytes], budget: Budget) -> str:
    return "\n".join(listed_in(chunks, budget))


def _reduced(chunks: Iterator[bytes], budget: Budget, *, name: str, architectures: frozenset[str]) -> str:
    return reduced(unpacked(chunks, name, budget), budget, architectures)


def _is_usual(request: Request) -> bool:
    """Whether all that is installed are packages of the system's own repositories."""
    if request.verb not in _VERBS or not all(name in _USUAL for name, _ in request.options):
        return False
    if not all(_SET.fullmatch(value) for value in request.values("--setopt")):
        return False
    return not any(names_file(each) or each.startswith("@") or "://" in each for each in request.packages)


def _wishes(requests: Iterable[Request], pool: Pool) -> tuple[Wish, ...] | None:
    """What is wished for after some commands; None where one removes what was not wished for, or is not followed."""
    wishes: tuple[Wish, ...] = ()
    for request in requests:
        wish = _wish(request, pool)
        after = (*wishes, wish) if request.verb in _VERBS else without(wishes, frozenset(wish.names))
        if after is None or request.verb not in _VERBS | _REMOVALS:
            return None
        wishes = after
    return wishes


def _wish(request: Request, pool: Pool) -> Wish:
    names = tuple(_name(each, pool) for each in request.packages[:_MOST_NAMES])
    return Wish(names, weak=request.recommends)


def _name(operand: str, pool: Pool) -> str:
    """The name of a package that is asked for, which may have a version and an architecture behind it."""
    if pool.provider(operand) is not None:
        return operand
    plain = re.sub(r"\.(?:x86_64|aarch64|noarch|ppc64le|s390x)$", "", operand)
    matches = [match for match in _VERSION.finditer(plain) if match.end() == len(plain)]
    names = (plain, *(plain[: match.start()] for match in matches))
    return next((name for name in names if pool.provider(name) is not None), operand)


def _is_filled(manager: str, cache: Cache, system: System) -> bool:
    """Whether a manager keeps its lists in this folder: of those that it may have only one is in use."""
    if manager == "microdnf":
        return cache.path == "/var/cache/yum"
    is_new = system.name.startswith("fedora") and system.name >= "fedora 41"
    return cache.path == ("/var/cache/libdnf5" if is_new else "/var/cache/dnf")


def _estimate(system: System, units: Sequence[Unit], there: Sequence[Unit], which: str) -> Estimate:
    """The bytes of the files of some packages, and of the database, which is written anew with all that are there."""
    note = f"{len(units)} package{'' if len(units) == 1 else 's'}{which} from the lists of {system.name}"
    sizes = tuple(PackageSize(unit.name, unit.version, unit.size) for unit in units)
    files = sum(unit.size for unit in units)
    low = max(0, round(files * _LEAST))
    database = round(sum(unit.entry for unit in there) * _DATABASE_SHARE) + _HISTORY
    size = Size(low, files + database, round(files * _MOST) + 3 * database + _SLACK, Provenance.ESTIMATED)
    return Estimate(size, note, sizes)
