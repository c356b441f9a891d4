"""The ONBUILD triggers of a base image as instructions of the stage that is built on it.

They are written in no file of the build, so all of an instruction stands at one place: the image's name in FROM.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import fields, is_dataclass, replace
from typing import Any

from dockerlint.source import JoinedText, Source, Span
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Broken, From, Instruction, Maintainer, Onbuild

#: Triggers that are run; a base image may name any number.
_MOST = 100
_MOST_LETTERS = 100_000


def base_triggers(texts: Iterable[str], place: Span) -> tuple[Instruction, ...]:
    """The instructions that the triggers of a base image are, all of them at a place of the file.

    The builder reads each as a file of its own, with the usual escape character. What it would refuse as a trigger, or
    cannot read, is left out.
    """
    found: list[Instruction] = []
    for text in tuple(texts)[:_MOST]:
        for node in parse(Source("", text[:_MOST_LETTERS])).instructions:
            if not isinstance(node, (Broken, From, Maintainer, Onbuild)):
                markers = frozenset(heredoc.marker for heredoc in node.heredocs)
                found.append(_placed(node, place, markers))
    return tuple(found)


def _placed(value: Any, place: Span, markers: Set[Span]) -> Any:
    """A copy of a part of a tree, all of whose spans are `place`.

    Markers of heredocs are told apart from other words by their spans, so theirs is the empty one at the place's start.
    """
    if isinstance(value, Span):
        return Span(place.start, place.start) if value in markers else place
    if isinstance(value, JoinedText):
        return JoinedText.of(value.text, ())
    if isinstance(value, tuple):
        parts = [_placed(part, place, markers) for part in value]
        return value._make(parts) if hasattr(value, "_make") else tuple(parts)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _placed(getattr(value, field.name), place, markers) for field in fields(value)}
        return replace(value, **changed)
    return value
