"""Which words of an instruction BuildKit expands, and with what consequence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from dockerlint.syntax.tree import (
    Add,
    Arg,
    Copy,
    Env,
    Expose,
    From,
    Instruction,
    KeyValues,
    Label,
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

    Not the command text of RUN, CMD, ENTRYPOINT and HEALTHCHECK, nor anything inside ONBUILD: those wait for
    the container or the child build. Heredoc bodies are no words, see `Step.expand_body`; mounts are expanded
    field by field.
    """
    fields = _FIELDS.get(type(node))
    return iter(()) if fields is None else iter(fields(node))


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


def _pairs(node: KeyValues) -> Iterator[ExpandedField]:
    for pair in node.pairs:
        yield ExpandedField(pair.key)
        yield ExpandedField(pair.value)


def _defaults(node: Arg) -> Iterator[ExpandedField]:
    for declaration in node.declarations:
        if declaration.default is not None:
            yield ExpandedField(declaration.default)


def _from(node: From) -> Iterator[ExpandedField]:
    yield ExpandedField(node.image, reports_unset=False)
    flag = node.flag("platform")
    if flag is not None and flag.value is not None:
        yield ExpandedField(flag.value, reports_unset=False)


_FIELDS: Mapping[type[Instruction], Callable[[Any], Iterable[ExpandedField]]] = MappingProxyType(
    {
        Env: _pairs,
        Label: _pairs,
        Copy: _transfer,
        Add: _transfer,
        Arg: _defaults,
        Workdir: lambda node: [ExpandedField(node.path)],
        User: lambda node: [ExpandedField(node.user)],
        Volume: lambda node: [ExpandedField(path) for path in node.paths],
        Stopsignal: lambda node: [ExpandedField(node.signal)],
        Expose: lambda node: [ExpandedField(port, reports_unset=False) for port in node.ports],
        From: _from,
    }
)
