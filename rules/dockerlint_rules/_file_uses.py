"""What a script does with files that it has downloaded: which it unpacks, installs, runs or makes programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.rule import RuleContext
from dockerlint.shell.directories import directories
from dockerlint.shell.extractions import extraction_of
from dockerlint.shell.interpreters import POSIX_DIALECTS
from dockerlint.shell.managers import Action
from dockerlint.shell.options import NO_VALUES, read_options
from dockerlint.shell.removals import removals
from dockerlint.shell.script import Command, Word
from dockerlint_rules._downloads import is_somewhere, located
from dockerlint_rules._runs import Placed, actions_of
from dockerlint_rules._tables import names

#: Programs that remove files.
REMOVING = names("rm unlink")

_PACKAGES = (".deb", ".rpm", ".whl", ".apk", ".pkg.tar.zst")
_INSTALLERS = (".sh", ".run", ".bin", ".bsx", ".py")
_INTERPRETERS = POSIX_DIALECTS | names("python python2 python3 perl")
_EXECUTABLE = re.compile(r"[ugoa]*[+=][rwst]*x[rwxst]*|0?[0-7]*[1357][0-7]{0,2}")


class FileUse(NamedTuple):
    """A command that uses a file: its place (`located`), the word that names it, and what is done with it.

    With `spent` nobody needs the file afterwards: it was unpacked or installed. The other uses make a program of it.
    """

    place: str
    word: Word
    command: Command
    verb: str
    spent: bool = True


def folders_of(commands: Sequence[Command], placed: Placed) -> tuple[str | None, ...]:
    """The directory of each command of a RUN; None where it is not known."""
    workdir = placed.step.before.workdir
    return directories(commands, workdir if isinstance(workdir, str) else None)


def file_uses(commands: Sequence[Command], folders: Sequence[str | None], ctx: RuleContext) -> Iterator[FileUse]:
    """The uses of files in order; those of files that are gone afterwards (`gunzip`) are not spent."""
    for command, folder in zip(commands, folders, strict=True):
        for word, verb, spent in _used_by(command, ctx):
            place = located(word.template, folder)
            if place is not None:
                yield FileUse(place, word, command, verb, spent)


def is_removed(place: str, commands: Sequence[Command], places: Sequence[str | None]) -> bool:
    """Whether one of the commands removes the file at a place, or may do so."""
    for command, directory in zip(commands, places, strict=True):
        if command.name not in REMOVING:
            continue
        words = command.arguments
        if any(located(word.template, directory) == place for word in words):
            return True
        # What lies in a directory that is not known may lie in any that is removed.
        taken = removals(command, directory or "/?")
        if any(removal.takes(place) or (is_somewhere(place) and removal.recursive) for removal in taken):
            return True
    return False


def _used_by(command: Command, ctx: RuleContext) -> Iterator[tuple[Word, str, bool]]:
    extraction = extraction_of(command)
    if extraction is not None:
        yield from ((word, "unpacked", not extraction.consumes) for word in extraction.archives)
        return
    for action in actions_of(command, ctx):
        if action.action is Action.INSTALL:
            yield from ((word, "installed", True) for word in action.packages if _ends(word, _PACKAGES))
            return
    if command.name in _INTERPRETERS:
        operands = read_options(command.arguments, NO_VALUES, until_operand=True).operands
        yield from ((word, "run", True) for word in operands[:1] if _ends(word, _INSTALLERS))
    elif command.name == "chmod":
        words = [word for word in command.arguments if not word.prefix.startswith("-")]
        if words and _EXECUTABLE.fullmatch(words[0].text or ""):
            yield from ((word, "made a program", False) for word in words[1:])
    elif command.name == "install":
        operands = read_options(command.arguments, NO_VALUES).operands
        yield from ((word, "installed", False) for word in operands[:-1])
    elif command.program is not None and _ends(command.program, _INSTALLERS):
        yield command.program, "run", True


def _ends(word: Word, endings: tuple[str, ...]) -> bool:
    return word.template is not None and word.template.lower().endswith(endings)
