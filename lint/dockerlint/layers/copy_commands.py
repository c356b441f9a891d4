"""`cp`, `mv`, `ln` and `install`: what they bring where."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.node_changes import Masked, NodeChange, OwnerOrMode
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link, Node
from dockerlint.layers.run import ALWAYS_THERE
from dockerlint.layers.size import NOTHING, UNKNOWN
from dockerlint.shell.options import Options, Syntax, names
from dockerlint.shell.script import Word

_TARGET = ("-t", "--target-directory")
_RECURSIVE = ("-R", "-r", "--recursive", "-a", "--archive")
_KEEPING = ("-a", "--archive", "-p", "--preserve")
_NOT_FOLLOWING = ("-a", "--archive", "-d", "-P", "--no-dereference")
_COPY = Syntax(valued=names("-t --target-directory -S --suffix"))
_INSTALL = Syntax(valued=names("-m --mode -o --owner -g --group -t --target-directory -S --suffix -Z"))
_KNOWN_COPY = names(
    "-R -r -a -p -f -v -d -P --recursive --archive --preserve --force --verbose --no-dereference -t --target-directory"
)
_KNOWN_MOVE = names("-f --force -v --verbose -t --target-directory")
_KNOWN_LINK = names("-s --symbolic -f --force -v --verbose -t --target-directory")


class _Destination:
    """Where a command brings its sources: into a folder, or under a name of its own.

    With `needs_folder` there has to be one: several things cannot be given one name.
    """

    def __init__(self, call: Call, path: str, *, is_folder: bool, needs_folder: bool = False) -> None:
        self._call = call
        self._is_folder = is_folder
        self._needs_folder = needs_folder
        self.path = path

    def place(self, source: str) -> str:
        """Where a source goes: into the destination if that is a folder, else it becomes it."""
        if self._is_folder or isinstance(self._call.runner.fs.find(self.path), Folder):
            return posixpath.join(self.path, posixpath.basename(source))
        return self.path

    def takes(self, place: str, node: Node | None, word: Word) -> bool | None:
        """Whether something can be brought to a place; `node` is None where it is not known by name."""
        runner = self._call.runner
        needs_folder = self._needs_folder or (self._is_folder and isinstance(node, File))
        if needs_folder and (runner.is_missing(self.path) or isinstance(runner.sure_node(self.path), File)):
            return runner.fail(word.span, f"there is no folder {self.path}")
        there = runner.sure_node(place)
        if there is not None and there is node:
            return runner.fail(word.span, f"{place} is the same file")
        if isinstance(node, Folder) and isinstance(there, Folder):
            return True if self._call.command.name == "cp" else None
        if isinstance(node, Folder) and there is not None:
            return runner.fail(word.span, f"{place} is no folder")
        return runner.can_hold(place, word.span)


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
    needs_folder = given is not None or len(sources) > 1
    is_folder = needs_folder or written.endswith(("/", "/.")) or written in (".", "..")
    return sources, _Destination(call, path, is_folder=is_folder, needs_folder=needs_folder)


def _cp(call: Call) -> bool | None:
    options = call.options(_COPY)
    arguments = _arguments(call, options)
    if arguments is None:
        return None
    runner = call.runner
    change = None if options.has(*_KEEPING) else Masked(runner.owner)
    recursive = options.has(*_RECURSIVE)
    ends: list[bool | None] = []
    for word in arguments[0]:
        content_only = (word.text or "").endswith("/.")
        paths = call.paths(word)
        ends += [None] if not paths else []
        for path in paths:
            found = runner.nodes(path)
            if not found:
                ends.append(_bring_unseen(call, path, word, arguments[1], recursive=recursive))
            for at, node in found:
                real = node if options.has(*_NOT_FOLLOWING) else runner.fs.find(at) or node
                if isinstance(real, Folder) and not recursive:
                    ends.append(_left_out(call, at, word))
                    continue
                place = arguments[1].path if content_only else arguments[1].place(at)
                known = arguments[1].takes(place, real, word)
                if known is not False and not runner.is_outside(place):
                    known = _copied(call, real, place, word, change) and known
                ends.append(known)
    return call.end(ends, options, _KNOWN_COPY)


def _left_out(call: Call, path: str, word: Word) -> bool | None:
    if call.runner.sure_node(path) is None:
        return None
    return call.runner.fail(word.span, f"{path} is a folder, which cp leaves out without -r")


def _copied(call: Call, node: Node, place: str, word: Word, change: NodeChange | None) -> bool | None:
    """Copy what is known to a place; None where it is not certain that all of it gets there."""
    runner = call.runner
    if isinstance(node, Folder) and (runner.machine.is_open or runner.notes.doubts):
        runner.notes.suspect("the copied folder may hold more than is known")
    is_whole = _put(call, place, runner.stored_again(node, word.span, change), word)
    return True if is_whole and runner.is_certain else None


def _mv(call: Call) -> bool | None:
    options = call.options(_COPY)
    arguments = _arguments(call, options)
    if arguments is None:
        return None
    runner = call.runner
    ends: list[bool | None] = []
    for word in arguments[0]:
        paths = call.paths(word)
        ends += [None] if not paths else []
        for path in paths:
            found = runner.nodes(path)
            if not found:
                if not runner.is_missing(path, follow=False):
                    runner.hide_unseen(Cause.MOVED, path, word, call.command, sure=True)
                ends.append(_bring_unseen(call, path, word, arguments[1], recursive=True))
                runner.fs.remove(path)
            ends += [_moved(call, at, node, arguments[1], word) for at, node in found]
    return call.end(ends, options, _KNOWN_MOVE)


def _moved(call: Call, path: str, node: Node, destination: _Destination, word: Word) -> bool | None:
    """Move one thing that is known; whether that succeeds."""
    runner = call.runner
    place = destination.place(path)
    known = destination.takes(place, node, word)
    there = runner.fs.find(place)
    if isinstance(node, Folder) and isinstance(there, Folder):
        if any(child.layer != BASE for child in there.children.values()) and runner.is_certain:
            return runner.fail(word.span, f"{place} is no empty folder")
        known = True if there.is_known and runner.is_certain else None
    if known is False:
        return False
    # What this RUN has made is only given another name.
    lower = [part for part in parts_of(node) if part.layer < runner.fs.layer]
    if not runner.is_outside(path):
        runner.notes.hide(Cause.MOVED, path, By(word.span, call.command), lower)
        runner.fs.remove(path)
    if not runner.is_outside(place):
        _put(call, place, runner.stored_again(node, word.span) if lower else node, word)
    return known


def _put(call: Call, place: str, node: Node, word: Word) -> bool:
    """Put a file or a tree at a place, over what is there; whether nothing of it has to be left out."""
    runner = call.runner
    there = runner.fs.find(place)
    if isinstance(there, Folder):
        return isinstance(node, Folder) and _merge(call, node, place, word)
    if isinstance(there, File):
        runner.notes.hide(Cause.REWRITTEN, place, By(word.span, call.command), parts_of(there))
        node = _written_over(call, there, node)
    runner.fs.replace(place, node)
    return True


def _written_over(call: Call, old: Node | None, new: Node) -> Node:
    """The file after its content was replaced: `cp` leaves it its owner and mode."""
    if not isinstance(old, File) or not isinstance(new, File) or call.command.name != "cp":
        return new
    return File(new.size, old.mode, old.owner, new.layer, new.origin, content=new.content)


def _merge(call: Call, tree: Folder, place: str, word: Word) -> bool:
    """Lay a tree over one that is there; whether no file and no folder are in each other's way."""
    fs = call.runner.fs
    is_whole = True
    todo = [(tree, place)]
    while todo:
        source, at = todo.pop()
        target = fs.folder(at, origin=word.span)
        if target is None:
            is_whole = False
            continue
        target.fill(source.fills)
        for name, node in source.children.items():
            old = target.children.get(name)
            if isinstance(node, Folder) and (old is None or isinstance(old, Folder)):
                if old is None:
                    target.children[name] = node
                else:
                    todo.append((node, f"{at}/{name}"))
            elif isinstance(node, Folder) or isinstance(old, Folder):
                is_whole = False
            else:
                target.children[name] = _written_over(call, old, node)
    return is_whole


