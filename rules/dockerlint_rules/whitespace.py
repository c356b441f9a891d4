"""Blanks and empty lines: what nobody sees on the screen."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.source import Span
from dockerlint.syntax.tree import Dockerfile, Onbuild

EVERYWHERE = Option(
    "everywhere",
    default=False,
    help="Look at all lines, not only at those that an escape character before the blanks continues.",
)

#: Two lines without a word, at the top or below others; most files have none, and need not be read line by line.
_EMPTY_AT_TOP = re.compile(r"[^\S\n]*\n[^\S\n]*(?:\n|\Z)")
_EMPTY_BELOW = re.compile(r"\n[^\S\n]*\n[^\S\n]*(?:\n|\Z)")
#: Blanks at the end of a line; most files have none.
_BLANKS_BEFORE_END = (" \n", "\t\n", " \r\n", "\t\r\n")
_BLANKS_AT_END = (" ", "\t", " \r", "\t\r")


class _Line(NamedTuple):
    """A line outside of heredocs: its text without the line end, its place, and whether it is a comment."""

    number: int
    text: str
    span: Span
    is_comment: bool


@rule(
    "DL8037",
    "trailing-whitespace",
    on=Model,
    severity=Severity.STYLE,
    aliases=("tally/no-trailing-spaces",),
    tags=("maintainability",),
    options=(EVERYWHERE,),
)
def trailing_whitespace(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""Blanks stand at the end of a line.

    ## Why
    The builder takes `\` for a continuation also where blanks follow it. A shell does not: there they are an escaped
    blank, and the command ends. Who moves such lines into a script, or reads them, is easily misled. Elsewhere blanks
    at the end of a line do no harm but in reviews, where they show up as changes; the option `everywhere` reports
    them as well. Heredocs are left alone, since blanks may be part of their text. In the example `␠` is a blank.

    ## Bad
    Options: everywhere = true

        FROM debian:12.7-slim␠␠
        RUN apt-get update

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update

    ## See
    - https://docs.docker.com/reference/dockerfile/#escape
    """
    text = ctx.source.text
    if not text.endswith(_BLANKS_AT_END) and not any(blanks in text for blanks in _BLANKS_BEFORE_END):
        return
    everywhere = ctx.option(EVERYWHERE)
    escape = model.dockerfile.escape
    for line in _lines(model.dockerfile):
        kept = line.text.rstrip(" \t")
        if kept == line.text:
            continue
        continues = kept.endswith(escape) and not line.is_comment
        if continues or everywhere:
            span = Span(line.span.start + len(kept), line.span.end)
            what = f"blanks follow the '{escape}' that continues the line" if continues else "blanks end the line"
            fix = Fix("remove the blanks", Safety.SAFE, (Edit(span, ""),))
            yield ctx.finding(span, f"{what}: remove them", fix=fix)


@rule(
    "DL8038",
    "irregular-blank-lines",
    on=Model,
    severity=Severity.STYLE,
    off=True,
    aliases=("tally/no-multiple-empty-lines", "tally/newline-between-instructions"),
    tags=("maintainability",),
)
def irregular_blank_lines(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Several empty lines follow one another, or none stands between two stages.

    ## Why
    One empty line parts what belongs together from the rest, and shows where a stage begins. The rule is off by
    default: it is a matter of taste.

    ## Bad
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## Good
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app

        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## See
    - https://docs.docker.com/build/building/multi-stage/
    """
    text = ctx.source.text
    if _EMPTY_BELOW.search(text) or _EMPTY_AT_TOP.match(text):
        yield from _many(model.dockerfile, ctx)
    for stage in model.stages[1:]:
        yield from _unparted(stage, ctx)


def _many(dockerfile: Dockerfile, ctx: RuleContext) -> Iterator[Finding]:
    """The findings of empty lines that follow one another outside instructions."""
    inside = {span.start for node in dockerfile.instructions for span in node.blank_lines}
    empty: list[_Line] = []
    for line in _lines(dockerfile):
        is_empty = not line.text.strip() and line.span.start not in inside
        if empty and not (is_empty and line.number == empty[-1].number + 1):
            yield from _several(empty, ctx)
            empty = []
        if is_empty:
            empty.append(line)
    yield from _several(empty, ctx)


def _several(empty: Sequence[_Line], ctx: RuleContext) -> Iterator[Finding]:
    if len(empty) > 1:
        fix = Fix("leave one empty line", Safety.SAFE, (Edit(Span(empty[0].span.end, empty[-1].span.end), ""),))
        span = empty[1].span.cover(empty[-1].span)
        yield ctx.finding(span, f"{len(empty)} empty lines in a row: leave one", fix=fix)


def _unparted(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """The finding of a stage whose FROM, or the comments above it, follow another line directly."""
    node = stage.node
    lines = ctx.source.lines
    first = lines.line(node.comments[0].span.start if node.comments else node.span.start)
    if first > 1 and ctx.source.slice(lines.line_span(first - 1)).strip():
        top = lines.line_span(first).start
        fix = Fix("add an empty line", Safety.SAFE, (Edit(Span(top, top), _line_end(ctx.source.text)),))
        yield ctx.finding(node.keyword.span, "no empty line stands before this stage: add one", fix=fix)


@rule(
    "DL8039",
    "missing-final-newline",
    on=Model,
    severity=Severity.STYLE,
    off=True,
    aliases=("tally/eol-last",),
    tags=("maintainability",),
)
def missing_final_newline(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The last line of the file has no line end.

    ## Why
    Tools that read line by line may skip an unfinished line, one that is appended ends up in the same line, and a diff
    shows the old last line as changed. The builder does not mind; the rule is off by default. In the example `␄` is the
    end of the file.

    ## Bad
        FROM debian:12.7-slim
        RUN apt-get update␄

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update

    ## See
    - https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap03.html#tag_03_185
    """
    text = ctx.source.text
    if text and not text.endswith("\n"):
        end = Span(len(text), len(text))
        fix = Fix("add a line end", Safety.SAFE, (Edit(end, _line_end(text)),))
        yield ctx.finding(end, "the file does not end with a line end: add one", fix=fix)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _lines(dockerfile: Dockerfile) -> Iterator[_Line]:
    """The lines of a file that are not part of a heredoc's body."""
    bodies = [
        heredoc.body
        for node in dockerfile.instructions
        for heredoc in (node.trigger if isinstance(node, Onbuild) else node).heredocs
    ]
    starts = [body.start for body in bodies]
    comments = {comment.span.start for comment in dockerfile.comments}
    lines = dockerfile.source.lines
    for number in range(1, lines.line_count + 1):
        span = lines.line_span(number)
        body = bisect_right(starts, span.start) - 1
        if body >= 0 and bodies[body].start <= span.start < bodies[body].end:
            continue
        text = dockerfile.source.slice(span)
        if number < lines.line_count or text:
            indent = len(text) - len(text.lstrip(" \t"))
            yield _Line(number, text, span, span.start + indent in comments or span.start in comments)
