"""Scripts that cannot be read as what they are."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.script import Script
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run

# zsh and ksh read more than the grammar knows.
_READ_IN_FULL = frozenset({"sh", "ash", "dash", "bash"})

# What template engines replace: a script that has it is not the one that the shell will see.
_TEMPLATE_MARKS = ("{{", "{%", "<%")

# A text of this length that cannot be read is too long or too tangled for the reader, and perhaps right.
_LONG = 1 << 14


@rule("DL1034", "unreadable-shell-script", on=Run, severity=Severity.INFO, tags=("syntax",), stands_in=True)
def unreadable_shell_script(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """The script of a RUN is no valid shell: it cannot run, and other rules do not see all of it.

    ## Why
    An open quote, a `done` without `do` or an operator without a command makes the shell refuse the script when the
    image is built, often after minutes. Until then dlint reads what it can: what stands behind the broken place may be
    missing from its other findings.

    Scripts for zsh, ksh, cmd and PowerShell and those in other languages are not judged, nor is what a template engine
    has yet to fill in. Where ShellCheck is installed, it looks at the script instead (SC1072 and its like).

    ## Bad
        FROM debian:12.7-slim
        RUN for name in a b; do touch "/srv/$name"

    ## Good
        FROM debian:12.7-slim
        RUN for name in a b; do touch "/srv/$name"; done

    ## See
    - https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_10
    """
    script = ctx.script(node)
    if not script.errors or script.dialect not in _READ_IN_FULL:
        return
    error = script.errors[0]
    if any(mark in ctx.source.slice(node.span) for mark in _TEMPLATE_MARKS):
        return
    if error.end - error.start >= _LONG:
        return
    span = _first_word(script, error, ctx.source)
    where = "behind" if error.start >= error.end else "from"
    message = (
        f"the script cannot be read as {script.dialect} {where} {quoted(ctx.source.slice(span))} on: "
        "look for a quote, bracket or block that is not closed"
    )
    yield ctx.finding(span, message)


def _first_word(script: Script, error: Span, source: Source) -> Span:
    """The first word of what is broken; where something is missing, the last word before that place."""
    text = source.text
    start, end = error
    while start < end and text[start].isspace():
        start += 1
    if start < end:
        stop = start + 1
        while stop < end and not text[stop].isspace():
            stop += 1
        return Span(start, stop)
    stop = start
    while stop > script.span.start and text[stop - 1].isspace():
        stop -= 1
    start = stop
    while start > script.span.start and not text[start - 1].isspace():
        start -= 1
    return Span(start, stop)