def _bring_unseen(call: Call, path: str, word: Word, destination: _Destination, *, recursive: bool) -> bool | None:
    """Copy or move what is not known by name; False where it surely is not there."""
    runner = call.runner
    if runner.is_missing(path):
        return runner.fail(word.span, f"{call.command.name} finds no {path}")
    many = word.glob or path.endswith("/.")
    place = destination.path if many else destination.place(path)
    if runner.is_outside(place):
        return None
    known = destination.takes(place, None, word)
    if known is False:
        return False
    if recursive and (many or isinstance(runner.fs.find(place), Folder)):
        runner.fs.add_fill(place, Fill(UNKNOWN, runner.fs.layer, word.span))
        return None
    file = File(UNKNOWN, None, runner.owner, runner.fs.layer, word.span, certain=not recursive)
    runner.fs.put(place, file, owner=runner.owner)
    return known if path in ALWAYS_THERE else None


def _ln(call: Call) -> bool | None:
    options = call.options(_COPY)
    arguments: tuple[tuple[Word, ...], _Destination] | None
    if len(options.operands) == 1 and not options.has(*_TARGET) and call.directory is not None:
        arguments = options.operands, _Destination(call, call.directory, is_folder=True)
    else:
        arguments = _arguments(call, options)
    if arguments is None:
        return None
    over = options.has("-n", "-T", "--no-dereference", "--no-target-directory")
    ends: list[bool | None] = []
    for source in arguments[0]:
        if source.text is None:
            call.doubt("what ln links to is not known")
            continue
        place = arguments[1].path if over else arguments[1].place(source.text)
        if not call.runner.is_outside(place):
            ends.append(_linked(call, source, place, options))
    return call.end(ends, options, _KNOWN_LINK)


