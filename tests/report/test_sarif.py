"""The SARIF report is valid, exact, and within what code scanning takes."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from dockerlint import lint_text
from dockerlint.engine import Engine
from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.registry import load
from dockerlint.report import sarif_report, write
from dockerlint.results import FileResult, Part, Report
from dockerlint.rule import Rule
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source, Span
from tests.report.samples import RULES, Sample, make, odd, web, whole
from tests.report.test_text import SPANS, TEXTS
from tests.shared import SHARED, shared_path


@cache
def validator() -> Draft7Validator:
    schema = json.loads(shared_path("conformance", "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
    return Draft7Validator(schema)


def run_of(report: Report) -> dict[str, Any]:
    out = io.StringIO()
    write("sarif", report, out, color=False)
    assert out.getvalue().isascii()
    log = json.loads(out.getvalue())
    validator().validate(log)
    assert list(log) == ["$schema", "version", "runs"]
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def one(finding: Finding, *rules: Rule, text: str = "FROM a\n") -> dict[str, Any]:
    report = Report((FileResult(Source("Dockerfile", text), (finding,)),), {rule.code: rule for rule in rules})
    return run_of(report)


def test_results_name_their_rule_level_and_exact_region() -> None:
    run = run_of(whole())
    rules = run["tool"]["driver"]["rules"]
    results = {result["ruleId"]: result for result in run["results"] if "suppressions" not in result}
    for code, result in results.items():
        assert rules[result["ruleIndex"]]["id"] == code
    levels = {code: result["level"] for code, result in results.items()}
    assert levels == {
        "DL1002": "error",
        "DL3006": "warning",
        "DL3009": "note",
        "DL5005": "error",
        "DL7001": "warning",
        "DL8021": "note",
        "SC2086": "warning",
    }
    location = results["DL3009"]["locations"][0]["physicalLocation"]
    assert location["region"] == {"startLine": 4, "startColumn": 5, "endLine": 7, "endColumn": 22}
    assert location["artifactLocation"] == {"uri": "services/web/Dockerfile", "uriBaseId": "%SRCROOT%"}
    assert run["columnKind"] == "unicodeCodePoints"


def test_a_level_is_written_where_it_is_that_of_the_format_but_not_of_the_rule() -> None:
    strict = make("DL9000", "strict", Severity.ERROR)
    run = one(Finding("DL9000", Span(0, 1), "message", Severity.WARNING), strict)
    assert run["results"][0]["level"] == "warning"
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"] == {"level": "error"}


def test_rules_carry_help_and_what_code_scanning_sorts_by() -> None:
    rules = {rule["id"]: rule for rule in run_of(whole())["tool"]["driver"]["rules"]}
    assert sorted(rules) == list(rules)
    rule = rules["DL7001"]
    assert rule["name"] == "secret-in-arg"
    assert rule["shortDescription"]["text"] == "What secret in arg is about."
    assert rule["fullDescription"]["text"] == "The reason, in `code` and words."
    assert rule["help"]["text"] == RULES["DL7001"].manual
    assert rule["help"]["markdown"].startswith("# DL7001: secret-in-arg\n")
    assert rule["helpUri"].startswith("https://")
    assert rule["properties"] == {
        "precision": "low",
        "problem.severity": "warning",
        "security-severity": "5.5",
        "tags": ["security", "secrets"],
    }
    assert "security-severity" not in rules["DL3006"]["properties"]
    assert rules["DL8021"]["properties"]["problem.severity"] == "recommendation"
    assert rules["SC2086"] == {"id": "SC2086", "helpUri": "https://www.shellcheck.net/wiki/SC2086"}


def test_an_overlong_rule_is_cut_to_what_is_taken() -> None:
    rule = make("DL9000", "n" * 300, Severity.INFO, *(f"tag-{number}" for number in range(30)), "security")
    rule = replace(rule, manual=f"{'s' * 2000}\n\n## Why\n{'w' * 2000}\n")
    described = one(Finding("DL9000", Span(0, 1), "m", Severity.INFO), rule)["tool"]["driver"]["rules"][0]
    assert len(described["name"]) == 255
    assert len(described["shortDescription"]["text"]) == len(described["fullDescription"]["text"]) == 1024
    assert len(described["properties"]["tags"]) == 10
    assert described["properties"]["tags"][0] == "security"


def test_related_places_are_linked_from_the_message() -> None:
    (result,) = (result for result in run_of(whole())["results"] if result["ruleId"] == "DL5005")
    assert result["message"]["text"] == "stage name 'build' is used twice: rename one [first used here](1)"
    (related,) = result["relatedLocations"]
    assert related["id"] == 1
    assert related["physicalLocation"]["region"]["startLine"] == 2


def test_brackets_of_a_file_make_no_links() -> None:
    related = (Related(Span(0, 1), "[x](2)"),)
    finding = Finding("DL3006", Span(0, 1), "'[click](https://example.com)' is odd", Severity.INFO, related=related)
    text = one(finding)["results"][0]["message"]["text"]
    assert text == "'[click] (https://example.com)' is odd [(x)(2)](1)"


def test_fixes_are_exact_replacements() -> None:
    results = {result["ruleId"]: result for result in run_of(whole())["results"] if "suppressions" not in result}
    (fix,) = results["DL3006"]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 12},
            "insertedContent": {"text": ":12-slim"},
        }
    ]
    assert fix["properties"] == {"safety": "unsafe"}


def test_a_result_names_its_instruction_and_its_stage() -> None:
    finding = Finding("DL3006", Span(5, 6), "message", Severity.INFO)
    result = FileResult(Source("a", "FROM a"), (finding,), parts=(Part(Span(0, 6), "FROM", 0, None),))
    (found,) = run_of(Report((result,), RULES))["results"]
    stage = {"index": 0, "name": None}
    assert found["properties"] == {"confidence": "high", "instruction": "FROM", "stage": stage}
    line = Fix("remove", Safety.SAFE, (Edit(Span(0, 7), ""),))
    fix = one(Finding("DL3006", Span(0, 4), "m", Severity.INFO, fix=line), text="FROM a\nRUN b\n")["results"][0][
        "fixes"
    ][0]
    region = {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 1}
    assert fix["artifactChanges"][0]["replacements"] == [{"deletedRegion": region}]


def test_hidden_findings_are_marked_as_such() -> None:
    hidden = [result for result in run_of(whole())["results"] if "suppressions" in result]
    assert [result["suppressions"] for result in hidden] == [[{"kind": "inSource"}]]


def test_unreadable_files_make_the_run_unsuccessful() -> None:
    (invocation,) = run_of(whole())["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "cannot be read: no such file"
    location = notification["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "missing/Dockerfile"
    assert run_of(Report((web(),), RULES))["invocations"] == [{"executionSuccessful": True}]


def test_a_clean_run_has_results_that_close_old_alerts() -> None:
    run = run_of(Report((FileResult(Source("a", "")),), RULES))
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["a"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ä#?%:[x]", "a%20b/%C3%A4%23%3F%25%3A%5Bx%5D"),
        ("C/D:e", "C/D%3Ae"),
        ("byte\udcff", "byte%FF"),
        ("../up/Dockerfile", "../up/Dockerfile"),
        ("-", "-"),
        ("/abs/a b", "file:///abs/a%20b"),
        ("C:/dir/Dockerfile", "file:///C:/dir/Dockerfile"),
    ],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    run = run_of(Report((FileResult(Source(path, "")),), RULES))
    (artifact,) = run["artifacts"]
    assert artifact["location"]["uri"] == uri
    relative = not uri.startswith("file:")
    assert (artifact["location"].get("uriBaseId") == "%SRCROOT%") is relative
    assert ("originalUriBaseIds" in run) is relative
    assert unquote_to_bytes(uri).endswith(path.encode("utf-8", "surrogateescape"))


def fingerprints(text: str, *marked: str) -> list[str]:
    sample = Sample("Dockerfile", text)
    start = 0
    for part in marked:
        start = text.index(part, start)
        sample.add("DL3006", Span(start, start + len(part)), "message")
        start += 1
    results = run_of(Report((sample.result(),), RULES))["results"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]


def test_fingerprints_outlive_moves_and_new_blanks_but_not_other_text() -> None:
    (first,) = fingerprints("FROM a\nRUN b\n", "b")
    assert fingerprints("# new\n\nFROM a\n  RUN   b  \n", "b") == [first]
    assert fingerprints("FROM a\nRUN b2\n", "b") != [first]


def test_fingerprints_of_one_file_differ() -> None:
    found = fingerprints("RUN b\nRUN b\nRUN b b\n", "b", "b", "b", "b")
    assert len(set(found)) == 4
    assert found[0].rsplit(":", 1)[0] == found[1].rsplit(":", 1)[0]


def test_a_run_has_no_more_results_than_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_report, "MOST_RESULTS", 5)
    run = run_of(whole())
    assert [result["level"] for result in run["results"]] == ["warning", "warning", "error", "warning", "error"]
    texts = [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]
    assert texts[1] == "3 findings are left out, the least severe: a run may have 5 results"


@settings(max_examples=40)
@given(TEXTS, TEXTS, TEXTS, st.lists(SPANS, min_size=1, max_size=4))
@example("\ud800", "", "", [Span(0, 0)])
def test_any_report_is_valid(path: str, text: str, message: str, spans: list[Span]) -> None:
    fix = Fix(message, Safety.SAFE, (Edit(spans[0], message),))
    related = tuple(Related(span, message) for span in spans[1:])
    findings = tuple(Finding("DL3006", span, message, Severity.STYLE, related=related, fix=fix) for span in spans)
    run = run_of(Report((FileResult(Source(path, text), findings, findings, message),), RULES))
    assert len(run["results"]) == 2 * len(spans)
    json.dumps(run, ensure_ascii=False).encode("utf-8")


def test_a_hidden_finding_tells_why() -> None:
    result = lint_text("FROM debian:12-slim\n# dlint ignore=DL3000 the base image starts in /srv\nWORKDIR app\n")
    hidden = [entry for entry in run_of(Report((result,), RULES))["results"] if "suppressions" in entry]
    assert [entry["ruleId"] for entry in hidden] == ["DL3000"]
    assert hidden[0]["suppressions"] == [{"kind": "inSource", "justification": "the base image starts in /srv"}]


def test_hostile_text_is_valid() -> None:
    assert len(run_of(Report((odd(),), RULES))["results"]) == 12


@pytest.mark.slow
def test_the_log_of_real_dockerfiles_is_valid() -> None:
    shared_path("corpus")
    paths = [path for path in sorted(Path(SHARED, "corpus").rglob("*")) if path.is_file()][::10]
    registry = load()
    engine = Engine(Settings(tuple(ActiveRule(rule, rule.severity) for rule in registry.rules)), registry)
    texts = [Source(str(path), path.read_bytes().decode("utf-8", "surrogateescape")) for path in paths]
    report = Report(tuple(engine.lint(text) for text in texts), {rule.code: rule for rule in registry.rules})
    results = run_of(report)["results"]
    assert len(results) == sum(len(file.findings) + len(file.suppressed) for file in report.files)
