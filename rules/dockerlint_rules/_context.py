"""What COPY and ADD take from the build context."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.semantics.stages import Step
from dockerlint.syntax.tree import Add, Transfer, Word
from dockerlint_rules._sources import is_remote, written_sources
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

WHOLE = "."
"""The path of the context itself."""

_EVERYTHING = frozenset({WHOLE, "*", "**", "**/*"})


class ContextSource(NamedTuple):
    """A source of COPY or ADD in the build context.

    `path` is relative to the context and cleaned as BuildKit does it: no `./`, no leading or final `/`; `WHOLE` also
    for patterns that fit everything. `folder` tells that it was written with a final `/`.
    """

    word: Word
    path: str
    folder: bool

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole build context."""
        return self.path == WHOLE


def context_sources(node: Transfer, step: Step) -> Iterator[ContextSource]:
    """The sources in the build context whose names are known; none for a copy from a stage, an image or a URL."""
    if node.flag("from") is not None:
        return
    for word in written_sources(node):
        value = value_of(step, word)
        if value is None or (isinstance(node, Add) and is_remote(value)):
            continue
        path = posixpath.normpath("/" + value).lstrip("/") or WHOLE
        yield ContextSource(word, WHOLE if path in _EVERYTHING else path, value.endswith("/"))


# What projects call the folders that their own code lives in.
_SOURCE_FOLDERS = names(
    """
    api app apps assets backend client cmd code frontend internal pkg project public server source sources spec src
    static templates test tests views web www
    """
)


def is_own_code(source: ContextSource) -> bool:
    """Whether a source is the code that people work on: the whole context, or a folder that is called like that."""
    *parents, last = source.path.split("/")
    is_folder = source.folder or "." not in last
    return source.is_whole or (is_folder and not _SOURCE_FOLDERS.isdisjoint((last, *parents[:1])))
