"""All rules together on texts that nobody meant as a Dockerfile."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.engine import Engine
from dockerlint.registry import load
from dockerlint.results import FileResult
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from tests.rules.support import FIXTURES, read_fixture
from tests.shared import shared_files

TEXTS = sorted({read_fixture(path).text for path in FIXTURES.glob("*/*.Dockerfile")})


@cache
def engine() -> Engine:
    return Engine(Settings(tuple(ActiveRule(rule, rule.severity) for rule in load().rules)))


def check(result: FileResult) -> None:
    assert result.error is None
    length = len(result.source.text)
    for finding in (*result.findings, *result.suppressed):
        assert finding.message.strip() == finding.message != ""
        assert "\n" not in finding.message
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= length
        edits = sorted(edit.span for edit in finding.fix.edits) if finding.fix is not None else []
        assert all(0 <= span.start <= span.end <= length for span in edits)
        assert all(before.end <= after.start for before, after in pairwise(edits))


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.data())
def test_no_rule_fails_on_parts_of_files_put_together(first: str, second: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(first)))
    resume = data.draw(st.integers(0, len(second)))
    between = data.draw(st.text("$\\\"'{}[]<>=: \n\r\t#-é\x00", max_size=3))
    check(engine().lint(Source("Dockerfile", first[:cut] + between + second[resume:])))


_FROM = re.compile(r"^[ \t]*FROM\b", re.IGNORECASE | re.MULTILINE)


def test_no_rule_fails_on_instructions_before_the_first_stage() -> None:
    for text in TEXTS:
        check(engine().lint(Source("Dockerfile", _FROM.sub("# from", text))))


@pytest.mark.slow
def test_no_rule_fails_on_real_files() -> None:
    for path in shared_files("corpus", "*/*")[::10]:
        check(engine().lint(Source(path.name, path.read_bytes().decode("utf-8", "replace"))))
