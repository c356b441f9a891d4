"""SARIF 2.1.0, for code scanning: written through sarif-om, within the limits that GitHub sets for an upload."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO
from urllib.parse import quote

import sarif_om as om

from dockerlint import __version__
from dockerlint.finding import Edit, Finding, Fix, Related
from dockerlint.report.links import PROJECT
from dockerlint.report.places import Region, clipped, region_of, stage_of, tight_region_of
from dockerlint.report.plain_text import sound
from dockerlint.report.sarif_json import as_json
from dockerlint.report.sarif_rules import LEVELS, descriptor
from dockerlint.results import FileResult, Report
from dockerlint.source import Source, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_ROOT_TEXT = "The folder that dlint was started in."
_DRIVE = re.compile(r"[A-Za-z]:/")

#: A run with more results is refused as a whole, and of one result's related places no more are kept.
MOST_RESULTS = 25_000
_MOST_RELATED = 100
#: How much of the guilty lines makes a fingerprint.
_FINGERPRINTED = 1_000


def write(report: Report, out: TextIO, *, color: bool) -> None:  # noqa: ARG001 - the same for every format
    """Write a log with one run. The output is pure ASCII and depends on nothing but the report."""
    log = as_json(_log(report))
    assert isinstance(log, dict)
    # What tells readers the format comes first.
    json.dump({name: log[name] for name in ("$schema", "version", "runs")}, out, separators=(",", ":"))
    out.write("\n")


class _Entry(NamedTuple):
    """A finding on its way into the log."""

    file: FileResult
    finding: Finding
    hidden: bool
    fingerprint: str


def _log(report: Report) -> om.SarifLog:
    every = [entry for file in report.files for entry in _entries(file)]
    entries = _worst(every)
    codes = sorted({entry.finding.code for entry in entries})
    indexes = {code: index for index, code in enumerate(codes)}
    driver = om.ToolComponent(
        name="dlint",
        version=__version__,
        semantic_version=__version__,
        information_uri=PROJECT,
        rules=[descriptor(code, report.rules.get(code)) for code in codes],
    )
    relative = any(_is_relative(file.source.path) for file in report.files)
    run = om.Run(
        tool=om.Tool(driver=driver),
        column_kind="unicodeCodePoints",
        original_uri_base_ids={_ROOT: om.ArtifactLocation(description=om.Message(text=_ROOT_TEXT))}
        if relative
        else None,
        artifacts=[om.Artifact(location=_location_of(file.source.path)) for file in report.files],
        invocations=[_invocation(report, len(every) - len(entries))],
        results=[_result(entry, indexes[entry.finding.code]) for entry in entries],
    )
    return om.SarifLog(version="2.1.0", schema_uri=_SCHEMA, runs=[run])


def _entries(file: FileResult) -> Iterator[_Entry]:
    """The findings of a file, also the hidden ones, in file order."""
    found = [(finding, False) for finding in file.findings] + [(finding, True) for finding in file.suppressed]
    found.sort(key=lambda pair: (pair[0].span, pair[0].code, pair[0].message))
    seen: Counter[str] = Counter()
    for finding, hidden in found:
        mark = _fingerprint(file.source, finding)
        seen[mark] += 1
        yield _Entry(file, finding, hidden, f"{mark}:{seen[mark]}")


def _worst(entries: Sequence[_Entry]) -> Sequence[_Entry]:
    """As many entries as a run may have, in their order; hidden ones go first, then the less severe."""
    if len(entries) <= MOST_RESULTS:
        return entries
    ranked = sorted(range(len(entries)), key=lambda at: (entries[at].hidden, -entries[at].finding.severity, at))
    return [entries[at] for at in sorted(ranked[:MOST_RESULTS])]


def _fingerprint(source: Source, finding: Finding) -> str:
    """What stays the same when lines are moved: the code and the guilty lines, whatever their blanks."""
    start, end = clipped(source, finding.span)
    first = source.lines.line_span(source.lines.line(start))
    last = source.lines.line_span(source.lines.line(end))
    text = source.text[first.start : min(last.end, first.start + _FINGERPRINTED)]
    mark = f"{finding.code}\0{' '.join(text.split())}"
    return hashlib.sha256(mark.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _result(entry: _Entry, index: int) -> om.Result:
    source, finding = entry.file.source, entry.finding
    related = finding.related[:_MOST_RELATED]
    return om.Result(
        rule_id=sound(finding.code),
        rule_index=index,
        level=LEVELS[finding.severity],
        message=om.Message(text=_message(finding.message, related)),
        locations=[_location(source, finding.span)],
        related_locations=[
            _location(source, place.span, number, place.message) for number, place in enumerate(related, 1)
        ]
        or None,
        partial_fingerprints={"primaryLocationLineHash": entry.fingerprint},
        fixes=None if finding.fix is None else [_fix(source, finding.fix)],
        suppressions=[om.Suppression(kind="inSource", justification=_sound_or_none(finding.excuse))]
        if entry.hidden
        else None,
        properties=_properties(entry),
    )


def _properties(entry: _Entry) -> dict[str, object]:
    """What SARIF has no place for. An instruction or a stage that is none is left out."""
    part = entry.file.part(entry.finding.span)
    found: dict[str, object] = {"confidence": entry.finding.confidence.value}
    if part is not None and part.instruction:
        found["instruction"] = part.instruction
    stage = stage_of(part)
    return found if stage is None else {**found, "stage": stage}


def _sound_or_none(text: str | None) -> str | None:
    return None if text is None else sound(text)


def _message(text: str, related: Sequence[Related]) -> str:
    """The message, and a link to each related place. Brackets in the texts must not make links of their own."""
    links = [f"[{_unbracketed(place.message)}]({number})" for number, place in enumerate(related, 1)]
    return " ".join([sound(text).replace("](", "] ("), *links])


def _unbracketed(text: str) -> str:
    return sound(text).translate({ord("["): "(", ord("]"): ")"})


def _location(source: Source, span: Span, number: int | None = None, message: str | None = None) -> om.Location:
    """A place in a file; `number` is what the message links to."""
    physical = om.PhysicalLocation(
        artifact_location=_location_of(source.path), region=_region(tight_region_of(source, span))
    )
    text = None if message is None else om.Message(text=sound(message))
    return om.Location(id=-1 if number is None else number, physical_location=physical, message=text)


def _place_of(path: str) -> om.Location:
    """A whole file as a place."""
    return om.Location(physical_location=om.PhysicalLocation(artifact_location=_location_of(path)))


def _region(region: Region) -> om.Region:
    return om.Region(
        start_line=region.line, start_column=region.column, end_line=region.end_line, end_column=region.end_column
    )


def _fix(source: Source, fix: Fix) -> om.Fix:
    change = om.ArtifactChange(
        artifact_location=_location_of(source.path),
        replacements=[_replacement(source, edit) for edit in fix.edits],
    )
    return om.Fix(
        artifact_changes=[change],
        description=om.Message(text=sound(fix.description)),
        properties={"safety": fix.safety.value},
    )


def _replacement(source: Source, edit: Edit) -> om.Replacement:
    content = om.ArtifactContent(text=sound(edit.text)) if edit.text else None
    return om.Replacement(deleted_region=_region(region_of(source, edit.span)), inserted_content=content)


def _invocation(report: Report, left_out: int) -> om.Invocation:
    notifications = [
        om.Notification(
            level="error",
            message=om.Message(text=sound(file.error)),
            locations=[_place_of(file.source.path)],
        )
        for file in report.files
        if file.error is not None
    ]
    successful = not notifications
    if left_out:
        text = f"{left_out} findings are left out, the least severe: a run may have {MOST_RESULTS} results"
        notifications.append(om.Notification(level="warning", message=om.Message(text=text)))
    return om.Invocation(execution_successful=successful, tool_execution_notifications=notifications or None)


def _location_of(path: str) -> om.ArtifactLocation:
    """A relative path stays relative to where dlint was started; an absolute one becomes a file URI."""
    if _is_relative(path):
        return om.ArtifactLocation(uri=_encoded(path), uri_base_id=_ROOT)
    start = "file://" if path.startswith("/") else "file:///"
    return om.ArtifactLocation(uri=start + _encoded(path, safe="/:"))


def _is_relative(path: str) -> bool:
    return not path.startswith("/") and _DRIVE.match(path) is None


def _encoded(path: str, safe: str = "/") -> str:
    """The path with everything encoded that has a meaning in a URI. Undecodable bytes are encoded as they were."""
    try:
        written = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # No file system has such a name, but whoever says what standard input stands for may write one.
        written = path.encode("utf-8", "surrogatepass")
    return quote(written, safe=safe)
