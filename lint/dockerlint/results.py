"""What a run found, as the report writers take it."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Rule
from dockerlint.source import Source, Span


class Part(NamedTuple):
    """An instruction as a part of its file: its place, its keyword in upper case, and its stage.

    `stage` is the 0-based index of the stage, None above the first FROM; `name` its name in lower case, None without
    one.
    """

    span: Span
    instruction: str
    stage: int | None
    name: str | None


class FileResult(NamedTuple):
    """The findings of one file in the order of line, column and code; `suppressed` are those that a comment
    silenced.

    `parts` are the instructions in file order, of a file in which something was found.
    `error` says why the file could not be read at all (there are no findings then), or which rules failed on it. `gap`
    says what was not looked at where that is no error.
    """

    source: Source
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    error: str | None = None
    gap: str | None = None
    parts: tuple[Part, ...] = ()

    def part(self, span: Span) -> Part | None:
        """The instruction in which a place begins; for one between two instructions that above it.

        `instruction` is blank then: the place belongs to the stage, and to none of its instructions.
        """
        at = bisect_right(self.parts, span.start, key=lambda part: part.span.start) - 1
        if at < 0:
            return None
        part = self.parts[at]
        return part if span.start < max(part.span.end, part.span.start + 1) else part._replace(instruction="")


class Report(NamedTuple):
    """The results of a run in the order of the paths, and the rules that took part, by code.

    `notes` are sentences for people about the run as a whole.
    """

    files: tuple[FileResult, ...]
    rules: dict[str, Rule]
    notes: tuple[str, ...] = ()

    def exit_code(self, fail_on: Severity | None) -> int:
        """2 if a file could not be read, else 1 if a finding reaches `fail_on` (None: never) or the builder
        refuses a file, else 0.
        """
        if any(file.error is not None for file in self.files):
            return 2
        for file in self.files:
            for finding in file.findings:
                if finding.fatal or (fail_on is not None and finding.severity >= fail_on):
                    return 1
        return 0
