"""Where COPY and ADD take files from: the build context, another stage, or something that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from dockerlint.context.folder import Entry, EntryKind, FolderContext
from dockerlint.layers.filesystem import Budget, FileSystem, Parts, joined, split
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link, Node
from dockerlint.layers.size import UNKNOWN, measured
from dockerlint.layers.wildcard import is_pattern, matches
from dockerlint.source import Span

_MOST_LINKS = 40
_NOWHERE = Span(0, 0)


class Files(Protocol):
    """A tree that is copied from. Links in paths are followed and never lead out of it."""

    @property
    def where(self) -> str:
        """How messages name it."""

    def find(self, path: Parts) -> Node | None:
        """What is at a path, a folder with all that is known below it; None where nothing is known to be."""

    def names(self, path: Parts) -> tuple[str, ...]:
        """The names in a folder."""

    def may_have(self, path: Parts) -> bool:
        """Whether something that is not found may be there all the same."""

    def is_sent(self, path: Parts) -> bool:
        """Whether the builder has something at a path in which it looks for what a pattern fits."""

    def is_dead_link(self, path: Parts) -> bool:
        """Whether there is a link at a path, and surely nothing where it leads to."""


class StageFiles:
    """The files at the end of another stage; with `is_open` its commands may have written anything anywhere."""

    def __init__(self, root: Folder, where: str, *, is_open: bool) -> None:
        self._files = FileSystem(root, BASE, Budget(1))
        self._is_open = is_open
        self.where = where

    def find(self, path: Parts) -> Node | None:
        """See `Files`."""
        node = self._files.find(joined(path))
        if isinstance(node, Folder) and self._is_open and node.is_known:
            node = node.copied(None)
            node.fills = (Fill(UNKNOWN, BASE, _NOWHERE),)
        return node

    def names(self, path: Parts) -> tuple[str, ...]:
        """See `Files`."""
        node = self._files.find(joined(path))
        return tuple(sorted(node.children)) if isinstance(node, Folder) else ()

    def may_have(self, path: Parts) -> bool:
        """See `Files`."""
        return self._is_open or bool(self._files.doubt(joined(path)))

    def is_sent(self, path: Parts) -> bool:
        """See `Files`."""
        return self._files.find(joined(path)) is not None or self.may_have(path)

    def is_dead_link(self, path: Parts) -> bool:
        """See `Files`."""
        name = joined(path)
        is_link = isinstance(self._files.find(name, follow=False), Link)
        return is_link and self._files.find(name) is None and not self.may_have(path)


class ContextFiles:
    """The files of the build context as the builder gets them: all owned by root.

    `asked` gives the paths, which may be patterns, that the whole build asks for. The client sends nothing else.
    """

    def __init__(self, context: FolderContext, asked: Callable[[], Iterable[str]]) -> None:
        self.context = context
        self._asked = asked
        self.where = "the build context"

    def find(self, path: Parts) -> Node | None:
        """See `Files`."""
        real = self._resolve(path)
        entry = None if real is None else self.context.entry(_relative(real))
        if entry is None or real is None:
            return None
        return (
            self._tree(real, entry) if entry.kind is EntryKind.FOLDER else _node(entry, self.context, _relative(real))
        )

    def names(self, path: Parts) -> tuple[str, ...]:
        """See `Files`."""
        real = self._resolve(path)
        entry = None if real is None else self.context.entry(_relative(real))
        if entry is None or real is None or entry.kind is not EntryKind.FOLDER:
            return ()
        return tuple(self.context.listing(_relative(real)))

    def may_have(self, path: Parts) -> bool:
        """See `Files`."""
        del path
        return self.context.problem is not None

    def is_sent(self, path: Parts) -> bool:
        """See `Files`."""
        real = self._resolve(path)
        if not real:
            return real is not None
        if self.context.entry(_relative(real)) is None:
            return self.may_have(path)
        sent = (self._resolve(each) for text in self._asked() for each in expand_paths(self, split(text)))
        return any(
            each is not None
            and each[: len(real)] == real[: len(each)]
            and self.context.entry(_relative(each)) is not None
            for each in sent
        )

    def is_dead_link(self, path: Parts) -> bool:
        """See `Files`."""
        above = self._resolve(path[:-1])
        entry = self.context.entry(_relative((*above, *path[-1:]))) if above is not None else None
        return entry is not None and entry.kind is EntryKind.LINK and self.find(path) is None

    def _resolve(self, path: Parts) -> Parts | None:
        """The path after its links; None where they go in circles."""
        todo = list(reversed(path))
        done: list[str] = []
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                del done[-1:]
                continue
            entry = self.context.entry(_relative((*done, name)))
            if entry is None or entry.kind is not EntryKind.LINK:
                done.append(name)
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            if entry.target.startswith("/"):
                done = []
            todo += reversed(split(entry.target))
        return tuple(done)

    def _tree(self, path: Parts, entry: Entry) -> Folder:
        """A folder with all that is sent of it."""
        root = Folder(entry.mode, "", BASE, _NOWHERE, None)
        todo = [(_relative(path), root)]
        while todo:
            at, folder = todo.pop()
            for name, each in self.context.listing(at).items():
                if each.kind is EntryKind.FOLDER:
                    inner = Folder(each.mode, "", BASE, _NOWHERE, None)
                    folder.children[name] = inner
                    todo.append((name if at == "." else f"{at}/{name}", inner))
                elif each.kind is not EntryKind.OTHER:
                    folder.children[name] = _node(each, self.context, name if at == "." else f"{at}/{name}")
            if self.context.problem is not None:
                folder.fills = (Fill(UNKNOWN, BASE, _NOWHERE),)
        return root


class _Content(NamedTuple):
    """The content of a file of the build context; see `nodes.Content`."""

    context: FolderContext
    path: str

    def read(self, most: int) -> bytes | None:
        return self.context.read(self.path, most)


def _node(entry: Entry, context: FolderContext, path: str) -> File | Link:
    if entry.kind is EntryKind.LINK:
        return Link(entry.target, BASE, _NOWHERE)
    return File(measured(entry.size), entry.mode, "", BASE, _NOWHERE, content=_Content(context, path))


def _relative(path: Parts) -> str:
    return "/".join(path) or "."


class Found(NamedTuple):
    """A source of a copy: its path in the tree, and what is there."""

    path: Parts
    node: Node


def expand_paths(files: Files, path: Parts) -> tuple[Parts, ...]:
    """What a path with wildcards stands for, in the order of the names; one without stands for itself."""
    found: list[Parts] = [()]
    for part in path:
        if is_pattern(part):
            found = [(*folder, name) for folder in found for name in files.names(folder) if matches(part, name)]
        else:
            found = [(*folder, part) for folder in found]
    return tuple(found)


def expand_sources(files: Files, path: Parts) -> tuple[Found, ...]:
    """What there is of what a path with wildcards stands for, in the order of the names."""
    nodes = ((each, files.find(each)) for each in expand_paths(files, path))
    return tuple(Found(each, node) for each, node in nodes if node is not None)
