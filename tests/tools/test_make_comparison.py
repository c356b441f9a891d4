"""The comparison with other tools says which of their rules are covered, and nothing that the registry does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlint.finding import Finding, Severity
from dockerlint.registry import checked, load
from dockerlint.rule import Rule, RuleContext
from dockerlint.syntax.tree import From
from tools.make_comparison import DATA, Peer, PeerRule, main, page, peers, problems

PEERS = peers(DATA.read_text(encoding="utf-8"))


def _nothing(_node: Any, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


def make(code: str, name: str, *aliases: str) -> Rule:
    return Rule(code, name, (From,), _nothing, "Wrong.", Severity.WARNING, aliases=aliases)


REGISTRY = checked([make("DL3006", "no-tag", "DS-0001", "a/one"), make("DL3007", "latest", "DS001")])
SCANNER = Peer(
    "Scan 1.0",
    "https://example.com/",
    "2026-01-01",
    (PeerRule("DS-0001", "no tag"), PeerRule("DS-0002", "root", "never")),
)
OTHER = Peer("Other", "https://example.org/", "2026-01-01", (PeerRule("SC*", "scripts"),), ("a/one",))


def test_the_page_has_what_covers_each_rule_or_the_reason() -> None:
    further = Peer("More", "https://example.net/", "2026-01-01", known=("a/one", "a/two"))
    text = page((SCANNER, OTHER, further), REGISTRY)
    assert "| [Scan 1.0](#scan-10) | 2 | 1 |\n| [Other](#other) | 1 | 1 |\n" in text
    assert "\n| DS-0001 | no tag | [DL3006](rules/DL3006.md) no-tag, [DL3007](rules/DL3007.md) latest |\n" in text
    assert "\n| DS-0002 | root | never |\n" in text
    assert "\n| SC* | scripts | the same code, where ShellCheck is installed |\n" in text
    assert text.endswith("| [More](https://example.net/) | a/one | [DL3006](rules/DL3006.md) no-tag |\n")


def test_what_is_wrong_is_said() -> None:
    assert [*problems((SCANNER, OTHER), REGISTRY)] == []
    wrong = Peer("Scan", "", "", (PeerRule("DS-0001", "no tag", "never"), PeerRule("DS-0002", "root")))
    assert [*problems((wrong,), REGISTRY)] == [
        "Scan DS-0001 is covered by DL3006, DL3007 and has a reason why it is not",
        "Scan DS-0002 (root) is not covered and has no reason",
        "DL3006 has the alias a/one, which no tool knows",
    ]
    assert "A/One belongs to Other and to Third" in problems((OTHER, Peer("Third", "", "", known=("A/One",))), REGISTRY)


def test_every_alias_is_a_rule_of_another_tool() -> None:
    assert [problem for problem in problems(PEERS, load()) if "alias" in problem] == []


def test_every_rule_of_another_tool_is_covered_or_has_a_reason() -> None:
    assert [problem for problem in problems(PEERS, load()) if "alias" not in problem] == []


def test_no_tool_is_listed_in_part() -> None:
    counts = {peer.name.split()[0]: len(peer.rules) for peer in PEERS if peer.rules}
    # hadolint's 71 rules, and ShellCheck as one.
    expected = {"hadolint": 72, "BuildKit": 22, "Trivy": 28, "Checkov": 28, "KICS": 51, "Semgrep": 38, "dockle": 20}
    assert counts == expected
    assert all(rule.title and rule.title == rule.title.strip(" .") for peer in PEERS for rule in peer.rules)


def test_checking_writes_nothing_and_says_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "comparison.md"
    assert main(["--check"], file) == 1
    assert not file.exists()
    assert main([], file) == 0
    capsys.readouterr()
    main(["--check"], file)
    assert "is not up to date" not in capsys.readouterr().out
    file.write_text("changed")
    assert main(["--check"], file) == 1
    assert "docs/comparison.md is not up to date" in capsys.readouterr().out
    assert main(["--wrong"], file) == 2
