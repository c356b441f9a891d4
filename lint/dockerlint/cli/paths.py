"""From the paths on the command line to the files that they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dockerlint.cli.guard import CommandError
from dockerlint.cli.main import COMMANDS
from dockerlint.config import keys
from dockerlint.config.effective import Effective, SettingsSource
from dockerlint.discovery import STDIN, Search, Unreadable, files_below, normal_path, read_file, read_stream, shown_path
from dockerlint.source import Source


class File(NamedTuple):
    """A file to read: its path (`-` for standard input), and the settings that hold for it."""

    path: str
    effective: Effective


def find_files(
    paths: Sequence[str], source: SettingsSource, stdin_name: str | None = None
) -> tuple[list[File], list[Unreadable]]:
    """The files that paths mean, each once, in the order of the paths; and what cannot be read.

    A folder means the Dockerfiles below it. Raises `ConfigError` if the settings of one of them cannot be used.
    """
    files: dict[str, File] = {}
    unreadable: list[Unreadable] = []
    for path in paths:
        if path == STDIN:
            found: Iterable[str | Unreadable] = [STDIN]
        else:
            normal = normal_path(path)
            if os.path.isdir(normal or "."):
                found = files_below(normal, _search(source.for_folder(normal)))
            elif os.path.lexists(normal):
                found = [normal]
            else:
                found = [Unreadable(shown_path(path), f"there is no such file or folder{_hint(path)}")]
        for item in found:
            if isinstance(item, Unreadable):
                unreadable.append(item)
            elif item not in files:
                name = normal_path(stdin_name) if item == STDIN and stdin_name else item
                files[item] = File(item, source.for_folder(os.path.dirname(name)))
    return list(files.values()), unreadable


def no_files(paths: Sequence[str]) -> CommandError:
    """The error for paths that mean no file at all."""
    where = ", ".join(f"'{path}'" for path in paths) if list(paths) != ["."] else "this folder"
    return CommandError(
        f"no Dockerfiles in {where}: name the files, or say with --include what they are called "
        "(--allow-empty makes this no error)"
    )


def read(path: str, stdin_name: str | None = None) -> Source | Unreadable:
    """The text of a file, or of standard input under the name that reports shall show."""
    if path != STDIN:
        return read_file(path)
    return read_stream(sys.stdin.buffer, shown_path(normal_path(stdin_name)) if stdin_name else STDIN)


def _search(effective: Effective) -> Search:
    value = effective.configuration.value
    return Search(value(keys.INCLUDE), value(keys.EXCLUDE), value(keys.RESPECT_GITIGNORE))


def _hint(path: str) -> str:
    """What was probably meant by a path that does not exist."""
    return f" (a command comes first: `dlint {path} …`)" if path in COMMANDS else ""
