"""Which words of an instruction BuildKit expands, and with what consequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.syntax.tree import (
    Add,
    Arg,
    Expose,
    From,
    Instruction,
    KeyValues,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)


class ExpandedField(NamedTuple):
    """A word that is expanded. `reports_unset` tells whether BuildKit's UndefinedVar looks at it."""

    word: Word
    reports_unset: bool = True


_TRANSFER_FLAGS = ("chown", "chmod")


def expanded_fields(node: Instruction) -> Iterator[ExpandedField]:
    """The words of an instruction that are expanded in this build, in the order in which BuildKit does it.

    Not the command text of RUN, CMD, ENTRYPOINT and HEALTHCHECK, nor anything inside ONBUILD: those wait for the container
    or the child build. Heredoc bodies are no words, see `Step.expand_body`; mounts are expanded field by field.
    """
    if isinstance(node, (KeyValues)):
        for pair in node.pairs:
            yield ExpandedField(pair.key)
            yield ExpandedField(pair.value)
    elif isinstance(node, Transfer):
        yield from _transfer(node)
    elif isinstance(node, Arg):
        for declaration in node.declarations:
            if declaration.default is not None:
                yield ExpandedField(declaration.default)
    elif isinstance(node, Workdir):
        yield ExpandedField(node.path)
    elif isinstance(node, User):
        yield ExpandedField(node.user)
    elif isinstance(node, Volume):
        for path in node.paths:
            yield ExpandedField(path)
    elif isinstance(node, Stopsignal):
        yield ExpandedField(node.signal)
    elif isinstance(node, Expose):
        for port in node.ports:
            yield ExpandedField(port, reports_unset=False)
    elif isinstance(node, From):
        yield ExpandedField(node.image, reports_unset=False)
        flag = node.flag("platform")
        if flag is not None and flag.value is not None:
            yield ExpandedField(flag.value, reports_unset=False)


def _transfer(node: Transfer) -> Iterator[ExpandedField]:
    markers = {heredoc.marker for heredoc in node.heredocs}
    for flag in node.flags:
        if flag.value is None:
            continue
        if flag.name in _TRANSFER_FLAGS or (flag.name == "checksum" and isinstance(node, Add)):
            yield ExpandedField(flag.value)
        elif flag.name == "exclude":
            yield ExpandedField(flag.value, reports_unset=False)
    for source in node.sources:
        if source.span not in markers:
            yield ExpandedField(source)
    yield ExpandedField(node.destination)
