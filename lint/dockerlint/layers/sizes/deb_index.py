"""The packages of a suite: found by name, and by what they provide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.layers.sizes.deb_control import Package, Relation, package_of
from dockerlint.layers.sizes.deb_sorted import SortedList
from dockerlint.layers.sizes.deb_versions import version_key

_RANKS = {"required": 0, "important": 1, "standard": 2, "optional": 3}

#: Seeds of what `debootstrap --variant=minbase` installs, besides what is essential or required. The official images
#: are made with it. Without the second name a dependency would choose its first alternative, as it does on old systems.
_SEEDS = ("apt", "usr-is-merged")


class Index:
    """The newest version of each package in some lists, read when it is asked for."""

    def __init__(self, lists: Iterable[SortedList]) -> None:
        self._lists = tuple(lists)
        self._found: dict[str, Package | None] = {}

    def get(self, name: str) -> Package | None:
        """The newest package of a name."""
        if name not in self._found:
            texts = ((number, each.package(name)) for number, each in enumerate(self._lists))
            found = ((package_of(text), number) for number, text in texts if text is not None)
            read = [package._replace(origin=number) for package, number in found if package is not None]
            self._found[name] = max(read, key=lambda package: version_key(package.version), default=None)
        return self._found[name]

    def providers(self, relation: Relation) -> tuple[Package, ...]:
        """The packages that stand in for a virtual one, those that the system needs more first."""
        names = {name for each in self._lists for name in each.providers(relation.name)}
        found = map(self.get, names)
        fitting = (
            package
            for package in found
            if package is not None and any(_stands_in(each, relation) for each in package.provides)
        )
        return tuple(sorted(fitting, key=_rank))

    def base(self) -> tuple[str, ...]:
        """What a minimal system is made from: whatever is essential or required, and the package manager itself."""
        marked = {name for each in self._lists for name in each.needed()}
        chosen = (self.get(name) for name in (*reversed(_SEEDS), *sorted(marked)))
        return tuple(dict.fromkeys(package.name for package in chosen if package is not None))


class Wanted(NamedTuple):
    """What is to be installed: packages of the index, and names that it does not have."""

    packages: tuple[Package, ...]
    missing: tuple[str, ...]


def closure(index: Index, names: Iterable[str], *, recommends: bool, present: frozenset[str]) -> Wanted:
    """The packages that come with some names, without those that are there already.

    As apt does it, by and large: the first alternative that can be had, unless another is there or comes anyway. What
    conflicts is not looked at. Takes each package once, so that a circle of dependencies ends.
    """
    got: dict[str, Package] = {}
    missing: list[str] = []
    provided: set[str] = {each.name for name in present for each in _provides(index, name)}
    todo: list[Package] = []

    def take(package: Package) -> None:
        if package.name not in got and package.name not in present:
            got[package.name] = package
            provided.update(each.name for each in package.provides)
            todo.append(package)

    for name in names:
        package = index.get(name) or next(iter(index.providers(Relation(name))), None)
        if package is None:
            missing.append(name)
        else:
            take(package)
    for package in todo:
        for group in (*package.depends, *(package.recommends if recommends else ())):
            if not any(_is_met(each, index, got, present, provided) for each in group):
                chosen = next((found for each in group if (found := _candidate(each, index)) is not None), None)
                if chosen is not None:
                    take(chosen)
    return Wanted(tuple(got.values()), tuple(missing))


def _is_met(
    relation: Relation, index: Index, got: dict[str, Package], present: frozenset[str], provided: set[str]
) -> bool:
    if relation.name in got:
        return relation.holds(got[relation.name].version)
    if relation.name in present:
        return True
    if relation.name not in provided:
        return False
    return any(package.name in got or package.name in present for package in index.providers(relation))


def _candidate(relation: Relation, index: Index) -> Package | None:
    package = index.get(relation.name)
    if package is not None and relation.holds(package.version):
        return package
    return next(iter(index.providers(relation)), None)


def _provides(index: Index, name: str) -> tuple[Relation, ...]:
    package = index.get(name)
    return () if package is None else package.provides


def _stands_in(provided: Relation, wanted: Relation) -> bool:
    if provided.name != wanted.name:
        return False
    return not wanted.relation or (bool(provided.version) and wanted.holds(provided.version))


def _rank(package: Package) -> tuple[int, str]:
    return _RANKS.get(package.priority, 9), package.name
