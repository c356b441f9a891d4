"""What lies in the symbolic file system: files, links, folders, and content of folders that has no known names.

Nodes are told apart by identity. A file that is written again is a new node, so what a layer stores is found by
comparing two trees, as the engine's overlay file system does: `chmod` to the same mode stores a file again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from dockerlint.layers.size import Size
from dockerlint.records import record
from dockerlint.source import Span

#: The number of the layers of the base image.
BASE = 0


class Content(Protocol):
    """Where the bytes of a file can be read."""

    def read(self, most: int) -> bytes | None:
        """All of them; None where there are more than `most`, or they cannot be had any more."""


@record(frozen=True, slots=True, eq=False, repr=False)
class File:
    """A regular file, or what is taken for one: a copied path of which nothing is known but its name.

    `mode` are the permission bits, None where they are not known; `owner` is `user:group` as written, "" for root.
    `layer` is the number of the layer that stores it, `origin` the place in the Dockerfile that puts it there.
    `certain` is False for what may be something else, or missing. `content` is None where nobody knows it.
    """

    size: Size
    mode: int | None
    owner: str
    layer: int
    origin: Span
    certain: bool = True
    content: Content | None = None


@record(frozen=True, slots=True, eq=False, repr=False)
class Link:
    """A symbolic link; `target` is its text."""

    target: str
    layer: int
    origin: Span


@record(frozen=True, slots=True, eq=False, repr=False)
class Fill:
    """Content of a folder whose names are not known: what `git clone` or the copy of an unknown folder puts there.

    `names` is a pattern that all names match ("" for any). With `sure` False it is only possible that something is
    there: a folder that may exist in the base image, or below another fill.
    """

    size: Size
    layer: int
    origin: Span
    sure: bool = True
    names: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Folder:
    """A folder. Without `fills` its `children` are all that it has; with them it may have others, but none of `absent`.

    A folder belongs to the file system whose `token` it holds, which may change it; all others copy it first. That
    makes a snapshot of any number of files free, and an edit cost as much as the folders on its way.
    """

    mode: int | None
    owner: str
    layer: int
    origin: Span
    token: object
    fills: tuple[Fill, ...] = ()
    children: dict[str, Node] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def copied(self, token: object) -> Folder:
        """The same folder for another file system."""
        return Folder(
            self.mode, self.owner, self.layer, self.origin, token, self.fills, dict(self.children), self.absent
        )

    def fills_of(self, name: str) -> tuple[Fill, ...]:
        """What may be below a name that is not known to be there."""
        return () if name in self.absent else self.fills

    def fill(self, fills: tuple[Fill, ...]) -> None:
        """Add content without known names, which may be of any name."""
        if fills:
            self.fills = (*self.fills, *fills)
            self.absent = frozenset()

    def doubtful_fills(self, name: str) -> tuple[Fill, ...]:
        """The fills of a folder that is made in this one: anything of these may already be there."""
        if name in self.absent:
            return ()
        if not any(fill.sure for fill in self.fills):
            return self.fills
        return tuple(replace(fill, sure=False) if fill.sure else fill for fill in self.fills)

    @property
    def is_known(self) -> bool:
        """Whether its children are all that it has."""
        return not self.fills


Node = File | Link | Folder
