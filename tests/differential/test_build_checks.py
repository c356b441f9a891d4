"""dlint against a running engine: the verdicts of `docker build --check` on real Dockerfiles.

The engine has only the base `debian:bookworm-slim`, so other images are replaced first, on both sides.
"""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from collections.abc import Callable

import pytest

from dockerlint.engine import Engine
from dockerlint.registry import load
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from dockerlint.syntax.tree import Problem
from tests.differential.engine import Verdict, check, require_engine
from tests.shared import shared_files, shared_path

SAMPLE = 200
SEED = 20_261_123

#: The names of the builder's checks.
BUILDKIT_CHECKS = (
    "StageNameCasing",
    "FromAsCasing",
    "NoEmptyContinuation",
    "ConsistentInstructionCasing",
    "DuplicateStageName",
    "ReservedStageName",
    "JSONArgsRecommended",
    "MaintainerDeprecated",
    "UndefinedArgInFrom",
    "WorkdirRelativePath",
    "UndefinedVar",
    "MultipleInstructionsDisallowed",
    "LegacyKeyValueFormat",
    "RedundantTargetPlatform",
    "SecretsUsedInArgOrEnv",
    "InvalidDefaultArgInFrom",
    "FromPlatformFlagConstDisallowed",
    "ExposeProtoCasing",
    "ExposeInvalidFormat",
)

#: Parts of names that only BuildKit's newest source takes for harmless.
HARMLESS = ("file", "version")

#: Checks that the released engine does not make, or not as BuildKit's newest source, which dlint follows.
NOT_COMPARED = frozenset({"CopyIgnoredFile", "InvalidDefinitionDescription", "InvalidBaseImagePlatform"})


def _rewrite() -> Callable[[str], str]:
    spec = importlib.util.spec_from_file_location("rewrite", shared_path("tools", "buildkit_rewrite.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rewrite: Callable[[str], str] = module.rewrite
    return rewrite


def _ours(engine: Engine, names: dict[str, frozenset[str]], text: str) -> tuple[list[tuple[str, int, int]], bool]:
    """Our findings that stand for checks of the builder, as name and lines, and whether we say that it refuses."""
    source = Source("Dockerfile", text)
    result = engine.lint(source)
    assert result.error is None
    found = [
        (name, source.lines.line(finding.span.start), source.lines.line(max(finding.span.end - 1, finding.span.start)))
        for finding in result.findings
        for name in names.get(finding.code, ())
    ]
    return found, any(finding.fatal for finding in result.findings)


def _differences(verdict: Verdict, found: list[tuple[str, int, int]], text: str) -> list[str]:
    """What only one side says: a finding of ours agrees with one of the builder's whose lines hold its first line."""
    lines = text.lower().split("\n")
    left = [
        warning
        for warning in verdict.warnings
        if warning.rule not in NOT_COMPARED
        and not (
            warning.rule == "SecretsUsedInArgOrEnv"
            and any(part in line for line in lines[warning.start - 1 : warning.end] for part in HARMLESS)
        )
    ]
    differences = []
    for name, line, _ in found:
        twin = next((one for one in left if one.rule == name and _holds(one.start, one.end, line, name)), None)
        if twin is not None:
            left.remove(twin)
        elif verdict.refused is None:  # after an error the builder looks no further
            differences.append(f"only dlint: {name}, line {line}")
    return differences + [f"only the builder: {one.rule}, lines {one.start}-{one.end}" for one in left]


def _holds(start: int, end: int, line: int, name: str) -> bool:
    # The builder puts an empty continuation line on the last line of its instruction.
    return start <= line <= end or (name == "NoEmptyContinuation" and line <= end)


@pytest.mark.engine
@pytest.mark.slow
def test_verdicts_of_real_files_agree() -> None:
    require_engine()
    rewrite = _rewrite()
    files = list(shared_files("corpus", "*/*ockerfile*"))
    sample = random.Random(SEED).sample(files, SAMPLE)
    registry = load()
    names = {rule.code: frozenset(BUILDKIT_CHECKS).intersection(rule.aliases) for rule in registry.rules}
    rules = (rule for rule in registry.rules if names[rule.code] or Problem in rule.on)
    engine = Engine(Settings(tuple(ActiveRule(rule, rule.severity) for rule in rules)), registry)
    outcomes: Counter[str] = Counter()
    shown = []
    for path in sample:
        text = rewrite(path.read_bytes().decode("utf-8"))
        verdict = check(text.encode())
        found, refused = _ours(engine, names, text)
        differences = _differences(verdict, found, text)
        if refused is not (verdict.refused is not None):
            differences.append(f"the builder {'refuses: ' + verdict.refused if verdict.refused else 'accepts'}")
        outcomes["differs" if differences else "agrees"] += 1
        shown += [f"{path.parent.name}/{path.name}: {difference}" for difference in differences]
    assert outcomes["agrees"] >= 0.99 * len(sample), f"{outcomes}\n" + "\n".join(shown)
