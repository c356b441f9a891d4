"""Text for people: findings by file, each with the lines it is about, and a summary at the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, TextIO

from dockerlint.finding import Finding, Safety, Severity
from dockerlint.report.alike import alike
from dockerlint.report.excerpt import Line, excerpt
from dockerlint.report.links import rule_url
from dockerlint.report.places import tight_region_of, without_secrets
from dockerlint.report.visible import visible
from dockerlint.results import FileResult, Report
from dockerlint.rule import Rule
from dockerlint.shellcheck.codes import is_code
from dockerlint.source import Source, Span

#: The width of excerpts where the output is no terminal; messages are not broken there.
_WIDTH = 120
_NARROWEST = 40
_INDENT = "  "

_LEVELS = (Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.STYLE)
_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFO: "bold cyan",
    Severity.STYLE: "bold magenta",
}
_RELATED = "bold blue"
_FRAME = "blue"

_Paint = Callable[[str, str], str]


def write(report: Report, out: TextIO, *, color: bool) -> None:
    """Write the report; `color` asks for colours, whatever `out` is."""
    columns = _columns(out)
    page = _Page(report, _painter() if color else _plain, _glyphs(out), columns)
    out.writelines(page.pieces())


class _Glyphs(NamedTuple):
    """The characters that frame excerpts."""

    bar: str
    corner: str
    dots: str
    dot: str


_DRAWN = _Glyphs("│", "╰", "…", " · ")
_TYPED = _Glyphs("|", "=", ":", "; ")


def _glyphs(out: TextIO) -> _Glyphs:
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("_", "-")
    return _DRAWN if encoding.startswith("utf") else _TYPED


def _columns(out: TextIO) -> int | None:
    """The width of the terminal, None if the output is something else."""
    try:
        return max(os.get_terminal_size(out.fileno()).columns, _NARROWEST) if out.isatty() else None
    except (OSError, ValueError, AttributeError):
        return None


def _plain(_style: str, text: str) -> str:
    return text


def _painter() -> _Paint:
    """Paints with the sixteen colours that follow the terminal's own theme."""
    from rich.color import ColorSystem  # noqa: PLC0415 - only colours need it
    from rich.style import Style  # noqa: PLC0415

    around: dict[str, tuple[str, str]] = {}

    def paint(style: str, text: str) -> str:
        ends = around.get(style)
        if ends is None:
            before, _, after = Style.parse(style).render("\0", color_system=ColorSystem.STANDARD).partition("\0")
            ends = around[style] = before, after
        return f"{ends[0]}{text}{ends[1]}" if text else text

    return paint


class _Mark(NamedTuple):
    """A place to underline with a sign, and what to say beside it."""

    span: Span
    style: str
    sign: str
    label: str


