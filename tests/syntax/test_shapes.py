"""The shapes of usual lines are those that the grammar's own parser makes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from dockerlint.source import JoinedText, Span
from dockerlint.syntax import grammar as grammar_module
from dockerlint.syntax.grammar import Rule, parse_tokens
from dockerlint.syntax.lalr import shape_of
from dockerlint.syntax.lexer import lex
from dockerlint.syntax.shapes import Mismatch, Shape

SYNTAX = Path(grammar_module.__file__).parent


def read(line: str) -> Rule | Mismatch:
    return parse_tokens(lex(JoinedText(line, (Span(0, len(line)),)), "\\").tokens)


def as_shape(kept: list[object]) -> Shape:
    name, *parts = kept
    assert isinstance(name, str)
    return Shape(name, tuple(as_shape(part) if isinstance(part, list) else int(str(part)) for part in parts))


def test_kept_shapes_are_those_of_the_parser() -> None:
    kept = json.loads((SYNTAX / "shapes.json").read_text(encoding="utf-8"))
    grammar = (SYNTAX / "dockerfile.lark").read_text(encoding="utf-8")
    assert kept["grammar_sha256"] == hashlib.sha256(grammar.encode()).hexdigest()
    assert len(kept["shapes"]) > 100
    for types, shape in kept["shapes"].items():
        assert shape_of(tuple(types.split(" "))) == as_shape(shape)


def test_a_line_too_long_to_be_kept_is_parsed() -> None:
    rule = read("COPY " + " ".join(f"s{number}" for number in range(40)) + " /d")
    assert isinstance(rule, Rule)
    assert rule.name == "copy"
    assert len(rule.tokens("WORD")) == 41


def test_a_line_of_no_shape_tells_where_it_goes_wrong() -> None:
    assert read("FROM") == Mismatch(1)
    assert read("FROM a b") == Mismatch(2)
    assert read("FROM a AS") == Mismatch(3)


def test_usual_files_are_read_without_lark(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text('FROM debian:12 AS base\nENV A=1 B=2\nCOPY a b c/\nRUN <<EOF\ntrue\nEOF\nCMD ["a", "b"]\n')
    script = f"""
import sys
from dockerlint import lint_paths
lint_paths([{str(file)!r}])
print("lark" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert run.stdout == "False\n"
