"""What is predicted of one layer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from dockerlint.layers.filesystem import Changes, Part
from dockerlint.layers.nodes import BASE, File, Node
from dockerlint.layers.size import Provenance, Size, total
from dockerlint.layers.sizes.install import Install, PackageSize
from dockerlint.semantics.stages import Step
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.tree import Problem


class Cause(Enum):
    """Why bytes of a lower layer are hidden."""

    REMOVED = "removed"
    CLEANED = "cleaned"
    """By a clean-up command of a package manager."""
    UNINSTALLED = "uninstalled"
    MOVED = "moved"
    METADATA = "metadata"
    """Only owner, mode, time or attributes changed, and the file is stored again."""
    REWRITTEN = "rewritten"
    COPIED = "copied"
    """COPY or ADD put another file in its place."""


class Hidden(NamedTuple):
    """Bytes of a lower layer of this file that a step hides: they stay in the image, and nobody sees them.

    `span` is the word that names `path`, `origin` the place of the Dockerfile that put the bytes into layer `layer`.
    `command` is what hides them, None for COPY and ADD. `sure` is False where it depends on what is not known whether
    there is anything (`rm -f`). With `partial` only something of what `origin` put there is hidden, and its bytes are
    not known.
    """

    cause: Cause
    path: str
    span: Span
    command: Command | None
    layer: int
    origin: Span
    size: Size
    sure: bool = True
    partial: bool = False


class Installed(NamedTuple):
    """Packages that a command installs: their bytes, how these are known, what installs them, and each of them.

    `family` is that of the package manager, `asked` what its estimator was asked.
    """

    size: Size
    note: str
    span: Span
    packages: tuple[PackageSize, ...] = ()
    family: str = ""
    asked: Install | None = None


class Draft(NamedTuple):
    """A layer before it is known what becomes of it; see `Layer` for the fields."""

    number: int
    step: Step
    stage: int
    changes: Changes
    doubts: tuple[str, ...]
    suspicions: tuple[str, ...]
    hidden: tuple[Hidden, ...]
    is_wild: bool
    installs: tuple[Installed, ...] = ()


class Layer(NamedTuple):
    """One layer that the file adds to its base, and what becomes of its bytes.

    `size` is that of the regular files. `changes` lists what is stored. `doubts` are reasons for which more may be
    stored, nobody knows how much; `suspicions` are those for which it may, but hardly is. `hidden` is what this layer
    hides of lower ones. `wasted` are the bytes of this layer that higher ones hide. `is_wild` says that a program has
    run of which nothing is known, so that any file may be another one. `installs` are packages whose files are stored,
    too; only their bytes are known.
    """

    number: int
    step: Step
    stage: int
    changes: Changes
    doubts: tuple[str, ...]
    suspicions: tuple[str, ...]
    size: Size
    hidden: tuple[Hidden, ...]
    wasted: Size
    is_wild: bool
    installs: tuple[Installed, ...] = ()

    @property
    def is_listed(self) -> bool:
        """Whether `changes` is, as far as can be told, all that the layer stores."""
        return not self.doubts and not self.installs and not self.changes.fills


class By(NamedTuple):
    """What hides something: the word that names it, and the command it belongs to, None for COPY and ADD."""

    span: Span
    command: Command | None = None


class LayerNotes:
    """What comes to light while the step of a layer is followed; `layer` is its number."""

    def __init__(self, layer: int) -> None:
        self.layer = layer
        self.doubts: dict[str, None] = {}
        self.suspicions: dict[str, None] = {}
        self.hidden: list[Hidden] = []
        self.installs: list[Installed] = []
        self.whiteouts: dict[str, None] = {}
        self.problems: list[Problem] = []
        self.is_wild = False

    def doubt(self, reason: str) -> None:
        """Note that the step may write what is not known."""
        self.doubts[reason] = None

    def suspect(self, reason: str) -> None:
        """Note that the step may write more than is known, but hardly does."""
        self.suspicions[reason] = None

    def doubt_installs(self) -> None:
        """Note that files of the packages may be missing from the layer: nothing of them is sure to be in it."""
        self.installs = [each._replace(size=each.size._replace(low=0)) for each in self.installs]

    def hide(self, cause: Cause, path: str, by: By, parts: Iterable[Part]) -> None:
        """Note that what lower layers of this file have at a path is hidden."""
        for part in parts:
            if BASE < part.layer < self.layer:
                self.hidden.append(Hidden(cause, path, by.span, by.command, part.layer, part.origin, part.size))


def layer_size(draft: Draft) -> Size:
    """The bytes that a layer stores: each file once, however many names it has."""
    changes = draft.changes
    size = total(
        [
            *file_sizes(node for _, node in changes.stored),
            *(fill.size for _, fill in changes.fills),
            *(each.size for each in draft.installs),
        ]
    )
    if draft.doubts:
        return size._replace(high=None, estimate=None, provenance=Provenance.UNKNOWN)
    if draft.suspicions:
        return size._replace(high=None, provenance=max(size.provenance, Provenance.ESTIMATED))
    return size


def file_sizes(nodes: Iterable[Node]) -> list[Size]:
    """The sizes of the files among some nodes, each once."""
    return [node.size for node in {id(node): node for node in nodes}.values() if isinstance(node, File)]
