"""Comments hide what they name where they stand, and only that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.engine import Engine
from dockerlint.finding import Finding, Severity
from dockerlint.registry import Registry
from dockerlint.results import FileResult
from dockerlint.rule import Rule, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source, Span
from dockerlint.suppress.values import Suppression, UnusedSuppression
from dockerlint.syntax.parser import parse
from dockerlint.syntax.pragma_reader import read_pragmas


def letters(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Find each letter that the rule's name ends with, wherever it stands alone in the file."""
    letter = ctx.rule.name[-1]
    for offset, char in enumerate(model.dockerfile.source.text):
        around = model.dockerfile.source.text[max(offset - 1, 0) : offset + 2]
        if char == letter and around.strip("\n \\") == letter:
            yield ctx.finding(Span(offset, offset + 1), f"letter {letter}")


def finder(code: str, name: str, *aliases: str) -> Rule:
    return Rule(code, name, (Model,), letters, "Manual.", Severity.WARNING, aliases=aliases)


ALIASES_OF_X = ("CKV_DOCKER_7", "DS-0001", "KICS-0008c003", "StageNameCasing", "last-user-is-root", "tally/letters")
X = finder("DL3101", "letter-x", *ALIASES_OF_X)
Y = finder("DL3102", "letter-y")


@rule("DL9001", "told", on=Suppression, severity=Severity.WARNING)
def told(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """Reports each suppression."""
    yield ctx.finding(suppression.pragma.span, suppression.pragma.form)


@rule("DL9002", "unknown", on=Suppression, severity=Severity.WARNING)
def unknown(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """Reports unknown words."""
    for found in suppression.unknown:
        yield ctx.finding(found.word.span, f"{found.word.text} {found.suggestion}")


@rule("DL9003", "unused", on=UnusedSuppression, severity=Severity.WARNING)
def unused(suppression: UnusedSuppression, ctx: RuleContext) -> Iterator[Finding]:
    """Reports unused words."""
    words = " ".join(word.text for word in suppression.unused)
    yield ctx.finding(suppression.pragma.span, f"{words}{' and that is all' if suppression.whole else ''}")


OFF = finder("DL3103", "letter-z")


def lint(text: str, *rules: Rule, suppressions: bool = True) -> FileResult:
    settings = Settings(tuple(ActiveRule(each, each.severity) for each in rules or (X, Y)), suppressions=suppressions)
    return Engine(settings, Registry((*(rules or (X, Y)), OFF))).lint(Source("Dockerfile", text))


def places(text: str, findings: tuple[Finding, ...]) -> list[str]:
    lines = Source("Dockerfile", text).lines
    return [f"{finding.message[-1]}{lines.line(finding.span.start)}" for finding in findings]


def left(text: str, *rules: Rule) -> str:
    return " ".join(places(text, tuple(each for each in lint(text, *rules).findings if not each.fatal)))


@pytest.mark.parametrize(
    "word", ["DL3101", "dl3101", "letter-x", "CKV_DOCKER_7", "DS001", "DL310*", "all", "DL3102, DL3101"]
)
def test_a_word_is_a_code_a_name_an_alias_a_start_or_all(word: str) -> None:
    assert left(f"FROM a\n# dlint ignore={word}\nRUN x\nRUN x\n") == "x4"


@pytest.mark.parametrize(
    "comment",
    [
        "# dlint ignore=DL3101",
        "#dlint ignore=DL3101",
        "  #   DLINT   Ignore = DL3101",
        "# dlint ignore=DL3101 the reason",
        "# dlint ignore=DL3101 reason=the reason",
        "# dlint ignore=DL3102 , DL3101 # the reason",
        "# dlint ignore=DL3101,",
        "# dlint ignore=DL3101\n\n# a note\n",
        "# dlint ignore=DL3102\n# dlint ignore=DL3101",
        "# dlint ignore=DL3101\n#\n# after an empty comment",
        "# dlint ignore DL3101",
        "# dlint: ignore=DL3101",
        "# dlint ignore=DL3102 DL3101",
        "# hadolint ignore=DL3101",
        "# hadolint ignore=DL3102,DL3101 # the reason",
        "# hadolint ignore=DL3101 the reason",
        "# hadolint ignore=DL3101\n\n# a note\n",
        "# Hadolint ignore=dl3101",
        "# check=skip=StageNameCasing",
        "# check = skip=Other,StageNameCasing",
        "# check=skip=StageNameCasing\n\n# a note",
        "# check=skip=all",
        "# tally ignore=DL3101;reason=the reason",
        "# tally ignore=hadolint/DL3101",
        "# tally ignore=tally/letters",
        "# kics-scan ignore-line",
        "# trivy:ignore:AVD-DS-0001 -- the reason",
        "#trivy:ignore:DS-9999 trivy:ignore:DS001",
        "# nosemgrep",
        "# nosemgrep: dockerfile.security.last-user-is-root.last-user-is-root",
        "# nosem: other, last-user-is-root -- the reason",
    ],
)
def test_a_comment_above_an_instruction_covers_that_instruction_only(comment: str) -> None:
    assert left(f"FROM a\nRUN x\n{comment}\nRUN a \\\n x\nRUN x\n") == f"x2 x{comment.count(chr(10)) + 6}"


@pytest.mark.parametrize(
    "comment",
    [
        "  # check=skip=StageNameCasing",
        "# check=skip=stagenamecasing",
        "# check=skip=DL3101",
        "# check=skip=StageNameCasing\n#",
        "# check=skip=FromAsCasing\n# check=skip=StageNameCasing",
    ],
)
def test_a_check_comment_covers_nothing_where_the_builder_passes_it_over(comment: str) -> None:
    assert left(f"FROM a\n{comment}\nRUN x\n") == f"x{comment.count(chr(10)) + 3}"


@pytest.mark.parametrize(
    "comment",
    [
        "# dlint is a linter; ignore=DL3101",
        "# dlint ignore the rest",
        "# dlint ignored=DL3101",
        "# please dlint ignore=DL3101",
        "## dlint ignore=DL3101",
        "# dlintignore=DL3101",
        "# kics-scan ignore-lines",
        "# check this: skip=StageNameCasing",
        "# check=error=true",
        "# nosemgreppable",
        "# dlint ignore=",
        "# dlint shell=bash",
    ],
)
def test_what_only_looks_like_a_suppression_hides_nothing(comment: str) -> None:
    assert left(f"FROM a\n{comment}\nRUN x\n") == "x3"


@pytest.mark.parametrize("tool", ["dlint", "hadolint", "tally"])
def test_a_comment_inside_an_instruction_covers_its_next_line(tool: str) -> None:
    text = f"FROM a\nRUN x \\\n  # {tool} ignore=DL3101\n  # a note\n\n  x \\\n  x\n"
    assert left(text) == "x2 x7"


@pytest.mark.parametrize(
    "line",
    [
        "# dlint global ignore=DL3101",
        "# hadolint global ignore=DL3101",
        "#checkov:skip=CKV_DOCKER_7:the reason",
        "# checkov:skip=CKV_DOCKER_7 the reason",
        "# kics-scan disable=0008c003-79aa-42d8-95b8-1c2fe37dbfe6",
    ],
)
@pytest.mark.parametrize("at", range(5))
def test_a_comment_for_the_file_may_stand_anywhere(line: str, at: int) -> None:
    lines = ["FROM x", "RUN a \\", " x", "RUN x y"]
    lines.insert(at, line)
    assert left("\n".join(lines)).startswith("y")


def test_the_check_directive_covers_the_file() -> None:
    assert left("# check=skip=StageNameCasing\nFROM x\nRUN x y\n") == "y3"
    assert left("# check=skip=all\nFROM x\nRUN x y\n") == "y3"


@pytest.mark.parametrize("tool", ["dlint", "hadolint"])
@pytest.mark.parametrize(
    ("before", "expected"),
    [(0, "x5 x7 x8"), (1, "x5 x7 x8"), (2, "x5 x7 x8"), (3, "x1 x3 x4"), (4, "x1 x3 x4"), (5, "x1 x3 x4")],
)
def test_a_comment_for_a_stage_covers_the_one_it_stands_in_or_directly_above(
    tool: str, before: int, expected: str
) -> None:
    lines = ["FROM x", "", "RUN x", "RUN x", "FROM x", "", "RUN x", "RUN x"]
    at = [0, 1, 3, 4, 6, 8][before]
    lines.insert(at, f"# {tool} stage ignore=DL3101")
    shift = [f"x{int(word[1:]) + (at < int(word[1:]))}" for word in expected.split()]
    assert left("\n".join(lines)).split() == shift


def test_kics_takes_a_block_for_a_stage() -> None:
    assert left("# kics-scan ignore-block\nFROM x\nRUN x\nFROM x\n") == "x4"


def test_what_stands_between_instructions_belongs_to_the_next_one() -> None:
    note = Rule("DL3101", "letter-n", (Model,), letters, "Manual.", Severity.WARNING)
    assert left("FROM a\n# dlint ignore=DL3101\n# n\nARG a\n# n\n", note) == "n5"


def test_nothing_hides_what_the_builder_refuses() -> None:
    text = "# dlint global ignore=all\nFROM a\n# dlint ignore=DL1002\nRUM x\n"
    assert [(finding.code, finding.fatal) for finding in lint(text).findings] == [("DL1002", True)]


def test_suppressions_can_be_switched_off() -> None:
    text = "FROM a\n# dlint ignore=DL3101\nRUN x\n"
    assert places(text, lint(text, X, told, suppressions=False).findings) == ["x3"]


def test_what_is_hidden_is_kept_apart() -> None:
    text = "FROM a\n# dlint ignore=DL3101\nRUN x y\n"
    result = lint(text)
    assert (places(text, result.findings), places(text, result.suppressed)) == (["y3"], ["x3"])


@pytest.mark.parametrize(
    ("comment", "messages"),
    [
        ("# dlint ignore=DL3101", ["DL3101 and that is all"]),
        ("# dlint ignore=DL3102", []),
        ("# dlint ignore=DL3101,DL3102", ["DL3101"]),
        ("# dlint ignore=DL3103", []),
        ("# dlint ignore=DL310*", []),
        ("# dlint ignore=all", []),
        ("# dlint ignore=SC2086", []),
        ("# dlint ignore=nonsense", []),
        ("# hadolint ignore=DL3101", ["DL3101 and that is all"]),
        ("# hadolint ignore=DL3101,DL3001", ["DL3101"]),
        ("# checkov:skip=CKV_DOCKER_7", ["CKV_DOCKER_7 and that is all"]),
        ("# checkov:skip=CKV_DOCKER_7,CKV_DOCKER_99", []),
        ("# kics-scan ignore-line", []),
        ("# nosemgrep", []),
    ],
)
def test_words_that_hide_nothing_are_told_if_all_their_rules_have_run(comment: str, messages: list[str]) -> None:
    findings = lint(f"FROM a\n{comment}\nRUN y\n", X, Y, unused).findings
    assert [finding.message for finding in findings if finding.code == "DL9003"] == messages


def test_a_suppression_is_used_wherever_several_cover_the_same() -> None:
    text = "# dlint global ignore=DL3101\nFROM a\n# dlint stage ignore=DL3101\n# dlint ignore=DL3101\nRUN x\n"
    assert lint(text, X, unused).findings == ()


def test_a_rule_kept_from_the_file_makes_no_suppression_unused() -> None:
    settings = Settings(
        tuple(ActiveRule(each, each.severity) for each in (X, unused)),
        per_file_ignores=(("Dockerfile", frozenset({"DL3101"})),),
    )
    result = Engine(settings, Registry((X, unused))).lint(Source("Dockerfile", "# dlint ignore=DL3101\nFROM x\n"))
    assert result.findings == result.suppressed == ()


@pytest.mark.parametrize(
    ("comment", "messages"),
    [
        ("# dlint ignore=DL3101,letter-w", ["letter-w letter-x"]),
        ("# dlint ignore=DL999", ["DL999 None"]),
        ("# dlint ignore=SC2086,DL70*", ["DL70* None"]),
        ("# hadolint ignore=DL3999,SC1091", []),
        ("# hadolint ignore=DLxyz", ["DLxyz None"]),
        ("# check=skip=Nonsense", []),
        ("# checkov:skip=CKV_K8S_1", []),
        ("# trivy:ignore:CVE-2020-1", []),
        ("# nosemgrep: python.a.b", []),
    ],
)
def test_unknown_words_are_told_for_our_own_form_and_hadolint(comment: str, messages: list[str]) -> None:
    findings = lint(f"FROM a\n{comment}\nRUN a\n", X, unknown).findings
    assert [finding.message for finding in findings] == messages


def test_findings_about_suppressions_can_be_hidden_but_not_by_the_suppression_they_are_about() -> None:
    def lines(text: str, *rules: Rule) -> list[int]:
        return [Source("", text).lines.line(finding.span.start) for finding in lint(text, *rules).findings]

    assert lines("# dlint global ignore=DL9001\nFROM a\n# dlint ignore=DL3101\nRUN a\n", told) == [1]
    assert lines("FROM a\n# dlint ignore=DL9003\n# dlint ignore=DL3101\nRUN a\n", X, unused) == []
    assert lines("FROM a\n# dlint ignore=DL9003,DL3101\nRUN a\n", X, unused) == [2]


@pytest.mark.parametrize(
    ("comment", "span_text", "fixed"),
    [
        ("# dlint ignore DL3101", " ", "# dlint ignore=DL3101"),
        ("# dlint: ignore=DL3101", ":", "# dlint ignore=DL3101"),
        ("# dlint ignore: DL3101", ": ", "# dlint ignore=DL3101"),
        ("# dlint ignore=DL3101 DL3102 DL3103", "DL3102", "# dlint ignore=DL3101,DL3102,DL3103"),
        ("# dlint ignore=", "# dlint ignore=", None),
        ("# dlint frobnicate=DL3101", "# dlint frobnicate=DL3101", None),
        ("# hadolint ignore=DL3101 because", "because", "# hadolint ignore=DL3101 # because"),
        ("# HADOLINT ignore=DL3101", "HADOLINT", "# hadolint ignore=DL3101"),
        ("# hadolint ignore=dl3101", "dl3101", "# hadolint ignore=DL3101"),
        ("# hadolint ignore=letter-x", "letter-x", None),
        ("# hadolint ignore=DL3101\n\n \n", "# hadolint ignore=DL3101", "# hadolint ignore=DL3101\n"),
        ("# hadolint ignore=DL3101\n# note", "# hadolint ignore=DL3101", None),
        ("  # check=skip=A", "# check=skip=A", "# check=skip=A"),
        ("# check=skpi=A", "skpi", None),
        ("# dlint ignore=DL3101 because", None, None),
        ("# dlint ignore=DL3101\n\n", None, None),
        ("# hadolint ignore=DL3101 # because", None, None),
        ("# hadolint stage ignore=DL3101", None, None),
        ("# hadolint ignore = DL3101 , DL3102", None, None),
        ("# tally ignore=letter-x because", None, None),
        ("# tally frobnicate=1", None, None),
    ],
)
def test_what_a_tool_would_skip_has_a_fault_with_the_edits_that_mend_it(
    comment: str, span_text: str | None, fixed: str | None
) -> None:
    text = f"FROM a\n{comment}\nRUN x\n"
    faults = [pragma.fault for pragma in read_pragmas(parse(Source("", text))).suppressions]
    fault = faults[0] if faults else None
    if span_text is None:
        assert fault is None
        return
    assert fault is not None
    assert text[fault.span.start : fault.span.end] == span_text
    for edit in reversed(fault.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == f"FROM a\n{fixed or comment}\nRUN x\n".replace("\n\nRUN", "\nRUN" if fixed else "\n\nRUN")
    assert bool(fault.edits) is (fixed is not None)


@pytest.mark.parametrize(
    "text",
    [
        "# dlint stage ignore=DL3101\nARG a\nFROM a\n",
        "FROM a\nRUN a \\\n # hadolint ignore=DL3101\n b\n",
        "FROM a\n# dlint ignore=DL3101\n",
        "FROM a\n# hadolint ignore=DL3101",
    ],
)
def test_a_suppression_in_a_place_without_meaning_has_a_fault(text: str) -> None:
    (pragma,) = read_pragmas(parse(Source("", text))).suppressions
    assert pragma.fault is not None
    assert pragma.fault.edits == ()


def test_shells_are_read_from_comments() -> None:
    text = "# hadolint shell=pwsh\nFROM a\n# dlint shell = bash for arrays\nRUN a\n"
    dialects = read_pragmas(parse(Source("", text))).dialects
    assert [(dialect.tool.value, dialect.name) for dialect in dialects] == [("hadolint", "pwsh"), ("dlint", "bash")]


def test_many_words_and_comments_take_little_time() -> None:
    words = ",".join(f"word-{number}*" for number in range(20_000))
    comments = "\n\n# hadolint ignore=DL3101,DL3102 x" * 5_000 + "\n# dlint stage ignore=DL3101" * 5_000
    text = f"FROM a\n# dlint ignore={words}\n{comments}\nRUN x\n" + "RUN x \\\n# dlint ignore=DL3101\n" * 5_000
    assert len(lint(text, X, Y, told, unknown, unused).findings) > 10_000


PIECES = st.sampled_from(
    [
        *"#=:,;* \n\\",
        *("dlint", "hadolint", "ignore", "stage ", "global ", "shell", "DL3101", "x", "reason", "check", "skip"),
        *("# dlint ignore=", "# hadolint ignore=", "# check=skip=", "trivy:ignore:", "nosemgrep", "kics-scan "),
        *("FROM a\n", "RUN x \\\n"),
    ]
)


@given(st.lists(PIECES).map("".join))
def test_any_comments_can_be_read_and_their_edits_stay_in_the_text(text: str) -> None:
    source = Source("", text)
    for pragma in read_pragmas(parse(source)).suppressions:
        spans = [pragma.span, *(word.span for word in pragma.words or ())]
        spans += [] if pragma.fault is None else [pragma.fault.span, *(edit.span for edit in pragma.fault.edits)]
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)
        assert all(source.slice(word.span) == word.text for word in pragma.words or ())
    result = lint(text, X, Y, told, unknown, unused)
    assert result.error is None
    assert len(result.findings) + len(result.suppressed) >= len(lint(text, X, Y, suppressions=False).findings)
