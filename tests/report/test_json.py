"""The JSON report has hadolint's fields under hadolint's names, and more."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.config.kinds import FORMAT_NAMES
from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.report import write
from dockerlint.results import FileResult, Part, Report
from dockerlint.source import Source, Span
from tests.report.samples import RULES, Sample, odd, whole
from tests.report.test_text import SPANS, TEXTS


def written(report: Report) -> str:
    out = io.StringIO()
    write("json", report, out, color=False)
    return out.getvalue()


def entries(report: Report) -> list[dict[str, Any]]:
    found = json.loads(written(report))
    assert isinstance(found, list)
    return found


def test_a_clean_run_is_an_empty_array() -> None:
    assert written(Report((FileResult(Source("Dockerfile", "FROM a")),), RULES)) == "[]\n"


def test_hadolint_has_its_six_fields() -> None:
    keys = ("code", "column", "file", "level", "line", "message")
    assert [entry["code"] for entry in entries(whole())] == [
        *("DL3006", "DL7001", "DL3009", "DL8021", "DL1002", "SC2086", "DL5005")
    ]
    assert {key: entries(whole())[0][key] for key in keys} == {
        "code": "DL3006",
        "column": 6,
        "file": "services/web/Dockerfile",
        "level": "warning",
        "line": 2,
        "message": "base image 'debian' has no tag: write 'debian:TAG', or pin a digest",
    }


def test_the_other_fields_say_the_rest() -> None:
    by_code = {entry["code"]: entry for entry in entries(whole())}
    first = by_code["DL3006"]
    assert (first["end_line"], first["end_column"]) == (2, 12)
    assert (first["name"], first["category"], first["confidence"]) == ("unpinned-base-image", "base-image", "high")
    assert first["aliases"] == ["CKV_DOCKER_7", "DS-0001"]
    assert first["url"].endswith("/docs/rules/DL3006.md")
    edit = {"line": 2, "column": 12, "end_line": 2, "end_column": 12, "text": ":12-slim"}
    assert first["fix"] == {"safety": "unsafe", "description": "pin the version", "edits": [edit]}
    place = {"line": 2, "column": 13, "end_line": 2, "end_column": 21}
    assert by_code["DL5005"]["related"] == [{**place, "message": "first used here"}]
    assert (by_code["DL3009"]["line"], by_code["DL3009"]["end_line"]) == (4, 7)
    assert (by_code["DL7001"]["category"], by_code["DL7001"]["confidence"]) == ("secrets", "low")
    shell = by_code["SC2086"]
    assert (shell["name"], shell["category"], shell["aliases"], shell["fix"]) == (None, None, [], None)
    assert shell["url"] == "https://www.shellcheck.net/wiki/SC2086"


def test_an_entry_names_its_instruction_and_its_stage() -> None:
    sample = Sample("Dockerfile", "ARG A\nFROM a AS one\n# a comment\nRUN b\nFROM c\n")
    for text in ("A", "one", "comment", "b", "c\n"):
        sample.add("DL3006", sample.span(text), "message")
    one, other = {"index": 0, "name": "one"}, {"index": 1, "name": None}
    expected = [("ARG", None), ("FROM", one), (None, one), ("RUN", one), ("FROM", other)]
    result = sample.result()._replace(
        parts=(
            Part(Span(0, 5), "ARG", None, None),
            Part(Span(6, 19), "FROM", 0, "one"),
            Part(Span(32, 37), "RUN", 0, "one"),
            Part(Span(38, 44), "FROM", 1, None),
        )
    )
    found = entries(Report((result,), RULES))
    assert [(entry["instruction"], entry["stage"]) for entry in found] == expected
    bare = entries(Report((sample.result(),), RULES))
    assert {(entry["instruction"], entry["stage"]) for entry in bare} == {(None, None)}


def test_every_entry_has_the_same_keys_in_the_same_order() -> None:
    assert len({tuple(entry) for entry in entries(Report((*whole().files, odd()), RULES))}) == 1


def test_one_finding_stands_on_each_line() -> None:
    assert len(written(whole()).splitlines()) == 7 + 2


def test_columns_count_code_points() -> None:
    sample = Sample("Dockerfile", "LABEL 日本=👩 b=c\n")
    sample.add("DL3006", sample.span("b=c"), "message")
    (entry,) = entries(Report((sample.result(),), RULES))
    assert (entry["column"], entry["end_column"]) == (12, 15)


def test_a_region_ends_on_the_last_line_that_is_meant() -> None:
    finding = Finding("DL3006", Span(0, 8), "message", Severity.INFO)
    (entry,) = entries(Report((FileResult(Source("a", "FROM a\r\nRUN b"), (finding,)),), RULES))
    assert (entry["end_line"], entry["end_column"]) == (1, 7)


@given(TEXTS, TEXTS, TEXTS, st.lists(SPANS, min_size=1, max_size=4))
def test_any_report_is_sound_json(path: str, text: str, message: str, spans: list[Span]) -> None:
    fix = Fix(message, Safety.SAFE, (Edit(spans[0], message),))
    related = tuple(Related(span, message) for span in spans[1:])
    findings = tuple(Finding("DL3006", span, message, Severity.STYLE, related=related, fix=fix) for span in spans)
    shown = written(Report((FileResult(Source(path, text), findings),), RULES))
    assert shown.isascii()
    assert all(char.isprintable() for char in shown if char != "\n")
    lines = len(text.split("\n"))
    for entry in json.loads(shown):
        json.dumps(entry, ensure_ascii=False).encode("utf-8")
        assert 1 <= entry["line"] <= entry["end_line"] <= lines
        assert entry["column"] >= 1
        assert (entry["line"], entry["column"]) <= (entry["end_line"], entry["end_column"])


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_every_format_that_can_be_asked_for_has_a_writer(name: str) -> None:
    first, second = io.StringIO(), io.StringIO()
    write(name, whole(), first, color=False)
    write(name, whole(), second, color=False)
    assert first.getvalue() == second.getvalue() != ""
