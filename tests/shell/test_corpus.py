"""The shell reader on real Dockerfiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlint.semantics.builder import build_model
from dockerlint.semantics.scripts import Scripts
from dockerlint.shell.interpreters import POSIX_DIALECTS
from dockerlint.shell.script import ScopeKind, Script
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Form, Run
from tests.shared import shared_files

# What the builder leaves out between the lines of an instruction: the continuation, comments, blank lines.
CONTINUED = re.compile(r"[\\`][ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*")


def runs(paths: tuple[Path, ...]) -> Iterator[tuple[Source, Run, Script]]:
    """The RUNs in shell form with their scripts."""
    for path in paths:
        source = Source(path.name, path.read_bytes().decode("utf-8", "replace"))
        model = build_model(parse(source))
        scripts = Scripts(model.dockerfile)
        for stage in model.stages:
            for step in stage.steps:
                if isinstance(step.node, Run) and step.node.command.form is Form.SHELL:
                    yield source, step.node, scripts.of(step.node, step)


@pytest.fixture(scope="module")
def corpus() -> tuple[Path, ...]:
    files = shared_files("corpus", "*/*")
    if not files:
        pytest.skip("no shared corpus")
    return files


@pytest.mark.slow
def test_words_are_what_the_file_says_at_their_place(corpus: tuple[Path, ...]) -> None:
    seen = 0
    for source, _, script in runs(corpus):
        for command in script.commands:
            if any(scope.kind is ScopeKind.STRING for scope in command.scope.outward()):
                continue
            for word in command.words:
                written = source.slice(word.span)
                # `raw` of a script in a heredoc has lost its continuations too.
                assert CONTINUED.sub("", written) == CONTINUED.sub("", word.raw)
                seen += 1
    assert seen > 10_000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is the oracle")
def test_what_bash_can_parse_has_no_errors(corpus: tuple[Path, ...]) -> None:
    seen: set[str] = set()
    for source, node, script in runs(corpus):
        text = node.command.script.text if node.command.script is not None else ""
        if script.dialect not in POSIX_DIALECTS or text in seen or not script.errors:
            continue
        seen.add(text)
        checked = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, timeout=10, check=False)
        assert checked.returncode != 0, f"{source.path}: {text}"
