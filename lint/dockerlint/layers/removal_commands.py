"""What `rm`, `rmdir` and `unlink` take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call, combined
from dockerlint.layers.filesystem import Part, parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.nodes import BASE, Folder
from dockerlint.layers.run import NO_PACKAGES, SYSTEM
from dockerlint.layers.wildcard import is_pattern
from dockerlint.shell.options import names
from dockerlint.shell.script import Word

_RECURSIVE = ("-R", "-r", "--recursive")
_FORCED = ("-f", "--force")
_RM = names("-R -r --recursive -f --force -v --verbose")


def _rm(call: Call) -> bool | None:
    options = call.options()
    recursive, forced = options.has(*_RECURSIVE), options.has(*_FORCED)
    ends: list[bool | None] = []
    for word in options.operands:
        paths = call.paths(word)
        ends += [None] if not paths else []
        for path in paths:
            if path.strip("/"):
                ends.append(remove(call, path, Cause.REMOVED, word, recursive=recursive, forced=forced))
    return call.end(ends, options, _RM)


def remove(call: Call, path: str, cause: Cause, word: Word, *, recursive: bool, forced: bool) -> bool | None:
    """Take out what a path, which may have patterns, stands for; whether `rm` succeeds in that."""
    runner = call.runner
    if runner.is_outside(path):
        return None
    if path.startswith(SYSTEM) and not path.startswith(NO_PACKAGES):
        runner.notes.doubt_installs()
    found = runner.nodes(path)
    ends: list[bool | None] = []
    for at, node in found:
        if isinstance(node, Folder) and not recursive:
            ends.append(_left_alone(call, at, word))
            continue
        ends.append(True if forced or runner.sure_node(at, follow=False) is not None else None)
        runner.notes.hide(cause, at, By(word.span, call.command), parts_of(node))
        runner.fs.remove(at)
    if is_pattern(path.rpartition("/")[2]):
        _remove_fills(call, path, cause, By(word.span, call.command))
        return True if forced and False not in ends else combined(ends)
    return combined(ends) if found else _remove_unseen(call, path, cause, word, recursive=recursive, forced=forced)


def _left_alone(call: Call, path: str, word: Word) -> bool | None:
    if isinstance(call.runner.sure_node(path, follow=False), Folder):
        return call.runner.fail(word.span, f"{path} is a folder, which rm leaves alone without -r")
    return None


def _remove_unseen(call: Call, path: str, cause: Cause, word: Word, *, recursive: bool, forced: bool) -> bool | None:
    """Take out what is not known by name."""
    runner = call.runner
    if runner.is_missing(path, follow=False):
        return forced or runner.fail(word.span, f"{call.command.name} finds no {path}")
    of_base = any(fill.layer == BASE for fill in runner.fs.doubt(path))
    if not runner.hide_unseen(cause, path, word, call.command, sure=not forced) and not forced and of_base:
        # What is removed without `-f` is there, and if nothing else has put it there it is the base image's.
        runner.notes.whiteouts[path] = None
    if recursive or not forced:
        runner.fs.remove(path)
    return forced or None


def _remove_fills(call: Call, path: str, cause: Cause, by: By) -> None:
    """Take out the content without known names that a pattern surely fits."""
    folder, _, pattern = path.rpartition("/")
    fs = call.runner.fs
    node = fs.find(folder)
    if not isinstance(node, Folder):
        return
    covered = tuple(fill for fill in node.fills if fill.sure and pattern in ("*", fill.names))
    if covered:
        call.runner.notes.hide(cause, path, by, (Part(fill.layer, fill.origin, fill.size) for fill in covered))
        fs.take_fills(folder, covered)


def _rmdir(call: Call) -> bool | None:
    options = call.options()

    def removed(path: str, word: Word) -> bool | None:
        runner = call.runner
        node = runner.fs.find(path, follow=False)
        if isinstance(node, Folder) and not node.children and not any(fill.sure for fill in node.fills):
            is_sure = node.is_known and runner.sure_node(path, follow=False) is node
            runner.fs.remove(path)
            return is_sure or None
        if runner.is_missing(path, follow=False):
            return runner.fail(word.span, f"rmdir finds no {path}")
        if node is not None and runner.sure_node(path, follow=False) is node:
            return runner.fail(word.span, f"{path} is no empty folder")
        return None

    return call.end([call.each(options.operands, removed)], options, frozenset())


REMOVAL_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {"rm": _rm, "unlink": _rm, "rmdir": _rmdir}
)
