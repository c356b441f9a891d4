"""Holds every installed rule to what rules promise: a manual with true examples, well-formed names, fixtures."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from dockerlint.finding import Severity
from dockerlint.registry import load
from dockerlint.rule import Rule
from tests.rules.support import FIXTURES, Case, examples, lint, sections, shown

SECTIONS = ["Why", "Bad", "Good", "See"]
CATEGORIES = {
    "base-image",
    "cache",
    "copy",
    "labels",
    "layers",
    "maintainability",
    "packages",
    "ports",
    "secrets",
    "shell",
    "size",
    "stages",
    "start-command",
    "suppressions",
    "syntax",
    "users",
    "variables",
}
KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ALIAS = re.compile(
    r"""
    DS-\d{4}                                    # Trivy
    | CKV2?_DOCKER_\d+                          # Checkov
    | KICS-[0-9a-f]{8}                          # KICS: the first digits of the query's id
    | CIS-DI-\d{4} | DKL-(DI|LI)-\d{4}          # dockle
    | SC\d{4}                                   # ShellCheck
    | DL\d{4}                                   # hadolint's number where ours is another
    | (tally|parfum|dockerfilelint)/[\w/.-]+
    | ([A-Z][A-Za-z]+)                          # a check of BuildKit
    | [a-z][a-z0-9]*(-[a-z0-9]+)+               # a rule of Semgrep
    """,
    re.VERBOSE,
)
RULES = load().rules


def code_of(rule: Rule) -> str:
    return rule.code


each_rule = pytest.mark.parametrize("rule", RULES, ids=code_of)


@each_rule
def test_code_name_aliases_tags_and_options_are_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"DL\d{4}", rule.code)
    assert KEBAB_CASE.fullmatch(rule.name)
    assert rule.severity is not Severity.OFF, "a rule that is off has the level that it gets once it is switched on"
    assert [alias for alias in rule.aliases if not ALIAS.fullmatch(alias)] == []
    assert len(set(rule.aliases)) == len(rule.aliases)
    assert len(CATEGORIES.intersection(rule.tags)) == 1
    assert set(rule.tags) <= CATEGORIES | {"security"}
    for option in rule.options:
        assert KEBAB_CASE.fullmatch(option.name)
        assert option.help.endswith(".")
    if rule.code.startswith("DL7"):
        assert "security" in rule.tags


@pytest.mark.parametrize("attribute", ["code", "name"])
def test_no_two_rules_share(attribute: str) -> None:
    words = Counter(getattr(rule, attribute) for rule in RULES)
    assert [word for word, count in words.items() if count > 1] == []


@each_rule
def test_the_manual_has_a_summary_and_all_sections_in_order(rule: Rule) -> None:
    assert 0 < len(rule.summary) <= 100
    assert rule.summary.endswith(".")
    assert rule.manual.split("\n")[1] == "", "an empty line follows the summary"
    assert [title for title, _ in sections(rule.manual)] == SECTIONS
    for title, body in sections(rule.manual):
        assert body.strip(), f"section {title} is empty"
    assert "https://" in dict(sections(rule.manual))["See"]


@each_rule
def test_each_bad_example_raises_the_rule_and_no_good_one_does(rule: Rule, tmp_path: Path) -> None:
    for title, raises in (("Bad", True), ("Good", False)):
        cases = list(examples(dict(sections(rule.manual))[title]))
        assert cases, f"section {title} has no example"
        for number, case in enumerate(cases):
            folder = tmp_path / f"{title}{number}"
            folder.mkdir()
            source, findings = lint(case, rule.code, folder)
            assert bool(findings) is raises, f"{title}:\n{case.text}\n{shown(source, findings)}"


@each_rule
def test_fixtures_show_where_the_rule_speaks_and_where_it_stays_silent(rule: Rule) -> None:
    outputs = [path.read_text(encoding="utf-8") for path in FIXTURES.glob(f"{rule.code}/*.out")]
    assert sum(not output for output in outputs) >= 3, "too few fixtures in which it must stay silent"
    assert sum(bool(output) for output in outputs) >= 2, "too few fixtures in which it must speak"


def test_examples_are_parted_by_text_and_take_the_settings_before_them() -> None:
    body = """
    FROM a

    FROM b
Or, with a list:
Options: trusted-registries = ["ghcr.io"]
Files: ["a", "b/c"]

    FROM c
"""
    assert list(examples(body)) == [
        Case("FROM a\n\nFROM b\n"),
        Case("FROM c\n", options={"trusted-registries": ["ghcr.io"]}, files={"a": "", "b/c": ""}),
    ]
