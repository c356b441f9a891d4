"""The rules that there are, held against the catalogue of rules that were decided on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dockerlint.registry import load

_ROW = re.compile(r"\| (DL\d{4}) \| ([a-z0-9-]+) \| [^|]* \| ([ABC]) \|")

_TIER_A = 169
_LEAST_OF_TIER_B = 20


@pytest.fixture(scope="module")
def decided(shared: Path) -> list[tuple[str, str, str]]:
    """Code, name and tier of each rule of the catalogue."""
    text = (shared / "reference" / "rules.md").read_text(encoding="utf-8")
    return _ROW.findall(text)


def test_all_rules_of_the_first_tier_are_there_under_their_names(decided: list[tuple[str, str, str]]) -> None:
    wanted = {code: name for code, name, tier in decided if tier == "A"}
    assert len(wanted) == _TIER_A
    names = {rule.code: rule.name for rule in load().rules}
    assert {code: names.get(code) for code in wanted} == wanted


def test_rules_of_the_second_tier_have_their_names(decided: list[tuple[str, str, str]]) -> None:
    names = {rule.code: rule.name for rule in load().rules}
    there = {code: name for code, name, tier in decided if tier != "A" and code in names}
    assert len(there) >= _LEAST_OF_TIER_B
    assert {code: names[code] for code in there} == there
