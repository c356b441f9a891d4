"""Archives that ADD fetches, and what becomes of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Step
from dockerlint.semantics.state import join_path
from dockerlint.shell.script import Command, Expansion, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Add
from dockerlint.syntax.tree import Word as Argument
from dockerlint_rules._runs import commands_of, sequences
from dockerlint_rules._sources import is_archive, written_sources
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

_SCHEMES = ("http://", "https://")
#: What ADD never unpacks.
_PACKED = (".zip", ".7z")
#: What lies beside an archive and is named after it.
_BESIDE = (".asc", ".md5", ".minisig", ".pem", ".sha1", ".sha256", ".sha256sum", ".sha512", ".sha512sum", ".sig")
_EXTRACTING = names(
    "7z 7za 7zr bsdtar bunzip2 bzcat bzip2 gtar gunzip gzip jar tar unxz unzip unzstd xz xzcat zcat zstd"
)
_REMOVING = names("rm unlink")


class _Archive(NamedTuple):
    """A remote archive that stays in its layer; `use` is what a later RUN does with it: its place, and a verb."""

    word: Argument
    use: tuple[Span, str] | None = None


@rule(
    "DL6013",
    "remote-archive-kept",
    on=Model,
    needs=(Add,),
    severity=Severity.WARNING,
    tags=("layers",),
)
def remote_archive_kept(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """ADD fetches an archive that stays packed in its layer, also if a later RUN extracts or removes it.

    ## Why
    ADD unpacks archives of the build context, but not those that it downloads. The archive is stored in a layer of its
    own, and what a later RUN takes out of it is stored again in the next one. To remove the archive there only hides
    it: who pulls the image still downloads it.

    `ADD --unpack=true` unpacks what it fetches. Without that, download, extract and remove in one RUN. Where no RUN
    touches the archive, it is an info: the packed file may be what is wanted. Nothing is reported in a build stage,
    whose layers do not reach the image.

    ## Bad
        FROM debian:12.7-slim
        ADD https://example.com/tool-1.2.tar.gz /tmp/
        RUN tar -xzf /tmp/tool-1.2.tar.gz -C /opt && rm /tmp/tool-1.2.tar.gz

    ## Good
        # syntax=docker/dockerfile:1.17
        FROM debian:12.7-slim
        ADD --unpack=true https://example.com/tool-1.2.tar.gz /opt/

    ## See
    - https://docs.docker.com/reference/dockerfile/#add---unpack
    - https://docs.docker.com/build/building/best-practices/#add-or-copy
    """
    archives = _Archives()
    for stage in () if model.target is None else model.chain(model.target):
        for sequence in sequences(stage, ctx):
            for placed in sequence:
                if isinstance(placed.node, Add):
                    archives.add(placed.node, placed.step)
                for command in commands_of(placed, ctx):
                    archives.follow(command, placed.step)
    for archive in archives.found:
        packed = f"{quoted(archive.word.text)} is not unpacked by ADD"
        remedy = "download, extract and remove it in one RUN"
        if is_archive(_file_of(archive.word.text)):
            remedy = f"write ADD --unpack=true, or {remedy}"
        if archive.use is None:
            yield ctx.finding(archive.word.span, f"{packed}: if its files are wanted, {remedy}", lower_to=Severity.INFO)
        else:
            span, verb = archive.use
            message = f"{packed}, and stays in its layer after a later RUN {verb} it: {remedy}"
            yield ctx.finding(archive.word.span, message, related=(Related(span, f"this {verb} it"),))


class _Archives:
    """The remote archives of an image in the order in which they are added, and what is done with them."""

    def __init__(self) -> None:
        self._all: list[_Archive] = []
        # Numbers of archives by their paths and by their names alone, and by the folders that they lie in.
        self._files: dict[str, list[int]] = {}
        self._folders: dict[str, list[int]] = {}

    @property
    def found(self) -> tuple[_Archive, ...]:
        """The archives as far as they are known."""
        return tuple(self._all)

    def add(self, node: Add, step: Step) -> None:
        """Remember what an ADD fetches and leaves packed."""
        if node.flag_is_on("unpack"):
            return
        destination = value_of(step, node.destination)
        folder = None if destination is None else join_path(step.before.workdir, destination, windows=step.windows)
        for word in written_sources(node):
            url = value_of(step, word)
            if url is None or not url.lower().startswith(_SCHEMES):
                continue
            name = _file_of(url)
            # A URL need not tell what it is for: `…/download?version=3` to `/tmp/tool.zip`.
            if not _is_packed(name) and not _is_packed(destination or ""):
                continue
            number = len(self._all)
            self._all.append(_Archive(word))
            self._files.setdefault(name, []).append(number)
            if destination is None or not isinstance(folder, str):
                continue
            # Without a slash at the end the destination is the file, or a folder that the image has.
            paths = [posixpath.join(folder, name)]
            if not destination.endswith(("/", ".")):
                paths.append(folder)
                self._files.setdefault(posixpath.basename(folder), []).append(number)
            for path in map(clean_path, paths):
                self._files.setdefault(path, []).append(number)
            self._folders.setdefault(clean_path(folder), []).append(number)

    def follow(self, command: Command, step: Step) -> None:
        """Take a later command into account."""
        if not self._all or (command.name not in _EXTRACTING and command.name not in _REMOVING):
            return
        removes = command.name in _REMOVING
        inputs = (redirect.target for redirect in command.redirects if redirect.operator == "<")
        for word in (*command.arguments, *(target for target in inputs if target is not None)):
            text = _resolved(word, step)
            if text is None:
                continue
            # The value of `--file=…` counts like an operand.
            path = text.rpartition("=")[2] if text.startswith("-") else text
            path = clean_path(path) if path.startswith("/") else posixpath.basename(path)
            numbers = self._files.pop(path, ())
            if removes and not numbers:
                numbers = self._folders.pop(path.removesuffix("/*"), ())
            for number in numbers:
                if self._all[number].use is None:
                    use = (command.span, "removes" if removes else "extracts")
                    self._all[number] = self._all[number]._replace(use=use)


def _is_packed(name: str) -> bool:
    """Whether the name of a file, or a path with it, is that of an archive or of a compressed file."""
    lower = name.lower()
    return not lower.endswith(_BESIDE) and (is_archive(name) or lower.endswith(_PACKED))


def _file_of(url: str) -> str:
    """The name of the file that a URL is for, without query and fragment."""
    return url.partition("#")[0].partition("?")[0].rpartition("/")[2]


def _resolved(word: Word, step: Step) -> str | None:
    """The text of a word with the variables that the builder sets; None where others are part of it."""
    texts = []
    for part in word.parts:
        value = step.before.environment.get(part.name) if isinstance(part, Expansion) and part.name else part
        if not isinstance(value, str):
            return None
        texts.append(value)
    return "".join(texts)
