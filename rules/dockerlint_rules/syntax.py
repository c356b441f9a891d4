"""What the builder refuses to read: no instruction, no such flag, too few words, a line or a heredoc without an end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Span
from dockerlint.syntax.keywords import FLAGS, SHAPES
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Problem
from dockerlint_rules._places import instruction_at

_FLAG_NAME = re.compile(r"--([a-z-]+)", re.IGNORECASE)


@rule(
    "DL1000",
    "unparsable-dockerfile",
    on=Problem,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("tally/require-stages",),
    tags=("syntax",),
)
def unparsable_dockerfile(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """The builder refuses the file for a reason that no other rule names.

    ## Why
    A build ends before it begins: the file is empty, has no FROM, or holds something that BuildKit's parser cannot make
    sense of. Reports such as this one are errors that no comment in the file can silence. dlint goes on with the next
    instruction, so the other findings of the file are worth reading all the same.

    All rules for files that cannot be built carry the alias `DL1000`, which is hadolint's code for all of them.

    ## Bad
        ARG VERSION=1.27

    ## Good
        ARG VERSION=1.27
        FROM nginx:${VERSION}-alpine

    ## See
    - https://docs.docker.com/reference/dockerfile/#format
    - https://docs.docker.com/reference/dockerfile/#from
    """
    yield ctx.problem(problem)


@rule(
    "DL1002",
    "unknown-instruction",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL1026", "DL1028"),
    aliases=("DL1000", "tally/unknown-instruction", "dockerfilelint/invalid_command"),
    tags=("syntax",),
)
def unknown_instruction(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    r"""A line begins with a word that is no instruction.

    ## Why
    The builder knows eighteen instructions and stops at any other word. Besides a typing error, the usual cause is a
    line above that was meant to go on: its escape character is missing, or a blank or a comment follows it.

    Inside an ONBUILD the word goes unnoticed until an image is built from this one, and that build fails.

    ## Bad
        FROM debian:12.7-slim
        RUNN apt-get update
    Or a line that ends too early:
        FROM debian:12.7-slim
        RUN apt-get update
          && apt-get install --yes curl

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update \
          && apt-get install --yes curl

    ## See
    - https://docs.docker.com/reference/dockerfile/#overview
    - https://docs.docker.com/reference/dockerfile/#format
    """
    yield replace(ctx.problem(problem), fix=_instruction_fix(problem, ctx))


def _instruction_fix(problem: Problem, ctx: RuleContext) -> Fix | None:
    word = ctx.source.slice(problem.span)
    if word.isspace():
        return Fix("write a blank", Safety.UNSAFE, (Edit(problem.span, " "),))
    near = nearest(word.upper(), SHAPES, limit=min(2, len(word) // 2))
    return Fix(f"write {near}", Safety.UNSAFE, (Edit(problem.span, near),)) if near else None


@rule(
    "DL1003",
    "unknown-flag",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def unknown_flag(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """An instruction has a flag that it does not know.

    ## Why
    Each instruction has flags of its own: `--from` belongs to COPY alone, `--mount` to RUN. With any other the build
    stops. A word with two dashes right after CMD or ENTRYPOINT counts as a flag too, though it was mostly meant for the
    program. ARG and STOPSIGNAL drop flags without a word, which is reported as a warning.

    A frontend that an old `# syntax=` line pins may know fewer flags than the newest one, which is judged here.

    ## Bad
        FROM --plattform=linux/arm64 debian:12.7-slim

    ## Good
        FROM --platform=linux/arm64 debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy
    - https://docs.docker.com/reference/dockerfile/#run---mount
    """
    yield replace(ctx.problem(problem), fix=_flag_fix(problem, ctx))


def _flag_fix(problem: Problem, ctx: RuleContext) -> Fix | None:
    node = instruction_at(ctx.dockerfile, problem.span)
    match = _FLAG_NAME.match(ctx.source.slice(problem.span))
    near = nearest(match[1], FLAGS.get(node.name, ())) if node is not None and match is not None else None
    if near is None or match is None:
        return None
    span = Span(problem.span.start + match.start(1), problem.span.start + match.end(1))
    return Fix(f"write --{near}", Safety.UNSAFE, (Edit(span, near),))


@rule(
    "DL1004",
    "invalid-flag-value",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def invalid_flag_value(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A flag has no value, one that it cannot take, or is given twice.

    ## Why
    The builder reads the values of most flags before it runs anything, and stops at a duration without a unit, a
    boolean that is neither `true` nor `false`, an unknown network mode, or a flag whose value is missing. A flag that
    takes one value must not be repeated, even with the same value.

    ## Bad
        FROM nginx:1.27-alpine
        HEALTHCHECK --interval=30 CMD wget -q -O /dev/null http://localhost/

    ## Good
        FROM nginx:1.27-alpine
        HEALTHCHECK --interval=30s CMD wget -q -O /dev/null http://localhost/

    ## See
    - https://docs.docker.com/reference/dockerfile/#healthcheck
    - https://docs.docker.com/reference/dockerfile/#run---network
    """
    yield ctx.problem(problem)


