"""The engine gives every rule what it asks for, and puts what they find in order."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.engine import Engine
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry
from dockerlint.results import FileResult, Report
from dockerlint.rule import Rule, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.settings import ActiveRule, Settings, ShellcheckUse
from dockerlint.shellcheck.checker import Answer, Checker, Trouble
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Env, From, Instruction, KeyValues, Problem, Run


@rule("T100", "unknown-word", on=Problem, severity=Severity.ERROR)
def any_problem(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """Reports problems."""
    yield ctx.problem(problem)


@rule("T101", "every-instruction", on=Instruction, severity=Severity.INFO)
def every_instruction(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Reports each instruction, and the stage it is in."""
    stage = "none" if ctx.stage is None else str(ctx.stage.index)
    yield ctx.finding(node.keyword.span, f"{node.name} in {stage}")


@rule("T102", "key-values", on=KeyValues, severity=Severity.INFO, onbuild=False)
def key_values(node: KeyValues, ctx: RuleContext) -> Iterator[Finding]:
    """Reports ENV and LABEL outside ONBUILD."""
    yield ctx.finding(node.keyword.span, node.name)


@rule("T103", "stages", on=Stage, severity=Severity.INFO)
def stages(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Reports each stage."""
    assert ctx.stage is stage
    yield ctx.finding(stage.node.span, stage.label)


@rule("T104", "files", on=Model, severity=Severity.WARNING)
def files(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Reports the file."""
    assert ctx.stage is None
    yield ctx.finding(Span(0, 0), f"{len(model.stages)} stages")


@rule("T105", "lowered", on=From, severity=Severity.ERROR)
def lowered(node: From, ctx: RuleContext) -> Iterator[Finding]:
    """Lowers its level for scratch."""
    yield ctx.finding(node.image.span, "base", lower_to=Severity.STYLE if node.image.text == "scratch" else None)


@rule("T106", "broken-rule", on=Run, severity=Severity.ERROR)
def broken_rule(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Fails at its second yield."""
    yield ctx.finding(node.keyword.span, "run")
    raise RecursionError("too\ndeep")


def settings_for(*rules: Rule) -> Settings:
    return Settings(tuple(ActiveRule(each, each.severity) for each in rules))


def lint(text: str, *rules: Rule) -> FileResult:
    return Engine(settings_for(*rules), Registry(rules)).lint(Source("Dockerfile", text))


def shown(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.code} {finding.message}" for finding in findings]


FILE = "ARG A=1\nFROM a AS x\nENV K=v\nFROM x\nONBUILD ENV L=w\nRUN true\n"


def test_a_rule_for_a_base_class_sees_all_instructions_and_those_inside_onbuild() -> None:
    assert shown(lint(FILE, every_instruction).findings) == [
        "T101 ARG in none",
        "T101 FROM in 0",
        "T101 ENV in 0",
        "T101 FROM in 1",
        "T101 ONBUILD in 1",
        "T101 ENV in 1",
        "T101 RUN in 1",
    ]


def test_a_rule_may_stay_outside_onbuild() -> None:
    assert shown(lint(FILE, key_values).findings) == ["T102 ENV"]


def test_the_result_tells_the_instruction_and_the_stage_of_each_place() -> None:
    result = lint(FILE, every_instruction)
    parts = [result.part(finding.span) for finding in result.findings]
    assert [None if part is None else (part.instruction, part.stage, part.name) for part in parts] == [
        ("ARG", None, None),
        ("FROM", 0, "x"),
        ("ENV", 0, "x"),
        ("FROM", 1, None),
        ("ONBUILD", 1, None),
        ("ONBUILD", 1, None),
        ("RUN", 1, None),
    ]
    assert lint("FROM a\n", broken_rule).parts == ()


def test_rules_for_stages_and_files_see_each_once() -> None:
    assert shown(lint(FILE, files, stages).findings) == ["T104 2 stages", "T103 'x'", "T103 1"]


def test_a_problem_goes_to_the_rule_with_its_code() -> None:
    unknown = replace(any_problem, code="DL1002")
    (finding,) = lint("FROM a\nRUM x\n", unknown, replace(any_problem, code="DL1003")).findings
    assert (finding.code, finding.fatal, finding.severity) == ("DL1002", True, Severity.ERROR)
    assert finding.span == Span(7, 10)


def test_what_the_builder_refuses_is_told_without_a_rule_for_it() -> None:
    (finding,) = lint("FROM a\nRUM x\n").findings
    assert (finding.code, finding.fatal, finding.severity) == ("DL1002", True, Severity.ERROR)


def test_an_empty_file_is_refused() -> None:
    assert [finding.fatal for finding in lint("").findings] == [True]


def test_levels_are_lowered_by_rules_unless_the_user_chose_one() -> None:
    text = "FROM scratch\nFROM b\n"
    assert [finding.severity for finding in lint(text, lowered).findings] == [Severity.STYLE, Severity.ERROR]
    for chosen in (Severity.INFO, Severity.ERROR):
        settings = Settings((ActiveRule(lowered, chosen, fixed=True),))
        findings = Engine(settings, Registry((lowered,))).lint(Source("Dockerfile", text)).findings
        assert [finding.severity for finding in findings] == [chosen, chosen]


def test_no_level_makes_less_of_what_the_builder_refuses() -> None:
    unknown = replace(any_problem, code="DL1002")
    settings = Settings((ActiveRule(unknown, Severity.INFO, fixed=True),))
    (finding,) = Engine(settings, Registry((unknown,))).lint(Source("Dockerfile", "FROM a\nRUM x\n")).findings
    assert finding.severity is Severity.ERROR


def test_a_rule_that_is_off_does_not_run() -> None:
    settings = Settings((ActiveRule(files, Severity.OFF),))
    assert Engine(settings, Registry((files,))).lint(Source("Dockerfile", FILE)).findings == ()


@pytest.mark.parametrize(
    ("glob", "path", "ignored"),
    [
        ("Dockerfile", "Dockerfile", True),
        ("Dockerfile", "a/b/Dockerfile", True),
        ("*.Dockerfile", "a/b.Dockerfile", True),
        ("a/*", "a/Dockerfile", True),
        ("a/*", "b/a/Dockerfile", False),
        ("**/test/**", "a/test/b/Dockerfile", True),
        ("test/", "a/test/b/Dockerfile", True),
        ("../up/Dockerfile", "../up/Dockerfile", True),
        ("/elsewhere/*", "/elsewhere/Dockerfile", True),
        ("[*]", "x", False),
        ("-", "-", True),
    ],
)
def test_files_can_be_kept_from_rules(glob: str, path: str, ignored: bool) -> None:
    settings = settings_for(files, stages)._replace(per_file_ignores=((glob, frozenset({"T104"})),))
    findings = Engine(settings, Registry((files, stages))).lint(Source(path, FILE)).findings
    assert ("T104" not in {finding.code for finding in findings}) is ignored
    assert "T103" in {finding.code for finding in findings}


def test_settings_may_hide_what_the_builder_refuses() -> None:
    settings = Settings((), per_file_ignores=(("templates/*", frozenset({"DL1002"})),))
    engine = Engine(settings, Registry(()))
    assert engine.lint(Source("templates/Dockerfile", "FROM a\nRUM x\n")).findings == ()
    assert len(engine.lint(Source("Dockerfile", "FROM a\nRUM x\n")).findings) == 1


def test_a_failing_rule_costs_nothing_of_the_others_and_fails_the_run() -> None:
    text = "FROM a\nRUN x\nRUN y\n"
    result = lint(text, broken_rule, stages)
    assert shown(result.findings) == ["T103 0", "T106 run"]
    assert result.error is not None
    assert result.error.startswith(
        "internal error in rule T106 (broken-rule): RecursionError: too deep (test_engine.py"
    )
    assert result.error.count("T106") == 1
    assert Report((result,), {}).exit_code(None) == 2
    assert lint(text, stages).error is None


def test_the_check_directive_makes_the_findings_of_its_rules_errors() -> None:
    ours = replace(stages, code="T107", aliases=("StageNameCasing",))
    text = "# check=error=true\nFROM a\n"
    assert [finding.severity for finding in lint(text, ours, stages).findings] == [Severity.INFO, Severity.ERROR]
    settings = Settings((ActiveRule(ours, Severity.STYLE, fixed=True),))
    (finding,) = Engine(settings, Registry((ours,))).lint(Source("Dockerfile", text)).findings
    assert finding.severity is Severity.STYLE


Place = tuple[int, int]


@pytest.mark.parametrize(
    ("exact", "vague", "left"),
    [
        ([(2, 5)], [(2, 5), (0, 9), (3, 4), (4, 7)], []),
        ([(2, 5)], [(0, 2), (5, 9), (5, 5)], [(0, 2), (5, 5), (5, 9)]),
        ([(2, 2)], [(2, 2), (0, 2), (2, 4)], [(0, 2)]),
        ([(6, 7), (0, 3), (2, 4)], [(4, 6), (3, 4), (5, 9)], [(4, 6)]),
        ([], [(2, 5)], [(2, 5)]),
    ],
)
def test_an_exact_finding_takes_the_place_of_a_vaguer_one(
    exact: list[Place], vague: list[Place], left: list[Place]
) -> None:
    exactly = replace(repeating("T202", [(start, end - start, "exact") for start, end in exact]), supersedes=("T201",))
    vaguely = repeating("T201", [(start, end - start, "vague") for start, end in vague])
    found = lint("FROM scratch\n", exactly, vaguely).findings
    assert [tuple(finding.span) for finding in found if finding.code == "T201"] == left
    assert {tuple(finding.span) for finding in found if finding.code == "T202"} == set(exact)


class Told(Checker):
    """Stands for ShellCheck, with one answer to all texts."""

    def __init__(self, answer: Answer) -> None:
        self._told = answer

    def want(self, texts: Iterable[str]) -> None:
        """Nothing has to be got ready."""

    def answer(self, text: str) -> Answer:
        """What was told."""
        assert text
        return self._told


@pytest.mark.parametrize(("checker", "left"), [(None, ["T203"]), (Told(()), []), (Told(Trouble("fails")), ["T203"])])
def test_a_rule_may_stand_in_for_shellcheck(checker: Checker | None, left: list[str]) -> None:
    rules = (replace(repeating("T203", [(0, 1, "a")]), stands_in=True),)
    settings = settings_for(*rules)._replace(shellcheck=ShellcheckUse.AUTO)
    found = Engine(settings, Registry(rules), checker).lint(Source("Dockerfile", "FROM debian\nRUN a\n")).findings
    assert [finding.code for finding in found] == left


def repeating(code: str, places: list[tuple[int, int, str]]) -> Rule:
    def check(_: Model, ctx: RuleContext) -> Iterator[Finding]:
        for start, length, message in places:
            yield ctx.finding(Span(start, start + length), message)

    return Rule(code, f"rule-{code.lower()}", (Model,), check, "Manual.", Severity.INFO)


PLACES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.sampled_from(["a", "b"])), max_size=8)


@given(PLACES, PLACES, st.randoms(use_true_random=False))
def test_findings_are_told_once_and_in_one_order(
    first: list[tuple[int, int, str]], second: list[tuple[int, int, str]], shuffler: random.Random
) -> None:
    rules = [repeating("T2", first), repeating("T1", second)]
    findings = lint("FROM a\nRUN x\n", *rules).findings
    keys = [(finding.span.start, finding.code, finding.span.end, finding.message) for finding in findings]
    assert keys == sorted(set(keys))
    assert len(keys) == len(set(first)) + len(set(second))
    shuffler.shuffle(rules)
    shuffler.shuffle(first)
    assert lint("FROM a\nRUN x\n", *rules).findings == findings


PIECES = st.sampled_from([*"abFROMUNEV \n\\#=<'\"$[]{},:", "FROM ", "RUN ", "# dlint ignore=", "ONBUILD "])


@given(st.lists(PIECES).map("".join))
def test_any_text_has_a_result(text: str) -> None:
    result = lint(text, every_instruction, key_values, stages, files, lowered)
    assert result.error is None
    assert all(0 <= finding.span.start <= finding.span.end <= len(text) for finding in result.findings)


def test_the_engine_names_no_rule(repository: Path) -> None:
    tree = ast.parse((repository / "lint" / "dockerlint" / "engine.py").read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if text.startswith("DL")] == []


def test_an_env_in_onbuild_is_seen_with_the_step_of_the_onbuild() -> None:
    seen = []

    def check(node: Env, ctx: RuleContext) -> Iterator[Finding]:
        assert ctx.step is not None
        seen.append((node.name, ctx.step.node.name))
        return iter(())

    lint("FROM a\nONBUILD ENV A=b\nENV C=d\n", Rule("T3", "steps", (Env,), check, "Manual.", Severity.INFO))
    assert seen == [("ENV", "ONBUILD"), ("ENV", "ENV")]
