"""The one interface of all estimators: an installation goes in, an estimate comes out."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple, Protocol

from dockerlint.layers.size import UNKNOWN, Size


class Request(NamedTuple):
    """Packages that one command names, as written (`curl`, `nginx=1.2*`), and whether it takes what they recommend."""

    packages: tuple[str, ...]
    recommends: bool

    def without(self, names: Set[str]) -> Request:
        """The same without some packages that are removed later."""
        return self._replace(packages=tuple(each for each in self.packages if each.partition("=")[0] not in names))


class Install(NamedTuple):
    """An installation of packages.

    `manager` is the key of the package manager, `image` the base image as it is written in the file, `platform`
    `os/arch[/variant]`. `before` are the requests that lower layers and earlier commands have carried out already.
    """

    manager: str
    image: str
    platform: str
    request: Request
    before: tuple[Request, ...] = ()


class PackageSize(NamedTuple):
    """One package that is installed, and its probable bytes in the image."""

    name: str
    version: str
    size: int


class Estimate(NamedTuple):
    """What an installation adds to its layer: the bytes, one line that says how they are known, and the packages."""

    size: Size
    note: str
    packages: tuple[PackageSize, ...] = ()


class Estimator(Protocol):
    """Knows the sizes of packages. None of its methods raises: what it does not know is an estimate without bytes."""

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides caches and lists of packages."""

    def lists(self, install: Install) -> Estimate:
        """What bringing the lists of packages up to date leaves behind; the request is not looked at."""


def unknown(reason: str) -> Estimate:
    """Nothing is known, for this reason."""
    return Estimate(UNKNOWN, reason)
