"""Programs that only read files: whether they find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.nodes import File
from dockerlint.layers.run import ALWAYS_THERE
from dockerlint.shell.options import Syntax, names
from dockerlint.shell.script import Word

_HEAD = Syntax(valued=names("-c --bytes -n --lines"))


def _reads(syntax: Syntax, known: frozenset[str]) -> Callable[[Call], bool | None]:
    def run(call: Call) -> bool | None:
        options = call.options(syntax)
        ends = [call.each(options.operands, lambda path, word: _is_read(call, path, word))]
        return call.end(ends if options.operands else [True], options, known)

    return run


def _is_read(call: Call, path: str, word: Word) -> bool | None:
    if word.text == "-" or path in ALWAYS_THERE:
        return True
    if call.runner.is_missing(path):
        return call.runner.fail(word.span, f"{call.command.name} finds no {path}")
    return True if isinstance(call.runner.sure_node(path), File) else None


READING_COMMANDS: Mapping[str, Callable[[Call], bool | None]] = MappingProxyType(
    {"cat": _reads(Syntax(), frozenset()), **dict.fromkeys(("head", "tail"), _reads(_HEAD, _HEAD.valued))}
)
