"""Problems that are met while a file is read, and the rules that report them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given

from dockerlint.engine import Engine
from dockerlint.registry import load
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Problem
from tests.shared import REPOSITORY
from tests.strategies import texts

_CODE = re.compile(r'"(DL\d{4})"')
_SOURCES = sorted(
    path for room in ("syntax", "semantics") for path in (REPOSITORY / "lint" / "dockerlint" / room).glob("*.py")
)
CODES = sorted({code for path in _SOURCES for code in _CODE.findall(path.read_text("utf-8"))})
RULES = {rule.code: rule for rule in load().rules}


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_a_problem_has_a_rule_for_problems(code: str) -> None:
    assert Problem in RULES[code].on


def test_each_rule_for_problems_has_its_problems() -> None:
    assert {rule.code for rule in RULES.values() if Problem in rule.on} == set(CODES)


def test_hadolints_one_code_for_refusals_means_them_all() -> None:
    refused = {code for code in CODES if "DL1000" in RULES[code].aliases}
    assert {rule.code for rule in load().named("DL1000")} == {"DL1000", *refused}


ENGINE = Engine(Settings(tuple(ActiveRule(rule, rule.severity) for rule in RULES.values())))


@given(texts())
def test_no_text_makes_a_rule_fail(text: str) -> None:
    result = ENGINE.lint(Source("Dockerfile", text))
    assert result.error is None
    whole = Span(0, len(text))
    for finding in result.findings:
        spans = [finding.span, *(related.span for related in finding.related)]
        edits = sorted(() if finding.fix is None else finding.fix.edits, key=lambda edit: edit.span)
        assert all(whole.holds(span) for span in (*spans, *(edit.span for edit in edits)))
        assert all(left.span.end <= right.span.start for left, right in pairwise(edits))
