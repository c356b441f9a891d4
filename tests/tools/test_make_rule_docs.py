"""The pages of rules are made from their manuals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Rule, RuleContext
from dockerlint.syntax.tree import From
from tools.make_rule_docs import INDEX, NOTE, main, pages, stale, update

MANUAL = """A tag | is missing.

## Why
Reasons.

## Bad
    FROM debian

    RUN \\
        x
Also this:

    ARG A
    FROM $A

## Good
    FROM debian:12

## See
- https://example.com/
  and more"""


def _nothing(_node: Any, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


RULES = [
    Rule("DL7001", "off-rule", (From,), _nothing, "Off.", Severity.STYLE, off=True),
    Rule("DL3006", "no-tag", (From,), _nothing, MANUAL, Severity.WARNING, hadolint=Severity.INFO),
]


def test_a_page_is_the_manual_with_fenced_examples() -> None:
    assert pages(RULES)["DL3006.md"] == NOTE + (
        """\
# DL3006: no-tag

- Level: warning
- Profiles: recommended (warning), strict (warning), all (warning), hadolint (info)
- Confidence: high

A tag | is missing.

## Why
Reasons.

## Bad

```dockerfile
FROM debian

RUN \\
    x
```

Also this:

```dockerfile
ARG A
FROM $A
```

## Good

```dockerfile
FROM debian:12
```

## See
- https://example.com/
  and more
"""
    )


def test_the_index_lists_rules_by_subject() -> None:
    assert pages(RULES)[INDEX].splitlines()[-9:] == [
        "| Code | Name | Level | hadolint | What is wrong |",
        "|---|---|---|---|---|",
        "| [DL3006](DL3006.md) | no-tag | warning | info | A tag \\| is missing. |",
        "",
        "## Security",
        "",
        "| Code | Name | Level | hadolint | What is wrong |",
        "|---|---|---|---|---|",
        "| [DL7001](DL7001.md) | off-rule | (style) | - | Off. |",
    ]


def test_what_is_not_up_to_date_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    wanted = pages(RULES)
    assert stale(folder, wanted) == ["README.md is missing", "DL3006.md is missing", "DL7001.md is missing"]
    update(folder, wanted)
    assert stale(folder, wanted) == []
    (folder / "DL3006.md").write_text("changed")
    (folder / "DL9999.md").write_text("gone")
    assert stale(folder, wanted) == ["DL3006.md is not up to date", "DL9999.md belongs to no rule"]
    update(folder, wanted)
    assert stale(folder, wanted) == []


def test_checking_writes_nothing_and_writing_satisfies_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "rules"
    assert main(["--check"], folder) == 1
    assert not folder.exists()
    assert "docs/rules/README.md is missing\n" in capsys.readouterr().out
    assert main([], folder) == 0
    assert main(["--check"], folder) == 0
    assert main(["--wrong"], folder) == 2
