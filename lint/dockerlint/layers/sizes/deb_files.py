"""Which files packages of Debian leave in an image, once it is known what they hold.

That is what they unpack, what is written about them into the system's database, and what Python compiles of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dockerlint.layers.sizes.deb_contents import Contents, Entry, Kind
from dockerlint.layers.sizes.deb_excludes import Excludes, is_left_out

#: Where the files of the package manager go.
DATABASE = "/var/lib/dpkg/info"

#: Modules that are compiled for the system's Python when they are installed.
_MODULE = re.compile(r"/usr/lib/python3(\.[0-9]+)?/.+\.py")
#: Byte code for each byte of a source of the standard library, and of others, and at least: measured on bookworm, where
#: pip has 1.21, setuptools 1.28, numpy 1.52.
STANDARD_CODE = 1.12
BYTE_CODE = 1.28
_LEAST_BYTE_CODE = 150

_MERGED = ("/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/")

#: What the description of a package gets besides, in the list of all: its state, and a sum for each setting.
_STATE = len("Status: install ok installed\n\n")
_SUM = len("  0123456789abcdef0123456789abcdef\n")


class Left(NamedTuple):
    """What one package leaves. Of the bytes of its files, `compiled` are of byte code, which is not known exactly.

    `described` are bytes in the list of all packages, `asks` those of its questions. `settings` are the paths of its
    configuration files.
    """

    entries: tuple[Entry, ...]
    compiled: int
    described: int
    asks: int
    settings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The bytes of the files."""
        return sum(entry.size for entry in self.entries)


class Target(NamedTuple):
    """Where packages are unpacked: Debian's name of the architecture, and what is left out there.

    `python` is the version of the system's Python (`3.11`), "" without one. With `is_merged` `/bin`, `/lib` and their
    like are links to folders of these names in `/usr`.
    """

    architecture: str
    excludes: Excludes
    python: str = ""
    is_merged: bool = True


def left_by(name: str, contents: Contents, target: Target) -> Left:
    """What a package leaves."""
    there = [entry for entry in contents.entries if entry.path != "/" and not is_left_out(entry.path, target.excludes)]
    unpacked = [entry._replace(path=_merged(entry.path)) for entry in there] if target.is_merged else there
    code = list(_byte_code(unpacked, target.python)) if target.python else []
    label = f"{name}:{target.architecture}" if contents.is_shared else name
    database = dict(contents.database)
    # Folders and what is left out are listed as well; the root stands there as `/.`.
    database["list"] = sum(len(entry.path.encode("utf-8", "surrogateescape")) + 1 for entry in contents.entries) + 1
    written = [Entry(Kind.FILE, 0o644, size, f"{DATABASE}/{label}.{end}") for end, size in sorted(database.items())]
    described = contents.control + _STATE
    if contents.settings:
        described += len("Conffiles:\n") + sum(len(path) + _SUM for path in contents.settings)
    return Left(
        (*unpacked, *code, *written),
        sum(entry.size for entry in code),
        described,
        database.get("templates", 0),
        contents.settings,
    )


def _merged(path: str) -> str:
    return f"/usr{path}" if path.startswith(_MERGED) else path


def is_module(entry: Entry) -> bool:
    """Whether a file is compiled for the system's Python."""
    return entry.kind is Kind.FILE and _MODULE.fullmatch(entry.path) is not None


def _byte_code(entries: Iterable[Entry], python: str) -> Iterator[Entry]:
    """The byte code of the modules among some files."""
    ending = f".cpython-{python.replace('.', '')}.pyc"
    for entry in entries:
        match = _MODULE.fullmatch(entry.path) if entry.kind is Kind.FILE else None
        if match is not None:
            folder, _, name = entry.path.rpartition("/")
            size = max(_LEAST_BYTE_CODE, round(entry.size * (STANDARD_CODE if match[1] else BYTE_CODE)))
            yield Entry(Kind.FILE, 0o644, size, f"{folder}/__pycache__/{name.removesuffix('.py')}{ending}")
