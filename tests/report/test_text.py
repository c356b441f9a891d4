"""The text report shows people where the trouble is, and nothing that a file tries to do to their terminal."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.report import write
from dockerlint.report.excerpt import excerpt
from dockerlint.results import FileResult, Report
from dockerlint.source import Source, Span
from tests.report.samples import RULES, Sample, expected, odd, web, whole

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def written(report: Report, *, color: bool = False, encoding: str | None = None) -> str:
    out: io.StringIO | io.TextIOWrapper = io.StringIO()
    if encoding is not None:
        out = io.TextIOWrapper(io.BytesIO(), encoding, newline="\n")
    write("text", report, out, color=color)
    out.seek(0)
    return out.read()


def test_the_report_of_several_files() -> None:
    assert written(whole()) == expected("whole.txt")


def test_hostile_text_is_shown_as_text() -> None:
    assert written(Report((odd(),), RULES)) == expected("odd.txt")


def test_colours_add_nothing_but_colours() -> None:
    report = Report((*whole().files, odd()), RULES)
    colored = written(report, color=True)
    assert "\x1b" in colored
    assert ESCAPES.sub("", colored) == written(report)


def test_each_level_has_its_own_colour() -> None:
    colored = written(whole(), color=True)
    colors = {}
    for level in ("error", "warning", "info", "style"):
        found = re.search(rf"(\x1b\[[0-9;]*m){level}\x1b", colored)
        assert found is not None
        colors[level] = found[1]
    assert len(set(colors.values())) == 4


def test_a_terminal_without_unicode_gets_frames_it_can_show() -> None:
    assert written(Report((web(),), RULES), encoding="ascii").isascii()


@pytest.mark.parametrize(
    ("files", "summary"),
    [
        ((), "No problems in 0 files"),
        ((FileResult(Source("a", "")),), "No problems in 1 file"),
        ((web(),), "Found 2 errors, 3 warnings, 1 info, 1 style in 1 file"),
        ((web(), FileResult(Source("a", ""))), "Found 2 errors, 3 warnings, 1 info, 1 style in 1 of 2 files"),
        ((FileResult(Source("a", ""), error="gone"),), "Found nothing in 1 file; 1 file not fully checked"),
        ((FileResult(Source("a", "x"), (), web().findings),), "No problems in 1 file; 7 hidden by comments"),
    ],
)
def test_the_last_line_sums_up(files: tuple[FileResult, ...], summary: str) -> None:
    assert written(Report(files, RULES)).splitlines()[-1] == summary


def test_the_errors_of_a_file_stand_beside_its_findings() -> None:
    broken = FileResult(web().source, web().findings, error="internal error in rule DL0000\n\x1b[31m")
    text = written(Report((broken,), RULES))
    assert "  error internal error in rule DL0000\\x0a\\x1b[31m\n" in text
    assert "DL3006" in text


def excerpt_of(text: str, start: int, end: int, width: int = 60) -> list[str]:
    lines = []
    for line in excerpt(Source("", text), Span(start, end), width):
        lines += [f"{line.number} {line.text}", f"  {' ' * line.start}{'^' * (line.end - line.start)}"]
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("text", "marked", "lines"),
    [
        ("FROM a\nRUN b", "RUN", ["2 RUN b", "  ^^^"]),
        ("RUN a \\\n  b \\\n  c", "a \\\n  b", ["1 RUN a \\", "      ^^^", "2   b \\", "    ^"]),
        ("a \\\nb \\\n\nc\n", "a \\\nb \\\n\nc\n", ["1 a \\", "  ^^^", "4 c", "  ^"]),
        ("a\n\nb", "a\n\nb", ["1 a", "  ^", "2", "", "3 b", "  ^"]),
        ("\ta\tb", "b", ["1     a   b", "          ^"]),
        ("日本 x", "x", ["1 日本 x", "       ^"]),
        ("e\u0301x", "x", ["1 e\u0301x", "   ^"]),
        ("\x1bx", "x", ["1 \\x1bx", "      ^"]),
        ("a\u202eb", "\u202e", ["1 a\\u202eb", "   ^^^^^^"]),
        ("a\r\nb\r\n", "a\r\n", ["1 a", "  ^"]),
    ],
)
def test_the_guilty_text_is_underlined(text: str, marked: str, lines: list[str]) -> None:
    start = text.index(marked)
    assert excerpt_of(text, start, start + len(marked)) == lines


@pytest.mark.parametrize("at", [0, 1, 20, 500, 980, 998])
def test_a_long_line_is_cut_around_the_mark(at: int) -> None:
    text = "." * at + "XX" + "." * (998 - at)
    (line,) = excerpt(Source("", text), Span(at, at + 2), 40)
    assert 38 <= len(line.text) <= 40
    assert line.text[line.start : line.end] == "XX"
    assert line.text.startswith("…") is (at > 1)
    assert line.text.endswith("…") is (at < 980)


TEXTS = st.text(
    st.one_of(
        st.sampled_from(list("abc \\#\t\n\r\x1b\x00\x07\u202e\u2066\u200b\ufeff\xa0\u3000[]")),
        st.sampled_from(["日", "👩", "\u0301", "\udcff", "\U000e0001", "\u2028", "\x85", "\x9b"]),
        st.characters(),
    ),
    max_size=300,
)
SPANS = st.builds(Span, st.integers(-5, 350), st.integers(-5, 350))


@given(TEXTS, SPANS, st.integers(20, 100))
def test_any_line_fits_and_has_its_mark_inside(text: str, span: Span, width: int) -> None:
    lines = list(excerpt(Source("", text), span, width))
    assert 1 <= len(lines) <= 3
    assert any(line.end > line.start for line in lines) or len(lines) > 1
    for line in lines:
        assert line.text.isprintable()
        assert cell_len(line.text) <= width
        assert 0 <= line.start <= line.end <= max(cell_len(line.text), line.start + 1)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), st.data())
def test_a_mark_covers_exactly_the_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    (line,) = excerpt(Source("", f"{text}\nx"), Span(start, end), 80)
    assert (line.text, line.start, line.end) == (text, start, max(end, start + 1))


@given(TEXTS, TEXTS, TEXTS, st.lists(SPANS, min_size=1, max_size=4), st.booleans())
def test_nothing_of_a_file_reaches_the_terminal_raw(
    path: str, text: str, message: str, spans: list[Span], color: bool
) -> None:
    fix = Fix(message, Safety.SAFE, (Edit(spans[0], message),))
    related = tuple(Related(span, message) for span in spans[1:])
    findings = tuple(Finding(message, span, message, Severity.STYLE, related=related, fix=fix) for span in spans)
    report = Report((FileResult(Source(path, text), findings, error=message),), RULES)
    shown = written(report, color=color)
    shown.encode("utf-8")
    bare = ESCAPES.sub("", shown) if color else shown
    assert all(line.isprintable() for line in bare.split("\n"))
    assert not set(bare) & set("\u200b\u200d\u202e\u2066\ufeff")


def test_many_findings_on_a_long_line_take_little_time() -> None:
    text = "RUN " + "echo ä; " * 30_000
    findings = tuple(
        Finding("DL3006", Span(4 + 8 * number, 8 + 8 * number), "message", Severity.INFO) for number in range(30_000)
    )
    started = time.perf_counter()
    shown = written(Report((FileResult(Source("Dockerfile", text), findings),), RULES))
    assert shown.count("^^^^") == 30_000
    assert time.perf_counter() - started < 60


def test_plain_reports_of_plain_files_need_no_library() -> None:
    script = """
import io, sys
from dockerlint.report import write
from dockerlint.results import FileResult, Report
from dockerlint.finding import Finding, Severity
from dockerlint.source import Source, Span
finding = Finding("DL3006", Span(5, 6), "message", Severity.INFO)
write("text", Report((FileResult(Source("Dockerfile", "FROM a\\n"), (finding,)),), {}), io.StringIO(), color=False)
print(*sorted({"rich", "sarif_om", "attr", "textwrap"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []


def test_messages_are_broken_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample("Dockerfile", "FROM a\n")
    sample.add("DL3006", sample.span("a"), "one two three " * 20)
    report = Report((sample.result(),), RULES)
    assert max(map(len, written(report).splitlines())) > 200

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 1

    monkeypatch.setattr("os.get_terminal_size", lambda _: type("Size", (), {"columns": 60}))
    out = Terminal()
    write("text", report, out, color=False)
    assert max(map(len, out.getvalue().splitlines())) <= 60
