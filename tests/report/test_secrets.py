"""No report shows a secret, whichever finding quotes the line that holds it."""

from __future__ import annotations

import io

import pytest

from dockerlint import lint_text
from dockerlint.registry import load
from dockerlint.report import write
from dockerlint.results import Report

# Made up: the form of a forge's access token, with nothing behind it.
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
TEXT = f"FROM debian:12\nENV GITHUB_TOKEN={SECRET} \\\n  OTHER_TOKEN=x\n"


@pytest.mark.parametrize("name", ["text", "json", "sarif"])
def test_secrets_are_covered(name: str) -> None:
    result = lint_text(TEXT)
    assert "DL7002" in {finding.code for finding in result.findings}
    assert "DL3064" in {finding.code for finding in result.findings}, "a second finding quotes the line"
    out = io.StringIO()
    write(name, Report((result,), {rule.code: rule for rule in load().rules}), out, color=False)
    assert SECRET[8:] not in out.getvalue()
    if name == "text":
        assert f"GITHUB_TOKEN={'*' * len(SECRET)} " in out.getvalue()
