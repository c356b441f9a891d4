"""Directories of version control systems that get into the image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.options import Syntax, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run, Transfer
from dockerlint_rules._context import context_sources
from dockerlint_rules._runs import Placed, commands_of, mounts_of, sequences
from dockerlint_rules._sources import written_sources
from dockerlint_rules._values import value_of

if TYPE_CHECKING:
    from dockerlint.context.ignore_lookup import FoundIgnoreFile

# What lies in each of the directories: patterns may leave out the content, and not the directory.
_DIRECTORIES = {".git": "objects", ".hg": "store", ".svn": "pristine"}

_GIT = Syntax(valued=frozenset({"-C", "-c", "--exec-path", "--git-dir", "--namespace", "--work-tree"}))
_CLONE = Syntax(
    valued=frozenset(
        (
            *("-b", "--branch", "-c", "--config", "--depth", "--filter", "-j", "--jobs", "-o", "--origin"),
            *("--reference", "--reference-if-able", "--separate-git-dir", "--server-option", "--shallow-exclude"),
            *("--shallow-since", "--template", "-u", "--upload-pack", "--bundle-uri", "--revision"),
        )
    )
)
# A clone without a directory of work has no `.git` in it: the repository is what is wanted.
_NO_WORK = ("--bare", "--mirror")
_NOT_IN_THE_LAYER = frozenset({MountType.CACHE, MountType.TMPFS})


@rule(
    "DL6010",
    "vcs-directory-copied",
    on=Stage,
    severity=Severity.WARNING,
    aliases=("DKL-LI-0003",),
    tags=("copy",),
)
def vcs_directory_copied(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""The history of a project gets into the image: `.git`, `.hg` or `.svn` is copied or cloned.

    ## Why
    A `.git` directory holds every version of every file, also those that were deleted since because they had a
    password in them, and its settings may hold the token that the repository was fetched with. It is often larger
    than the project itself, and each commit changes it, so that the copy and all that follows is built again.
    What a program wants to know of its version can be given by a build argument.

    Only what reaches the image counts: nothing is reported in a build stage. All of the build context is looked
    into where it is known: by the settings, or by an ignore file beside the Dockerfile. A `git clone` whose `.git` is
    not removed in the same RUN is an info; a later RUN would only hide it.

    ## Bad
        FROM python:3.13-slim
        WORKDIR /app
        COPY .git ./.git
    With all of the context:

    Files: ["app.py", ".git/HEAD"]

        FROM python:3.13-slim
        WORKDIR /app
        COPY . .

    ## Good
    Files: {"app.py": "", ".git/HEAD": "", ".dockerignore": ".git\n"}

        FROM python:3.13-slim
        WORKDIR /app
        COPY . .
    Without the history of what is fetched:

        FROM alpine/git:2.47.1
        RUN git clone --depth 1 https://github.com/example/themes.git /themes && rm -rf /themes/.git

    ## See
    - https://docs.docker.com/build/concepts/context/#dockerignore-files
    - https://docs.docker.com/reference/dockerfile/#add---keep-git-dir
    """
    if stage.index not in ctx.model.shipped:
        return
    context = _Context(ctx.model.options.context, ctx.source.path)
    for sequence in sequences(stage, ctx):
        for placed in sequence:
            if isinstance(placed.node, Transfer):
                yield from _copied(placed.node, placed, context, ctx)
            elif isinstance(placed.node, Run):
                yield from _cloned(placed, ctx)


def _copied(node: Transfer, placed: Placed, context: _Context, ctx: RuleContext) -> Iterator[Finding]:
    for word in written_sources(node):
        value = value_of(placed.step, word)
        if value is not None and "://" not in value and not _DIRECTORIES.keys().isdisjoint(value.split("/")):
            message = f"{quoted(word.text)} puts the history of the project into the image: do not copy it"
            yield ctx.finding(word.span, message)
    if node.flag("exclude") is not None:
        return
    for source in context_sources(node, placed.step):
        if source.is_whole and context.sent:
            what = " and ".join(map(quoted, context.sent))
            message = f"{quoted(source.word.text)} brings {what} into the image: list it in '.dockerignore'"
            yield ctx.finding(source.word.span, message)


def _cloned(placed: Placed, ctx: RuleContext) -> Iterator[Finding]:
    if any(mount.type in _NOT_IN_THE_LAYER for mount in mounts_of(placed)):
        return
    clones = _Clones()
    for command in commands_of(placed, ctx):
        clones.follow(command)
    for command in clones.kept:
        message = "git clone leaves '.git' with the history in the image: remove it in the same RUN, or use ADD"
        yield ctx.finding(command.span, message, lower_to=Severity.INFO)


class _Clones:
    """The clones of one RUN whose history is kept; any removal that may be of it counts as one."""

    def __init__(self) -> None:
        self._kept: dict[int, Command] = {}
        self._by_name: dict[str, list[int]] = {}
        # The names of directories that were gone to: what was cloned may lie below.
        self._visited: set[str] = set()

    @property
    def kept(self) -> tuple[Command, ...]:
        """The clones whose `.git` is still there, in order."""
        return tuple(self._kept.values())

    def follow(self, command: Command) -> None:
        """Take the next command into account."""
        if command.name in ("cd", "pushd"):
            self._visited.update(part for word in command.arguments for part in _parts(word))
        elif command.name == "git":
            self._add(command)
        elif command.name in ("rm", "find") and self._kept:
            for word in command.arguments:
                self._remove(word)

    def _add(self, command: Command) -> None:
        options = read_options(command.arguments, _GIT, until_operand=True)
        if not options.operands or options.operands[0].text != "clone":
            return
        clone = read_options(options.operands[1:], _CLONE)
        if not clone.operands or clone.has(*_NO_WORK):
            return
        self._visited.update(part for word in options.values("-C") for part in _parts(word))
        number = command.span.start
        self._kept[number] = command
        for part in _parts(clone.operands[-1]):
            self._by_name.setdefault(part.removesuffix(".git"), []).append(number)

    def _remove(self, word: Word) -> None:
        if word.prefix.startswith("-"):
            return
        name = (word.text or "").rstrip("/*").rpartition("/")[2]
        if not name or name in _DIRECTORIES or name in self._visited or (word.glob and ".git" in name):
            self._kept.clear()
        for number in self._by_name.pop(name, ()):
            self._kept.pop(number, None)


def _parts(word: Word) -> list[str]:
    return [part for part in (word.text or "").split("/") if part]


class _Context:
    """The build context as far as it is known: that of the settings, or the folder of an ignore file."""

    def __init__(self, context: str | None, dockerfile: str) -> None:
        self._context = context
        self._dockerfile = dockerfile

    @cached_property
    def sent(self) -> tuple[str, ...]:
        """The directories of version control in the context that reach the builder."""
        ignored = self._ignored
        folder = self._context
        if folder is None:
            if ignored is None:
                return ()
            folder = os.path.dirname(self._dockerfile)
        found = tuple(name for name in _DIRECTORIES if _is_directory(os.path.join(folder, name)))
        if ignored is None:
            return found
        return tuple(
            name
            for name in found
            if not ignored.content.excludes(name) and not ignored.content.excludes(f"{name}/{_DIRECTORIES[name]}")
        )

    @cached_property
    def _ignored(self) -> FoundIgnoreFile | None:
        from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415 - slow to import, seldom needed

        return find_ignore_file(self._context, self._dockerfile)


def _is_directory(path: str) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:
        return False
