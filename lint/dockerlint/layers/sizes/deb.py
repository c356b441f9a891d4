"""Estimates installations and removals with apt on images of Debian and Ubuntu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial, reduce

from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes import deb_builtin
from dockerlint.layers.sizes.base_images import BaseImages
from dockerlint.layers.sizes.deb_archive import Lists
from dockerlint.layers.sizes.deb_control import Package
from dockerlint.layers.sizes.deb_excludes import Excludes
from dockerlint.layers.sizes.deb_files import Left, Target, left_by
from dockerlint.layers.sizes.deb_model import Setting, brings_python, weigh
from dockerlint.layers.sizes.deb_packages import Packages, Place
from dockerlint.layers.sizes.deb_removals import whiteouts
from dockerlint.layers.sizes.deb_state import REMOVALS, State, after
from dockerlint.layers.sizes.deb_suites import Mirrors
from dockerlint.layers.sizes.deb_system import Known, read_system
from dockerlint.layers.sizes.install import Estimate, Install, Request, names_file, unknown
from dockerlint.shell.managers import Cache
from dockerlint.shell.options import names

#: Options with which other versions are installed, or nothing.
_NOT_USUAL = names("-t --target-release --default-release --reinstall -d --download-only -s --simulate --dry-run")

#: The bytes of packages that are fetched only to see which paths a removal hides.
_MOST_FOR_WHITEOUTS = 100_000_000

#: Links to manuals that a small Debian has, though it has no manuals. They go when a package takes the place of what
#: they belong to, since `update-alternatives` makes no link to what is not there.
_REPLACED: Mapping[str, tuple[str, ...]] = {
    "less": ("/etc/alternatives/pager.1.gz",),
    "gawk": ("/etc/alternatives/awk.1.gz", "/etc/alternatives/nawk.1.gz"),
}


class DebEstimator:
    """The estimator for apt; see `Estimator`.

    `contents` tell what packages hold. With `exact` they are asked about all that is installed, which takes longer;
    else only where packages of lower layers are removed, since nothing else tells which paths that hides.
    """

    def __init__(
        self,
        lists: Lists,
        mirrors: Mirrors | None = None,
        contents: Packages | None = None,
        *,
        exact: bool = False,
    ) -> None:
        self._drift = lists.drift
        self._systems = BaseImages(partial(read_system, lists, mirrors or Mirrors()))
        self._contents = contents
        self._exact = exact

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides lists of packages."""
        known = self._usual(install, "install")
        if isinstance(known, str):
            return unknown(known)
        before = _replayed(known, install.before)
        now = after(known.packages, before, install.request)
        added = now.installed[len(before.installed) :]
        estimate = self._weighed(known, before, added, "")
        missing = now.missing[len(before.missing) :]
        if missing:
            size = Size(estimate.size.low, None, None, Provenance.UNKNOWN)
            return estimate._replace(size=size, note=f"{estimate.note}, which has no '{missing[0]}'")
        if known.system.excludes is Excludes.SLIM:
            gone = (path for package in added for path in _REPLACED.get(package.name, ()))
            return estimate._replace(whiteouts=tuple(gone))
        return estimate

    def removed(self, install: Install) -> Estimate:
        """What is left of a layer's packages when some of all packages have been removed."""
        known = self._usual(install, *REMOVALS)
        if isinstance(known, str):
            return unknown(known)
        layer = install.request.layer
        below = _replayed(known, (request for request in install.before if request.layer < layer))
        now = after(known.packages, _replayed(known, install.before), install.request)
        if now.missing:
            return unknown(f"{known.name} has no '{now.missing[0]}'")
        there = {package.name for package in below.installed}
        added = tuple(package for package in now.installed if package.name not in there)
        estimate = self._weighed(known, below, added, " that stay")
        return estimate._replace(whiteouts=self._whiteouts(known, below, now))

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What `apt-get update` leaves; the other caches of apt are not filled."""
        known = self._systems.get(install.image, install.platform)
        if cache.kind != "lists" or isinstance(known, str):
            return unknown(known if isinstance(known, str) else f"what apt leaves in {cache.path} is not known")
        whole = sum(each.stored for each in known.lists)
        of_suite = sum(each.stored for each in known.lists if each.suite == known.system.suite)
        # How well a list is packed depends on its content and on the version of apt, and it grows from day to day; an
        # image may leave the lists of updates out.
        size = Size(round(of_suite * 0.9), whole, round(whole * 1.1), Provenance.ESTIMATED)
        return Estimate(_widened(size, self._drift), known.name)

    def _usual(self, install: Install, *verbs: str) -> Known | str:
        """The system that a command works on, or why it is not followed."""
        request = install.request
        if request.verb not in verbs or request.has(*_NOT_USUAL):
            return "other versions than usual are installed, or none"
        if any(map(names_file, request.packages)):
            return "files or patterns are named"
        return self._systems.get(install.image, install.platform)

    def _weighed(self, known: Known, before: State, added: tuple[Package, ...], which: str) -> Estimate:
        """The bytes of packages that come to a state."""
        has_python = "python3" in before.names
        lefts = self._lefts(known, added, has_python=has_python or brings_python(added)) if self._exact else {}
        is_small = known.system.excludes is not Excludes.NOTHING
        measured = partial(deb_builtin.measured, known.system.suite)
        weighed = weigh(added, Setting(is_small, has_python, measured, lefts), always=bool(which))
        note = f"{_counted(len(added), which, len(lefts))} from {known.name}"
        return Estimate(_widened(weighed.size, self._drift), note, weighed.packages)

    def _lefts(self, known: Known, packages: Iterable[Package], *, has_python: bool) -> dict[str, Left]:
        """What packages leave that have been looked at, by their names."""
        if self._contents is None:
            return {}
        places = {
            package.name: Place(f"{known.lists[package.origin].url}/{package.file}", package.sum, package.packed)
            for package in packages
            if package.file and package.sum
        }
        found = self._contents.contents(tuple(places.values()))
        interpreter = known.packages.get("python3") if has_python else None
        python = "" if interpreter is None else ".".join(interpreter.version.split(".")[:2])
        target = Target(known.architecture, known.system.excludes, python, known.system.is_merged)
        return {name: left_by(name, found[place], target) for name, place in places.items() if place in found}

    def _whiteouts(self, known: Known, below: State, now: State) -> tuple[str, ...]:
        """The paths of lower layers that are removed; none where the files of a package are not known."""
        gone = [package for package in below.installed if package.name not in now.names]
        if not gone or self._contents is None:
            return ()
        base = [package for name in sorted(now.base) if (package := known.packages.get(name)) is not None]
        packages = (*gone, *now.installed, *base)
        if not self._exact and sum(package.packed for package in packages) > _MOST_FOR_WHITEOUTS:
            return ()
        lefts = self._lefts(known, packages, has_python="python3" in below.names)
        if len(lefts) < len({package.name for package in packages}):
            return ()
        removed = {package.name for package in gone}
        return whiteouts(
            ((lefts[name], name not in now.kept) for name in sorted(removed)),
            (left for name, left in lefts.items() if name not in removed),
        )


def _replayed(known: Known, requests: Iterable[Request]) -> State:
    """The state after some commands."""
    return reduce(partial(after, known.packages), requests, known.state)


def _widened(size: Size, share: float) -> Size:
    """A size of which both bounds are doubted by some share more."""
    high = None if size.high is None else round(size.high * (1 + share))
    return size._replace(low=round(size.low * (1 - share)), high=high)


def _counted(count: int, which: str, seen: int) -> str:
    """How many packages there are, and how many of them have been looked at."""
    packages = f"{count} package{'' if count == 1 else 's'}{which}"
    if not seen:
        return packages
    return f"{packages} by their own files" if seen == count else f"{packages}, {seen} by their own files,"
