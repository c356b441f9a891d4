"""Whole Dockerfiles with the findings of ShellCheck that a person expects: place, level and code.

The messages are ShellCheck's, and differ between its versions.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import REPOSITORY
from tests.shellcheck.real import lint

FOLDER = REPOSITORY / "tests" / "fixtures" / "shellcheck"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.Dockerfile")), ids=lambda path: path.stem)
def test_it_is_what_a_person_expects(path: Path) -> None:
    result = lint(path.read_bytes().decode())
    rows = []
    for finding in result.findings:
        start, end = (result.source.lines.position(offset) for offset in finding.span)
        place = f"{start.line}:{start.column}-{end.line}:{end.column}"
        rows.append(f"{place} {finding.severity.label} {finding.code}\n")
    assert result.error is None
    assert "".join(rows) == path.with_suffix(".out").read_text(encoding="utf-8")
