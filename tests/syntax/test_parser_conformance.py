"""BuildKit's own cases for its parser, read from the shared conformance data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlint.layers.go_text import quote, quote_list
from dockerlint.source import Source, Span
from dockerlint.syntax.exec_form import NotAString, StringArray, read_exec_form
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Dockerfile, Heredoc, Instruction, KeyValues, Onbuild, Run
from dockerlint.syntax.words import split_key_values
from tests.shared import shared_files, shared_path

FOLDER = "conformance/buildkit-parser"


def dockerfile_of(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


def read(path: Path) -> str:
    """The text with its carriage returns, which universal newlines would hide."""
    return path.read_bytes().decode("utf-8")


def recorded(name: str) -> Any:
    return json.loads(shared_path(FOLDER, name).read_text("utf-8"))


def table(name: str) -> list[dict[str, Any]]:
    """The rows of a table for `parametrize`; none without the shared data."""
    return [row for path in shared_files(FOLDER, name) for row in json.loads(path.read_text("utf-8"))]


def folder_name(path: Path) -> str:
    return path.parent.name


def as_expression(node: Instruction) -> str:
    """An instruction as BuildKit's tests write it: `(keyword ["--flag"] "value" …)`."""
    return "(" + " ".join([node.name.lower(), *_parts(node)]) + ")"


def _parts(node: Instruction) -> Iterator[str]:
    if node.flags:
        yield quote_list(flag.text for flag in node.flags)
    if isinstance(node, Onbuild):
        yield as_expression(node.trigger)
    elif isinstance(node, KeyValues):
        for pair in node.pairs:
            yield from (quote(pair.key.text), quote(pair.value.text), '""' if pair.legacy else '"="')
    else:
        yield from (quote(word.text) for word in node.arguments)


@pytest.mark.parametrize("path", shared_files(FOLDER, "testfiles/*/Dockerfile"), ids=folder_name)
def test_files_with_their_trees(path: Path) -> None:
    expressions = [as_expression(node) for node in dockerfile_of(read(path)).instructions]
    assert "\n".join(expressions) == path.with_name("result").read_text("utf-8").strip()


@pytest.mark.parametrize("path", shared_files(FOLDER, "testfiles-negative/*/Dockerfile"), ids=folder_name)
def test_files_that_the_parser_refuses(path: Path) -> None:
    assert any(problem.fatal for problem in dockerfile_of(read(path)).problems)


def test_first_and_last_line_of_instructions() -> None:
    dockerfile = dockerfile_of(read(shared_path(FOLDER, "testfile-line", "Dockerfile")))
    expected = json.loads(shared_path(FOLDER, "testfile-line", "lines.json").read_text("utf-8"))
    lines = dockerfile.source.lines
    spans = [node.span for node in dockerfile.instructions]
    assert [[lines.line(span.start), lines.line(span.end)] for span in spans] == expected["instructions"]
    whole = Span(spans[0].start, spans[-1].end)
    assert (lines.line(whole.start), lines.line(whole.end)) == (expected["start_line"], expected["end_line"])


@pytest.mark.parametrize("row", table("words.json"), ids=lambda row: row["input"])
def test_words_of_arg_env_and_label(row: dict[str, Any]) -> None:
    assert [word.text for word in split_key_values(row["input"])] == row["expected"]


@pytest.mark.parametrize("row", table("json-arrays.json"), ids=lambda row: row["input"])
def test_arrays_of_the_exec_form(row: dict[str, Any]) -> None:
    array = read_exec_form(row["input"].lstrip())
    if row.get("error"):
        assert isinstance(array, NotAString)
    else:
        assert isinstance(array, StringArray)
        assert [string.value for string in array.strings] == row["expected"]


@pytest.mark.parametrize("row", table("json-arrays.json"), ids=lambda row: row["input"])
def test_arrays_in_an_instruction(row: dict[str, Any]) -> None:
    dockerfile = dockerfile_of(f"FROM scratch\nCMD {row['input']}\n")
    if row.get("error"):
        assert [problem.code for problem in dockerfile.problems] == ["DL1008"]
    else:
        assert [word.text for word in dockerfile.instructions[1].arguments] == row["expected"]


@pytest.mark.parametrize("row", table("heredoc-words.json"), ids=lambda row: row["word"])
def test_words_that_open_a_heredoc(row: dict[str, Any]) -> None:
    text = f"FROM scratch\nRUN {row['word']}\n{row.get('name') or ''}\n"
    dockerfile = dockerfile_of(text)
    heredocs = dockerfile.instructions[1].heredocs
    # In a line, an open quote leaves no word, and so no heredoc; only the word alone is an error.
    assert [heredoc.name for heredoc in heredocs] == ([row["name"]] if row.get("name") else [])


@pytest.mark.parametrize("row", table("heredoc-lines.json"), ids=lambda row: row["line"])
def test_lines_that_open_heredocs(row: dict[str, Any]) -> None:
    dockerfile = dockerfile_of("\n".join([row["line"], *row["names"]]))
    assert [heredoc.name for heredoc in dockerfile.instructions[0].heredocs] == row["names"]


def test_bodies_of_heredocs() -> None:
    case = recorded("heredoc-bodies.json")
    dockerfile = dockerfile_of(case["dockerfile"])
    expected = case["heredocs_per_instruction_after_from"]
    nodes = dockerfile.instructions[1:]
    assert len(nodes) >= len(expected)
    for node, heredocs in zip(nodes, expected, strict=False):
        assert [_heredoc(heredoc) for heredoc in node.heredocs] == [
            (row["name"], row["content"], row["expand"], row["strip_tabs"]) for row in heredocs
        ]


def _heredoc(heredoc: Heredoc) -> tuple[str, str, bool, bool]:
    return heredoc.name, heredoc.content, heredoc.expand, heredoc.strip_tabs


def test_empty_lines_in_continuations() -> None:
    case = recorded("empty-continuation.json")
    warned = [node for node in dockerfile_of(case["dockerfile"]).instructions if node.blank_lines]
    assert [node.line.text for node in warned] == [warning["instruction"] for warning in case["warnings"]]
    assert all(isinstance(node, Run) for node in warned)


@pytest.mark.parametrize("row", table("directives.json"), ids=lambda row: row["text"])
def test_parser_directives(row: dict[str, Any]) -> None:
    dockerfile = dockerfile_of(row["text"])
    directive = dockerfile.directive(row["directive"])
    if not row["found"]:
        assert directive is None
        return
    assert directive is not None
    assert directive.value == row.get("full_value", row["value"])
    assert directive.value.split()[0] == row["value"]
    assert dockerfile.source.lines.line(directive.span.start) == row.get("line", 1)
