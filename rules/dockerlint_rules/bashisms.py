"""Constructs of bash in scripts that another shell reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.script import Command, ScopeKind, Script, Word
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._scopes import Neighbours
from dockerlint_rules._shells import sh_of_stage

_PLAIN_SHELLS = frozenset({"sh", "dash", "ash"})
_UNKNOWING = {"dash": "dash, the sh here, does not know", "ash": "busybox, the sh here, does not know"}
#: Most scripts have none of these, and no brace but those of `${NAME}`, and need not be looked at command by command.
_SIGNS = ("[[", "source", "<<<", "&>", "=(", "function", "==")
_BRACES = re.compile(r"[^\\'\"`${}\s]*\{[^\\'\"`${}\s]*(?:,|\.\.)[^\\'\"`${}\s]*\}[^\\'\"`${}\s]*")
_FUNCTION = re.compile(r"function\s")


class _Bashism(NamedTuple):
    """A construct, how messages name it, what to write in POSIX shells, and whether busybox has it."""

    span: Span
    name: str
    instead: str
    in_busybox: bool


@rule("DL8036", "bashism-without-bash", on=Run, severity=Severity.WARNING, tags=("shell",), stands_in=True)
def bashism_without_bash(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A script for sh uses what only bash and its like understand.

    ## Why
    RUN is read by `/bin/sh` unless SHELL says otherwise. On Debian and Ubuntu that is dash: `[[` and `source` are
    unknown commands there, arrays and `<<<` end the script, `&>` starts a process in the background, and `mkdir
    {a,b}` makes one folder with braces in its name. On Alpine it is busybox, which knows some of these. Where `sh`
    is bash, as on Red Hat's systems, nothing is reported.

    The rule stands in for ShellCheck: where that is installed, it looks at the script instead, and finds more.

    ## Bad
        FROM debian:12.7-slim
        RUN if [[ -f /etc/app.conf ]]; then source /etc/app.conf; fi

    ## Good
        FROM debian:12.7-slim
        RUN if [ -f /etc/app.conf ]; then . /etc/app.conf; fi

    or with bash

        FROM debian:12.7-slim
        SHELL ["/bin/bash", "-c"]
        RUN if [[ -f /etc/app.conf ]]; then source /etc/app.conf; fi

    ## See
    - https://mywiki.wooledge.org/Bashism
    - https://docs.docker.com/reference/dockerfile/#shell
    """
    texts = (node.line.text, *(heredoc.content for heredoc in node.heredocs))
    if not any(map(_may_have_some, texts)):
        return
    script = ctx.script(node)
    if ctx.stage is None or not any(command.scope.dialect in _PLAIN_SHELLS for command in script.commands):
        return
    sh = sh_of_stage(ctx.model, ctx.stage)
    for bashism, dialect in _bashisms(script, ctx.source):
        real = sh if dialect == "sh" else dialect
        if real == "bash" or (real == "ash" and bashism.in_busybox):
            continue
        knows = _UNKNOWING.get(real or "", "not every sh knows")
        message = f"{knows} {quoted(bashism.name)}: {bashism.instead}, or make bash the SHELL"
        yield ctx.finding(bashism.span, message, confidence=Confidence.MEDIUM if real is None else None)


def _may_have_some(text: str) -> bool:
    return text.count("{") > text.count("${") or any(sign in text for sign in _SIGNS)


def _bashisms(script: Script, source: Source) -> Iterator[tuple[_Bashism, str]]:
    """The constructs with the shell that reads them, in order."""
    neighbours = Neighbours(script)
    functions: set[Span] = set()
    for command in script.commands:
        if command.wrapped_by is not None or not _is_read_by_sh(command, neighbours):
            continue
        for scope in command.scope.outward():
            if scope.kind is ScopeKind.FUNCTION and scope.span not in functions:
                functions.add(scope.span)
                if _FUNCTION.match(source.text, scope.span.start):
                    word = Span(scope.span.start, scope.span.start + len("function"))
                    yield _Bashism(word, "function", "write 'name() {'", in_busybox=True), scope.dialect
        for bashism in _of_command(command):
            yield bashism, command.scope.dialect


def _is_read_by_sh(command: Command, neighbours: Neighbours) -> bool:
    """Whether it is surely a plain shell that reads a command: `su -c` starts whatever shell its user has."""
    if command.scope.dialect not in _PLAIN_SHELLS:
        return False
    shell = next((scope for scope in command.scope.outward() if scope.options is not None), command.scope)
    if shell.kind is not ScopeKind.STRING:
        return True
    starter = neighbours.owner(shell)
    return starter is not None and starter.name in _PLAIN_SHELLS


def _of_command(command: Command) -> Iterator[_Bashism]:
    program = command.program
    for assignment in command.assignments:
        value = assignment.value
        if value is not None and value.raw.startswith("(") and value.text is None:
            yield _Bashism(assignment.span, f"{assignment.name}=(…)", "use separate variables", in_busybox=False)
    if program is not None and program.raw == "source":
        yield _Bashism(program.span, "source", "write '.'", in_busybox=True)
    if program is not None and command.name == "[[":
        yield _Bashism(program.span, "[[", "write '[' and quote what it compares", in_busybox=True)
    if command.name == "[":
        for word in command.arguments:
            if word.raw == "==":
                yield _Bashism(word.span, "==", "write '='", in_busybox=True)
    elif command.name != "[[":
        yield from (
            _Bashism(word.span, word.raw, "write the words out", False) for word in command.words if _expands(word)
        )
    for redirect in command.redirects:
        if redirect.operator == "<<<":
            yield _Bashism(redirect.span, "<<<", "use a pipe or a here-document", in_busybox=False)
        elif redirect.operator in {"&>", "&>>"}:
            yield _Bashism(redirect.span, redirect.operator, "write '> FILE 2>&1'", in_busybox=True)


def _expands(word: Word) -> bool:
    """Whether bash would make several words of the braces in a word without quotes and variables."""
    return word.text == word.raw and "{" in word.raw and _BRACES.fullmatch(word.raw) is not None
