"""The fix that puts `=` into ENV and LABEL keeps the value that the builder reads."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.rules.support import Case, apply, lint

TEXTS = st.text(alphabet="ab=$A{} \t\"'\\`#é:-", min_size=1, max_size=12)


def value_of(text: str) -> object:
    (stage,) = build_model(parse(Source("Dockerfile", text))).stages
    return stage.end.environment.get("NAME")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=TEXTS, escape=st.sampled_from(["", "# escape=`\n"]))
def test_the_value_stays_what_it_is(value: str, escape: str, tmp_path: Path) -> None:
    text = f"{escape}FROM scratch\nENV A=1\nENV NAME {value}\n"
    for finding in lint(Case(text), "DL5008", tmp_path)[1]:
        if finding.fix is not None:
            fixed = apply(text, [finding.fix])
            assert value_of(fixed) == value_of(text), fixed
            assert lint(Case(fixed), "DL5008", tmp_path)[1] == ()
