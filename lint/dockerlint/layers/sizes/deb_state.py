"""Which packages a system has after each command of apt, and which of them nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.layers.sizes.deb_control import Package, Relation
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.install import Request

#: More packages than this in one command are no real Dockerfile.
_MOST_NAMES = 2_000

#: The last word of the commands that take packages away; `purge` takes their settings, too.
REMOVALS = frozenset({"remove", "purge", "autoremove", "autopurge"})
_PURGES = frozenset({"purge", "autopurge"})
_UNNEEDED = frozenset({"autoremove", "autopurge"})


class State(NamedTuple):
    """What is installed: the `base` image's own, which stays, and the rest in the order in which it came.

    `manual` are the names of those that a command named. `missing` are names that the lists do not have, `kept` those
    of removed packages whose settings stay.
    """

    base: frozenset[str]
    installed: tuple[Package, ...] = ()
    manual: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The names of all packages."""
        return self.base | {package.name for package in self.installed}


def after(index: Index, state: State, request: Request) -> State:
    """The state after a command of apt."""
    verb = request.verb.rpartition(" ")[2]
    if verb not in REMOVALS:
        names = _names(request)
        wanted = closure(index, names, recommends=request.recommends, present=state.names)
        return state._replace(
            installed=(*state.installed, *wanted.packages),
            manual=state.manual | frozenset(names),
            missing=(*state.missing, *wanted.missing),
        )
    gone = _with_dependents(state, frozenset(_names(request)))
    left = tuple(package for package in state.installed if package.name not in gone)
    if verb in _UNNEEDED or request.has("--auto-remove", "--autoremove"):
        base = (index.get(name) for name in sorted(state.base))
        left = _needed(left, state.manual, tuple(package for package in base if package is not None))
    kept = state.kept
    if verb not in _PURGES and not request.has("--purge"):
        kept |= state.names - state.base - {package.name for package in left}
    return state._replace(installed=left, manual=state.manual - gone, kept=kept)


def _with_dependents(state: State, names: frozenset[str]) -> frozenset[str]:
    """The packages of some names, and all that cannot be without them. Those of the base image are left alone."""
    gone = {package.name for package in state.installed if package.name in names}
    before = state.base | _offered(state.installed)
    while True:
        there = [package for package in state.installed if package.name not in gone]
        offered = state.base | _offered(there)
        broken = [
            package.name
            for package in there
            if any(_lacks(group, offered) and not _lacks(group, before) for group in package.depends)
        ]
        if not broken:
            return frozenset(gone)
        gone.update(broken)


def _offered(packages: Iterable[Package]) -> frozenset[str]:
    """The names of packages, and of what they stand in for."""
    return frozenset(name for each in packages for name in (each.name, *(given.name for given in each.provides)))


def _lacks(group: tuple[Relation, ...], offered: frozenset[str]) -> bool:
    return not any(each.name in offered for each in group)


def _needed(packages: tuple[Package, ...], manual: frozenset[str], base: tuple[Package, ...]) -> tuple[Package, ...]:
    """Those that were asked for, with all that they, or the base, depend on, recommend or suggest: apt keeps that."""
    asked = [package for package in packages if package.name in manual]
    needed = {package.name for package in asked}
    todo = [*asked, *base]
    by_name: dict[str, list[Package]] = {}
    for package in packages:
        for name in _offered((package,)):
            by_name.setdefault(name, []).append(package)
    while todo:
        for group in (*(package := todo.pop()).depends, *package.recommends, *package.suggests):
            for relation in group:
                for other in by_name.get(relation.name, ()):
                    if other.name not in needed:
                        needed.add(other.name)
                        todo.append(other)
    return tuple(package for package in packages if package.name in needed)


def _names(request: Request) -> tuple[str, ...]:
    """The names without versions, releases and architectures, and without those to be removed (`name-`)."""
    names = (each.partition("=")[0].partition("/")[0].partition(":")[0] for each in request.packages[:_MOST_NAMES])
    kept = (name for name in names if name and not name.endswith("-"))
    return tuple(name.removesuffix("+") if not name.endswith("++") else name for name in kept)
