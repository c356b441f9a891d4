"""Which packages npm would put where: versions that do not fit together lie beside those that need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.node.platform import NodePlatform
from dockerlint.layers.sizes.node.ranges import Versions
from dockerlint.layers.sizes.node.registry import Document, NodeRegistry, Table

_MOST_PACKAGES = 5_000
#: For these `latest` will do even if it is a version before a release.
_ANY = ("", "*")
#: The marks that names have, in their order.
_MARKS = str.maketrans("_-.@/", "\x01\x02\x03\x04\x05")
_ELSEWHERE = ("git", "http:", "https:", "file:", "link:", "github:", "workspace:", "gitlab:", "bitbucket:", "portal:")


class Placed(NamedTuple):
    """One copy of a package. With `has_script` something of it runs when it is installed."""

    name: str
    version: str
    has_script: bool = False


class _Edge(NamedTuple):
    """Something that a package needs."""

    name: str
    wanted: str
    optional: bool
    peer: bool = False


class _Folder:
    """A package in the tree, or its root, with the packages in its folder `node_modules`."""

    def __init__(self, package: Table, name: str, version: str, parent: _Folder | None) -> None:
        self.package = package
        self.name = name
        self.version = version
        self.parent = parent
        self.children: dict[str, _Folder] = {}
        #: When npm comes to it: those higher up first, then by their paths.
        self.turn: tuple[int, str] = (
            (0, "") if parent is None else (parent.turn[0] + 1, f"{parent.turn[1]}/{_collated(name)}")
        )

    def up(self) -> Iterator[_Folder]:
        """The package and those in whose folders it lies, from the inside out."""
        at: _Folder | None = self
        while at is not None:
            yield at
            at = at.parent


class Tree(NamedTuple):
    """The packages that are installed, and the bytes of the documents that were asked for."""

    packages: tuple[Placed, ...]
    documents: int


def tree(
    registry: NodeRegistry,
    platform: NodePlatform,
    wanted: Mapping[str, str],
    *,
    optional: bool = True,
    is_global: bool = False,
) -> Tree:
    """The packages for ranges of versions by names. Raises `ContextError` for what a registry does not have.

    With `is_global` each of the named packages has what it needs in its own folder.
    """
    root = _Folder({"dependencies": dict(wanted)}, "", "", None)
    builder = _Builder(registry, platform, optional=optional, is_global=is_global)
    builder.build(root)
    return Tree(tuple(builder.placed), sum(builder.documents.values()))


class _Builder:
    """Fills a tree, the outer packages first, as npm does it."""

    def __init__(self, registry: NodeRegistry, platform: NodePlatform, *, optional: bool, is_global: bool) -> None:
        self._registry = registry
        self._platform = platform
        self._optional = optional
        self._is_global = is_global
        self._versions = Versions()
        self.placed: list[Placed] = []
        self.documents: dict[str, int] = {}

    def build(self, root: _Folder) -> None:
        """Place all that the root needs. What is placed higher up than other packages that wait comes before them."""
        todo = [(root.turn, 0, root)]
        while todo:
            *_, folder = heappop(todo)
            for edge in _edges(folder.package):
                made = self._place(folder, edge)
                if made is not None:
                    heappush(todo, (made.turn, len(self.placed), made))

    def _place(self, folder: _Folder, edge: _Edge) -> _Folder | None:
        """Place what an edge needs; None where it is there, or not needed."""
        if edge.optional and not self._optional:
            return None
        start = folder.parent or folder if edge.peer else folder
        place = start
        for at in start.up():
            there = at.children.get(edge.name)
            if there is not None:
                if edge.peer or self._versions.fits(there.version, edge.wanted):
                    return None
                break
            if self._is_global and at.parent is None and at is not start:
                # What was not asked for is not put beside what was.
                break
            place = at
        try:
            made = self._chosen(edge, place)
        except ContextError:
            if edge.optional:
                return None
            raise
        if made is None:
            return None
        place.children[edge.name] = made
        self.placed.append(Placed(made.name, made.version, bool(made.package.get("hasInstallScript"))))
        if len(self.placed) > _MOST_PACKAGES:
            raise ContextError(f"more than {_MOST_PACKAGES} packages are needed")
        for each in _edges(made.package):
            # An alias is no name that the registry knows.
            if not each.wanted.startswith("npm:"):
                self._registry.ask(each.name)
        return made

    def _chosen(self, edge: _Edge, place: _Folder) -> _Folder | None:
        """The version that npm takes; None for an optional one that does not fit the system."""
        name, wanted = edge.name, edge.wanted
        if wanted.startswith("npm:"):
            # Another package under this name.
            name, _, wanted = wanted.removeprefix("npm:").rpartition("@")
        if wanted.startswith(_ELSEWHERE) or ("/" in wanted and not wanted.startswith("@")):
            raise ContextError(f"what {name} from '{wanted[:80]}' brings is not known")
        document = self._registry.ask(name)()
        self.documents[name] = document.size
        version = self._version(document, wanted)
        if version is None:
            raise ContextError(f"the registry has no {name} {wanted[:40]}")
        package = document.versions[version]
        if edge.optional and not self._platform.fits(package):
            return None
        self._registry.weigh(name, version)
        return _Folder(package, name, version, place)

    def _version(self, document: Document, wanted: str) -> str | None:
        """The version with that name, or that of `latest` if it fits, or the best that fits.

        Before all others come versions that are neither deprecated nor made for another Node, as npm chooses them.
        """
        if wanted in document.tags:
            return document.tags[wanted] if document.tags[wanted] in document.versions else None
        if wanted in document.versions:
            return wanted
        latest = document.tags.get("latest", "")
        is_latest = latest in document.versions and (wanted in _ANY or self._versions.fits(latest, wanted))
        if is_latest and self._rank(document, latest)[0]:
            return latest
        found = [version for version in document.versions if self._versions.fits(version, wanted)]
        best = max((self._rank(document, version) for version in found), default=None)
        return self._versions.newest(version for version in found if self._rank(document, version) == best)

    def _rank(self, document: Document, version: str) -> tuple[bool, bool, bool]:
        """What comes before the number of a version: the greater, the better."""
        package = document.versions[version]
        is_current, engines, runs = not package.get("deprecated"), package.get("engines"), True
        wanted = engines.get("node") if isinstance(engines, dict) else None
        if self._platform.node and isinstance(wanted, str):
            runs = self._versions.fits(self._platform.node, wanted)
        return is_current and runs, runs, is_current


def _edges(package: Table) -> list[_Edge]:
    """What a package needs, in the order of the names; what lies in its own archive is left out."""
    bundled = package.get("bundleDependencies") or package.get("bundledDependencies")
    inside = set(map(str, bundled)) if isinstance(bundled, list) else set()
    if bundled is True:
        return []
    needs, options = _texts(package.get("dependencies")), _texts(package.get("optionalDependencies"))
    meta = package.get("peerDependenciesMeta")
    loose = {name for name, each in meta.items() if isinstance(each, dict)} if isinstance(meta, dict) else set()
    peers = {name: text for name, text in _texts(package.get("peerDependencies")).items() if name not in loose}
    found = [_Edge(name, text, optional=False) for name, text in needs.items() if name not in options]
    found += [_Edge(name, text, optional=True) for name, text in options.items()]
    found += [_Edge(name, text, optional=False, peer=True) for name, text in peers.items() if name not in needs]
    return sorted((each for each in found if each.name not in inside), key=lambda each: _collated(each.name))


def _collated(name: str) -> str:
    """A name in a form whose order is that of names in English: marks, digits, letters."""
    return name.lower().translate(_MARKS)


def _texts(table: object) -> dict[str, str]:
    return {str(name): text for name, text in table.items() if isinstance(text, str)} if isinstance(table, dict) else {}
