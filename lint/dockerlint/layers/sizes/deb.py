"""Estimates installations with apt on images of Debian."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.deb_archive import Archive, PackageList
from dockerlint.layers.sizes.deb_control import Package
from dockerlint.layers.sizes.deb_files import Left, left_by
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.deb_model import brings_python, weigh
from dockerlint.layers.sizes.deb_packages import Packages, Place
from dockerlint.layers.sizes.deb_suites import MIRROR, System, system_of
from dockerlint.layers.sizes.install import Estimate, Install, Request, names_file, unknown
from dockerlint.shell.managers import Cache
from dockerlint.shell.options import names

_ARCHITECTURES = {
    "amd64": "amd64",
    "arm64": "arm64",
    "386": "i386",
    "arm": "armhf",
    "ppc64le": "ppc64el",
    "s390x": "s390x",
    "riscv64": "riscv64",
}

#: Options with which other versions are installed, or nothing.
_NOT_USUAL = names("-t --target-release --default-release --reinstall -d --download-only -s --simulate --dry-run")

#: More packages than this in one command are no real Dockerfile.
_MOST_NAMES = 2_000

_NO_SYSTEM = "the packages in this base image are not known"


class _Known(NamedTuple):
    """A system with its lists and what is installed in it."""

    system: System
    architecture: str
    packages: Index
    lists: tuple[PackageList, ...]
    base: frozenset[str]


class DebEstimator:
    """The estimator for apt; see `Estimator`. Each list is fetched once, when it is first needed.

    With `contents` the packages themselves are looked at, which is exact and takes longer.
    """

    def __init__(self, archive: Archive, mirror: str = MIRROR, contents: Packages | None = None) -> None:
        self._archive = archive
        self._mirror = mirror
        self._contents = contents
        self._known: dict[tuple[str, str], _Known | str] = {}

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides lists of packages."""
        reason = _unusual(install.request)
        known = reason or self._system(install)
        if isinstance(known, str):
            return unknown(known)
        present = known.base
        for request in install.before:
            wanted = closure(known.packages, _names(request), recommends=request.recommends, present=present)
            present |= {package.name for package in wanted.packages}
        request = install.request
        wanted = closure(known.packages, _names(request), recommends=request.recommends, present=present)
        has_python = "python3" in present
        lefts = self._lefts(known, wanted.packages, has_python=has_python)
        weighed = weigh(wanted.packages, is_slim=known.system.is_slim, has_python=has_python, known=lefts)
        where = f"debian {known.system.suite}'s index of {known.lists[0].date or 'an unknown day'}"
        note = f"{_counted(len(wanted.packages), len(lefts))} from {where}"
        if wanted.missing:
            size = Size(weighed.size.low, None, None, Provenance.UNKNOWN)
            return Estimate(size, f"{note}, which has no '{wanted.missing[0]}'", weighed.packages)
        return Estimate(weighed.size, note, weighed.packages)

    def _lefts(self, known: _Known, packages: tuple[Package, ...], *, has_python: bool) -> dict[str, Left]:
        """What packages leave that have been looked at, by their names."""
        if self._contents is None:
            return {}
        places = {
            package.name: Place(f"{known.lists[package.origin].url}/{package.file}", package.sum, package.packed)
            for package in packages
            if package.file and package.sum
        }
        found = self._contents.contents(tuple(places.values()))
        interpreter = known.packages.get("python3") if has_python or brings_python(packages) else None
        python = "" if interpreter is None else ".".join(interpreter.version.split(".")[:2])
        return {
            name: left_by(name, found[place], known.architecture, is_slim=known.system.is_slim, python=python)
            for name, place in places.items()
            if place in found
        }

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What `apt-get update` leaves; the other caches of apt are not filled."""
        if cache.kind != "lists":
            return unknown(f"what apt leaves in {cache.path} is not known")
        known = self._system(install)
        if isinstance(known, str):
            return unknown(known)
        whole = sum(each.stored for each in known.lists)
        # How well a list is packed depends on its content and on the version of apt, and it grows from day to day; an
        # image may leave the lists of updates out.
        size = Size(round(known.lists[0].stored * 0.9), whole, round(whole * 1.1), Provenance.ESTIMATED)
        return Estimate(size, f"lists of {len(known.packages)} packages")

    def _system(self, install: Install) -> _Known | str:
        """The system of the base image, or why it is not known."""
        key = install.image, install.platform
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, image: str, platform: str) -> _Known | str:
        system = system_of(image, self._mirror)
        architecture = _ARCHITECTURES.get(platform.partition("/")[2].partition("/")[0])
        if system is None or architecture is None:
            return _NO_SYSTEM
        try:
            lists = tuple(self._lists(system, architecture))
        except ContextError as error:
            return str(error)
        index = Index(each.text for each in lists)
        base = closure(index, (*index.base(), *system.added), recommends=False, present=frozenset())
        return _Known(system, architecture, index, lists, frozenset(package.name for package in base.packages))

    def _lists(self, system: System, architecture: str) -> Iterable[PackageList]:
        """The suite's own list, and those of its updates as far as they can be had."""
        suite, *updates = system.sources
        yield self._archive.get(suite, architecture)
        for source in updates:
            try:
                yield self._archive.get(source, architecture)
            except ContextError:
                # A suite has none before its release, nor after its end.
                continue


def _unusual(request: Request) -> str:
    """Why a request does not install the packages that it names in the versions of the lists; blank if it does."""
    if request.verb != "install" or request.has(*_NOT_USUAL):
        return "other versions than usual are installed, or none"
    return "files or patterns are named" if any(map(names_file, request.packages)) else ""


def _names(request: Request) -> tuple[str, ...]:
    """The names without versions, releases and architectures, and without those to be removed (`name-`)."""
    names = (each.partition("=")[0].partition("/")[0].partition(":")[0] for each in request.packages[:_MOST_NAMES])
    kept = (name for name in names if name and not name.endswith("-"))
    return tuple(name.removesuffix("+") if not name.endswith("++") else name for name in kept)


def _counted(count: int, seen: int) -> str:
    """How many packages there are, and how many of them have been looked at."""
    packages = f"{count} package{'' if count == 1 else 's'}"
    return (
        f"{packages}{' by their own files' if seen == count else f', {seen} by their own files,'}" if seen else packages
    )
