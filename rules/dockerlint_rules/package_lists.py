"""Lists of packages: how they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Word
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._runs import actions_of

_SHORTEST_LIST = 3

#: The name in front of a version: `curl` of `curl=8.1`, `@babel/core` of `@babel/core@7.26.0`.
_NAME = re.compile(r"@?[^=<>~!@\[;]*")
_NUMBERS = re.compile(r"[0-9]+")
_SIGNS = re.compile(r"[^a-z0-9]+")
_LOCAL = (".", "/", "~", "file:")


@rule(
    "DL8021",
    "unsorted-packages",
    on=Run,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.STYLE,
    aliases=("tally/sort-packages",),
    tags=("maintainability",),
)
def unsorted_packages(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A list with one package in each line is not in alphabetical order.

    ## Why
    In a sorted list everybody sees at once whether a package is there, nobody adds it a second time, and two people
    who add packages do not change the same line. The order does not matter to the package manager.

    A comment, an empty line or a variable starts a new list, which may be sorted for itself. Lists of fewer than three
    packages, lists with several packages in a line, and those with paths or URLs are not looked at. Any of the
    usual orders will do: with or without regard to upper case, to signs, or to the value of numbers.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends \
            git \
            curl \
            ca-certificates \
         && rm -rf /var/lib/apt/lists/*

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends \
            ca-certificates \
            curl \
            git \
         && rm -rf /var/lib/apt/lists/*

    ## See
    https://docs.docker.com/build/building/best-practices/#sort-multi-line-arguments
    """
    for command in ctx.script(node).commands:
        for action in actions_of(command, ctx):
            if action.action is Action.INSTALL and len(action.packages) >= _SHORTEST_LIST:
                for packages in _lists(action.packages, ctx.source):
                    if not _is_sorted(packages):
                        yield _unsorted(packages, action, ctx)


def _lists(words: Sequence[Word], source: Source) -> Iterator[tuple[Word, ...]]:
    """The parts of a list of packages that are to be sorted, each of at least three packages in lines of their own."""
    if any(word.prefix.startswith(_LOCAL) or "://" in word.raw for word in words):
        return
    if any("\n" not in _between(first, second, source) for first, second in pairwise(words)):
        return
    part: list[Word] = []
    for word in words:
        if part and not _follows(part[-1], word, source):
            if len(part) >= _SHORTEST_LIST:
                yield tuple(part)
            part = []
        if word.text is not None:
            part.append(word)
    if len(part) >= _SHORTEST_LIST:
        yield tuple(part)


def _follows(before: Word, word: Word, source: Source) -> bool:
    """Whether a package stands in the line below another one, with nothing but blanks between them."""
    between = _between(before, word, source)
    return word.text is not None and between.count("\n") == 1 and not between.strip(" \t\r\n\\`")


def _between(before: Word, word: Word, source: Source) -> str:
    return source.slice(Span(before.span.end, word.span.start))


def _is_sorted(packages: Sequence[Word]) -> bool:
    texts = [word.text or "" for word in packages]
    lists = (texts, [_name(text) for text in texts])
    return any(sorted(some, key=order) == some for some in lists for order in _ORDERS)


def _unsorted(packages: tuple[Word, ...], action: PackageAction, ctx: RuleContext) -> Finding:
    """The finding of a list, at the first package that should stand further up."""
    first, late = next(pair for pair in pairwise(packages) if _key(pair[1]) < _key(pair[0]))
    message = f"{quoted(late.raw)} stands below {quoted(first.raw)}: sort the packages, so that each is easily found"
    texts = [ctx.source.slice(word.span) for word in packages]
    fix = None
    if texts == [word.raw for word in packages]:
        edits = (
            Edit(word.span, other.raw)
            for word, other in zip(packages, sorted(packages, key=_key), strict=True)
            if word.raw != other.raw
        )
        # Managers for languages may settle conflicts by the order in which packages are named.
        safety = Safety.SAFE if action.manager.ecosystem == "os" else Safety.UNSAFE
        fix = Fix("sort the packages", safety, tuple(edits))
    return ctx.finding(late.span, message, fix=fix)


def _key(word: Word) -> tuple[str, str]:
    text = word.text or ""
    return _name(text).lower(), text


def _name(text: str) -> str:
    match = _NAME.match(text)
    return text if match is None else match[0]


def _by_letters(text: str) -> str:
    """Signs do not count, as in the order of a locale."""
    return _SIGNS.sub("", text.lower())


def _by_numbers(text: str) -> str:
    """Numbers count by their value: `g++-9` stands before `g++-10`."""
    return _NUMBERS.sub(lambda match: f"{len(match[0].lstrip('0')):08}{match[0].lstrip('0')}", text.lower())


_ORDERS: tuple[Callable[[str], str], ...] = (str, str.lower, _by_letters, _by_numbers)
