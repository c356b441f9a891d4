"""What holds for any text: reading never fails, loses nothing, and takes time in proportion to the text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source, Span
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Dockerfile, Instruction, Onbuild, Word, render
from tests.strategies import texts


def dockerfile_of(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


@given(texts())
def test_the_tree_renders_to_the_text_and_its_tokens_tile_it(text: str) -> None:
    dockerfile = dockerfile_of(text)
    assert render(dockerfile) == text
    spans = [span for _, span in dockerfile.tiles()]
    assert all(left.end == right.start for left, right in pairwise(spans))
    if text:
        assert (spans[0].start, spans[-1].end) == (0, len(text))


@given(texts())
def test_spans_nest(text: str) -> None:
    dockerfile = dockerfile_of(text)
    whole = Span(0, len(text))
    instructions = dockerfile.instructions
    assert all(left.span.end <= right.span.start for left, right in pairwise(instructions))
    assert all(whole.holds(problem.span) for problem in dockerfile.problems)
    assert all(text[comment.span.start : comment.span.end] == comment.text for comment in dockerfile.comments)
    for directive in dockerfile.directives:
        assert whole.holds(directive.span)
        assert directive.span.holds(directive.name_span)
        assert directive.span.holds(directive.value_span)
    for node in instructions:
        assert whole.holds(node.span)
        check_instruction(node, text)


def check_instruction(node: Instruction, text: str) -> None:
    assert node.span.holds(node.keyword.span)
    assert all(flag.span.start >= node.keyword.span.end for flag in node.flags)
    parts = [*(flag.span for flag in node.flags), *(word.span for word in node.arguments), *node.blank_lines]
    parts += [span for heredoc in node.heredocs for span in (heredoc.marker, heredoc.body, heredoc.terminator) if span]
    assert all(node.span.holds(span) for span in parts)
    for heredoc in node.heredocs:
        assert text[heredoc.body.start : heredoc.body.end] == heredoc.content
    words = [node.keyword, *node.arguments, *(flag.value for flag in node.flags if flag.value is not None)]
    for word in words:
        check_word(word, text)
    if isinstance(node, Onbuild):
        assert node.span.holds(node.trigger.span)
        check_instruction(node.trigger, text)


def check_word(word: Word, text: str) -> None:
    """A word that knows the way back to the file leads to its own characters."""
    if word.joined is None:
        return
    assert word.joined.text == word.text
    assert "".join(text[start:end] for start, end in word.joined.pieces) == word.text
    for index, char in enumerate(word.text):
        assert text[word.span_of(index, index + 1).start] == char


@given(texts())
def test_modelling_never_fails_and_takes_each_instruction_once(text: str) -> None:
    dockerfile = dockerfile_of(text)
    model = build_model(dockerfile, BuildOptions(build_args={"a": "x $b"}, named_contexts={"b": ""}))
    assert [id(step.node) for _, step in model.steps()] == [id(node) for node in dockerfile.instructions]
    assert all(Span(0, len(text)).holds(problem.span) for problem in model.problems)
    assert model.shipped <= model.reachable
    assert all(stage.index == number for number, stage in enumerate(model.stages))
    for stage in model.stages:
        assert all(use.user == stage.index for use in stage.uses)
        assert model.chain(stage)[-1] is stage


# Each of these takes minutes where work grows with the square of the text.
@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "FROM a\n" + "RUN echo hello world && apt-get install -y \\\n  # c\n  x # z\n" * 80_000, id="5 MB"
        ),
        pytest.param("FROM a\n" + "RUN x\n" * 100_000, id="100,000 instructions"),
        pytest.param("FROM a\nRUN " + "x " * 500_000, id="a line of 1 MB"),
        pytest.param("FROM a\n" + "RUN <<E\nx\nE\n" * 10_000, id="10,000 heredocs"),
        pytest.param("FROM a\nCOPY " + "x " * 100_000, id="a list"),
        pytest.param("FROM a\nRUN " + "x \\\n" * 100_000, id="a continued line"),
        pytest.param("FROM a\nENV " + "a=\\\n b=$a " * 20_000, id="pairs"),
        pytest.param("FROM a\n" + "ENV a=$a:x\n" * 10_000, id="a growing variable"),
        pytest.param("FROM scratch\n" + "WORKDIR a\n" * 10_000, id="a growing path"),
        pytest.param("FROM a\nCOPY " + "<<E " * 10_000 + "/x\n" + "x\nE\n" * 10_000, id="heredocs in a line"),
        pytest.param("FROM a\n" + "".join(f"RUN <<E{i}\n" for i in range(20_000)), id="heredocs without an end"),
        pytest.param("FROM a\nRUN " + '"<<" ' * 50_000, id="quoted markers"),
        pytest.param("FROM a\nRUN " + "<<' " * 50_000, id="markers and open quotes"),
        pytest.param("FROM a\nRUN " + "<" * 500_000, id="a long marker"),
        pytest.param("FROM a\nCMD [" + '"a",' * 50_000, id="an array without an end"),
        pytest.param("FROM a\nCMD " + "[" * 500_000, id="nested arrays"),
        pytest.param("FROM a\nENV a=" + "${a:-" * 100_000 + "}" * 100_000, id="nested operators"),
        pytest.param("FROM a\nENV a=" + "\\" * 200_000, id="escapes"),
        pytest.param("FROM a\nRUN " + "--mount=type=bind " * 10_000 + "x", id="flags"),
        pytest.param("FROM a\nRUN a" + " " * 500_000 + "b", id="blanks"),
        pytest.param("FROM a\nRUN x \\\n" + "\n" * 200_000, id="blank lines in a continuation"),
        pytest.param("FROM a\nRUN " + "\r" * 500_000, id="carriage returns"),
        pytest.param("FROM a\n" + "ONBUILD " * 50_000, id="nested triggers"),
        pytest.param("".join(f"FROM a AS s{i}\n" for i in range(10_000)), id="stages"),
        pytest.param("FROM a AS s\n" + "".join(f"FROM s AS s{i}\n" for i in range(10_000)), id="children of a stage"),
        pytest.param(
            "FROM a AS s0\n" + "".join(f"ONBUILD RUN x\nFROM s{i} AS s{i + 1}\n" for i in range(5_000)),
            id="a chain of stages",
        ),
        pytest.param(
            "".join(f"FROM a AS s{i}\nCOPY --from=s{(i + 1) % 5_000} a b\n" for i in range(5_000)),
            id="a circle of stages",
        ),
        pytest.param(
            "".join(f"ARG a{i}=x\n" for i in range(2_000)) + "FROM a\nARG a1\n" * 2_000,
            id="global arguments and stages",
        ),
    ],
)
def test_time_grows_with_the_text(text: str) -> None:
    start = time.process_time()
    dockerfile = dockerfile_of(text)
    model = build_model(dockerfile)
    assert model.shipped <= model.reachable
    assert render(dockerfile) == text
    assert time.process_time() - start < 60
