"""Packages that need and provide capabilities by name, as those of Alpine and of distributions with RPM do.

A capability is a name, a library (`so:libz.so.1`, `libz.so.1()(64bit)`), a command or the path of a file. Which version
of it is needed is not looked at: an archive holds what fits together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple


class Unit(NamedTuple):
    """One package of an index.

    `size` are the bytes of its files, `entry` those that it adds to the system's database. Each of `needs` and `wants`
    (what it recommends) is a capability. `joins`: it is installed by itself once all of these are there. `avoids` are
    names that it cannot stand beside. Of several packages that provide
    the same, the one of the highest `rank` is taken.
    """

    name: str
    version: str
    size: int
    entry: int = 0
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    rank: int = 0


class Resolved(NamedTuple):
    """What is to be installed, and what the index does not have of what was asked for or is needed."""

    units: tuple[Unit, ...]
    missing: tuple[str, ...]


class Pool:
    """The packages of some indexes, one of each name: what comes first counts."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        for unit in units:
            self._units.setdefault(unit.name, unit)
        self._providers: dict[str, list[str]] = {}
        self._joining: dict[str, list[str]] = {}
        for unit in self._units.values():
            for capability in unit.provides:
                self._providers.setdefault(capability, []).append(unit.name)
            for capability in unit.joins:
                self._joining.setdefault(capability, []).append(unit.name)

    def __len__(self) -> int:
        return len(self._units)

    def provider(self, capability: str, chosen: Set[str] = frozenset(), avoided: Set[str] = frozenset()) -> Unit | None:
        """The package to install for a capability: a chosen one, else the one of that name, else the first by rank."""
        own = self._units.get(capability)
        names = self._providers.get(capability, ())
        if own is not None and (own.name in chosen or not any(name in chosen for name in names)):
            return own
        there = next((name for name in names if name in chosen), None)
        if there is not None:
            return self._units[there]
        usable = [self._units[name] for name in names if name not in avoided]
        return min(usable, key=lambda unit: (-unit.rank, len(unit.name), unit.name), default=None)

    def joining(self, capabilities: Iterable[str]) -> Iterator[Unit]:
        """The packages that wait for one of these capabilities; whether the others are there is not looked at."""
        for capability in capabilities:
            for name in self._joining.get(capability, ()):
                yield self._units[name]


class _Growing:
    """What is there and what has been chosen so far."""

    def __init__(self, pool: Pool, present: Sequence[Unit], avoided: Set[str]) -> None:
        self._pool = pool
        self._refused = set(avoided)
        self.there = {unit.name for unit in present}
        self.held = {capability for unit in present for capability in (unit.name, *unit.provides)}
        self.chosen: dict[str, Unit] = {}
        self.todo: list[Unit] = []

    def add(self, capability: str) -> bool:
        """Choose a package for a capability; False if there is none."""
        unit = self._pool.provider(capability, self.chosen.keys() | self.there, self._refused)
        if unit is not None:
            self.take(unit)
        return unit is not None

    def take(self, unit: Unit) -> None:
        """Choose a package, once."""
        if unit.name not in self.chosen and unit.name not in self.there:
            self.chosen[unit.name] = unit
            self.held.update((unit.name, *unit.provides))
            self._refused.update(unit.avoids)
            self.todo.append(unit)

    def join(self, unit: Unit) -> None:
        """Choose what comes by itself once this package is there."""
        for joining in self._pool.joining((unit.name, *unit.provides)):
            if joining.name not in self._refused and all(each in self.held for each in joining.joins):
                self.take(joining)


def resolve(
    pool: Pool,
    names: Sequence[str],
    *,
    weak: bool = False,
    present: Sequence[Unit] = (),
    avoided: Set[str] = frozenset(),
) -> Resolved:
    """The packages that come with some names, without those that are present. Takes each once, so circles end.

    `weak`: what is recommended comes, too. `avoided` are names of packages that must not come.
    """
    growing = _Growing(pool, present, avoided)
    missing = [name for name in names if not growing.add(name) and name not in growing.held]
    for unit in growing.todo:
        missing += [name for name in unit.needs if name not in growing.held and not growing.add(name)]
        for name in unit.wants if weak else ():
            if name not in growing.held:
                growing.add(name)
        growing.join(unit)
    return Resolved(tuple(growing.chosen.values()), tuple(dict.fromkeys(missing)))
