"""Findings of ShellCheck's stand where the guilty text is, however the instruction is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint.finding import Safety
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run
from tests.rules.support import apply
from tests.shellcheck.real import directly, found, lint

HEAD = "FROM debian:12\nARG V\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("RUN rm $V\n", (3, 8)),
        ("  run   rm $V\n", (3, 12)),
        ("RUN --mount=type=cache,target=/c --network=none rm $V\n", (3, 52)),
        ("RUN --mount=type=cache,target=/c \\\n  rm $V\n", (4, 6)),
        ("RUN true && \\\n    rm $V && \\\n    true\n", (4, 8)),
        ("RUN true && \\  \n\trm $V\n", (4, 5)),
        ("RUN true && \\\n# why\n\n   # and why\n  rm $V\n", (7, 6)),
        ("RUN true \\\r\n  && rm $V\r\n", (4, 9)),
        ("RUN <<EOF\nrm $V\nEOF\n", (4, 4)),
        ("RUN <<-EOF\n\tif true; then\n\t\trm $V\n\tfi\nEOF\n", (5, 6)),
        ("RUN <<'EOF'\n#!/bin/bash -e\n# text\ntrue\n\trm $V\nEOF\n", (7, 5)),
        ("RUN cat <<EOF && rm $V\nrm $V\nEOF\n", (3, 21)),
        ("RUN cat <<EOF\ntext\nEOF\nRUN rm $V\n", (6, 8)),
        ("RUN echo 'é😀' && rm $V\n", (3, 21)),
        ("RUN echo '\\\n' && rm $V\n", (4, 9)),
        ("ONBUILD RUN rm \\\n $V\n", (4, 2)),
        ("SHELL [\"/bin/bash\", \"-euxo\", \"pipefail\", \"-c\"]\nRUN rm \\\n $V\n", (5, 2)),
    ],
)  # fmt: skip
def test_a_finding_points_at_the_word(text: str, place: tuple[int, int]) -> None:
    assert found(HEAD + text) == [("SC2086", *place, "$V")]


def test_a_backtick_may_be_the_escape_character() -> None:
    text = f"# escape=`\n{HEAD}RUN true && `\n  rm $V\n"
    assert found(text) == [("SC2086", 5, 6, "$V")]


def test_a_word_may_be_broken_by_a_continuation() -> None:
    assert found(f"{HEAD}RUN rm a\\\n$V\\\n/b\n") == [("SC2086", 4, 1, "$V")]
    assert found(f"{HEAD}RUN rm ${{\\\nV}}\n") == [("SC2086", 3, 8, "${\\\nV}")]


def test_a_comment_at_the_end_of_a_continued_line_swallows_what_follows() -> None:
    assert found(f"{HEAD}RUN true # rm \\\n  && rm $V\n") == []


def test_all_findings_of_an_instruction_are_reported() -> None:
    text = f'{HEAD}RUN cd /x; \\\n  rm $V; \\\n  A=$(ls); export B="$(pwd)"\n'
    assert found(text) == [
        ("SC2164", 3, 5, "cd /x"),
        ("SC2086", 4, 6, "$V"),
        ("SC2034", 5, 3, "A"),
        ("SC2155", 5, 19, "B"),
    ]


def test_a_script_that_ends_too_early_is_told_at_its_end() -> None:
    places = found("FROM debian:12\nRUN if true; then \\\n  echo a\n")
    assert ("SC1047", 3, 8, "a") in places
    assert {code for code, *_ in places} >= {"SC1046", "SC1047", "SC1072", "SC1073"}


def test_fixes_are_brought_back() -> None:
    text = f"{HEAD}RUN true && \\\n  rm $V/a && \\\n  echo `pwd` $((1 + $V))\n"
    result = lint(text)
    fixes = {finding.code: finding.fix for finding in result.findings if finding.fix is not None}
    assert {code: fix.safety for code, fix in fixes.items()} == {"SC2086": Safety.UNSAFE, "SC2006": Safety.SAFE}
    mended = apply(text, fixes.values())
    assert mended == f'{HEAD}RUN true && \\\n  rm "$V"/a && \\\n  echo $(pwd) $((1 + $V))\n'


def test_a_fix_that_would_tear_a_continuation_is_left_out() -> None:
    # The quote at the end of the variable could go before or behind the line end.
    (finding,) = lint(f"{HEAD}RUN rm $V\\\n/a\n").findings
    assert finding.fix is None


COMMANDS = st.sampled_from(
    ["rm $a", "cd /x", "echo `pwd`", "[ $b = c ]", "for i in $c; do echo $i; done", "cat é | grep $d", "echo 'a'"]
)
JOINTS = st.sampled_from(["; ", " && ", "; \\\n", " && \\\n\t", " \\\n  && ", "; \\\n# comment\n\n  ", " || "])


@settings(max_examples=25)
@given(st.lists(st.tuples(COMMANDS, JOINTS), min_size=1, max_size=6), COMMANDS)
def test_it_is_what_shellcheck_says_about_the_joined_script(parts: list[tuple[str, str]], last: str) -> None:
    text = "FROM debian:12\nRUN " + "".join(command + joint for command, joint in parts) + last + "\n"
    run = parse(Source("Dockerfile", text)).instructions[1]
    assert isinstance(run, Run)
    assert run.command.script is not None
    joined = run.command.script
    said = directly(joined.text, "--shell=dash")
    expected = {(code, *joined.span_of(column - 1, end - 1)) for code, _, column, _, end in said}
    assert {(finding.code, *finding.span) for finding in lint(text).findings} == expected
