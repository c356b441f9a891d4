"""The one interface of all estimators: an installation goes in, an estimate comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from dockerlint.layers.size import UNKNOWN, Size
from dockerlint.shell.managers import Cache

#: The most bytes that are read of one file of the image: a lock file of a large project has a few millions.
MOST_READ = 16_000_000


class Files(Protocol):
    """The files that a command sees, as far as they are known."""

    def read(self, path: str) -> bytes | None:
        """The content at an absolute path; None where it is not known, no file, or longer than `MOST_READ`."""


class NoFiles:
    """Nothing is known of any file."""

    def read(self, path: str) -> bytes | None:
        """See `Files`."""
        del path
        return None


class Request(NamedTuple):
    """What one command asks of a package manager.

    `packages` are the operands as written (`curl`, `nginx=1.2*`, `.`), `recommends` whether weak dependencies come too.
    `verb` are the words of the sub-command (`install`, `pip install`), `options` all options with their values ("" for
    none) in their order. `lists` are the absolute paths of files that list packages, `directory` is where the command
    runs (None: not known). With `from_manifest` files of the project there say what to install, with
    `no_development` without what only developers need. `layer` is the number of the layer that the command makes.
    """

    packages: tuple[str, ...]
    recommends: bool = True
    verb: str = "install"
    options: tuple[tuple[str, str], ...] = ()
    lists: tuple[str, ...] = ()
    directory: str | None = None
    from_manifest: bool = False
    no_development: bool = False
    layer: int = 0

    def without(self, names: Set[str]) -> Request:
        """The same without some packages that are removed later."""
        return self._replace(packages=tuple(each for each in self.packages if each.partition("=")[0] not in names))

    def has(self, *names: str) -> bool:
        """Whether one of the options is given."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> Iterator[str]:
        """The values of options, in their order."""
        return (value for name, value in self.options if name in names)


class Install(NamedTuple):
    """An installation of packages.

    `manager` is the key of the package manager, `image` the base image as it is written in the file, `platform`
    `os/arch[/variant]`. `before` are the requests to managers of the same family that lower layers and earlier commands
    have carried out already. `files` are those that the command sees, `environment` its variables, as far as known.
    """

    manager: str
    image: str
    platform: str
    request: Request
    before: tuple[Request, ...] = ()
    files: Files = NoFiles()
    environment: Mapping[str, str] = MappingProxyType({})


class PackageSize(NamedTuple):
    """One package that is installed, and its probable bytes in the image."""

    name: str
    version: str
    size: int


class Estimate(NamedTuple):
    """What an installation adds to its layer: the bytes, one line that says how they are known, and the packages.

    `whiteouts` are paths of lower layers that it removes.
    """

    size: Size
    note: str
    packages: tuple[PackageSize, ...] = ()
    whiteouts: tuple[str, ...] = ()


class Estimator(Protocol):
    """Knows the sizes of packages. None of its methods raises: what it does not know is an estimate without bytes."""

    def installed(self, install: Install) -> Estimate:
        """What an installation adds, besides caches and lists of packages."""

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """What a command leaves in one cache of its manager. For lists of packages the request is not looked at."""


@runtime_checkable
class Remover(Estimator, Protocol):
    """An estimator that follows removals, too."""

    def removed(self, install: Install) -> Estimate:
        """What a layer has of its packages once the request has removed some of them, or some of lower layers.

        `install.before` holds removals of earlier commands, too. Where that is not known, the estimate has no bytes.
        """


#: Estimators by the key of the package manager.
Estimators = Mapping[str, Estimator]

NO_ESTIMATORS: Estimators = MappingProxyType({})


def unknown(reason: str) -> Estimate:
    """Nothing is known, for this reason."""
    return Estimate(UNKNOWN, reason)


def names_file(operand: str) -> bool:
    """Whether an operand of a system's package manager names a file, or packages by a pattern."""
    return operand.startswith(("/", "./", "../")) or (any(char in operand for char in "*?[^") and "=" not in operand)
