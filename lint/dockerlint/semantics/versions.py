"""A mapping that many states share: adding to it costs what is added, not what is there.

A stage may have thousands of instructions, each with its own view of the variables. Copying the variables for
each would take quadratic time, so all views of one line of descent share a store that only grows, and a view
shows what it held at its own moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

V = TypeVar("V")


class _Store(Generic[V]):
    """The values that each name has had, each with the moment from which it holds."""

    __slots__ = ("moments", "now", "values")

    def __init__(self, values: Mapping[str, V]) -> None:
        self.now = 0
        self.values: dict[str, list[V]] = {name: [value] for name, value in values.items()}
        self.moments: dict[str, list[int]] = {name: [0] for name in values}


class Versioned(Mapping[str, V]):
    """An immutable mapping; `with_values` gives another one that shares its store.

    Names stand in the order in which they were first set.
    """

    __slots__ = ("_moment", "_store")

    def __init__(self, values: Mapping[str, V]) -> None:
        self._store = _Store(values)
        self._moment = 0

    def with_values(self, values: Mapping[str, V]) -> Versioned[V]:
        """The mapping after setting these names."""
        made: Versioned[V] = Versioned.__new__(Versioned)
        # A view that others have already gone on from keeps its past: the second line of descent starts its
        # own store.
        made._store = self._store if self._moment == self._store.now else _Store(self)
        store = made._store
        store.now += 1
        made._moment = store.now
        for name, value in values.items():
            store.values.setdefault(name, []).append(value)
            store.moments.setdefault(name, []).append(store.now)
        return made

    def __getitem__(self, name: str) -> V:
        moments = self._store.moments[name]
        index = bisect_right(moments, self._moment)
        if not index:
            raise KeyError(name)
        return self._store.values[name][index - 1]

    def __contains__(self, name: object) -> bool:
        moments = self._store.moments.get(name)  # type: ignore[call-overload]  # any object may be asked for
        return moments is not None and moments[0] <= self._moment

    def __iter__(self) -> Iterator[str]:
        for name, moments in self._store.moments.items():
            if moments[0] > self._moment:
                return
            yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)