class _Page:
    """Puts the report together, piece by piece."""

    def __init__(self, report: Report, paint: _Paint, glyphs: _Glyphs, columns: int | None) -> None:
        self._report = report
        self._paint = paint
        self._glyphs = glyphs
        self._columns = columns
        self._width = min(columns or _WIDTH, _WIDTH)
        self._explained: set[str] = set()

    def pieces(self) -> Iterator[str]:
        for file in self._report.files:
            if file.findings or file.error is not None:
                yield f"{self._head(file)}\n\n"
                if file.error is not None:
                    yield f"{_INDENT}{self._paint('bold red', 'error')} {visible(file.error)}\n\n"
                source = without_secrets(file)
                for group in alike(source, file.findings):
                    yield "".join(f"{line}\n" for line in self._finding(source, *group))
                    yield "\n"
        yield f"{self._summary()}\n"

    def _head(self, file: FileResult) -> str:
        counts = _counted(Counter(finding.severity for finding in file.findings))
        return f"{self._paint('bold underline', visible(file.source.path))}  {self._paint('dim', counts)}".rstrip()

    def _finding(self, source: Source, finding: Finding, *others: Finding) -> Iterator[str]:
        """One finding, and the places of others that say the same of other words."""
        paint = self._paint
        rule = self._report.rules.get(finding.code)
        region = tight_region_of(source, finding.span)
        place = f"{visible(source.path)}:{region.line}:{region.column}"
        level = paint(_STYLES[finding.severity], finding.severity.label)
        name = f" {visible(rule.name)}" if rule else ""
        yield f"{_INDENT}{place} {level} {visible(finding.code)}{paint('dim', name)}"
        more = f" (and {len(others)} more like this)" if others else ""
        for line in self._wrapped(visible(finding.message) + more):
            yield f"{_INDENT}{paint('bold', line)}"
        marks = [_Mark(each.span, _STYLES[finding.severity], "^", "") for each in (finding, *others)]
        marks += [_Mark(related.span, _RELATED, "-", visible(related.message)) for related in finding.related]
        yield from self._excerpts(source, marks, list(self._hints(finding, rule)))

    def _excerpts(self, source: Source, marks: list[_Mark], hints: list[str]) -> Iterator[str]:
        """The lines that are marked, in file order, and the hints below. A line with several marks is shown once."""
        paint = self._paint
        gutter = len(str(max(tight_region_of(source, mark.span).end_line for mark in marks)))
        bar = paint(_FRAME, self._glyphs.bar)
        dots = f"{_INDENT}{paint(_FRAME, self._glyphs.dots.rjust(gutter))} {bar}"
        room = max(self._width - len(_INDENT) - gutter - 3, _NARROWEST // 2)
        last: Line | None = None
        for mark in sorted(marks, key=lambda mark: mark.span) if source.text else ():
            lines = list(excerpt(source, mark.span, room))
            for line in lines:
                if last is not None and line.number > last.number + 1:
                    yield dots
                if last is None or (line.number, line.text) != (last.number, last.text):
                    yield f"{_INDENT}{paint(_FRAME, str(line.number).rjust(gutter))} {bar} {line.text}".rstrip()
                if line.end > line.start:
                    label = f" {mark.label}" if mark.label and line is lines[-1] else ""
                    text = paint(mark.style, mark.sign * (line.end - line.start) + label)
                    yield f"{_INDENT}{' ' * gutter} {bar} {' ' * line.start}{text}"
                last = line
        if hints:
            yield f"{_INDENT}{' ' * gutter} {paint(_FRAME, self._glyphs.corner)} {self._glyphs.dot.join(hints)}"

    def _hints(self, finding: Finding, rule: Rule | None) -> Iterator[str]:
        if finding.fix is not None:
            kind = "fix" if finding.fix.safety is Safety.SAFE else "unsafe fix"
            yield f"{self._paint('bold green', kind)}: {visible(finding.fix.description)}"
        ours = rule is not None and not is_code(finding.code)
        page = f"dlint explain {finding.code}" if ours else rule_url(finding.code)
        if page is not None and finding.code not in self._explained:
            self._explained.add(finding.code)
            yield self._paint("dim", f"help: {visible(page)}")

    def _wrapped(self, message: str) -> list[str]:
        if self._columns is None or len(message) + len(_INDENT) < self._columns:
            return [message]
        from textwrap import wrap  # noqa: PLC0415 - only long messages need it

        return wrap(message, self._columns - len(_INDENT) - 1, break_on_hyphens=False)

    def _summary(self) -> str:
        files = self._report.files
        counts = Counter(finding.severity for file in files for finding in file.findings)
        failed = sum(file.error is not None for file in files)
        hidden = sum(len(file.suppressed) for file in files)
        looked_at = _number(len(files), "file")
        if counts:
            guilty = sum(bool(file.findings) for file in files)
            where = looked_at if guilty == len(files) else f"{guilty} of {looked_at}"
            text = self._paint(_STYLES[max(counts)], f"Found {_counted(counts)} in {where}")
        elif failed:
            text = f"Found nothing in {looked_at}"
        else:
            text = self._paint("bold green", f"No problems in {looked_at}")
        notes = []
        if hidden:
            notes.append(f"{hidden} hidden by comments")
        if failed:
            notes.append(self._paint("bold red", f"{_number(failed, 'file')} not fully checked"))
        gaps = dict.fromkeys(file.gap for file in files if file.gap is not None)
        remarks = [self._paint("yellow", visible(remark)) for remark in (*gaps, *self._report.notes)]
        return "\n".join(["; ".join([text, *notes]), *remarks])


def _counted(counts: Counter[Severity]) -> str:
    """Counts by level, the worst first: `2 errors, 1 warning`."""
    words = {Severity.INFO: ("info", "infos"), Severity.STYLE: ("style", "style")}
    parts = []
    for level in _LEVELS:
        if counts[level]:
            one, many = words.get(level, (level.label, f"{level.label}s"))
            parts.append(f"{counts[level]} {one if counts[level] == 1 else many}")
    return ", ".join(parts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
