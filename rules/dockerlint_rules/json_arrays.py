"""The JSON arrays of exec forms and paths: those that are none, and those with more in them than strings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.tree import Problem
from dockerlint_rules._places import instruction_at

# An array whose elements are all strings in one kind of quotes, without escapes.
_STRING = r"""(?:"[^"\\']*"|'[^"\\']*')"""
_REPAIRABLE = re.compile(rf"\[\s*+{_STRING}(?:\s*+,\s*+{_STRING})*+\s*+(?:,\s*+)?\]")
_ELEMENT = re.compile(r"""["']([^"\\']*)["']""")

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|(-?\d[\d.eE+-]*|true|false)|[\s,\]]|(.)', re.DOTALL)


@rule(
    "DL1007",
    "invalid-json-array",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL3021", "DL3025", "DL3045"),
    aliases=("tally/invalid-json-form",),
    tags=("syntax",),
)
def invalid_json_array(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """Arguments look like a JSON array but are none, so the builder reads them as plain text.

    ## Why
    Single quotes, a comma after the last element or a missing bracket do not stop the build. The text silently becomes
    a shell command, such as `['nginx',` with arguments, or a list of file names with brackets and quotes in them. The
    container then fails to start, or COPY finds no files.

    The test command of the shell, as in `RUN [ -f /x ] || exit 1`, is left alone.

    ## Bad
        FROM nginx:1.27-alpine
        CMD ['nginx', '-g', 'daemon off;']

    ## Good
        FROM nginx:1.27-alpine
        CMD ["nginx", "-g", "daemon off;"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#exec-form
    - https://docs.docker.com/reference/build-checks/json-args-recommended/
    """
    yield replace(ctx.problem(problem), fix=_array_fix(problem, ctx))


def _array_fix(problem: Problem, ctx: RuleContext) -> Fix | None:
    text = ctx.source.slice(problem.span)
    if not _REPAIRABLE.fullmatch(text):
        return None
    array = "[" + ", ".join(f'"{element}"' for element in _ELEMENT.findall(text)) + "]"
    return Fix("write a JSON array", Safety.SAFE, (Edit(problem.span, array),))


@rule(
    "DL1008",
    "non-string-json-array",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL3025",),
    aliases=("DL1000",),
    tags=("syntax",),
)
def non_string_json_array(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A JSON array of arguments holds something else than strings.

    ## Why
    The elements become the words of a command or the names of files. The builder takes a number or `true` for a mistake
    and refuses the file, whereas text that is no JSON at all passes as another form (see DL1007).

    ## Bad
        FROM debian:12.7-slim
        CMD ["sleep", 60]

    ## Good
        FROM debian:12.7-slim
        CMD ["sleep", "60"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#exec-form
    """
    yield replace(ctx.problem(problem), fix=_string_fix(problem, ctx))


def _string_fix(problem: Problem, ctx: RuleContext) -> Fix | None:
    """Quotes around all numbers and booleans of the array; none if it holds anything else."""
    node = instruction_at(ctx.dockerfile, problem.span)
    if node is None:
        return None
    text = node.line.text
    start = text.find("[")
    edits = []
    for match in _TOKEN.finditer(text, start + 1):
        if match[2] is not None:
            return None
        if match[1] is not None:
            span = node.line.span_of(match.start(1), match.end(1))
            edits.append(Edit(span, json.dumps(match[1])))
    if not any(edit.span.holds(Span(problem.span.start, problem.span.start)) for edit in edits):
        return None
    return Fix("write strings", Safety.SAFE, tuple(edits))
