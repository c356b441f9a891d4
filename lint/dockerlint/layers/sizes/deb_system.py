"""The lists of a base image's Debian or Ubuntu, and what is installed there from the start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.deb_archive import Lists, PackageList
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.deb_state import State
from dockerlint.layers.sizes.deb_suites import ARCHITECTURES, Mirrors, System, system_of

_NO_SYSTEM = "the packages in this base image are not known"


class Known(NamedTuple):
    """A system with its lists and what is installed in it."""

    system: System
    architecture: str
    packages: Index
    lists: tuple[PackageList, ...]
    state: State

    @property
    def name(self) -> str:
        """What the lists are, and of which day."""
        first = self.lists[0]
        return f"{self.system.distribution} {self.system.suite}'s {first.label} of {first.date or 'an unknown day'}"


class Systems:
    """The systems of base images. Each is looked up once, when it is first needed."""

    def __init__(self, lists: Lists, mirrors: Mirrors) -> None:
        self._lists = lists
        self._mirrors = mirrors
        self._known: dict[tuple[str, str], Known | str] = {}

    def get(self, image: str, platform: str) -> Known | str:
        """The system of a base image, or why it is not known."""
        key = image, platform
        if key not in self._known:
            self._known[key] = self._read(image, platform)
        return self._known[key]

    def _read(self, image: str, platform: str) -> Known | str:
        architecture = ARCHITECTURES.get(platform.partition("/")[2].partition("/")[0], "")
        system = system_of(image, self._mirrors, architecture)
        if system is None or not architecture:
            return _NO_SYSTEM
        try:
            lists = tuple(self._all_lists(system, architecture))
        except ContextError as error:
            return str(error)
        index = Index(each.packages for each in lists)
        base = closure(index, (*index.base(), *system.added), recommends=False, present=frozenset())
        return Known(system, architecture, index, lists, State(frozenset(package.name for package in base.packages)))

    def _all_lists(self, system: System, architecture: str) -> Iterable[PackageList]:
        """The suite's own list, and those of its updates as far as they can be had."""
        suite, *others = system.sources
        yield self._lists.get(suite, architecture)
        for source in others:
            try:
                yield self._lists.get(source, architecture)
            except ContextError:
                # A suite has no updates before its release, nor after its end.
                continue
