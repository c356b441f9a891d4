"""JSON for programs: one flat array of findings, a superset of hadolint's fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TextIO

from dockerlint.finding import Finding, Fix
from dockerlint.report.links import rule_url
from dockerlint.report.places import Region, region_of, stage_of, tight_region_of
from dockerlint.report.plain_text import sound
from dockerlint.results import FileResult, Report
from dockerlint.rule import Rule
from dockerlint.source import Source


def write(report: Report, out: TextIO, *, color: bool) -> None:  # noqa: ARG001 - the same for every format
    """Write one object per line between brackets, `[]` if nothing was found. The output is pure ASCII."""
    out.write("[")
    separator = "\n"
    for entry in _entries(report):
        out.write(f"{separator}{json.dumps(entry)}")
        separator = ",\n"
    out.write("]\n" if separator == "\n" else "\n]\n")


def _entries(report: Report) -> Iterator[dict[str, object]]:
    for file in report.files:
        for finding in file.findings:
            yield _entry(file, finding, report.rules)


def _entry(file: FileResult, finding: Finding, rules: Mapping[str, Rule]) -> dict[str, object]:
    source = file.source
    rule = rules.get(finding.code)
    region = tight_region_of(source, finding.span)
    part = file.part(finding.span)
    return {
        "file": sound(source.path),
        **_lines(region),
        "level": finding.severity.label,
        "code": finding.code,
        "name": rule.name if rule else None,
        "category": next((tag for tag in rule.tags if tag != "security"), None) if rule else None,
        "message": sound(finding.message),
        "instruction": part.instruction or None if part is not None else None,
        "stage": stage_of(part),
        "url": rule_url(finding.code),
        "aliases": _aliases(finding, rules),
        "confidence": finding.confidence.value,
        "related": [
            {**_lines(tight_region_of(source, related.span)), "message": sound(related.message)}
            for related in finding.related
        ],
        "fix": None if finding.fix is None else _fix(source, finding.fix),
    }


def _aliases(finding: Finding, rules: Mapping[str, Rule]) -> list[str]:
    """What other tools call the fact, also by the rules whose findings this one stands for."""
    codes = (finding.code, *finding.instead_of)
    return list(dict.fromkeys(alias for code in codes if code in rules for alias in rules[code].aliases))


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    return {
        "safety": fix.safety.value,
        "description": sound(fix.description),
        "edits": [{**_lines(region_of(source, edit.span)), "text": sound(edit.text)} for edit in fix.edits],
    }


def _lines(region: Region) -> dict[str, object]:
    """The keys of a place. Lines and columns count from 1, columns in code points; the end is one past the last."""
    return dict(region._asdict())
