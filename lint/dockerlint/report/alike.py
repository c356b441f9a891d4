"""Findings that say the same of neighbouring words, such as each package of a list: people read them once."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlint.finding import Finding, Severity
from dockerlint.source import Source

#: Fewer than this are told one by one.
_FEWEST = 3

#: The most lines from one finding of a group to the next.
_APART = 1


def alike(source: Source, findings: Sequence[Finding]) -> list[tuple[Finding, ...]]:
    """The findings, which are in file order, in groups that may be shown as one, by the place of the first.

    What belongs to a group has one rule, level and message but for what the messages quote, nothing related and no
    fix, and stands on the same line as the one before it or on the next.
    """
    groups: list[list[Finding]] = []
    latest: dict[tuple[str, Severity, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.code, finding.severity, _without_quotes(finding.message))
        group = latest.get(key)
        if group is None or finding.related or finding.fix is not None or not _is_near(source, group[-1], finding):
            group = []
            groups.append(group)
            if not finding.related and finding.fix is None:
                latest[key] = group
        group.append(finding)
    told = [(tuple(group),) if len(group) >= _FEWEST else tuple((each,) for each in group) for group in groups]
    return sorted((part for parts in told for part in parts), key=lambda part: part[0].span.start)


def _without_quotes(message: str) -> str:
    return "'".join(message.split("'")[::2])


def _is_near(source: Source, before: Finding, finding: Finding) -> bool:
    return source.lines.line(finding.span.start) - source.lines.line(before.span.end) <= _APART
