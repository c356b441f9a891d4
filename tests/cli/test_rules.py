"""`dlint rules` and `dlint explain`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlint.cli import explain, rules
from dockerlint.cli.main import main
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry, checked, load
from dockerlint.rule import Option, Rule, RuleContext
from dockerlint.syntax.tree import From, Problem

MANUAL = """A base image has no tag.

## Why
It may be another one tomorrow.

## Bad
    FROM debian

## Good
    FROM debian:12

## See
https://example.com/"""


FENCED = MANUAL.replace("Bad\n    FROM debian", "Bad\n\n```dockerfile\nFROM debian\n```").replace(
    "Good\n    FROM debian:12", "Good\n\n```dockerfile\nFROM debian:12\n```"
)


def _nothing(_node: Any, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


LIMIT = Option("limit", 10, "How many there may be.", least=1)
TRUSTED = Option("trusted", ("docker.io", "ghcr.io"), "Registries to trust.", setting="trusted-registries")
REGISTRY: Registry = checked(
    [
        Rule(
            *("XY0001", "no-tag", (From,), _nothing, MANUAL, Severity.WARNING),
            hadolint=Severity.INFO,
            aliases=("CKV_DOCKER_7", "DS-0001"),
            tags=("security",),
            options=(LIMIT, TRUSTED),
        ),
        Rule("XY0002", "no-noise", (From,), _nothing, "Noise.", Severity.STYLE, off=True, aliases=("DS-0001",)),
        Rule("DL1000", "unparsable", (Problem,), _nothing, "It cannot be read.", Severity.ERROR),
    ]
)


@pytest.fixture
def _sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "load", lambda: REGISTRY)
    monkeypatch.setattr(explain, "load", lambda: REGISTRY)


@pytest.mark.usefixtures("_sample")
def test_the_list_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "CODE    LEVEL    STRICT   HADOLINT  NAME        WHAT IS WRONG",
        "DL1000  error    error    error     unparsable  It cannot be read.",
        "XY0001  warning  warning  info      no-tag      A base image has no tag.",
        "XY0002  -        style    -         no-noise    Noise.",
    ]


@pytest.mark.usefixtures("_sample")
def test_the_list_can_be_part_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "XY*", "no-tag"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["CODE", "XY0001", "XY0002"]
    assert main(["rules", "no-tg"]) == 2
    assert capsys.readouterr().err == "dlint: no rule is called 'no-tg': did you mean 'no-tag'?\n"


@pytest.mark.usefixtures("_sample")
def test_the_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [rule["code"] for rule in listed] == ["DL1000", "XY0001", "XY0002"]
    assert listed[1] == {
        "code": "XY0001",
        "name": "no-tag",
        "summary": "A base image has no tag.",
        "level": "warning",
        "profiles": {"recommended": "warning", "strict": "warning", "all": "warning", "hadolint": "info"},
        "confidence": "high",
        "aliases": ["CKV_DOCKER_7", "DS-0001"],
        "tags": ["security"],
        "options": [
            {
                "name": "limit",
                "type": "a whole number of at least 1",
                "default": 10,
                "help": "How many there may be.",
                "setting": None,
            },
            {
                "name": "trusted",
                "type": "a list of texts",
                "default": ["docker.io", "ghcr.io"],
                "help": "Registries to trust.",
                "setting": "trusted-registries",
            },
        ],
    }
    assert listed[2]["profiles"] == {"strict": "style", "all": "style"}


@pytest.mark.usefixtures("_sample")
@pytest.mark.parametrize("word", ["XY0001", "no-tag", "ckv_docker_7"])
def test_a_rule_is_explained_by_any_of_its_names(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main(["explain", word]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
# XY0001: no-tag

- Level: warning
- Profiles: recommended (warning), strict (warning), all (warning), hadolint (info)
- Confidence: high
- Also known as: `CKV_DOCKER_7`, `DS-0001`
- Tags: security

{FENCED}

## Options

- `limit` (a whole number of at least 1; default: `10`): How many there may be.
- `trusted` (a list of texts; default: `docker.io`, `ghcr.io`): Registries to trust.

```yaml
# .dlint.yaml
trusted-registries: ["docker.io", "ghcr.io"]
rules:
  no-tag:
    limit: 10
```

For this rule alone: `rules.no-tag.trusted`.
"""
    )


@pytest.mark.usefixtures("_sample")
def test_an_alias_may_explain_several_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "DS001"]) == 0
    text = capsys.readouterr().out
    assert text.index("# XY0001: no-tag") < text.index("# XY0002: no-noise")
    assert "- Level: style, off by default\n" in text


@pytest.mark.usefixtures("_sample")
def test_on_a_terminal_the_manual_is_set_like_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--color", "always", "no-tag"]) == 0
    text = capsys.readouterr().out
    assert "\x1b[" in text
    assert "debian:12" in text
    assert "## Why" not in text


def test_the_built_in_rules_have_pages(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    assert repository.exists()
    codes = [rule.code for rule in load().rules]
    assert main(["explain", *codes]) == 0
    text = capsys.readouterr().out
    assert all(f"# {code}: " in text for code in codes)
