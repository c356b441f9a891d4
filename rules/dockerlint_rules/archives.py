"""Archives that a build copies or downloads, and what is left of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage, Step
from dockerlint.semantics.state import join_path
from dockerlint.shell.downloads import DOWNLOADERS
from dockerlint.shell.extractions import extraction_of
from dockerlint.shell.script import Command, Operator, ScopeKind, Word
from dockerlint.shell.verifications import verifies
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Copy
from dockerlint.syntax.tree import Word as Argument
from dockerlint_rules._caches import is_mounted
from dockerlint_rules._downloads import located, transfers
from dockerlint_rules._file_uses import REMOVING, FileUse, file_uses, folders_of, is_removed
from dockerlint_rules._runs import Placed, commands_of, is_shipped, sequences
from dockerlint_rules._sources import is_archive, written_sources
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

_TARS = names("tar bsdtar gtar")


class _Copied(NamedTuple):
    """An archive that a COPY brings: where it is named, and the paths that it may have in the image."""

    word: Argument
    paths: tuple[str, ...]


@rule(
    "DL3010",
    "copied-archive-extracted",
    on=Stage,
    needs=(Copy,),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("layers",),
)
def copied_archive_extracted(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """COPY brings an archive that a later RUN only unpacks, as ADD would do.

    ## Why
    The archive stays in the layer of the COPY, also if the RUN removes it: the image holds the files twice. ADD unpacks
    a local tar archive, compressed or not, and leaves nothing else behind.

    ADD takes all files with their paths, and does not read zip archives. Nothing is reported where the RUN takes out
    some of the files, strips parts of their paths, verifies the archive first, or where something else uses it.

    ## Bad
        FROM debian:12-slim
        COPY app-1.2.tar.gz /tmp/
        RUN tar -xzf /tmp/app-1.2.tar.gz -C /opt && rm /tmp/app-1.2.tar.gz

    ## Good
        FROM debian:12-slim
        ADD app-1.2.tar.gz /opt/

    ## See
    - https://docs.docker.com/reference/dockerfile/#add
    - https://docs.docker.com/build/building/best-practices/#add-or-copy
    """
    for sequence in sequences(stage, ctx):
        archives: list[_Copied] = []
        for placed in sequence:
            if isinstance(placed.node, Copy):
                archives += _copied(placed.node, placed.step)
            elif archives:
                commands = commands_of(placed, ctx)
                places = folders_of(commands, placed)
                left = []
                for archive in archives:
                    use = _first_use(archive, commands, places, as_hadolint=ctx.as_hadolint)
                    if use is None:
                        left.append(archive)
                    elif _only_unpacks(use, archive, commands, places) or ctx.as_hadolint:
                        yield ctx.finding(
                            archive.word.span,
                            f"{quoted(archive.word.text)} is copied, and then unpacked by a RUN: ADD does both at once",
                            related=(Related(use.span, "it is unpacked here"),),
                        )
                archives = left


def _copied(node: Copy, step: Step) -> Iterator[_Copied]:
    if node.flag("from") is not None:
        return
    destination = value_of(step, node.destination)
    folder = None if destination is None else join_path(step.before.workdir, destination, windows=step.windows)
    if destination is None or not isinstance(folder, str):
        return
    sources = written_sources(node)
    for word in sources:
        source = value_of(step, word)
        if source is None or not is_archive(source) or "*" in source:
            continue
        paths = [clean_path(posixpath.join(folder, posixpath.basename(source)))]
        # Without a slash at the end the destination is the file, or a folder that the image has.
        if len(sources) == 1 and not destination.endswith(("/", ".")):
            paths.append(clean_path(folder))
        yield _Copied(word, tuple(paths))


def _first_use(
    archive: _Copied, commands: Sequence[Command], places: Sequence[str | None], *, as_hadolint: bool
) -> Command | None:
    """The first command that names the archive; for hadolint an extraction of one with its name, wherever it lies."""
    names_of_file = {posixpath.basename(path) for path in archive.paths}
    wrappers = {id(wrapper) for command in commands for wrapper in command.wrappers}
    for command, place in zip(commands, places, strict=True):
        if as_hadolint and command.name in _TARS:
            extraction = extraction_of(command)
            words = () if extraction is None else extraction.archives
            if any(posixpath.basename(word.text or "") in names_of_file for word in words):
                return command
        elif not as_hadolint and id(command) not in wrappers and _names(command, place, archive.paths):
            return command
    return None


def _names(command: Command, place: str | None, paths: Sequence[str]) -> bool:
    return any(located(path, place) in paths for word in _file_words(command) for path in _paths_in(word))


def _file_words(command: Command) -> tuple[Word, ...]:
    targets = (redirect.target for redirect in command.redirects)
    return (*command.words, *(target for target in targets if target is not None))


def _paths_in(word: Word) -> tuple[str, ...]:
    """The texts of a word that may be a path: the whole of it, and what stands behind a `=`."""
    text = word.template
    return () if text is None else (text, text.partition("=")[2]) if "=" in text else (text,)


def _only_unpacks(use: Command, archive: _Copied, commands: Sequence[Command], places: Sequence[str | None]) -> bool:
    """Whether a RUN does with an archive what ADD does: unpacks it whole, and at most removes it."""
    extraction = extraction_of(use)
    if use.name not in _TARS or extraction is None or not extraction.plain or len(extraction.archives) != 1:
        return False
    if any(verifies(command) for command in commands):
        return False
    uses = [c for c, place in zip(commands, places, strict=True) if _names(c, place, archive.paths)]
    return all(
        command is use or command.name in REMOVING or use in command.wrappers or command in use.wrappers
        for command in uses
    )


class _Fetched(NamedTuple):
    """A file that a RUN downloads: its place, the word with the URL, and the RUN."""

    place: str
    url: Word
    placed: Placed


@rule(
    "DL6015",
    "downloaded-archive-left-behind",
    on=Stage,
    programs=DOWNLOADERS,
    severity=Severity.WARNING,
    aliases=("parfum/tarSomethingRmTheSomething",),
    tags=("size",),
)
def downloaded_archive_left_behind(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""A downloaded archive or installer stays in the image after it has been used.

    ## Why
    Once it is unpacked or installed, nobody needs the archive, but everybody who pulls the image downloads it. To
    remove it in a later RUN does not help, since the layer below keeps it: download, unpack and remove in one RUN, or
    unpack what the download puts out (`curl … | tar -xz`), so that there is no file at all.

    Nothing is reported in a stage whose files do not become part of the image, for files on a cache mount, and for
    those that a later instruction names.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/tool-1.2.tar.gz \
         && tar -xzf tool-1.2.tar.gz -C /opt

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/tool-1.2.tar.gz \
         && tar -xzf tool-1.2.tar.gz -C /opt \
         && rm tool-1.2.tar.gz

    ## See
    https://docs.docker.com/build/building/best-practices/#run
    """
    if not is_shipped(ctx) or stage.windows:
        return
    for sequence in sequences(stage, ctx):
        fetched: dict[str, _Fetched] = {}
        for number, placed in enumerate(sequence):
            found = transfers(placed, ctx)
            if not found and not fetched:
                continue
            commands = commands_of(placed, ctx)
            places = folders_of(commands, placed)
            for fetch in _fetched(placed, commands, places, ctx):
                fetched[fetch.place] = fetch
            for use in file_uses(commands, places, ctx) if fetched else ():
                if not use.spent or use.place not in fetched:
                    continue
                fetch = fetched.pop(use.place)
                if fetch.placed is placed and _is_gone(use, commands, places):
                    continue
                if not _is_named_later(use, sequence[number + 1 :], ctx):
                    yield _left_behind(use, fetch, placed, ctx)
            for place in list(fetched):
                if fetched[place].placed is placed and is_removed(place, commands, places):
                    del fetched[place]