@rule(
    "DL1005",
    "wrong-argument-count",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL3025", "DL5002", "DL5005"),
    aliases=("DL1000", "dockerfilelint/required_params"),
    tags=("syntax",),
)
def wrong_argument_count(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """An instruction has too few or too many arguments.

    ## Why
    COPY needs a source and a destination, FROM an image and perhaps `AS NAME`, and so on; the builder refuses the rest.
    Words too many come from a comment behind the arguments, which no instruction knows: `#` begins a comment only at
    the start of a line.

    RUN, CMD and ENTRYPOINT may stand alone. They then hold a shell that has nothing to do, and neither CMD nor
    ENTRYPOINT is reset by it, as `CMD []` would do. That is reported as a warning.

    ## Bad
        FROM debian:12.7-slim
        COPY app
    Or a comment on the same line:
        FROM debian:12.7-slim  # the base image

    ## Good
        # the base image
        FROM debian:12.7-slim
        COPY app /usr/local/bin/

    ## See
    - https://docs.docker.com/reference/dockerfile/#overview
    - https://docs.docker.com/reference/dockerfile/#format
    """
    yield ctx.problem(problem)


@rule(
    "DL1006",
    "unterminated-heredoc",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL1034",),
    aliases=("DL1000",),
    tags=("syntax",),
)
def unterminated_heredoc(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A heredoc has no line that ends it.

    ## Why
    After `<<EOF` all lines belong to the heredoc up to one that is `EOF` and nothing else. If there is none, the rest
    of the file has been swallowed, and the builder refuses it. Blanks before or after the word make it another line;
    only tabs may stand before it, and only after `<<-EOF`.

    ## Bad
        FROM debian:12.7-slim
        RUN <<EOF
          apt-get update
          EOF

    ## Good
        FROM debian:12.7-slim
        RUN <<EOF
          apt-get update
        EOF

    ## See
    - https://docs.docker.com/reference/dockerfile/#here-documents
    """
    yield ctx.problem(problem)


@rule(
    "DL1013",
    "overlong-physical-line",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def overlong_physical_line(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A line of the file is longer than the builder can read.

    ## Why
    BuildKit reads the file line by line and takes 65,535 bytes for each, comments and heredocs included. Joined lines
    have no limit. Lines of that length hold data most of the time, such as a certificate or an archive in base64:
    COPY brings it into the image without making the file unreadable.

    ## Bad
    `…` stands for as many letters as the line needs:
    Line length: 65536
        FROM debian:12.7-slim
        RUN echo AAAA…

    ## Good
        FROM debian:12.7-slim
        COPY data.bin /opt/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy
    """
    yield ctx.problem(problem)
