"""ShellCheck's codes are known where rules are named, though no rule stands for them."""

from __future__ import annotations

import pytest

from dockerlint.finding import Severity
from dockerlint.shellcheck.codes import can_be_found, codes_of, covers, is_code, rule_of
from dockerlint.shellcheck.explanations import EXPLANATIONS


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("SC2086", {"SC2086"}),
        ("sc2086", {"SC2086"}),
        ("SC20*", {"SC20*"}),
        ("SC*", {"SC*"}),
        ("all", {"SC*"}),
        ("ShellCheck", {"SC*"}),
        ("S*", {"SC*"}),
        ("*", {"SC*"}),
        ("SC208", set()),
        ("SC2*6", set()),
        ("DL3*", set()),
        ("scratch*", set()),
    ],
)
def test_what_a_selector_means(selector: str, expected: set[str]) -> None:
    assert codes_of(selector) == expected


@pytest.mark.parametrize(
    ("codes", "code", "expected"),
    [
        ({"SC2086"}, "SC2086", True),
        ({"SC2*"}, "SC2086", True),
        ({"DL3006", "SC*"}, "SC1000", True),
        ({"SC20860", "SC3*"}, "SC2086", False),
        ({"DL3006"}, "DL3006", True),
        ({"SC*"}, "DL3006", False),
        (set(), "SC2086", False),
    ],
)
def test_a_set_covers_codes_by_their_start(codes: set[str], code: str, expected: bool) -> None:
    assert covers(codes, code) is expected


def test_codes_that_are_left_out_cannot_be_found() -> None:
    assert can_be_found("SC2086")
    assert not can_be_found("SC1091")
    assert not can_be_found("DL3006")


def test_every_explanation_is_a_sentence_about_a_code() -> None:
    assert all(map(is_code, EXPLANATIONS))
    for severity, text in EXPLANATIONS.values():
        assert severity is not Severity.OFF
        assert text[0].isupper() or not text[0].isalpha() or " " in text
        assert text.endswith((".", "…"))
        assert len(text) < 110


@pytest.mark.parametrize("code", ["SC2086", "SC9998"])
def test_a_code_has_a_manual(code: str) -> None:
    rule = rule_of(code)
    assert (rule.code, rule.name) == (code, "shellcheck")
    assert f"https://www.shellcheck.net/wiki/{code}" in rule.manual
    assert rule.summary.endswith(".")
