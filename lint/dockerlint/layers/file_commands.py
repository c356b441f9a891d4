"""What the programs do to the files that make and change them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.filesystem import parts_of
from dockerlint.layers.layer import By, Cause
from dockerlint.layers.node_changes import NodeChange, OwnerOrMode
from dockerlint.layers.nodes import BASE, File, Folder
from dockerlint.layers.output import number_of_bytes
from dockerlint.layers.size import NOTHING, UNKNOWN, estimated, read_off
from dockerlint.shell.options import Syntax, names
from dockerlint.shell.script import Word

_RECURSIVE = ("-R", "-r", "--recursive")
_MODE = ("-m", "--mode")
_MKDIR = Syntax(valued=frozenset({"-m", "--mode", "-Z"}))
_TOUCH = Syntax(valued=frozenset({"-d", "--date", "-r", "--reference", "-t"}))
_TRUNCATE = Syntax(valued=frozenset({"-s", "--size", "-r", "--reference"}))
_ACL = Syntax(valued=frozenset({"-m", "-M", "-x", "-X", "--modify", "--remove", "--set", "--restore"}))
_SED = Syntax(valued=frozenset({"-e", "--expression", "-f", "--file", "-l", "--line-length"}))


def _mkdir(call: Call) -> bool | None:
    options = call.options(_MKDIR)
    parents = options.has("-p", "--parents")
    given = next((word.text for word in options.values(*_MODE)), None)
    end = call.each(options.operands, lambda path, word: _made(call, path, word, parents=parents, mode=given))
    return call.end([end], options, names("-p --parents -v --verbose -m --mode"))


def _made(call: Call, path: str, word: Word, *, parents: bool, mode: str | None) -> bool | None:
    runner = call.runner
    if runner.is_outside(path):
        return None
    there = runner.fs.find(path)
    if not parents:
        if runner.sure_node(path, follow=False) is not None:
            return runner.fail(word.span, f"mkdir cannot make {path}, which is there already")
        if runner.can_hold(path, word.span) is False:
            return False
    # With -p it hardly ever fails.
    is_certain = parents or (runner.is_certain and there is None and not runner.fs.doubt(path))
    folder = runner.fs.folder(path, origin=word.span, owner=runner.owner)
    if folder is None:
        return runner.fail(word.span, f"a file is in the way of {path}") if runner.is_certain else None
    if there is None and mode is not None:
        OwnerOrMode(mode=mode).apply_folder(folder)
    if there is None and not parents:
        # It would fail if there was one.
        folder.fills = ()
    return True if is_certain else None


def _touch(call: Call) -> bool | None:
    options = call.options(_TOUCH)
    end = call.each(options.operands, lambda path, word: _touched(call, path, word))
    return call.end([end], options, names("-a -m -d --date -t"))


def _touched(call: Call, path: str, word: Word) -> bool | None:
    runner = call.runner
    if runner.is_outside(path):
        return None
    node = runner.fs.find(path)
    if isinstance(node, Folder):
        return True
    known = runner.can_hold(path, word.span)
    if known is False:
        return False
    if isinstance(node, File):
        runner.touch_again(path, Cause.METADATA, word, call.command, OwnerOrMode())
    elif node is None and not runner.hide_unseen(Cause.METADATA, path, word, call.command, sure=False):
        size = estimated(0) if runner.fs.doubt(path) else NOTHING
        file = File(size, runner.new_mode, runner.owner, runner.fs.layer, word.span)
        runner.fs.put(path, file, owner=runner.owner)
    return known


def _change(call: Call) -> bool | None:
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
    end = call.each(
        operands[1:] if has_value else operands,
        lambda path, word: _changed(call, path, word, change, recursive=recursive),
    )
    is_simple = name == "chmod" or (has_value and value is not None and _KNOWN_OWNER.fullmatch(value) is not None)
    return end if end is False or (is_simple and call.runner.is_root and not call.runner.is_repeated) else None


#: Owners that are in every image.
_KNOWN_OWNER = re.compile(r"(?:root|[0-9]{1,9})?(?::(?:root|[0-9]{1,9})?)?")
_FLAGS = frozenset({"-R", "-v", "-c", "-f", "-Rv", "-vR", "-Rf", "-fR", "-Rc", "-h", "-cR"})


def _changed(call: Call, path: str, word: Word, change: NodeChange, *, recursive: bool) -> bool | None:
    runner = call.runner
    node = runner.fs.find(path)
    if runner.is_missing(path):
        return runner.fail(word.span, f"{call.command.name} finds no {path}")
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
    return True if node is not None and runner.is_certain else None


def _sed(call: Call) -> bool | None:
    words = call.command.arguments
    if not any(word.prefix.startswith(("-i", "--in-place")) or "i" in _letters(word) for word in words):
        return None
    options = call.options(_SED)
    scripted = options.has("-e", "--expression", "-f", "--file")
    files = options.operands if scripted else options.operands[1:]
    return call.each(files, lambda path, word: _rewritten(call, path, word))


def _letters(word: Word) -> str:
    """The letters of a cluster of options that take no value: `-ri`, `-Ei`."""
    text = word.text or ""
    return text if text[:1] == "-" and set(text[1:]) <= set("nrEszui") else ""


def _rewritten(call: Call, path: str, word: Word) -> bool | None:
    """Store a file again with other content of about the same size."""
    runner = call.runner
    node = runner.fs.find(path)
    if runner.is_outside(path) or isinstance(node, Folder):
        return None
    if runner.is_missing(path):
        return runner.fail(word.span, f"{call.command.name} finds no {path}")
    known = runner.sure_node(path) is not None
    size = UNKNOWN
    if isinstance(node, File):
        runner.notes.hide(Cause.REWRITTEN, path, By(word.span, call.command), parts_of(node))
        size = UNKNOWN if node.size.estimate is None else estimated(node.size.estimate)
    elif not runner.hide_unseen(Cause.REWRITTEN, path, word, call.command, sure=True) and runner.fs.layer == BASE:
        return None
    runner.fs.put(path, File(size, runner.new_mode, runner.owner, runner.fs.layer, word.span))
    return known or None


def _truncate(call: Call) -> bool | None:
    options = call.options(_TRUNCATE)
    value = next((word.text for word in options.values("-s", "--size")), None)
    count = None if value is None else number_of_bytes(value)
    size = UNKNOWN if count is None else read_off(count)
    end = call.each(options.operands, lambda path, word: call.runner.write(path, size, word))
    return call.end([end], options, names("-s --size"))


def _dd(call: Call) -> bool | None:
    values = dict(word.text.partition("=")[::2] for word in call.command.arguments if word.text)
    target = next((word.after(3) for word in call.command.arguments if word.prefix.startswith("of=")), None)
    path = None if target is None else call.path(target)
    if target is None:
        return None
    if path is None:
        call.doubt("what dd writes to is not known")
        return None
    block, count = number_of_bytes(values.get("bs", "512")), number_of_bytes(values.get("count", ""))
    known = block is not None and count is not None and values.get("if") in ("/dev/zero", "/dev/urandom")
    end = call.runner.write(path, read_off((block or 0) * (count or 0)) if known else UNKNOWN, target)
    return end if known or end is False else None


def _tee(call: Call) -> bool | None:
    options = call.options()
    append = options.has("-a", "--append")
    end = call.each(options.operands, lambda path, word: call.runner.write(path, call.input, word, append=append))
    return call.end([end] if options.operands else [True], options, names("-a --append"))


FILE_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {
        "mkdir": _mkdir,
        "touch": _touch,
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
