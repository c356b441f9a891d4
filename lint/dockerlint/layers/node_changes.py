"""Changes of owner and mode, as commands make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from dockerlint.layers.nodes import File, Folder
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.modes import SET_GROUP, SET_USER, ModeAction, SymbolicMode, parse_mode

_GROUP_EXECUTES = 0o010

#: The usual file creation mask.
_MASK = 0o022


class NodeChange(Protocol):
    """Something that a command does to files and folders alike."""

    def apply(self, file: File) -> File:
        """The file after the change."""

    def apply_folder(self, folder: Folder) -> Folder:
        """The folder after the change, which is made in place."""


class OwnerOrMode:
    """`chown` and `chmod`. A mode that cannot be read leaves the mode unknown."""

    def __init__(self, *, mode: str | None = None, owner: str | None = None) -> None:
        read = parse_mode(mode) if mode is not None else None
        self._forgets = isinstance(read, Invalid)
        if isinstance(read, SymbolicMode):
            read = SymbolicMode(tuple(part for action in read.actions for part in _masked(action)))
        self._mode = None if isinstance(read, Invalid) else read
        self._owner = owner

    def apply(self, file: File) -> File:
        """See `NodeChange`; a file that gets another owner loses the bits that let it run as the old one."""
        mode = self._mode_of(file.mode, folder=False)
        if self._owner is not None and self._mode is None and mode is not None:
            mode &= ~(SET_USER | SET_GROUP) if mode & _GROUP_EXECUTES else ~SET_USER
        return replace(file, mode=mode, owner=self._owner or file.owner)

    def apply_folder(self, folder: Folder) -> Folder:
        """See `NodeChange`."""
        folder.mode = self._mode_of(folder.mode, folder=True)
        folder.owner = self._owner or folder.owner
        return folder

    def _mode_of(self, mode: int | None, *, folder: bool) -> int | None:
        if self._forgets:
            return None
        return mode if self._mode is None or mode is None else self._mode.apply(mode, folder)


class Masked:
    """What `cp` makes of its copies: they belong to who makes them, without the bits of the file creation mask."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def apply(self, file: File) -> File:
        """See `NodeChange`."""
        return replace(file, mode=None if file.mode is None else file.mode & 0o777 & ~_MASK, owner=self._owner)

    def apply_folder(self, folder: Folder) -> Folder:
        """See `NodeChange`."""
        folder.mode = None if folder.mode is None else folder.mode & 0o777 & ~_MASK
        folder.owner = self._owner
        return folder


def _masked(action: ModeAction) -> Iterator[ModeAction]:
    """An action of chmod(1): without `ugoa` it leaves to others what the file creation mask keeps from them."""
    if action.who or "w" not in action.permissions or action.operator == "=":
        yield action
        return
    yield action._replace(permissions=action.permissions.replace("w", ""))
    yield action._replace(who="u", permissions="w")
