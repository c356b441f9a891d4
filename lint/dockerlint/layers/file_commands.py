"""What the programs do to the files that copy, move, remove and change them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link, Node
from dockerlint.layers.output import number_of_bytes
from dockerlint.layers.run import NodeChange
from dockerlint.layers.size import NOTHING, UNKNOWN, estimated, read_off
from dockerlint.shell.options import Syntax
from dockerlint.shell.removals import removals
from dockerlint.shell.script import Word

_RECURSIVE = ("-R", "-r", "--recursive")
_MODE = ("-m", "--mode")
_MKDIR = Syntax(valued=frozenset({"-m", "--mode", "-Z"}))
_TARGET = ("-t", "--target-directory")
_COPY = Syntax(valued=frozenset({"-t", "--target-directory", "-S", "--suffix"}))
_INSTALL = Syntax(
    valued=frozenset(
        {"-m", "--mode", "-o", "--owner", "-g", "--group", "-t", "--target-directory", "-S", "--suffix", "-Z"}
    )
)
_TOUCH = Syntax(valued=frozenset({"-d", "--date", "-r", "--reference", "-t"}))
_TRUNCATE = Syntax(valued=frozenset({"-s", "--size", "-r", "--reference"}))
_ACL = Syntax(valued=frozenset({"-m", "-M", "-x", "-X", "--modify", "--remove", "--set", "--restore"}))
_SED = Syntax(valued=frozenset({"-e", "--expression", "-f", "--file", "-l", "--line-length"}))


def _mkdir(call: Call) -> None:
    options = call.options(_MKDIR)
    parents = options.has("-p", "--parents")
    given = next((word.text for word in options.values(*_MODE)), None)
    for path, word in call.places(options.operands):
        if call.runner.is_outside(path):
            continue
        is_new = call.runner.fs.find(path) is None
        folder = call.runner.fs.folder(path, origin=word.span, owner=call.runner.owner)
        if folder is None or not is_new:
            continue
        if given is not None:
            NodeChange(mode=given).apply_folder(folder)
        if not parents:
            # It would fail if there was one.
            folder.fills = ()


def _touch(call: Call) -> None:
    for path, word in call.places(call.options(_TOUCH).operands):
        runner = call.runner
        if runner.is_outside(path):
            continue
        node = runner.fs.find(path)
        if node is None:
            if not runner.hide_unseen(Cause.METADATA, path, word, call.command, sure=False):
                size = estimated(0) if runner.fs.doubt(path) else NOTHING
                runner.fs.put(path, File(size, 0o644, runner.owner, runner.fs.layer, word.span), owner=runner.owner)
        elif isinstance(node, File):
            runner.touch_again(path, Cause.METADATA, word, call.command, NodeChange())


def _rm(call: Call) -> None:
    options = call.options()
    recursive = options.has(*_RECURSIVE)
    forced = options.has("-f", "--force")
    for word in options.operands:
        for path in call.paths(word):
            if path.strip("/"):
                call.runner.remove(path, Cause.REMOVED, word, call.command, recursive=recursive, forced=forced)


def _rmdir(call: Call) -> None:
    for path, _ in call.places(call.options().operands):
        node = call.runner.fs.find(path, follow=False)
        if isinstance(node, Folder) and not node.children and not any(fill.sure for fill in node.fills):
            call.runner.fs.remove(path)


def _find(call: Call) -> None:
    emptied = tuple(removals(call.command, call.directory))
    for removal in emptied:
        for path in call.runner.paths(removal.word, call.directory):
            call.runner.remove(f"{path}/*", Cause.REMOVED, removal.word, call.command, recursive=True, forced=True)


def _target(words: tuple[Word, ...], *, given: Word | None) -> tuple[tuple[Word, ...], Word | None]:
    """The sources and the destination of `cp`, `mv`, `ln` and `install`."""
    if given is not None:
        return words, given
    return (words[:-1], words[-1]) if len(words) > 1 else ((), None)


def _place(call: Call, destination: str, source: str, *, is_folder: bool) -> str:
    """Where a source goes: into the destination if that is a folder, else it becomes it."""
    if is_folder or isinstance(call.runner.fs.find(destination), Folder):
        return posixpath.join(destination, posixpath.basename(source))
    return destination


def _copy(call: Call) -> None:
    """`cp` and `mv`."""
    runner = call.runner
    options = call.options(_COPY)
    given = next(options.values(*_TARGET), None)
    sources, word = _target(options.operands, given=given)
    destination = None if word is None else call.path(word)
    if word is None or destination is None:
        call.doubt(f"what {call.command.name} writes to is not known")
        return
    moves = call.command.name == "mv"
    into = given is not None or (word.text or "").endswith(("/", "/.")) or len(sources) > 1
    for source in sources:
        whole = (source.text or "").endswith("/.") and not moves
        for path in call.paths(source):
            found = runner.nodes(path)
            if not found:
                _copy_unseen(call, path, source, destination, into=into, moves=moves)
            for at, node in found:
                real = node if moves or options.has("-a", "-d", "-P", "--archive") else _followed(call, at, node)
                _copy_one(call, at, real, source, destination, into=into, whole=whole)


def _followed(call: Call, path: str, node: Node) -> Node:
    return (call.runner.fs.find(path) or node) if isinstance(node, Link) else node


def _copy_one(call: Call, path: str, node: Node, word: Word, destination: str, *, into: bool, whole: bool) -> None:
    runner = call.runner
    moves = call.command.name == "mv"
    place = destination if whole else _place(call, destination, path, is_folder=into)
    if runner.is_outside(place) and not moves:
        return
    if moves and not runner.is_outside(path):
        parts = [part for part in parts_of(node) if part.layer < runner.fs.layer]
        runner.notes.hide(Cause.MOVED, path, By(word.span, call.command), parts)
        runner.fs.remove(path)
        # What this RUN has made is only given another name.
        copied = node if all(part.layer == runner.fs.layer for part in parts_of(node)) else None
    else:
        copied = None
    if copied is None:
        copied = runner.stored_again(node, word.span)
    if runner.is_outside(place):
        return
    there = runner.fs.find(place)
    if isinstance(there, Folder) and isinstance(copied, Folder):
        _merged(call, copied, place, word)
        return
    if there is not None and not isinstance(there, Folder):
        runner.notes.hide(Cause.REWRITTEN, place, By(word.span, call.command), parts_of(there))
    runner.fs.replace(place, copied)


def _merged(call: Call, folder: Folder, place: str, word: Word) -> None:
    """Lay a tree over one that is there."""
    fs = call.runner.fs
    todo = [(folder, place)]
    while todo:
        source, at = todo.pop()
        target = fs.folder(at, origin=word.span)
        if target is None:
            continue
        target.fills = (*target.fills, *source.fills)
        for name, node in source.children.items():
            if isinstance(node, Folder):
                todo.append((node, f"{at}/{name}"))
            elif not isinstance(target.children.get(name), Folder):
                target.children[name] = node


def _copy_unseen(call: Call, path: str, word: Word, destination: str, *, into: bool, moves: bool) -> None:
    """Copy or move what is not known by name."""
    runner = call.runner
    pattern = word.glob or path.endswith("/.")
    if moves:
        runner.hide_unseen(Cause.MOVED, path, word, call.command, sure=True)
    place = destination if pattern else _place(call, destination, path, is_folder=into)
    if runner.is_outside(place):
        return
    recursive = moves or call.options(_COPY).has(*_RECURSIVE, "-a", "--archive")
    if recursive and (pattern or isinstance(runner.fs.find(place), Folder)):
        runner.fs.add_fill(place, Fill(UNKNOWN, runner.fs.layer, word.span))
        return
    runner.fs.put(
        place, File(UNKNOWN, None, runner.owner, runner.fs.layer, word.span, certain=not recursive), owner=runner.owner
    )


def _ln(call: Call) -> None:
    runner = call.runner
    options = call.options(_COPY)
    given = next(options.values(*_TARGET), None)
    operands = options.operands
    sources, word = _target(operands, given=given) if len(operands) > 1 or given else (operands, None)
    destination = call.directory if word is None else call.path(word)
    if destination is None:
        call.doubt("where ln makes a link is not known")
        return
    into = given is not None or word is None or (word.text or "").endswith("/")
    for source in sources:
        if source.text is None:
            call.doubt("what ln links to is not known")
            continue
        is_folder = into and not options.has("-n", "-T", "--no-dereference", "--no-target-directory")
        place = _place(call, destination, source.text, is_folder=is_folder)
        if runner.is_outside(place):
            continue
        if options.has("-s", "--symbolic"):
            _replace_link(call, place, Link(source.text, runner.fs.layer, source.span))
            continue
        path = call.path(source)
        node = None if path is None else runner.fs.find(path)
        if path is not None and isinstance(node, File):
            # The number of its names changes: what lies below this layer is stored again, once for both names.
            shared = node if node.layer == runner.fs.layer else runner.stored_again(node, source.span)
            runner.fs.replace(path, shared)
            runner.fs.replace(place, shared)
            runner.names.setdefault(id(shared), [path]).append(place)


def _replace_link(call: Call, place: str, link: Link) -> None:
    old = call.runner.fs.find(place, follow=False)
    if isinstance(old, File):
        parts = parts_of(old)
        call.runner.notes.hide(Cause.REWRITTEN, place, By(link.origin, call.command), parts)
    if not isinstance(old, Folder):
        call.runner.fs.replace(place, link)


def _install(call: Call) -> None:
    runner = call.runner
    options = call.options(_INSTALL)
    mode = next((word.text for word in options.values(*_MODE)), "755")
    owner = _owner_of(next(options.values("-o", "--owner"), None), next(options.values("-g", "--group"), None))
    if options.has("-d", "--directory"):
        for path, word in call.places(options.operands):
            folder = None if runner.is_outside(path) else runner.fs.folder(path, origin=word.span)
            if folder is not None:
                NodeChange(mode=mode, owner=owner).apply_folder(folder)
        return
    given = next(options.values(*_TARGET), None)
    sources, target = _target(options.operands, given=given)
    destination = None if target is None else call.path(target)
    if target is None or destination is None:
        call.doubt("what install writes is not known")
        return
    into = given is not None or (target.text or "").endswith("/") or len(sources) > 1
    for path, source in call.places(sources):
        place = _place(call, destination, path, is_folder=into)
        node = runner.fs.find(path)
        size = node.size if isinstance(node, File) else UNKNOWN
        new = NodeChange(mode=mode, owner=owner).apply(File(size, 0o755, "", runner.fs.layer, source.span))
        if not runner.is_outside(place):
            old = runner.fs.find(place)
            if isinstance(old, File):
                parts = parts_of(old)
                runner.notes.hide(Cause.REWRITTEN, place, By(source.span, call.command), parts)
            runner.fs.put(place, new)


def _owner_of(user: Word | None, group: Word | None) -> str | None:
    if user is None and group is None:
        return None
    return f"{user.text if user else '0'}:{group.text if group else '0'}"


def _change(call: Call) -> None:
    """`chmod`, `chown`, `chgrp`, `setfacl` and `strip`: each file is stored again."""
    name = call.command.name
    words = call.command.arguments
    options = call.options(_ACL if name == "setfacl" else Syntax())
    operands = options.operands
    if name == "chmod":
        # A mode such as `-w` or `-rwx` looks like an option.
        operands = tuple(word for word in words if not (word.text or "").startswith("--") and word.text not in _FLAGS)
    reference = any(word.prefix.startswith("--reference") for word in words)
    has_value = name in ("chmod", "chown", "chgrp") and not reference
    value = operands[0].text if has_value and operands else None
    change = NodeChange(mode=value or "?") if name == "chmod" else NodeChange(owner=value)
    recursive = options.has(*_RECURSIVE) or (name == "setfacl" and options.has("-R"))
    for path, word in call.places(operands[1:] if has_value else operands):
        _changed(call, path, word, change, recursive=recursive)


_FLAGS = frozenset({"-R", "-v", "-c", "-f", "-Rv", "-vR", "-Rf", "-fR", "-Rc", "-h", "-cR"})


def _changed(call: Call, path: str, word: Word, change: NodeChange, *, recursive: bool) -> None:
    runner = call.runner
    node = runner.fs.find(path)
    if node is None:
        # The program fails for what is not there.
        runner.hide_unseen(Cause.METADATA, path, word, call.command, sure=True)
    elif isinstance(node, Folder) and not recursive:
        if not runner.is_outside(path):
            folder = runner.fs.folder(path, origin=word.span)
            if folder is not None:
                change.apply_folder(folder)
    elif not isinstance(node, Folder) or path.strip("/"):
        runner.touch_again(path, Cause.METADATA, word, call.command, change)


def _sed(call: Call) -> None:
    words = call.command.arguments
    if not any(word.prefix.startswith(("-i", "--in-place")) or "i" in _letters(word) for word in words):
        return
    options = call.options(_SED)
    scripted = options.has("-e", "--expression", "-f", "--file")
    for path, word in call.places(options.operands if scripted else options.operands[1:]):
        _rewritten(call, path, word)


def _letters(word: Word) -> str:
    """The letters of a cluster of options that take no value: `-ri`, `-Ei`."""
    text = word.text or ""
    return text if text[:1] == "-" and set(text[1:]) <= set("nrEszui") else ""


def _rewritten(call: Call, path: str, word: Word) -> None:
    """Store a file again with other content of about the same size."""
    runner = call.runner
    node = runner.fs.find(path)
    if runner.is_outside(path) or isinstance(node, Folder):
        return
    size = UNKNOWN
    if isinstance(node, File):
        runner.notes.hide(Cause.REWRITTEN, path, By(word.span, call.command), parts_of(node))
        size = UNKNOWN if node.size.estimate is None else estimated(node.size.estimate)
    elif not runner.hide_unseen(Cause.REWRITTEN, path, word, call.command, sure=True) and runner.fs.layer == BASE:
        return
    runner.fs.put(path, File(size, 0o644, runner.owner, runner.fs.layer, word.span))


def _truncate(call: Call) -> None:
    options = call.options(_TRUNCATE)
    value = next((word.text for word in options.values("-s", "--size")), None)
    count = None if value is None else number_of_bytes(value)
    for path, word in call.places(options.operands):
        call.runner.write(path, UNKNOWN if count is None else read_off(count), word)


def _dd(call: Call) -> None:
    values = dict(word.text.partition("=")[::2] for word in call.command.arguments if word.text)
    target = next((word.after(3) for word in call.command.arguments if word.prefix.startswith("of=")), None)
    path = None if target is None else call.path(target)
    if target is None:
        return
    if path is None:
        call.doubt("what dd writes to is not known")
        return
    block, count = number_of_bytes(values.get("bs", "512")), number_of_bytes(values.get("count", ""))
    known = block is not None and count is not None and values.get("if") in ("/dev/zero", "/dev/urandom")
    call.runner.write(path, read_off((block or 0) * (count or 0)) if known else UNKNOWN, target)


def _tee(call: Call) -> None:
    options = call.options()
    for path, word in call.places(options.operands):
        call.runner.write(path, call.input, word, append=options.has("-a", "--append"))


FILE_COMMANDS: Mapping[str, Callable[[Call], None]] = MappingProxyType(
    {
        "mkdir": _mkdir,
        "touch": _touch,
        "rm": _rm,
        "unlink": _rm,
        "rmdir": _rmdir,
        "find": _find,
        "cp": _copy,
        "mv": _copy,
        "ln": _ln,
        "install": _install,
        "chmod": _change,
        "chown": _change,
        "chgrp": _change,
        "setfacl": _change,
        "strip": _change,
        "sed": _sed,
        "truncate": _truncate,
        "dd": _dd,
        "tee": _tee,
    }
)