def _fetched(
    placed: Placed, commands: Sequence[Command], places: Sequence[str | None], ctx: RuleContext
) -> Iterator[_Fetched]:
    """What a RUN downloads into files of its layer."""
    folders = dict(zip(map(id, commands), places, strict=True))
    for transfer in transfers(placed, ctx):
        if id(transfer.command) not in folders or not transfer.fetches:
            continue
        for download in transfer.downloads:
            place = located(download.path, folders[id(transfer.command)])
            if place is not None and not is_mounted(place, placed):
                yield _Fetched(place, download.url, placed)


def _is_gone(use: FileUse, commands: Sequence[Command], places: Sequence[str | None]) -> bool:
    """Whether the file is gone, or may be, once a RUN that used it is through."""
    at = next(number for number, command in enumerate(commands) if command is use.command)
    later = list(zip(commands, places, strict=True))[at + 1 :]
    if any(
        command.name in ("mv", "install", "cp", "ln") and _names(command, place, (use.place,))
        for command, place in later
    ):
        return True
    if any(_may_remove(command) for command, _ in later):
        return True
    return is_removed(use.place, [command for command, _ in later], [place for _, place in later])


def _may_remove(command: Command) -> bool:
    """Whether a command removes what is not known."""
    if command.name == "find":
        return any(word.text in ("-delete", "-exec", "-execdir") for word in command.arguments)
    return command.name in REMOVING and any(word.text is None for word in command.arguments)


def _is_named_later(use: FileUse, later: Sequence[Placed], ctx: RuleContext) -> bool:
    """Whether a later instruction of the stage speaks of the file."""
    if not later:
        return False
    name = posixpath.basename(use.place)
    return ctx.source.text.find(name, later[0].node.span.start, later[-1].node.span.end) >= 0


def _left_behind(use: FileUse, fetch: _Fetched, placed: Placed, ctx: RuleContext) -> Finding:
    if fetch.placed is placed:
        message = f"{quoted(use.word.raw)} stays in the layer after it is {use.verb}: remove it in this RUN"
        fix = _removal(use, ctx)
    else:
        message = f"{quoted(use.word.raw)} stays in the layer of its download: download, use and remove it in one RUN"
        fix = None
    return ctx.finding(use.word.span, message, related=(Related(fetch.url.span, "downloaded here"),), fix=fix)


def _removal(use: FileUse, ctx: RuleContext) -> Fix | None:
    """A fix that removes the file right behind its use, where that is a plain member of the script's list."""
    command = use.command
    whole = (command, *command.wrappers)[-1]
    if command.scope.kind is not ScopeKind.SCRIPT or command.pipeline is not None or command.background:
        return None
    if ctx.source.slice(use.word.span) != use.word.raw or command.after is Operator.OR:
        return None
    # Behind `;` a failure of the use must still end a script with `set -e`.
    listed = Operator.SEMICOLON in (command.before, command.after) or Operator.NEWLINE in (
        command.before,
        command.after,
    )
    text = f"{'; ' if listed else ' && '}rm {use.word.raw}"
    return Fix("remove it after its use", Safety.UNSAFE, (Edit(Span(whole.span.end, whole.span.end), text),))
