"""Reads the metadata of repositories of RPM packages: `repomd.xml`, and the list `primary.xml` that it names.

Both are read as streams with the standard library's expat; what declares a document type, and so entities, is refused.
https://rpm-software-management.github.io/createrepo_c/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple, Protocol
from xml.parsers import expat

from dockerlint.context.fetch.limits import Budget, ContextError
from dockerlint.layers.sizes.capabilities import Unit
from dockerlint.layers.sizes.rpm_versions import Key, Version

#: More packages or capabilities of one package than this are no real repository.
_MOST_PACKAGES, _MOST_CAPABILITIES = 300_000, 20_000
_LONGEST_TEXT = 4_000

_KINDS = {"requires": "needs", "recommends": "wants", "provides": "provides"}
#: What the package manager itself provides, and what no other package needs.
_PASSED_OVER = ("rpmlib(", "config(", "bundled(", "rtld(")
_PROGRAMS = re.compile(r"/(?:usr/)?s?bin/[^/]+")
#: Packages of streams, which are installed only where the stream is switched on.
_MODULE = re.compile(r"\.module[_+]")

_CHECKED = re.compile(r"[0-9a-fA-F]{64}")
_INSIDE = re.compile(r"(?!.*\.\.)[A-Za-z0-9_+~.-]+(?:/[A-Za-z0-9_+~.-]+)*")


class Listed(NamedTuple):
    """Where a repository has its list of packages: the path below it, and its SHA-256 sum, "" where none is told."""

    path: str
    sha256: str


def listed_in(chunks: Iterator[bytes], budget: Budget) -> Listed:
    """The list that a `repomd.xml` names. Raises `ContextError` where there is none."""
    reader = _RepomdReader()
    _parse(chunks, reader, budget)
    if not _INSIDE.fullmatch(reader.path):
        raise ContextError(f"{budget.what}: its description names no list of packages")
    return Listed(reader.path, reader.sha256 if _CHECKED.fullmatch(reader.sha256) else "")


def reduced(chunks: Iterator[bytes], budget: Budget, architectures: Set[str]) -> str:
    """The newest package of each name out of a `primary.xml`, one JSON array a line; `units_of` reads it."""
    reader = _PrimaryReader(architectures)
    _parse(chunks, reader, budget)
    return "".join(f"{json.dumps(unit[:7])}\n" for _, unit in reader.found.values())


def units_of(text: str) -> Iterator[Unit]:
    """The packages of a list as `reduced` writes it."""
    for line in text.splitlines():
        name, version, size, entry, needs, wants, provides = json.loads(line)
        yield Unit(name, version, size, entry, tuple(needs), tuple(wants), tuple(provides))


class _Reader(Protocol):
    """What the parser calls: names of elements without their namespaces, attributes, and the text of an element."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, name: str, text: str) -> None: ...


def _parse(chunks: Iterator[bytes], reader: _Reader, budget: Budget) -> None:
    """Read a document. Raises `ContextError` where it is none, or has a document type."""
    texts: list[str] = []
    length = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal length
        texts.clear()
        length = 0
        reader.start(name.rpartition(" ")[2], attributes)

    def text(data: str) -> None:
        nonlocal length
        length += len(data)
        if length <= _LONGEST_TEXT:
            texts.append(data)

    def end(name: str) -> None:
        reader.end(name.rpartition(" ")[2], "".join(texts).strip())
        texts.clear()

    def refuse(*_: object) -> None:
        raise ContextError(f"{budget.what}: it declares a document type, which no repository does")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ContextError(f"{budget.what}: it cannot be read: {error}") from error


class _RepomdReader(_Reader):
    def __init__(self) -> None:
        self.path = self.sha256 = ""
        self._is_inside = False
        self._is_sha256 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "data":
            self._is_inside = attributes.get("type") == "primary"
        elif name == "checksum":
            self._is_sha256 = attributes.get("type") == "sha256"
        elif name == "location" and self._is_inside:
            self.path = attributes.get("href", "")

    def end(self, name: str, text: str) -> None:
        if name == "checksum" and self._is_inside and self._is_sha256:
            self.sha256 = text


class _PrimaryReader(_Reader):
    """Keeps the newest package of each name, with the key of its version."""

    def __init__(self, architectures: Set[str]) -> None:
        self.found: dict[str, tuple[Key, Unit]] = {}
        self._architectures = architectures
        self._count = 0
        self._open()

    def _open(self) -> None:
        self._name = self._architecture = ""
        self._version = Version("", "", "")
        self._size = self._entry = 0
        self._capabilities: dict[str, dict[str, None]] = {kind: {} for kind in _KINDS.values()}
        self._into: dict[str, None] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "package":
            self._count += 1
            if self._count > _MOST_PACKAGES:
                raise ContextError("packages: there are too many of them in one list")
            self._open()
        elif name == "version":
            self._version = Version(*(attributes.get(each, "") for each in ("epoch", "ver", "rel")))
        elif name == "size":
            self._size = _number(attributes.get("installed", ""))
        elif name == "header-range":
            self._entry = max(0, _number(attributes.get("end", "")) - _number(attributes.get("start", "")))
        elif name == "entry":
            self._note(attributes.get("name", ""))
        else:
            self._into = self._capabilities.get(_KINDS.get(name, ""), self._into)

    def end(self, name: str, text: str) -> None:
        if name == "name":
            self._name = text
        elif name == "arch":
            self._architecture = text
        elif name == "file" and _PROGRAMS.fullmatch(text):
            self._into = self._capabilities["provides"]
            self._note(text)
        elif name == "package":
            self._close()
        elif name in ("requires", "recommends", "provides", "supplements", "suggests", "enhances", "conflicts"):
            self._into = None

    def _note(self, capability: str) -> None:
        into = self._into
        if into is not None and len(into) < _MOST_CAPABILITIES and not capability.startswith(_PASSED_OVER):
            plain = _plain(capability)
            if plain:
                into[plain] = None

    def _close(self) -> None:
        """Keep the package that has been read, if it may be installed and is the newest so far."""
        if not self._name or self._architecture not in self._architectures or _MODULE.search(self._version.release):
            return
        key = self._version.key()
        older = self.found.get(self._name)
        if older is None or older[0] < key:
            needs, wants, provides = (tuple(self._capabilities[kind]) for kind in ("needs", "wants", "provides"))
            unit = Unit(self._name, str(self._version), self._size, self._entry, needs, wants, provides)
            self.found[self._name] = key, unit


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0


def _plain(capability: str) -> str:
    """One capability for a rich dependency: of `(a or b)` the first; "" where it depends on what else is there.

    https://rpm-software-management.github.io/rpm/manual/boolean_dependencies.html
    """
    if not capability.startswith("("):
        return capability[:_LONGEST_TEXT]
    words = capability[:_LONGEST_TEXT].split()
    if any(word in ("if", "unless") for word in words):
        return ""
    first = words[0].lstrip("(")
    return first.removesuffix(")") if first.count(")") > first.count("(") else first
