"""Command lines in the usual style: options with and without values, and operands.

`--name`, `--name=value`, `--name value`, clusters of letters (`-abc`), `-ovalue`, `-o value`, and `--` before
operands that look like options. Which options take a value is a fact of each program and comes from a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dockerlint.shell.script import Word

_NOTHING: frozenset[str] = frozenset()


def names(text: str) -> frozenset[str]:
    """The names in a text with blanks between them: how tables of options are written."""
    return frozenset(text.split())


class Flag(NamedTuple):
    """An option as given: `name` with its dashes (each letter of a cluster by itself), the word in which it stands,
    and its value, if any, as a word (of `-ovalue` and `--name=value`: the part behind the name).
    """

    name: str
    word: Word
    value: Word | None = None


class Syntax(NamedTuple):
    """How a program reads its options.

    `valued` take the next word if no value is glued to them. `optional` take the next word unless it looks like an
    option, `numeric` if it is a number, `lists` all words up to the next option. `single_dash` says that `-name` is
    one option, not a cluster (`go`, `mvn`); the `glued` ones of those have their value right behind the letter
    (`-Dkey=value`). With `greedy` a long option that is in none of the tables, `switches` included, takes the next
    word (npm).
    """

    valued: frozenset[str] = _NOTHING
    optional: frozenset[str] = _NOTHING
    numeric: frozenset[str] = _NOTHING
    lists: frozenset[str] = _NOTHING
    switches: frozenset[str] = _NOTHING
    glued: frozenset[str] = _NOTHING
    single_dash: bool = False
    greedy: bool = False

    def with_valued(self, names: Iterable[str]) -> Syntax:
        """The same with other options that take a value."""
        return self._replace(valued=frozenset(names))


NO_VALUES = Syntax()
"""The options of a program that are all without a value."""


class Options(NamedTuple):
    """The options and the operands of a command line, each in order.

    `doubtful` are words that are either operands or values of options that the tables do not know.
    """

    flags: tuple[Flag, ...]
    operands: tuple[Word, ...]
    doubtful: tuple[Word, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether one of the options is given."""
        return bool(self.flags) and any(flag.name in names for flag in self.flags)

    def values(self, *names: str) -> Iterator[Word]:
        """The values of the options with one of the names."""
        return (flag.value for flag in self.flags if flag.name in names and flag.value is not None)


def read_options(words: Sequence[Word], syntax: Syntax, *, until_operand: bool = False) -> Options:
    """Sort words into options and operands.

    With `until_operand` the first operand ends the options, as for `sudo`: it and all that follows are operands.
    """
    flags: list[Flag] = []
    operands: list[Word] = []
    doubtful: list[Word] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        text = word.text
        if text == "--":
            operands += words[at:]
            break
        prefix = word.prefix if text is None else text
        if prefix[:1] != "-" or prefix == "-":
            if until_operand:
                operands += words[at - 1 :]
                break
            operands.append(word)
            continue
        read = _flags(word, syntax)
        last = read[-1]
        taken = 0 if last.value is not None else _taken(last.name, words, at, syntax)
        if taken:
            values = words[at : at + taken]
            at += taken
            if _is_greedy(last.name, syntax):
                doubtful += values
            else:
                read[-1:] = (last._replace(value=value) for value in values)
        flags += read
    return Options(tuple(flags), tuple(operands), tuple(doubtful))


def _flags(word: Word, syntax: Syntax) -> list[Flag]:
    """The options in one word; only the last can lack a value that the next word holds."""
    prefix = word.prefix
    if prefix.startswith("--") or syntax.single_dash:
        name, equals, _ = prefix.partition("=")
        if name[:2] in syntax.glued and len(name) > 2:
            return [Flag(name[:2], word, word.after(2))]
        return [Flag(name, word, word.after(len(name) + 1) if equals else None)]
    found: list[Flag] = []
    for index in range(1, len(prefix)):
        name = "-" + prefix[index]
        behind = prefix[index + 1 : index + 2]
        if behind == "=":
            return [*found, Flag(name, word, word.after(index + 2))]
        if name in syntax.valued and (behind or word.text is None):
            return [*found, Flag(name, word, word.after(index + 1))]
        found.append(Flag(name, word))
    return found


def _is_greedy(name: str, syntax: Syntax) -> bool:
    if not syntax.greedy or not name.startswith("--") or name.startswith("--no-"):
        return False
    return name not in syntax.valued and name not in syntax.switches


def _taken(name: str, words: Sequence[Word], at: int, syntax: Syntax) -> int:
    """How many of the words from `at` on the option takes."""
    if at >= len(words):
        return 0
    following = words[at]
    if name in syntax.valued:
        return 1
    optional = name in syntax.optional or _is_greedy(name, syntax)
    if optional:
        return int(not following.prefix.startswith("-"))
    if name in syntax.numeric:
        return int(following.text is not None and following.text.isdigit())
    if name in syntax.lists:
        count = 0
        while at + count < len(words) and not words[at + count].prefix.startswith("-"):
            count += 1
        return count
    return 0
