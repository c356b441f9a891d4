"""BuildKit's own verdicts on small Dockerfiles, as its newest source gives them: each check, on the right lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerlint.engine import Engine
from dockerlint.registry import load
from dockerlint.semantics.options import BuildOptions
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.shared import shared_files

CHECKS = frozenset(
    {
        "ConsistentInstructionCasing",
        "CopyIgnoredFile",
        "DuplicateStageName",
        "ExposeInvalidFormat",
        "ExposeProtoCasing",
        "FromAsCasing",
        "FromPlatformFlagConstDisallowed",
        "InvalidBaseImagePlatform",
        "InvalidDefaultArgInFrom",
        "InvalidDefinitionDescription",
        "JSONArgsRecommended",
        "LegacyKeyValueFormat",
        "MaintainerDeprecated",
        "MultipleInstructionsDisallowed",
        "NoEmptyContinuation",
        "RedundantTargetPlatform",
        "ReservedStageName",
        "SecretsUsedInArgOrEnv",
        "StageNameCasing",
        "UndefinedArgInFrom",
        "UndefinedVar",
        "WorkdirRelativePath",
    }
)


def cases() -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for path in shared_files("conformance/buildkit-checks", "cases.json")
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


def expected(case: dict[str, Any], source: Source) -> list[tuple[str, int, int]]:
    """The checks that speak, with the first and last line on which they may; BuildKit reports whole instructions."""
    wanted = []
    for verdict in case.get("verdict_head", case["verdict"]):
        first, last = verdict["start_line"], verdict["end_line"]
        if verdict["rule"] == "NoEmptyContinuation":
            # BuildKit names the last line of the instruction.
            first = max(
                source.lines.line(node.span.start)
                for node in parse(source).instructions
                if source.lines.line(node.span.start) <= last
            )
        wanted.append((verdict["rule"], first, last))
    return wanted


@pytest.mark.parametrize("case", cases())
def test_the_checks_of_the_builder_speak_where_it_does(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in case.get("files", {}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = Source(str(tmp_path / "Dockerfile"), case["dockerfile"])
    rules = {rule.code: rule for rule in load().rules if not rule.off}
    settings = Settings(tuple(ActiveRule(rule, rule.severity) for rule in rules.values()), BuildOptions())
    found = [
        (alias, source.lines.line(finding.span.start))
        for finding in Engine(settings).lint(source).findings
        if finding.code in rules
        for code in (finding.code, *finding.instead_of)
        for alias in rules[code].aliases
        if alias in CHECKS
    ]
    for check, first, last in expected(case, source):
        match = next((place for place in found if place[0] == check and first <= place[1] <= last), None)
        assert match is not None, f"{check} is missed in lines {first} to {last}; found: {found}"
        found.remove(match)
    error = case.get("build_error_head", case["build_error"])
    # Where the build stops, the builder has not looked at the rest of the file.
    if error is None or error["message"].startswith("lint violation"):
        assert found == []
