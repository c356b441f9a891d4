"""Neighbouring findings that say the same are told as one."""

from __future__ import annotations

import io

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.report.alike import alike
from dockerlint.report.text_report import write
from dockerlint.results import FileResult, Report
from dockerlint.source import Source, Span

SOURCE = Source("Dockerfile", "RUN add a \\\n b \\\n c \\\n -x \\\n \\\n d\n")


def finding(word: str, message: str = "'{}' has no version: write '{}=1'", code: str = "DL1") -> Finding:
    at = SOURCE.text.index(f" {word}") + 1
    return Finding(code, Span(at, at + len(word)), message.replace("{}", word), Severity.INFO)


def words(findings: list[Finding]) -> list[str]:
    return [" ".join(SOURCE.slice(each.span) for each in group) for group in alike(SOURCE, findings)]


def test_neighbours_with_one_message_are_a_group() -> None:
    assert words([finding("a"), finding("b"), finding("c")]) == ["a b c"]


def test_what_stands_apart_is_told_apart() -> None:
    assert words([finding("a"), finding("b"), finding("c"), finding("d")]) == ["a b c", "d"]


def test_two_are_told_one_by_one() -> None:
    assert words([finding("a"), finding("b")]) == ["a", "b"]


def test_other_findings_between_do_not_part_a_group() -> None:
    other = finding("b", code="DL2")
    assert words([finding("a"), finding("b"), other, finding("c")]) == ["a b c", "b"]


def test_another_message_is_another_group() -> None:
    assert words([finding("a"), finding("b", "'{}' is old"), finding("c")]) == ["a", "b", "c"]


def test_what_has_a_fix_or_a_second_place_is_told_by_itself() -> None:
    fixed = finding("b")
    fix = Fix("mend", Safety.SAFE, (Edit(fixed.span, "x"),))
    related = (Related(Span(0, 3), "here"),)
    for special in (
        Finding(fixed.code, fixed.span, fixed.message, fixed.severity, fix=fix),
        Finding(fixed.code, fixed.span, fixed.message, fixed.severity, related=related),
    ):
        assert words([finding("a"), special, finding("c")]) == ["a", "b", "c"]


def test_a_group_shows_all_its_words_once() -> None:
    out = io.StringIO()
    findings = (finding("a"), finding("b"), finding("c"))
    write(Report((FileResult(SOURCE, findings),), {}), out, color=False)
    assert out.getvalue().count("has no version") == 1
    assert "'a' has no version: write 'a=1' (and 2 more like this)\n" in out.getvalue()
    assert out.getvalue().count("^") == 3
    assert "Found 3 infos in 1 file" in out.getvalue()
