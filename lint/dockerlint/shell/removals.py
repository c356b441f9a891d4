"""What commands remove: `rm` and `find … -delete`, and whether that covers a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from dockerlint.shell.directories import absolute
from dockerlint.shell.options import NO_VALUES, read_options
from dockerlint.shell.script import Command, Word

#: More alternatives than this are not told apart: `{a,b}{c,d}…` grows quickly.
_MOST_ALTERNATIVES = 64

# Tests of find that leave nothing out but the folder itself, and how many words follow each.
_HARMLESS_TESTS = {
    "-type": 1,
    "-mindepth": 1,
    "-depth": 0,
    "-xdev": 0,
    "-mount": 0,
    "-print": 0,
    "-ignore_readdir_race": 0,
}
# Folders of archives hold nothing else.
_ANYTHING = frozenset({"*", "**", ".*", ".[!.]*", "..?*", "*.deb", "*.gem"})


class Removal(NamedTuple):
    """Something that a command removes.

    `path` is absolute, or begins with `~`; its parts may be patterns. `recursive` tells that folders go with all that
    they hold. `word` is where the path is written.
    """

    path: str
    recursive: bool
    word: Word

    def covers(self, path: str) -> bool:
        """Whether nothing of what lies at the path, or below it, is left: `/var/cache/*` covers `/var/cache/apk`.

        A pattern for all that lies in a folder covers the folder: `/var/cache/apk/*` covers `/var/cache/apk`.
        """
        pattern = self.path.rstrip("/").split("/")
        parts = path.rstrip("/").split("/")
        if len(pattern) > len(parts):
            *folder, last = pattern
            return last in _ANYTHING and len(folder) == len(parts) and _fits_all(folder, parts)
        return self.recursive and _fits_all(pattern, parts)

    def takes(self, path: str) -> bool:
        """Whether the file at the path is gone: it, or a folder above it with all that it holds, is removed."""
        pattern = self.path.rstrip("/").split("/")
        parts = path.split("/")
        if len(pattern) > len(parts) or (len(pattern) < len(parts) and not self.recursive):
            return False
        return _fits_all(pattern, parts)


def removals(command: Command, directory: str | None) -> Iterator[Removal]:
    """What a command removes, as far as it is known; `directory` is the one that it runs in."""
    if command.name == "rm":
        options = read_options(command.arguments, NO_VALUES)
        recursive = options.has("-r", "-R", "--recursive")
        for word in options.operands:
            yield from _removals(word, directory, recursive=recursive)
    elif command.name == "find":
        paths = _emptied_by_find(command.arguments)
        for word in paths:
            for removal in _removals(word, directory, recursive=True):
                yield removal._replace(path=f"{removal.path.rstrip('/')}/*")


def _removals(word: Word, directory: str | None, *, recursive: bool) -> Iterator[Removal]:
    if word.text is None:
        return
    for text in alternatives(word.text):
        path = absolute(text, directory)
        if path is not None:
            yield Removal(path, recursive, word)


def alternatives(text: str) -> tuple[str, ...]:
    """The texts that `a{b,c}` stands for; only braces without braces inside, and not too many of them."""
    parts: list[tuple[str, ...]] = []
    count = 1
    rest = text
    while rest:
        before, opening, behind = rest.partition("{")
        inside, closing, after = behind.partition("}")
        if not (opening and closing and "," in inside and "{" not in inside):
            parts.append((rest,))
            break
        choices = tuple(inside.split(","))
        count *= len(choices)
        if count > _MOST_ALTERNATIVES:
            return (text,)
        parts += [(before,), choices]
        rest = after
    return tuple("".join(choice) for choice in product(*parts))


def _emptied_by_find(words: Sequence[Word]) -> Sequence[Word]:
    """The folders that `find` empties; none if it removes nothing, or only some of what they hold."""
    count = next((at for at, word in enumerate(words) if (word.text or "").startswith(("-", "!", "("))), len(words))
    at = count
    removes = False
    while at < len(words):
        text = words[at].text or ""
        at += 1
        if text == "-delete":
            removes = True
        elif text in ("-exec", "-execdir"):
            removes = at < len(words) and words[at].text in ("rm", "/bin/rm")
            while at < len(words) and words[at].text not in (";", "+"):
                at += 1
            at += 1
        elif text in _HARMLESS_TESTS:
            at += _HARMLESS_TESTS[text]
        else:
            return ()
    return words[:count] if removes else ()


def _fits_all(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    return all(_fits(one, other) for one, other in zip(pattern, parts, strict=False))


def _fits(pattern: str, part: str) -> bool:
    """Whether a part of a path fits a pattern of stars; other signs of patterns stand for themselves."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == part
    if (part.startswith(".") and not first) or not part.startswith(first):
        return False
    at = len(first)
    for text in others[:-1]:
        found = part.find(text, at)
        if found < 0:
            return False
        at = found + len(text)
    return len(part) - at >= len(others[-1]) and part.endswith(others[-1])
