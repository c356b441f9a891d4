"""Where an instruction ends: comments behind it, continuations that lead nowhere or swallow the next instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Source, Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import SHAPES, Shape
from dockerlint.syntax.tree import (
    Arg,
    Form,
    Healthcheck,
    Instruction,
    KeyValues,
    Run,
    StartCommand,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint_rules._places import is_in, quoted_parts
from dockerlint_rules._tables import UNPINNED

# Not `#1`, and no colour such as `#ffcc00`.
_COMMENT_IN_TEXT = re.compile(r"[ \t]#(?=[ \t]|[A-Za-z]|\Z)(?![0-9A-Fa-f]{3,8}(?:[ \t]|\Z))")
_KEYWORD = re.compile(r"[ \t]*([A-Z]+)[ \t]+(?=\S)")
_IMAGE = re.compile(r"(?:--platform=\S+[ \t]+)?[\w./:@${}-]+(?:[ \t]+[Aa][Ss][ \t]+[\w.-]+)?")


@rule(
    "DL1025",
    "inline-comment",
    on=Instruction,
    severity=Severity.WARNING,
    supersedes=("DL3021", "DL3045", "DL3066", "DL5019", "DL5020"),
    tags=("syntax",),
)
def inline_comment(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A comment stands behind the arguments of an instruction, which takes it for more of them.

    ## Why
    In a Dockerfile `#` begins a comment only at the start of a line. After `WORKDIR /app # home` the directory is
    called `/app # home`, and `COPY a /b # text` copies three things to a directory `text`. Some instructions refuse the
    extra words, which other rules report; this one is about those that accept them.

    Text for a shell is different: the shell knows comments at the end of a line.

    ## Bad
        FROM debian:12.7-slim
        WORKDIR /app # all that belongs to the shop

    ## Good
        FROM debian:12.7-slim
        # all that belongs to the shop
        WORKDIR /app

    ## See
    - https://docs.docker.com/reference/dockerfile/#format
    """
    start = _comment_start(node)
    if start is None:
        return
    text = ctx.source.text
    line_end = text.find("\n", start)
    end = len(text[: len(text) if line_end < 0 else line_end].rstrip())
    span = Span(start, min(end, node.span.end))
    message = f"{quoted(ctx.source.slice(span))} is no comment here, but part of {node.name}: write it on a line above"
    yield ctx.finding(span, message, fix=_line_above(ctx.source, node, span))


def _comment_start(node: Instruction) -> int | None:
    """The offset of a `#` that was meant to begin a comment, None if there is none."""
    if isinstance(node, (Transfer, Volume)):
        words = () if node.form is Form.EXEC else node.arguments
        return next((word.span.start for word in words[1:] if word.text.startswith("#")), None)
    if isinstance(node, Arg):
        return next((word.span.start for word in node.arguments[1:] if word.text.startswith("#")), None)
    if isinstance(node, KeyValues):
        return _start_in(node.pairs[0].value) if node.pairs[0].legacy else None
    if isinstance(node, (Workdir, User, Stopsignal)):
        return _start_in(node.arguments[0])
    return None


def _start_in(word: Word) -> int | None:
    parts = quoted_parts(word.text)
    for match in _COMMENT_IN_TEXT.finditer(word.text):
        if not is_in(parts, match.start() + 1):
            return word.span_of(match.start() + 1, match.start() + 2).start
    return None


def _line_above(source: Source, node: Instruction, comment: Span) -> Fix | None:
    """Move the comment above an instruction of one line."""
    lines = source.lines
    if lines.line(node.span.start) != lines.line(node.span.end):
        return None
    line = lines.line_span(lines.line(node.span.start))
    before = source.text[line.start : comment.start]
    indent = before[: len(before) - len(before.lstrip())]
    above = Edit(Span(line.start, line.start), f"{indent}{source.slice(comment)}\n")
    removed = Edit(Span(line.start + len(before.rstrip()), comment.end), "")
    return Fix("write the comment on a line of its own", Safety.UNSAFE, (above, removed))


