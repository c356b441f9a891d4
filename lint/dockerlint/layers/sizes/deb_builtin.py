"""The lists of packages that come with the program: those that Dockerfiles install most, of a few suites.

`tools/make_deb_lists.py` makes them from the archives' own lists.
"""

from __future__ import annotations

import json
import lzma
from functools import cache
from importlib.resources import files

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.deb_archive import PackageList
from dockerlint.layers.sizes.deb_control import Package
from dockerlint.layers.sizes.deb_index import Index
from dockerlint.layers.sizes.deb_sorted import SortedList
from dockerlint.layers.sizes.deb_suites import Source

#: The processor architecture that was looked at. Packages of the others are nearly as large.
_ARCHITECTURE = "amd64"
#: A suite that says best what packages of others leave.
_NEAREST = "trixie"


class Builtin:
    """The lists that need no network; a stand-in for `Archive`."""

    drift = 0.06

    def get(self, source: Source, architecture: str) -> PackageList:
        """The list of a suite. Raises `ContextError` if there is none."""
        found = _list(source.suite)
        if found is None or source.component != "main":
            raise ContextError(f"packages of {source.suite} are not known without --online")
        return found if architecture == _ARCHITECTURE else found._replace(date=f"{found.date} for {_ARCHITECTURE}")


def measured(suite: str, name: str) -> Package | None:
    """A package of a suite as it was when it was looked at, or one of the nearest suite."""
    return next((found for each in (suite, _NEAREST) if (found := _index(each).get(name)) is not None), None)


@cache
def _index(suite: str) -> Index:
    found = _list(suite)
    return Index(() if found is None else (found.packages,))


@cache
def _list(suite: str) -> PackageList | None:
    path = files("dockerlint.layers.sizes") / "deb_lists" / f"{suite}.xz"
    if not suite.isalnum() or not path.is_file():
        return None
    head, _, data = lzma.decompress(path.read_bytes()).partition(b"\n")
    about = json.loads(head)
    return PackageList(SortedList(data), about["date"], about["stored"], "", suite, "built-in list")
