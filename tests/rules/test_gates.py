"""What a rule says it is about (`Rule.programs`, `Rule.needs`) must only spare work, never a finding."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from dockerlint.engine import Engine
from dockerlint.finding import Finding, Severity
from dockerlint.registry import load
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from dockerlint.syntax.tree import Instruction, Run
from tests.rules.support import FIXTURES, read_fixture
from tests.shared import shared_files

RULES = load().rules
RULES_BY_CODE = {rule.code: rule for rule in RULES}
PREDICTING = ("DL6003", "DL6004", "DL8014")


@cache
def engine(*, gated: bool, as_hadolint: bool) -> Engine:
    rules = RULES if gated else [replace(rule, programs=frozenset(), needs=frozenset()) for rule in RULES]
    return Engine(Settings(tuple(ActiveRule(rule, rule.severity) for rule in rules), as_hadolint=as_hadolint))


def found(text: str, *, gated: bool, as_hadolint: bool) -> tuple[Finding, ...]:
    return engine(gated=gated, as_hadolint=as_hadolint).lint(Source("Dockerfile", text)).findings


def check(text: str, *, as_hadolint: bool) -> None:
    spared = found(text, gated=True, as_hadolint=as_hadolint)
    assert spared == found(text, gated=False, as_hadolint=as_hadolint)


@pytest.mark.parametrize("as_hadolint", [False, True])
def test_no_fixture_loses_a_finding(as_hadolint: bool) -> None:
    for path in sorted(FIXTURES.glob("*/*.Dockerfile")):
        check(read_fixture(path).text, as_hadolint=as_hadolint)


@pytest.mark.slow
def test_no_real_file_loses_a_finding() -> None:
    for path in shared_files("corpus", "*/*")[::7]:
        check(path.read_text("utf-8", "surrogateescape"), as_hadolint=False)


@pytest.mark.slow
def test_what_is_not_predicted_would_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheap questions before a prediction of the image must spare it only where it finds nothing."""
    predicting = Engine(Settings(tuple(ActiveRule(RULES_BY_CODE[code], Severity.INFO) for code in PREDICTING)))
    texts = [read_fixture(path).text for path in sorted(FIXTURES.glob("*/*.Dockerfile"))]
    texts += [path.read_text("utf-8", "surrogateescape") for path in shared_files("corpus", "*/*")[::7]]
    spared = [predicting.lint(Source("Dockerfile", text)).findings for text in texts]
    monkeypatch.setattr("dockerlint_rules.hidden_files.may_remove", lambda _: True)
    monkeypatch.setattr("dockerlint_rules.start_files._may_be_known", lambda *_: True)
    assert any(spared)
    assert spared == [predicting.lint(Source("Dockerfile", text)).findings for text in texts]


def test_a_gate_has_something_to_guard() -> None:
    for rule in RULES:
        if rule.programs and issubclass(rule.on[0], Instruction):
            assert Run in rule.on, f"{rule.code} names programs, which only RUNs call"
        if rule.needs:
            assert not issubclass(rule.on[0], Instruction), f"{rule.code} looks at instructions: 'on' says at which"


def test_triggers_count() -> None:
    text = "FROM debian:12-slim\nONBUILD RUN pip install --no-cache-dir flask\n"
    assert "DL3013" in {finding.code for finding in found(text, gated=True, as_hadolint=False)}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("python3 -m pip install flask", "DL3013"),
        ("sudo -E apt-get install curl", "DL3008"),
        ("sh -c 'apt-get install curl'", "DL3008"),
        ("if a; then b | xargs apt-get install curl; fi", "DL3008"),
        ("G=git; $G -c http.sslVerify=false clone https://example.com/a", "DL7025"),
        ("export GIT_SSL_NO_VERIFY=1", "DL7025"),
    ],
)
def test_programs_count_however_they_are_called(command: str, code: str) -> None:
    codes = {finding.code for finding in found(f"FROM debian:12-slim\nRUN {command}\n", gated=True, as_hadolint=False)}
    assert code in codes