@rule(
    "DL1026",
    "dangling-continuation",
    on=Instruction,
    severity=Severity.WARNING,
    supersedes=UNPINNED,
    onbuild=False,
    tags=("syntax",),
)
def dangling_continuation(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""An escape character continues nothing, at the end of the file or before a comment.

    ## Why
    The escape character continues a line only if it is the last thing on it. At the end of the file nothing follows,
    and part of the instruction may have been lost. With a comment behind it the instruction ends there, and what stands
    on the next line becomes an instruction of its own, which the builder does not know.

    ## Bad
        FROM debian:12.7-slim
        RUN apt-get update && \
            apt-get install --yes curl \
    Or a comment behind it:
        FROM debian:12.7-slim
        RUN apt-get update && \ # refresh the lists
            apt-get install --yes curl

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update && \
            # refreshed
            apt-get install --yes curl

    ## See
    - https://docs.docker.com/reference/dockerfile/#escape
    - https://docs.docker.com/reference/dockerfile/#format
    """
    last = node.line.pieces[-1]
    if node.dangling:
        kept = ctx.source.slice(last).rstrip()
        line_end = ctx.source.lines.line_span(ctx.source.lines.line(last.end)).end
        fix = None
        if kept:
            fix = Fix("remove it", Safety.SAFE, (Edit(Span(last.start + len(kept), line_end), ""),))
        message = "the file ends after a continuation: add what is missing, or remove the escape character"
        yield ctx.finding(Span(last.end, last.end + 1), message, fix=fix)
        return
    match = _comment_after_escape(node, ctx.source.slice(last), ctx.dockerfile.escape)
    if match is not None:
        at = last.start + match.start()
        message = (
            f"{quoted(match[1])} follows the escape character, so the line ends here: move the comment to the next line"
        )
        yield ctx.finding(Span(at, at + 1), message, fix=_comment_below(match, last))


def _comment_after_escape(node: Instruction, last: str, escape: str) -> re.Match[str] | None:
    if "#" not in last:
        return None
    char = re.escape(escape)
    match = re.search(rf"(?<!{char}){char}[ \t]+(#.*)\Z", last)
    if match is None:
        return None
    text = node.line.text
    return None if is_in(quoted_parts(text), len(text) - len(last) + match.start(1)) else match


def _comment_below(match: re.Match[str], line: Span) -> Fix:
    """Write the comment on the next line, where the builder drops it."""
    rest = Span(line.start + match.start() + 1, line.end)
    return Fix("write the comment on the next line", Safety.UNSAFE, (Edit(rest, f"\n{match[1].rstrip()}"),))


@rule(
    "DL1027",
    "swallowed-instruction",
    on=Instruction,
    severity=Severity.WARNING,
    supersedes=UNPINNED,
    onbuild=False,
    tags=("syntax",),
)
def swallowed_instruction(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""A continued line looks like an instruction of its own.

    ## Why
    An escape character at the end of the line above makes this line a part of the instruction before it: its words
    become arguments, and what the instruction should have done is missing from the image. Often a command was removed
    and the escape character stayed behind. A Windows path that ends in a backslash does the same, unless the file
    has `# escape=` with a backtick.

    ## Bad
        FROM debian:12.7-slim
        RUN apt-get update && \
            apt-get install --yes curl \
        COPY app /usr/local/bin/

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update && \
            apt-get install --yes curl
        COPY app /usr/local/bin/

    ## See
    - https://docs.docker.com/reference/dockerfile/#escape
    - https://docs.docker.com/reference/dockerfile/#format
    """
    pieces = node.line.pieces
    if len(pieces) < 2 or (isinstance(node, (Run, StartCommand, Healthcheck)) and node.form is Form.EXEC):
        return
    parts: tuple[Span, ...] | None = None
    at = 0
    for above, piece in pairwise(pieces):
        at += above.end - above.start
        text = ctx.source.slice(piece)
        match = _KEYWORD.match(text)
        if match is not None and _is_fit(match[1], text[match.end() :].rstrip()):
            parts = quoted_parts(node.line.text) if parts is None else parts
            if not is_in(parts, at + match.start(1)):
                span = Span(piece.start + match.start(1), piece.start + match.end(1))
                whole = node.name if node.name in SHAPES else quoted(node.keyword.text)
                message = (
                    f"{match[1]} is part of {whole} here: remove the escape character at the end of the line above"
                )
                yield ctx.finding(span, message, fix=_end_line(ctx.source, above))


def _end_line(source: Source, line: Span) -> Fix | None:
    """Remove the escape character after a line's part of the instruction, and the blanks around it."""
    kept = source.slice(line).rstrip()
    if not kept:
        return None
    line_end = source.lines.line_span(source.lines.line(line.end)).end
    return Fix("end the line above", Safety.UNSAFE, (Edit(Span(line.start + len(kept), line_end), ""),))


def _is_fit(keyword: str, rest: str) -> bool:
    """Whether what follows a keyword is fit for the instruction, and not just a word in capital letters."""
    shape = SHAPES.get(keyword)
    if shape is None:
        return False
    words = rest.split()
    if keyword == "FROM":
        return _IMAGE.fullmatch(rest) is not None
    if shape is Shape.PAIRS:
        return "=" in words[0] or len(words) == 2
    if keyword in ("COPY", "ADD"):
        return len(words) > 1
    if keyword in ("ARG", "EXPOSE", "HEALTHCHECK", "SHELL", "ONBUILD", "STOPSIGNAL", "VOLUME", "USER", "WORKDIR"):
        return _FIRST_WORDS[keyword].match(rest) is not None
    return words[0][0] not in "=|&;)"


_FIRST_WORDS = {
    "ARG": re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:=|\Z)"),
    "EXPOSE": re.compile(r"[$0-9]"),
    "HEALTHCHECK": re.compile(r"--|CMD\b|NONE\b"),
    "ONBUILD": re.compile(r"[A-Z]+ "),
    "SHELL": re.compile(r"\["),
    "STOPSIGNAL": re.compile(r"SIG|[0-9]"),
    "USER": re.compile(r"[\w$][\w${}.:-]*\Z"),
    "VOLUME": re.compile(r"[\[/$]"),
    "WORKDIR": re.compile(r"[\w$/\"][^\s]*\Z"),
}
