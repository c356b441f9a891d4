"""Reads the lists that archives of Debian packages publish, as far as sizes need them.

A list is text in paragraphs; a field is a line `Name: value`, and lines that begin with a blank go on with the one
above. https://manpages.debian.org/bookworm/dpkg-dev/deb822.5.en.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dockerlint.layers.sizes.deb_versions import satisfies

#: The fields that are kept of a list.
FIELDS = frozenset(
    (
        *("Package", "Version", "Installed-Size", "Priority", "Essential", "Section"),
        *("Depends", "Pre-Depends", "Recommends", "Suggests", "Provides"),
        *("Filename", "SHA256", "Size"),
    )
)

_RELATION = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s()]+)\s*\))?\s*"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")

#: More alternatives and dependencies than this are not read: the longest real field has some hundreds.
_MOST_RELATIONS = 5_000


class Relation(NamedTuple):
    """A package, or a virtual one, that is depended on or provided; `relation` is "" without a version."""

    name: str
    relation: str = ""
    version: str = ""

    def holds(self, version: str) -> bool:
        """Whether a version of the package will do."""
        return not self.relation or satisfies(version, self.relation, self.version)


class Package(NamedTuple):
    """One package of a list. `size` are the bytes that it says to take when installed.

    Each of `depends`, `recommends` and `suggests` are alternatives, of which one is needed. `file` is the path of the
    package below its archive, `sum` its SHA-256 sum and `packed` its bytes; "" and 0 where the list does not tell.
    `origin` is the number of the list. `measured` are bytes that were counted in a package of this name, as
    `tools/make_deb_lists.py` tells them.
    """

    name: str
    version: str
    size: int
    priority: str = "optional"
    is_essential: bool = False
    section: str = ""
    depends: tuple[tuple[Relation, ...], ...] = ()
    recommends: tuple[tuple[Relation, ...], ...] = ()
    suggests: tuple[tuple[Relation, ...], ...] = ()
    provides: tuple[Relation, ...] = ()
    file: str = ""
    sum: str = ""
    packed: int = 0
    origin: int = 0
    measured: tuple[int, ...] = ()


def kept_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a list that `package_of` reads, and the blank ones between paragraphs."""
    for line in lines:
        name, colon, _ = line.partition(":")
        if (colon and name in FIELDS) or not line.strip():
            yield line if line.endswith("\n") else f"{line}\n"


def fields_of(paragraph: str) -> Mapping[str, str]:
    """The fields of one paragraph, without lines that go on; what is no field is passed over."""
    found: dict[str, str] = {}
    for line in paragraph.splitlines():
        name, colon, value = line.partition(":")
        if colon and name and not name[0].isspace():
            found.setdefault(name, value.strip())
    return found


def package_of(paragraph: str) -> Package | None:
    """The package that a paragraph describes; None for anything else."""
    fields = fields_of(paragraph)
    name, version = fields.get("Package", ""), fields.get("Version", "")
    size, packed = _number(fields.get("Installed-Size", "0")), _number(fields.get("Size", "0"))
    if not _NAME.fullmatch(name) or not version or size is None:
        return None
    return Package(
        name,
        version,
        size * 1024,
        fields.get("Priority", "optional"),
        fields.get("Essential") == "yes",
        fields.get("Section", "").rpartition("/")[2],
        (*_groups(fields.get("Pre-Depends", "")), *_groups(fields.get("Depends", ""))),
        tuple(_groups(fields.get("Recommends", ""))),
        tuple(_groups(fields.get("Suggests", ""))),
        tuple(each for group in _groups(fields.get("Provides", "")) for each in group),
        fields.get("Filename", ""),
        fields.get("SHA256", ""),
        packed or 0,
        measured=tuple(int(word) for word in fields.get("Measured", "").split() if word.isascii() and word.isdigit()),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def _groups(text: str) -> Iterator[tuple[Relation, ...]]:
    """The alternatives of each dependency of a field; those that cannot be read are left out."""
    for group in text.split(",")[:_MOST_RELATIONS]:
        found = (_RELATION.fullmatch(each) for each in group.split("|")[:_MOST_RELATIONS])
        read = tuple(Relation(match[1], match[2] or "", match[3] or "") for match in found if match is not None)
        if read:
            yield read
