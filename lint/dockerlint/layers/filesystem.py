"""A symbolic file system: what is known of the files of a stage at one moment (docs/decisions/0010).

Paths are absolute, in the form that `clean_path` gives. What is not known to exist is told apart from what is known
not to: below a folder with fills (`nodes.Fill`) anything may lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.layers.nodes import File, Fill, Folder, Link, Node
from dockerlint.layers.size import Size, total
from dockerlint.source import Span

_MOST_LINKS = 40
_NOWHERE = Span(0, 0)

Parts = tuple[str, ...]


class Part(NamedTuple):
    """What one place of the Dockerfile has put below a path: the layer that stores it, and its bytes."""

    layer: int
    origin: Span
    size: Size


class Changes(NamedTuple):
    """What a layer stores: files and links by their paths, and paths of lower layers that it hides.

    `fills` are the folders that get content without known names.
    """

    stored: tuple[tuple[str, Node], ...]
    whiteouts: tuple[str, ...]
    fills: tuple[tuple[str, Fill], ...]


def split(path: str) -> Parts:
    """The names in an absolute path."""
    return tuple(part for part in path.split("/") if part not in ("", "."))


def joined(parts: Parts) -> str:
    """The path of names."""
    return "/" + "/".join(parts)


class Budget:
    """How many nodes may still be made or copied, for all layers together: commands can double a tree many times."""

    def __init__(self, nodes: int) -> None:
        self._left = nodes

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0

    def spend(self, nodes: int) -> None:
        """Take some away."""
        self._left -= nodes

    def affords(self, node: Node) -> bool:
        """Take away as many as lie at and below a node; False where there are not so many."""
        for _ in walk(node):
            self._left -= 1
            if self._left <= 0:
                return False
        return True


class FileSystem:
    """The files while one layer is written. `root` may be kept as a snapshot once the layer is done."""

    def __init__(self, root: Folder, layer: int, budget: Budget) -> None:
        self._token = object()
        self.root = root
        self.layer = layer
        self.budget = budget

    def resolve(self, parts: Parts, *, follow: bool = True) -> Parts | None:
        """The names after following links; the last one only with `follow`. None where links go in circles.

        `..` is resolved after the link before it, as the kernel does it.
        """
        todo = list(reversed(parts))
        done: list[str] = []
        folders: list[Folder | None] = [self.root]
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                if done:
                    done.pop()
                    folders.pop()
                continue
            folder = folders[-1]
            node = folder.children.get(name) if folder is not None else None
            if isinstance(node, Link) and (follow or todo):
                links += 1
                if links > _MOST_LINKS:
                    return None
                if node.target.startswith("/"):
                    done, folders = [], [self.root]
                todo += reversed(split(node.target))
                continue
            done.append(name)
            folders.append(node if isinstance(node, Folder) else None)
        return tuple(done)

    def find(self, path: str, *, follow: bool = True) -> Node | None:
        """What lies at a path, as far as it is known by name."""
        parts = self.resolve(split(path), follow=follow)
        return None if parts is None else self._at(parts)

    def _at(self, parts: Parts) -> Node | None:
        node: Node | None = self.root
        for name in parts:
            node = node.children.get(name) if isinstance(node, Folder) else None
        return node

    def doubt(self, path: str) -> tuple[Fill, ...]:
        """The fills that a path may come from, if it is not known by name: those of the folder nearest to it.

        Blank where there is surely nothing at the path.
        """
        parts = self.resolve(split(path))
        if parts is None:
            return ()
        folder = self.root
        for name in parts:
            node = folder.children.get(name)
            if isinstance(node, File) and not node.certain:
                return (Fill(node.size, node.layer, node.origin),)
            if not isinstance(node, Folder):
                return folder.fills_of(name) if node is None else ()
            folder = node
        return folder.fills

    def folder(self, path: str, *, origin: Span, mode: int = 0o755, owner: str = "") -> Folder | None:
        """The folder at a path, ready to be changed, made with those above it where it is missing.

        None where a file is in the way. `mode` and `owner` are those of what is made.
        """
        parts = self.resolve(split(path))
        return None if parts is None else self._editable(parts, origin, mode, owner)

    def _editable(self, parts: Parts, origin: Span, mode: int, owner: str) -> Folder | None:
        if self.root.token is not self._token:
            self.root = self.root.copied(self._token)
            self.budget.spend(len(self.root.children))
        folder = self.root
        for name in parts:
            child = folder.children.get(name)
            if child is None:
                child = Folder(mode, owner, self.layer, origin, self._token, folder.doubtful_fills(name))
                folder.children[name] = child
            elif isinstance(child, File) and not child.certain:
                fill = Fill(child.size, child.layer, child.origin)
                child = Folder(mode, owner, self.layer, origin, self._token, (fill,))
                folder.children[name] = child
            elif not isinstance(child, Folder):
                return None
            elif child.token is not self._token:
                child = child.copied(self._token)
                self.budget.spend(len(child.children))
                folder.children[name] = child
            folder = child
        return folder

    def put(
        self, path: str, node: File | Link, *, mode: int = 0o755, owner: str = "", follow: bool | None = None
    ) -> bool:
        """Put a file or link at a path, in the place of what was there. False where a folder is there, or a file
        stands in the way; `mode` and `owner` are those of folders that are made. What a last link leads to is meant
        with `follow`, by default for a file.
        """
        parts = self.resolve(split(path), follow=isinstance(node, File) if follow is None else follow)
        if not parts:
            return False
        folder = self._editable(parts[:-1], node.origin, mode, owner)
        if folder is None or isinstance(folder.children.get(parts[-1]), Folder):
            return False
        folder.children[parts[-1]] = node
        return True

    def replace(self, path: str, node: Node) -> None:
        """Put any node at a path, whatever was there; nothing happens where a file stands in the way."""
        parts = self.resolve(split(path), follow=False)
        folder = self._editable(parts[:-1], node.origin, 0o755, "") if parts else None
        if parts and folder is not None:
            folder.children[parts[-1]] = node

    def add_fill(self, path: str, fill: Fill) -> None:
        """Note that content without known names gets into the folder at a path."""
        folder = self.folder(path, origin=fill.origin)
        if folder is not None:
            folder.fill((fill,))

    def remove(self, path: str) -> Node | None:
        """Take out what lies at a path, without following a last link; gives what it was, if that is known.

        Where the folder is known, it is known from then on that there is nothing.
        """
        parts = self.resolve(split(path), follow=False)
        if not parts or not isinstance(self._at(parts[:-1]), Folder):
            return None
        folder = self._editable(parts[:-1], _NOWHERE, 0o755, "")
        assert folder is not None, "it is there"
        if folder.fills:
            folder.absent |= {parts[-1]}
        return folder.children.pop(parts[-1], None)

    def take_fills(self, path: str, taken: tuple[Fill, ...]) -> None:
        """Take fills out of the folder at a path."""
        parts = self.resolve(split(path))
        if parts is not None and isinstance(self._at(parts), Folder):
            folder = self._editable(parts, _NOWHERE, 0o755, "")
            assert folder is not None, "it is there"
            folder.fills = tuple(fill for fill in folder.fills if fill not in taken)


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """A node and all below it with their paths, each folder before what it holds."""
    todo: list[tuple[str, Node]] = [(path, node)]
    while todo:
        at, found = todo.pop()
        yield at, found
        if isinstance(found, Folder):
            todo += [(f"{at}/{name}", child) for name, child in found.children.items()]


def parts_of(node: Node) -> tuple[Part, ...]:
    """Who has put what lies at and below a node, and how many bytes, in the order of the layers."""
    sizes: dict[tuple[int, Span], list[Size]] = {}
    seen: set[int] = set()
    for _, found in walk(node):
        if isinstance(found, File):
            # Names of one file: hard links are stored once.
            if id(found) not in seen:
                seen.add(id(found))
                sizes.setdefault((found.layer, found.origin), []).append(found.size)
        elif isinstance(found, Link):
            sizes.setdefault((found.layer, found.origin), [])
        else:
            for fill in found.fills:
                if fill.sure:
                    sizes.setdefault((fill.layer, fill.origin), []).append(fill.size)
    return tuple(Part(layer, origin, total(each)) for (layer, origin), each in sorted(sizes.items()))


def changes(before: Folder, after: Folder) -> Changes:
    """What a layer stores that leads from one tree to the other, in the order of the paths."""
    stored: list[tuple[str, Node]] = []
    whiteouts: list[str] = []
    fills: list[tuple[str, Fill]] = []
    todo: list[tuple[str, Folder | None, Folder]] = [("", before, after)]
    while todo:
        path, old, new = todo.pop()
        if old is new:
            continue
        if new.fills:
            known = old.fills if old is not None else ()
            fills += [(path, fill) for fill in new.fills if fill.sure and fill not in known]
        for name, node in new.children.items():
            was = old.children.get(name) if old is not None else None
            if was is node:
                continue
            if isinstance(node, Folder):
                todo.append((f"{path}/{name}", was if isinstance(was, Folder) else None, node))
            else:
                stored.append((f"{path}/{name}", node))
        if old is not None:
            whiteouts += [f"{path}/{name}" for name in old.children.keys() - new.children.keys()]
    return Changes(tuple(sorted(stored, key=lambda each: each[0])), tuple(sorted(whiteouts)), tuple(fills))
