"""`cp`, `mv`, `ln` and `install`: what they bring where."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.node_changes import Masked, NodeChange, OwnerOrMode
from dockerlint.layers.nodes import File, Fill, Folder, Link, Node
from dockerlint.layers.size import UNKNOWN
from dockerlint.shell.options import Options, Syntax, names
from dockerlint.shell.script import Word

_TARGET = ("-t", "--target-directory")
_RECURSIVE = ("-R", "-r", "--recursive", "-a", "--archive")
_KEEPING = ("-a", "--archive", "-p", "--preserve")
_NOT_FOLLOWING = ("-a", "--archive", "-d", "-P", "--no-dereference")
_COPY = Syntax(valued=names("-t --target-directory -S --suffix"))
_INSTALL = Syntax(valued=names("-m --mode -o --owner -g --group -t --target-directory -S --suffix -Z"))


class _Destination:
    """Where a command brings its sources: into a folder, or under a name of its own."""

    def __init__(self, call: Call, path: str, *, is_folder: bool) -> None:
        self._call = call
        self._is_folder = is_folder
        self.path = path

    def place(self, source: str) -> str:
        """Where a source goes: into the destination if that is a folder, else it becomes it."""
        if self._is_folder or isinstance(self._call.runner.fs.find(self.path), Folder):
            return posixpath.join(self.path, posixpath.basename(source))
        return self.path


def _arguments(call: Call, options: Options) -> tuple[tuple[Word, ...], _Destination] | None:
    """The sources and the destination; None, and a doubt, where that is not known."""
    given = next(options.values(*_TARGET), None)
    operands = options.operands
    word = given if given is not None else operands[-1] if len(operands) > 1 else None
    path = None if word is None else call.path(word)
    if word is None or path is None:
        call.doubt(f"what {call.command.name} writes to is not known")
        return None
    sources = operands if given is not None else operands[:-1]
    written = word.text or ""
    is_folder = given is not None or len(sources) > 1 or written.endswith(("/", "/.")) or written in (".", "..")
    return sources, _Destination(call, path, is_folder=is_folder)


def _cp(call: Call) -> None:
    options = call.options(_COPY)
    arguments = _arguments(call, options)
    if arguments is None:
        return
    runner = call.runner
    change = None if options.has(*_KEEPING) else Masked(runner.owner)
    recursive = options.has(*_RECURSIVE)
    for word in arguments[0]:
        content_only = (word.text or "").endswith("/.")
        for path in call.paths(word):
            found = runner.nodes(path)
            if not found:
                _bring_unseen(call, path, word, arguments[1], recursive=recursive)
            for at, node in found:
                real = node if options.has(*_NOT_FOLLOWING) else runner.fs.find(at) or node
                if isinstance(real, Folder) and not recursive:
                    continue
                if isinstance(real, Folder) and (runner.machine.is_open or runner.notes.doubts):
                    runner.notes.suspect("the copied folder may hold more than is known")
                place = arguments[1].path if content_only else arguments[1].place(at)
                if not runner.is_outside(place):
                    _put(call, place, runner.stored_again(real, word.span, change), word)


def _mv(call: Call) -> None:
    options = call.options(_COPY)
    arguments = _arguments(call, options)
    if arguments is None:
        return
    runner = call.runner
    for word in arguments[0]:
        for path in call.paths(word):
            found = runner.nodes(path)
            if not found:
                runner.hide_unseen(Cause.MOVED, path, word, call.command, sure=True)
                _bring_unseen(call, path, word, arguments[1], recursive=True)
            for at, node in found:
                place = arguments[1].place(at)
                # What this RUN has made is only given another name.
                lower = [part for part in parts_of(node) if part.layer < runner.fs.layer]
                if not runner.is_outside(at):
                    runner.notes.hide(Cause.MOVED, at, By(word.span, call.command), lower)
                    runner.fs.remove(at)
                if not runner.is_outside(place):
                    _put(call, place, runner.stored_again(node, word.span) if lower else node, word)


def _put(call: Call, place: str, node: Node, word: Word) -> None:
    """Put a file or a tree at a place, over what is there."""
    runner = call.runner
    there = runner.fs.find(place)
    if isinstance(there, Folder) and isinstance(node, Folder):
        _merge(call, node, place, word)
        return
    if isinstance(there, File):
        runner.notes.hide(Cause.REWRITTEN, place, By(word.span, call.command), parts_of(there))
        node = _written_over(call, there, node)
    runner.fs.replace(place, node)


def _written_over(call: Call, old: Node | None, new: Node) -> Node:
    """The file after its content was replaced: `cp` leaves it its owner and mode."""
    if not isinstance(old, File) or not isinstance(new, File) or call.command.name != "cp":
        return new
    return File(new.size, old.mode, old.owner, new.layer, new.origin, content=new.content)


def _merge(call: Call, tree: Folder, place: str, word: Word) -> None:
    """Lay a tree over one that is there."""
    fs = call.runner.fs
    todo = [(tree, place)]
    while todo:
        source, at = todo.pop()
        target = fs.folder(at, origin=word.span)
        if target is None:
            continue
        target.fills = (*target.fills, *source.fills)
        for name, node in source.children.items():
            old = target.children.get(name)
            if isinstance(node, Folder) and (old is None or isinstance(old, Folder)):
                if old is None:
                    target.children[name] = node
                else:
                    todo.append((node, f"{at}/{name}"))
            elif not isinstance(old, Folder):
                target.children[name] = _written_over(call, old, node)


def _bring_unseen(call: Call, path: str, word: Word, destination: _Destination, *, recursive: bool) -> None:
    """Copy or move what is not known by name."""
    runner = call.runner
    many = word.glob or path.endswith("/.")
    place = destination.path if many else destination.place(path)
    if runner.is_outside(place):
        return
    if recursive and (many or isinstance(runner.fs.find(place), Folder)):
        runner.fs.add_fill(place, Fill(UNKNOWN, runner.fs.layer, word.span))
        return
    file = File(UNKNOWN, None, runner.owner, runner.fs.layer, word.span, certain=not recursive)
    runner.fs.put(place, file, owner=runner.owner)


def _ln(call: Call) -> None:
    runner = call.runner
    options = call.options(_COPY)
    arguments: tuple[tuple[Word, ...], _Destination] | None
    if len(options.operands) == 1 and not options.has(*_TARGET) and call.directory is not None:
        arguments = options.operands, _Destination(call, call.directory, is_folder=True)
    else:
        arguments = _arguments(call, options)
    if arguments is None:
        return
    over = options.has("-n", "-T", "--no-dereference", "--no-target-directory")
    for source in arguments[0]:
        if source.text is None:
            call.doubt("what ln links to is not known")
            continue
        place = arguments[1].path if over else arguments[1].place(source.text)
        if runner.is_outside(place):
            continue
        if options.has("-s", "--symbolic"):
            _link(call, place, Link(source.text, runner.fs.layer, source.span))
            continue
        path = call.path(source)
        node = None if path is None else runner.fs.find(path)
        if path is not None and isinstance(node, File):
            # The number of its names changes: what lies below this layer is stored again, once for both names.
            shared = node if node.layer == runner.fs.layer else runner.stored_again(node, source.span)
            runner.fs.replace(path, shared)
            runner.fs.replace(place, shared)
            runner.names.setdefault(id(shared), [path]).append(place)


def _link(call: Call, place: str, link: Link) -> None:
    old = call.runner.fs.find(place, follow=False)
    if isinstance(old, File):
        call.runner.notes.hide(Cause.REWRITTEN, place, By(link.origin, call.command), parts_of(old))
    if not isinstance(old, Folder):
        call.runner.fs.replace(place, link)


def _install(call: Call) -> None:
    runner = call.runner
    options = call.options(_INSTALL)
    mode = next((word.text for word in options.values("-m", "--mode")), "755")
    owner = _owner_of(next(options.values("-o", "--owner"), None), next(options.values("-g", "--group"), None))
    change: NodeChange = OwnerOrMode(mode=mode, owner=owner)
    if options.has("-d", "--directory"):
        for path, word in call.places(options.operands):
            folder = None if runner.is_outside(path) else runner.fs.folder(path, origin=word.span)
            if folder is not None:
                change.apply_folder(folder)
        return
    arguments = _arguments(call, options)
    if arguments is None:
        return
    for path, source in call.places(arguments[0]):
        place = arguments[1].place(path)
        node = runner.fs.find(path)
        size = node.size if isinstance(node, File) else UNKNOWN
        if not runner.is_outside(place):
            _put(call, place, change.apply(File(size, 0o755, runner.owner, runner.fs.layer, source.span)), source)


def _owner_of(user: Word | None, group: Word | None) -> str | None:
    if user is None and group is None:
        return None
    return f"{user.text if user else '0'}:{group.text if group else '0'}"


COPY_COMMANDS: Mapping[str, Callable[[Call], None]] = MappingProxyType(
    {"cp": _cp, "mv": _mv, "ln": _ln, "install": _install}
)
