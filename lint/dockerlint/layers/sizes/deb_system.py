"""The lists of a base image's Debian or Ubuntu, and what is installed there from the start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.base_images import NO_SYSTEM
from dockerlint.layers.sizes.deb_archive import Lists, PackageList
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.deb_state import State
from dockerlint.layers.sizes.deb_suites import ARCHITECTURES, Mirrors, System, system_of


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


def read_system(lists: Lists, mirrors: Mirrors, image: str, platform: str) -> Known | str:
    """The system of a base image, or why it is not known. Raises `ContextError` where its list cannot be had."""
    architecture = ARCHITECTURES.get(platform.partition("/")[2].partition("/")[0], "")
    system = system_of(image, mirrors, architecture)
    if system is None or not architecture:
        return NO_SYSTEM
    found = tuple(_all_lists(lists, system, architecture))
    index = Index(each.packages for each in found)
    base = closure(index, (*index.base(), *system.added), recommends=False, present=frozenset())
    return Known(system, architecture, index, found, State(frozenset(package.name for package in base.packages)))


def _all_lists(lists: Lists, system: System, architecture: str) -> Iterable[PackageList]:
    """The suite's own list, and those of its updates as far as they can be had."""
    suite, *others = system.sources
    yield lists.get(suite, architecture)
    for source in others:
        try:
            yield lists.get(source, architecture)
        except ContextError:
            # A suite has no updates before its release, nor after its end.
            continue
