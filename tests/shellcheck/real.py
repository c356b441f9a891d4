"""The ShellCheck that is installed, for tests that compare with it; they are skipped where there is none."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache

import pytest

from dockerlint.engine import Engine
from dockerlint.registry import load
from dockerlint.results import FileResult
from dockerlint.settings import Settings, ShellcheckUse
from dockerlint.shellcheck.cache import Cache
from dockerlint.shellcheck.checker import Checker
from dockerlint.shellcheck.program import Program, find_program
from dockerlint.source import Source


@cache
def program() -> Program:
    found = find_program(os.environ)
    if found is None:
        pytest.skip("needs ShellCheck")
    return found


def lint(text: str, *, as_hadolint: bool = False, cache: Cache | None = None) -> FileResult:
    """What ShellCheck alone finds in a Dockerfile."""
    settings = Settings((), shellcheck=ShellcheckUse.ON, as_hadolint=as_hadolint)
    with Checker(program(), cache) as checker:
        return Engine(settings, load(), checker).lint(Source("Dockerfile", text))


def found(text: str, *, as_hadolint: bool = False) -> list[tuple[str, int, int, str]]:
    """Code, line, column and the text that each finding is about, in file order."""
    result = lint(text, as_hadolint=as_hadolint)
    assert result.error is None
    places = [(finding, result.source.lines.position(finding.span.start)) for finding in result.findings]
    return [(each.code, place.line, place.column, result.source.slice(each.span)) for each, place in places]


def codes(text: str, *, as_hadolint: bool = False) -> list[str]:
    return [code for code, _, _, _ in found(text, as_hadolint=as_hadolint)]


def directly(script: str, *options: str) -> list[tuple[str, int, int, int, int]]:
    """What the program itself says about a script on standard input: code, lines and columns."""
    command = [program().path, "--norc", "--format=json1", *options, "-"]
    done = subprocess.run(command, input=script.encode(), capture_output=True, check=False)
    comments = json.loads(done.stdout)["comments"]
    return [
        (f"SC{each['code']}", each["line"], each["column"], each["endLine"], each["endColumn"]) for each in comments
    ]
