"""Versions of packages of JavaScript, what they need and what they weigh, from a registry.

https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from dockerlint.context.fetch.downloads import MissingError
from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.node.tarballs import counted

REGISTRY = "https://registry.npmjs.org"
#: The short form of a document, which is what npm itself asks for.
_SHORT = {"Accept": "application/vnd.npm.install-v1+json"}
#: Changes with what is kept of a document.
_FORM = "document 2"
#: The fields of a version that are kept.
_FIELDS = (
    *("dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"),
    *("bundleDependencies", "bundledDependencies", "hasInstallScript", "deprecated", "engines", "os", "cpu", "libc"),
)
_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*")
_LONGEST_NAME = 214
_MOST_BYTES = 1 << 40

#: What a package unpacks to for each byte of its archive where only one of them is known.
_SHARE = 4.0

Table = Mapping[str, object]


class Weight(NamedTuple):
    """The bytes of a package's archive, and of what it unpacks to."""

    download: int
    unpacked: int


class Document(NamedTuple):
    """What a registry tells of a package: the bytes of that, the versions, and the names of some of them (`latest`)."""

    size: int
    versions: Mapping[str, Table]
    tags: Mapping[str, str]


class NodeRegistry:
    """One registry. All methods raise `ContextError` for what cannot be had."""

    def __init__(self, fetcher: Fetcher, url: str = REGISTRY) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")

    def ask(self, name: str) -> Callable[[], Document]:
        """Start to fetch what is told of a package; what is returned waits for it."""
        return self._fetcher.once(f"npm {name}", lambda: self._document(name))

    def weigh(self, name: str, version: str) -> Callable[[], Weight]:
        """Start to find out what a version weighs; what is returned waits for it."""
        return self._fetcher.once(f"npm {name}@{version}", lambda: self._weight(name, version))

    def _document(self, name: str) -> Document:
        try:
            content = self._fetcher.index(
                self._place(name), _SHORT, form=_FORM, reduce=lambda whole: _kept(name, whole)
            )
        except MissingError as error:
            raise ContextError(f"the registry has no '{name}'") from error
        document = _table(content, name)
        size, versions, tags = (document.get(key) for key in Document._fields)
        if not isinstance(size, int) or not isinstance(versions, dict) or not isinstance(tags, dict):
            raise ContextError(f"what is remembered of {name} is of no use")
        return Document(size, versions, tags)

    def _weight(self, name: str, version: str) -> Weight:
        key = f"npm {self._url} {name} {version}"
        facts = self._fetcher.facts(key, lambda: self._weighed(name, version)._asdict())
        download, unpacked = facts.get("download"), facts.get("unpacked")
        if not isinstance(download, int) or not isinstance(unpacked, int):
            raise ContextError(f"what is remembered of {name} is of no use")
        return Weight(min(download, _MOST_BYTES), min(unpacked, _MOST_BYTES))

    def _weighed(self, name: str, version: str) -> Weight:
        """What the registry tells of a version; where it does not tell the bytes the archive is counted."""
        try:
            content = self._fetcher.unkept(f"{self._place(name)}/{quote(version, safe='')}")
        except MissingError as error:
            raise ContextError(f"the registry has no {name} {version}") from error
        told = _table(content, name).get("dist")
        dist = told if isinstance(told, dict) else {}
        size = dist.get("unpackedSize")
        if isinstance(size, int) and 0 <= size < _MOST_BYTES:
            return Weight(round(size / _SHARE), size)
        place = dist.get("tarball")
        # A registry names its own archives; nothing else is asked for.
        if not isinstance(place, str) or urlsplit(place)[:2] != urlsplit(self._url)[:2]:
            raise ContextError(f"the registry does not tell where {name} {version} is")
        return Weight(*self._fetcher.stream(place, counted))

    def _place(self, name: str) -> str:
        if _NAME.fullmatch(name) is None or len(name) > _LONGEST_NAME:
            raise ContextError(f"'{name[:80]}' is no name of a package")
        return f"{self._url}/{quote(name, safe='@')}"


def _kept(name: str, content: bytes) -> bytes:
    """What is kept of a document: a `Document`, with those fields of the versions that anybody asks for."""
    document = _table(content, name)
    versions, tags = document.get("versions"), document.get("dist-tags")
    kept = {
        version: {field: package[field] for field in _FIELDS if field in package}
        for version, package in (versions.items() if isinstance(versions, dict) else ())
        if isinstance(package, dict)
    }
    texts = {key: each for key, each in tags.items() if isinstance(each, str)} if isinstance(tags, dict) else {}
    return json.dumps(Document(len(content), kept, texts)._asdict(), separators=(",", ":")).encode()


def _table(content: bytes, name: str) -> Table:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContextError(f"what the registry tells of {name} cannot be read") from error
    return document if isinstance(document, dict) else {}
