"""One fact is told once: by the rule that knows most about it."""

from __future__ import annotations

import pytest

from dockerlint.engine import Engine
from dockerlint.finding import Finding
from dockerlint.registry import load
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source

RULES = load().rules

CASES = [
    # the builder refuses the text, and what follows from that is not told as well
    ("FROM scratch\nRUN\u00a0true\n", "DL1002", "DL1028"),
    ("FROM scratch\nCMD\n", "DL1005", "DL3025"),
    ("FROM the base image\n", "DL1005", "DL5002"),
    ("FROM scratch\nVOLUME $NONE\n", "DL1005", "DL5005"),
    ("FROM scratch\nSTOPSIGNAL $NONE\n", "DL1019", "DL5005"),
    ("FROM scratch\nENV A=${NONE:i}\n", "DL1014", "DL5005"),
    ("FROM debian:${NONE:i}\n", "DL1014", "DL5006"),
    ("FROM Debian:12\n", "DL1016", "DL5007"),
    ("FROM debian:12 AS 1st\nFROM debian:12\n", "DL1015", "DL5014"),
    ("FROM debian:12\nCOPY a <<EOF\nx\nEOF\n", "DL1022", "DL3045"),
    # what was written is not what was meant
    ("FROM debian:12\nCMD ['a', 'b']\n", "DL1007", "DL3025"),
    ('FROM debian:12\nCMD ["a", 1]\n', "DL1008", "DL3025"),
    ("FROM debian:12\nWORKDIR /srv\nCOPY a b # text\n", "DL1025", "DL3021"),
    ("FROM debian:12\nRUN apt-get install \u2013y curl=1\n", "DL1028", "DL3008"),
    ("FROM debian:12\nRUN apt-get install -y curl=1 \\\nCOPY /a /b\n", "DL1027", "DL3008"),
    ("FROM debian:12\nCOPY .. /srv/\n", "DL5027", "DL6005"),
    ("FROM scratch\nCMD /server\n", "DL5026", "DL3025"),
    # a name that is not set, and what comes of it
    ("FROM scratch\nENV A=1 B=$A\n", "DL3044", "DL5005"),
    ("FROM scratch\nCOPY a $NONE\n", "DL5005", "DL3045"),
    ("FROM scratch\nCOPY $NONE /srv/\n", "DL5005", "DL6005"),
    ("FROM $NONE\n", "DL5006", "DL5007"),
    ("FROM debian:12 AS Base\nFROM Base\n", "DL5017", "DL5007"),
    # an image that is not pinned at all lacks a digest, too
    ("FROM debian\n", "DL3006", "DL7031"),
    ("FROM debian:latest\n", "DL3007", "DL7031"),
    ("FROM scratch\nCOPY --from=example.com/a /a /a\n", "DL5023", "DL7031"),
    ("FROM scratch\nCOPY --from=other /a /a\n", "DL3022", "DL7031"),
    ("# syntax=docker/dockerfile\nFROM scratch\n", "DL5037", "DL7031"),
    ("FROM build\nFROM debian:12 AS build\n", "DL5016", "DL3006"),
    ("FROM debian:12 AS a\nFROM debian:12\nRUN --mount=from=0,target=/a true\n", "DL5018", "DL3022"),
    # two rules about the same token
    ("FROM scratch\nCOPY a /a\nCOPY b /b\nRun true\n", "DL5004", "DL8020"),
    ("FROM photon:5.0\nRUN tdnf install -y curl\n", "DL3041", "DL8028"),
]


@pytest.mark.parametrize(("text", "told", "left_out"), CASES, ids=[f"{told}-{out}" for _, told, out in CASES])
def test_a_fact_is_told_by_the_rule_that_knows_most(text: str, told: str, left_out: str) -> None:
    found = {finding.code: finding for finding in findings(text, {told, left_out})}
    assert told in found
    assert left_out not in found


def test_a_finding_names_those_that_it_stands_for() -> None:
    assert [finding.instead_of for finding in findings("FROM debian:latest\n", {"DL3007", "DL7031"})] == [("DL7031",)]


def test_a_hidden_finding_still_stands_for_vaguer_ones() -> None:
    text = "# dlint ignore=DL3007\nFROM debian:latest\n"
    assert findings(text, {"DL3007", "DL7031"}) == []
    other = "# dlint ignore=DL7031\nFROM debian:latest\n"
    assert [finding.instead_of for finding in findings(other, {"DL3007", "DL7031"})] == [()]


def test_what_is_superseded_exists() -> None:
    known = {rule.code for rule in RULES}
    assert [code for rule in RULES for code in rule.supersedes if code not in known or code == rule.code] == []


def findings(text: str, wanted: set[str]) -> list[Finding]:
    """What the wanted rules report, and what the builder refuses."""
    rules = tuple(ActiveRule(rule, rule.severity) for rule in RULES if rule.code in wanted)
    return list(Engine(Settings(rules)).lint(Source("Dockerfile", text)).findings)
