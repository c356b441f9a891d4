"""Lints each `tests/fixtures/rules/CODE/NAME.Dockerfile` and compares the findings of CODE with `NAME.out` beside it.

`NAME.out` has one finding in a line, in file order, and nothing at all where the rule must stay silent:

    LINE:COLUMN-ENDLINE:ENDCOLUMN SEVERITY CODE message

Lines and columns count from 1, in code points; the end is the place after the last guilty character. First lines such
as `# options: {…}` are for this test, see `tests/rules/support.py`: they count as lines, but are not linted.

Where `NAME.fixed` exists, it is the text (without those first lines) after all fixes of the findings. Any fix must
mend what it belongs to, and must not make the file one that the builder refuses.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dockerlint.registry import load
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.rules.support import FIXTURES, apply, lint, read_fixture, shown

DOCKERFILES = sorted(FIXTURES.glob("*/*.Dockerfile"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", DOCKERFILES, ids=name_of)
def test_the_findings_are_those_in_the_file_beside_it(path: Path, tmp_path: Path) -> None:
    case = read_fixture(path)
    source, findings = lint(case, path.parent.name, tmp_path)
    assert shown(source, findings, case.header) == path.with_suffix(".out").read_text(encoding="utf-8")
    for finding in findings:
        for span in (finding.span, *(related.span for related in finding.related)):
            assert 0 <= span.start <= span.end <= len(case.full_text)


@pytest.mark.parametrize("path", DOCKERFILES, ids=name_of)
def test_a_fix_mends_its_finding_and_harms_nothing(path: Path, tmp_path: Path) -> None:
    case = read_fixture(path)
    code = path.parent.name
    source, findings = lint(case, code, tmp_path)
    fixed = path.with_suffix(".fixed")
    if fixed.exists():
        every = apply(case.text, [finding.fix for finding in findings if finding.fix is not None])
        assert every == fixed.read_bytes().decode("utf-8")
    refused = sum(problem.fatal for problem in parse(source).problems)
    for finding in findings:
        if finding.fix is None:
            continue
        text = apply(case.text, [finding.fix])
        left = lint(replace(case, text=text), code, tmp_path)[1]
        assert len(left) < len(findings), f"{finding.fix.description} leaves the finding in:\n{text}"
        assert sum(problem.fatal for problem in parse(Source("Dockerfile", text)).problems) <= refused, text


def test_every_file_belongs_to_a_pair_and_to_a_rule() -> None:
    codes = {rule.code for rule in load().rules}
    assert {folder.name for folder in FIXTURES.iterdir()} <= codes
    cases = {path.with_suffix("") for path in DOCKERFILES}
    assert cases == {path.with_suffix("") for path in FIXTURES.glob("*/*.out")}
    assert cases >= {path.with_suffix("") for path in FIXTURES.glob("*/*.fixed")}
