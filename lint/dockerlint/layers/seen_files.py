"""What commands of a RUN read: files of the image, and those of the build context that are mounted over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.layers.filesystem import FileSystem, split
from dockerlint.layers.nodes import File, Node
from dockerlint.layers.sizes.install import MOST_READ
from dockerlint.layers.sources import Files
from dockerlint.semantics.stages import Step
from dockerlint.shell.directories import absolute
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import MountType, parse_mount


class Bind(NamedTuple):
    """Files that are mounted at an absolute path: those at `source` of a tree, None where it is not known."""

    target: str
    source: str
    tree: Files | None

    def holds(self, path: str) -> bool:
        """Whether a path is that of the mount, or below it."""
        return path == self.target or path.startswith(self.target.rstrip("/") + "/")


class SeenFiles:
    """The files that commands see; see `sizes.install.Files`."""

    def __init__(self, fs: FileSystem, binds: tuple[Bind, ...] = ()) -> None:
        self._fs = fs
        self._binds = binds

    def read(self, path: str) -> bytes | None:
        """The content at an absolute path; None where it is not known, no file, or longer than `MOST_READ`."""
        node = self._find(path)
        if not isinstance(node, File) or not node.certain or node.content is None:
            return None
        return node.content.read(MOST_READ)

    def _find(self, path: str) -> Node | None:
        over = [bind for bind in self._binds if bind.holds(path)]
        if not over:
            return self._fs.find(path)
        bind = max(over, key=lambda each: len(each.target))
        if bind.tree is None:
            return None
        return bind.tree.find((*split(bind.source), *split(path[len(bind.target) :])))


def binds_of(step: Step, context: Files | None) -> Iterator[Bind]:
    """The mounts of a RUN that show files; those of other stages and images are not known."""
    workdir = step.before.workdir
    for flag in step.node.flags:
        mount = parse_mount(flag.value.text) if flag.name == "mount" and flag.value is not None else None
        if mount is None or isinstance(mount, Invalid) or mount.type in (MountType.SECRET, MountType.SSH):
            continue
        target = absolute(mount.target, workdir if isinstance(workdir, str) else None) if mount.target else None
        if target is not None:
            shows_context = mount.type is MountType.BIND and not mount.from_
            yield Bind(target, mount.source, context if shows_context else None)
