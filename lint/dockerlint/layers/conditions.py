"""What `test`, `[` and `[[` find, as far as files and values are known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.nodes import File, Folder, Link
from dockerlint.layers.run import ALWAYS_THERE
from dockerlint.layers.wildcard import is_pattern
from dockerlint.shell.script import Expansion, Word

_NUMBERS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "-eq": operator.eq,
        "-ne": operator.ne,
        "-lt": operator.lt,
        "-le": operator.le,
        "-gt": operator.gt,
        "-ge": operator.ge,
    }
)
_EXECUTABLE = 0o111


def holds(call: Call) -> bool | None:
    """Whether a test holds; None where that depends on what is not known, and for tests of several parts."""
    words = list(call.command.arguments)
    negated = False
    while len(words) > 1 and words[0].text == "!":
        negated = not negated
        words = words[1:]
    found: bool | None = None
    if len(words) == 1:
        text = _text(call, words[0])
        found = None if text is None else bool(text)
    elif len(words) == 2:
        found = _unary(call, words[0].text or "", words[1])
    elif len(words) == 3:
        found = _binary(call, *words)
    if found is None or found != negated:
        return found if found is None else True
    return call.runner.fail(call.command.span, f"the test {' '.join(word.raw for word in call.command.words)} fails")


def _text(call: Call, word: Word) -> str | None:
    """The text of a word that is one word for sure."""
    if word.text is None and not all(part.quoted for part in word.parts if isinstance(part, Expansion)):
        return None
    text = call.runner.text(word)
    return None if text is None or word.glob or text.startswith("~") else text


def _unary(call: Call, sign: str, word: Word) -> bool | None:
    if sign in ("-n", "-z"):
        text = _text(call, word)
        return None if text is None else bool(text) == (sign == "-n")
    path = call.path(word)
    if path is None or sign not in ("-e", "-f", "-d", "-h", "-L", "-s", "-x"):
        return None
    if path in ALWAYS_THERE:
        return True if sign == "-e" else None
    runner = call.runner
    if runner.is_missing(path, follow=False):
        return False
    if sign in ("-h", "-L"):
        node = runner.sure_node(path, follow=False)
        return None if node is None else isinstance(node, Link)
    if runner.is_missing(path):
        return False
    node = runner.sure_node(path)
    if isinstance(node, File):
        return _of_file(sign, node)
    return None if node is None or sign == "-s" else sign != "-f"


def _of_file(sign: str, node: File) -> bool | None:
    if sign == "-s":
        return True if node.size.low else False if node.size.high == 0 else None
    if sign == "-x":
        return None if node.mode is None else bool(node.mode & _EXECUTABLE)
    return sign in ("-e", "-f")


def _binary(call: Call, first: Word, sign: Word, second: Word) -> bool | None:
    one, other = _text(call, first), _text(call, second)
    if one is None or other is None:
        return None
    if sign.text in ("=", "==", "!="):
        if call.command.name == "[[" and is_pattern(other):
            return None
        return (one == other) == (sign.text != "!=")
    compare = _NUMBERS.get(sign.text or "")
    if compare is None or not (_is_number(one) and _is_number(other)):
        return None
    return compare(int(one), int(other))


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit() and len(text) < 18


def is_folder(call: Call, word: Word) -> bool | None:
    """Whether a word names a folder to which `cd` can go."""
    path = call.path(word)
    if path is None:
        return None
    runner = call.runner
    if runner.is_missing(path):
        return runner.fail(word.span, f"cd finds no {path}")
    node = runner.sure_node(path)
    if isinstance(node, File):
        return runner.fail(word.span, f"{path} is no folder")
    return True if isinstance(node, Folder) or path == "/" else None
