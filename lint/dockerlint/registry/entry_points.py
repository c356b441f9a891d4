"""Reads entry points of installed distributions, without the cost of `importlib.metadata` where that can be
spared.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: Folders beside installed packages that hold a distribution's metadata.
_METADATA = (".dist-info", ".egg-info")


class EntryPoint(NamedTuple):
    """A name that a distribution offers in a group, and the module that it stands for."""

    name: str
    value: str


def entry_points(group: str, search_path: Iterable[str] | None = None) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name and value, of all distributions on the search path (`sys.path`).

    Metadata folders are read directly, as `importlib.metadata` would. It is asked only where that finds
    nothing: it also knows distributions inside archives and behind import hooks. Like there, a distribution
    that is found twice counts once, by the order of the path.
    """
    found = set(_of_folders(group, sys.path if search_path is None else search_path))
    if not found and search_path is None:
        from importlib import metadata  # noqa: PLC0415 - slow to import

        found = {EntryPoint(point.name, point.value) for point in metadata.entry_points(group=group)}
    return tuple(sorted(found))


def _of_folders(group: str, search_path: Iterable[str]) -> Iterator[EntryPoint]:
    seen: set[str] = set()
    for folder in search_path:
        try:
            with os.scandir(folder or ".") as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(_METADATA))
        except OSError:
            continue
        for name in names:
            distribution = name.rsplit(".", 1)[0].split("-", 1)[0].lower()
            if distribution not in seen:
                seen.add(distribution)
                yield from _read(os.path.join(folder, name, "entry_points.txt"), group)


def _read(path: str, group: str) -> Iterator[EntryPoint]:
    """The entry points of one `entry_points.txt`; none if there is no such file.

    Format: https://packaging.python.org/en/latest/specifications/entry-points/
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section == group and line and line[0] not in "#;":
            name, _, value = line.partition("=")
            # Extras in brackets are obsolete and mean nothing for a module.
            yield EntryPoint(name.strip(), value.partition("[")[0].strip())