def _linked(call: Call, source: Word, place: str, options: Options) -> bool | None:
    """Make one link; whether that succeeds."""
    runner = call.runner
    path = call.path(source)
    is_symbolic = options.has("-s", "--symbolic")
    if not is_symbolic and path is not None and runner.is_missing(path):
        return runner.fail(source.span, f"ln finds no {path}")
    node = None if path is None else runner.fs.find(path)
    there = runner.sure_node(place, follow=False)
    if there is not None and (there is node or not options.has("-f", "--force")):
        return runner.fail(source.span, f"{place} is there already")
    known = runner.can_hold(place, source.span)
    if known is False:
        return False
    if is_symbolic:
        _link(call, place, Link(source.text or "", runner.fs.layer, source.span))
    elif path is not None and isinstance(node, File):
        # The number of its names changes: what lies below this layer is stored again, once for both names.
        shared = node if node.layer == runner.fs.layer else runner.stored_again(node, source.span)
        runner.fs.replace(path, shared)
        runner.fs.replace(place, shared)
        runner.names.setdefault(id(shared), [path]).append(place)
    return known if is_symbolic or isinstance(node, File) else None


def _link(call: Call, place: str, link: Link) -> None:
    old = call.runner.fs.find(place, follow=False)
    if isinstance(old, File):
        call.runner.notes.hide(Cause.REWRITTEN, place, By(link.origin, call.command), parts_of(old))
    if not isinstance(old, Folder):
        call.runner.fs.replace(place, link)


def _install(call: Call) -> bool | None:
    options = call.options(_INSTALL)
    mode = next((word.text for word in options.values("-m", "--mode")), "755")
    owner = _owner_of(next(options.values("-o", "--owner"), None), next(options.values("-g", "--group"), None))
    change: NodeChange = OwnerOrMode(mode=mode, owner=owner)
    if options.has("-d", "--directory"):
        end = call.each(options.operands, lambda path, word: _installed_folder(call, path, word, change))
        return call.end([end], options, names("-d --directory -m --mode"))
    arguments = _arguments(call, options)
    if arguments is None:
        return None
    makes = options.has("-D")
    end = call.each(arguments[0], lambda path, word: _installed(call, path, word, arguments[1], change, makes=makes))
    return call.end([end], options, names("-m --mode -D -v"))


def _installed_folder(call: Call, path: str, word: Word, change: NodeChange) -> bool | None:
    runner = call.runner
    if runner.is_outside(path):
        return None
    folder = runner.fs.folder(path, origin=word.span)
    if folder is None:
        return runner.fail(word.span, f"a file is in the way of {path}") if runner.is_certain else None
    change.apply_folder(folder)
    return True if runner.is_certain else None


def _installed(
    call: Call, path: str, word: Word, destination: _Destination, change: NodeChange, *, makes: bool
) -> bool | None:
    """Install one file; whether that succeeds. With `makes` folders are made where they are missing."""
    runner = call.runner
    place = destination.place(path)
    node = runner.fs.find(path)
    if runner.is_missing(path):
        return runner.fail(word.span, f"install finds no {path}")
    if isinstance(node, Folder) or runner.is_outside(place):
        return None
    known = None if makes else destination.takes(place, node, word)
    if known is False:
        return False
    size = node.size if isinstance(node, File) else NOTHING if path == "/dev/null" else UNKNOWN
    _put(call, place, change.apply(File(size, 0o755, runner.owner, runner.fs.layer, word.span)), word)
    return known if node is not None or path in ALWAYS_THERE else None


def _owner_of(user: Word | None, group: Word | None) -> str | None:
    if user is None and group is None:
        return None
    return f"{user.text if user else '0'}:{group.text if group else '0'}"


COPY_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {"cp": _cp, "mv": _mv, "ln": _ln, "install": _install}
)
