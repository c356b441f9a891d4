"""One fact is told once: findings that take the place of vaguer ones about the same text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from dockerlint.finding import Finding
from dockerlint.source import Span


def without_superseded(
    found: Sequence[Finding], hidden: Sequence[Finding], supersedes: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """What is found without the findings that another rule, which knows more, has about the same text.

    `supersedes` leads from the code of a rule to those of the vaguer ones. What remains names the codes that it stands
    for. A finding that a comment has `hidden` still takes the place of vaguer ones, so that one comment will do. What
    the builder refuses is told in any case.
    """
    every = (*found, *hidden)
    exact: dict[str, list[int]] = {}
    for number, finding in enumerate(every):
        for code in supersedes.get(finding.code, ()):
            exact.setdefault(code, []).append(number)
    covered = {code: _grouped(every, numbers) for code, numbers in exact.items()}
    kept: list[int] = []
    replaced: dict[int, list[str]] = {}
    for number, finding in enumerate(found):
        group = None if finding.fatal else _meeting(finding.span, covered.get(finding.code, ()))
        if group is None:
            kept.append(number)
        else:
            replaced.setdefault(_nearest(finding.span, group, every), []).append(finding.code)
    return [
        replace(found[number], instead_of=tuple(dict.fromkeys(replaced[number])))
        if number in replaced
        else found[number]
        for number in kept
    ]


class _Group(NamedTuple):
    """Findings that share text or touch, by their numbers in the order of their places."""

    span: Span
    members: list[int]


def _grouped(found: Sequence[Finding], numbers: Iterable[int]) -> list[_Group]:
    groups: list[_Group] = []
    for number in sorted(numbers, key=lambda number: found[number].span):
        span = found[number].span
        if groups and span.start <= groups[-1].span.end:
            groups[-1].members.append(number)
            groups[-1] = groups[-1]._replace(span=groups[-1].span.cover(span))
        else:
            groups.append(_Group(span, [number]))
    return groups


def _meeting(span: Span, ordered: Sequence[_Group]) -> _Group | None:
    """The first of the groups, which are in order and apart, that shares text with a span."""
    number = bisect_left(ordered, span.start, key=lambda group: group.span.end)
    while number < len(ordered) and ordered[number].span.start <= span.start:
        if ordered[number].span.end > span.start or ordered[number].span.start == span.start:
            return ordered[number]
        number += 1
    return ordered[number] if number < len(ordered) and ordered[number].span.start < span.end else None


def _nearest(span: Span, group: _Group, found: Sequence[Finding]) -> int:
    """The last member of a group that starts before the end of a span."""
    at = bisect_left(group.members, max(span.end, span.start + 1), key=lambda number: found[number].span.start)
    return group.members[max(at - 1, 0)]
