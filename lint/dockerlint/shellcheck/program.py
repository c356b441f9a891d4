"""Finds the ShellCheck program.

No setting names it: a settings file is part of what is linted, and must not be able to have a program started.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

#: How to get it, and how to do without it, for messages.
INSTALLATION = "pip install 'dockerlint[shellcheck]'"
REMEDY = f"{INSTALLATION}, or --shellcheck off"

_NAME = "shellcheck.exe" if os.name == "nt" else "shellcheck"
#: In seconds; the program answers within a hundredth of one.
_PATIENCE = 10
_VERSION = re.compile(rb"^version:[ \t]*([0-9]{1,4}\.[0-9]{1,4}(?:\.[0-9]{1,4})?)", re.MULTILINE)
_NUMBERS = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")
_BUSYBOX_SINCE = (0, 10)

#: Variables that change what the program does, or keep it from doing anything.
_MEDDLING = ("SHELLCHECK_OPTS", "GHCRTS")


class Program(NamedTuple):
    """The program at `path`. Another program has another `identity`, so that old answers are not taken for its own."""

    path: str
    identity: str


def find_program(environment: Mapping[str, str]) -> Program | None:
    """The program beside the running Python, where the extra `shellcheck` puts it, or the first on PATH."""
    for folder in _folders(environment):
        path = os.path.join(folder, _NAME)
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            continue
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return Program(path, f"{os.path.realpath(path)}:{status.st_size}:{status.st_mtime_ns}")
    return None


def version_of(program: Program) -> str:
    """The version that the program says it has; blank if it says nothing of that kind."""
    import subprocess  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        done = subprocess.run(
            [program.path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean(os.environ),
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    match = _VERSION.search(done.stdout[:10_000])
    return "" if match is None else match[1].decode()


def knows_busybox(version: str) -> bool:
    """Whether a version has a dialect for the shell of busybox."""
    match = _NUMBERS.match(version)
    return match is not None and (int(match[1]), int(match[2])) >= _BUSYBOX_SINCE


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for the program, without what would change its output."""
    return {name: value for name, value in environment.items() if name not in _MEDDLING}


def _folders(environment: Mapping[str, str]) -> Iterator[str]:
    if sys.executable:
        yield os.path.dirname(sys.executable)
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        # A relative one leads into the folder that is linted, whose programs must not be started.
        if os.path.isabs(folder):
            yield folder
