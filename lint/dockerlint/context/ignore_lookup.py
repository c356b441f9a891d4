"""Finds the ignore file of a build: which one counts, and what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dockerlint.context.ignorefile import IgnoreFile

_SUFFIX = ".dockerignore"

#: Characters; no one writes a longer one.
_LONGEST = 1_000_000


class FoundIgnoreFile(NamedTuple):
    """The ignore file of a build and the name that messages show for it."""

    name: str
    content: IgnoreFile


def find_ignore_file(context: str | None, dockerfile: str) -> FoundIgnoreFile | None:
    """The ignore file for a Dockerfile and the folder of its build context; None if there is none.

    As in BuildKit one beside the Dockerfile that has its name counts alone, else that of the context. `dockerfile` is a
    path from the context, or the Dockerfile's own. Without a context, an ignore file beside the Dockerfile tells that
    its folder is one. A file that cannot be read is treated as missing, and standard input (`-`) has none of its own.
    """
    for path in _candidates(context, dockerfile):
        try:
            with open(path, encoding="utf-8", errors="replace", newline="") as file:
                text = file.read(_LONGEST)
        except (OSError, ValueError):
            continue
        from dockerlint.context.ignorefile import IgnoreFile  # noqa: PLC0415 - slow to import, seldom needed

        return FoundIgnoreFile(os.path.basename(path), IgnoreFile.parse(text))
    return None


def _candidates(context: str | None, dockerfile: str) -> Iterator[str]:
    folder, name = os.path.split(dockerfile)
    is_file = name not in ("", "-")
    if context is None:
        if is_file:
            yield dockerfile + _SUFFIX
            yield os.path.join(folder, _SUFFIX)
        return
    if is_file:
        yield os.path.join(context, dockerfile) + _SUFFIX
        # The Dockerfile may lie anywhere.
        yield dockerfile + _SUFFIX
    yield os.path.join(context, _SUFFIX)
