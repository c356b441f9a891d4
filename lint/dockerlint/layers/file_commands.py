"""What the programs do to the files that make, remove and change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.node_changes import NodeChange, OwnerOrMode
from dockerlint.layers.nodes import BASE, File, Folder
from dockerlint.layers.output import number_of_bytes
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
            OwnerOrMode(mode=given).apply_folder(folder)
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
                runner.fs.put(
                    path, File(size, runner.new_mode, runner.owner, runner.fs.layer, word.span), owner=runner.owner
                )
        elif isinstance(node, File):
            runner.touch_again(path, Cause.METADATA, word, call.command, OwnerOrMode())


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
    change = OwnerOrMode(mode=value or "?") if name == "chmod" else OwnerOrMode(owner=value)
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
    runner.fs.put(path, File(size, runner.new_mode, runner.owner, runner.fs.layer, word.span))


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
