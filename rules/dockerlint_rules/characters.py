"""Characters that are not what they look like: typographic ones, carriage returns, and quotes without a partner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.interpreters import POSIX_DIALECTS, base_name
from dockerlint.source import Span
from dockerlint.syntax.heredocs import Marker, read_marker
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Heredoc, Instruction, KeyValues, Maintainer, Run, Transfer
from dockerlint_rules._places import is_in, quoted_parts
from dockerlint_rules._tables import UNPINNED

_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b"
_CURLY = _DOUBLE_QUOTES + _SINGLE_QUOTES
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SPACES = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u2060\ufeff"

# A quote beside a word, a dash before an option, a space or something invisible anywhere.
_TYPOGRAPHIC = re.compile(
    rf"""(?P<quote>(?<![^\s=,:(\[])[{_CURLY}]|[{_CURLY}](?![^\s,;)\]]))
    | (?P<dash>(?<!\S)[{_DASHES}]-?(?=[A-Za-z]))
    | (?P<space>[{_SPACES}])
    | (?P<invisible>[{_INVISIBLE}])""",
    re.VERBOSE,
)
_OPEN_QUOTE = re.compile(r"""(?:\\.|'[^']*+'|"(?:\\.|[^"\\])*+"|[^'"\\])*+(?P<quote>['"])""", re.DOTALL)
_LINE_END = re.compile(r"\r?\n")


@rule(
    "DL1024",
    "unclosed-quote",
    on=Instruction,
    severity=Severity.WARNING,
    tags=("syntax",),
)
def unclosed_quote(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A quote in a flag, or in a trigger, is never closed.

    ## Why
    Inside quotes blanks belong to the value. Without the second quote the rest of the line does: the flag swallows the
    arguments, or the last variable of an ONBUILD ENV the others. The builder says nothing of the quote, only that
    arguments are missing, or nothing at all until a child image is built. In an ENV, LABEL or ARG of its own the
    builder refuses the quote, see DL1014.

    ## Bad
        FROM debian:12.7-slim
        ONBUILD ENV GREETING="hello NAME=world

    ## Good
        FROM debian:12.7-slim
        ONBUILD ENV GREETING="hello" NAME=world

    ## See
    - https://docs.docker.com/reference/dockerfile/#env
    - https://docs.docker.com/reference/dockerfile/#copy
    """
    for flag in node.flags:
        written = ctx.source.slice(flag.span)
        at = _open_quote(written)
        if at is not None:
            span = Span(flag.span.start + at, flag.span.start + at + 1)
            yield ctx.finding(
                span, f"this quote in the flag {quoted(f'--{flag.name}')} is never closed: add the other one"
            )
    if not isinstance(node, (Arg, KeyValues)) or ctx.step is None or ctx.step.node is node:
        return
    for word in node.arguments:
        at = _open_quote(word.text)
        if at is not None:
            yield ctx.finding(
                word.span_of(at, at + 1), f"this quote in {quoted(word.text)} is never closed: add the other one"
            )


def _open_quote(text: str) -> int | None:
    match = _OPEN_QUOTE.match(text)
    return None if match is None else match.start("quote")


@rule(
    "DL1028",
    "typographic-character",
    on=Instruction,
    severity=Severity.WARNING,
    supersedes=UNPINNED,
    onbuild=False,
    tags=("syntax",),
)
def typographic_character(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A curly quote, long dash or special blank stands where plain ASCII is meant.

    ## Why
    Text that was copied from a web page or a word processor looks right and is not: a curly quote protects no blanks, a
    dash that replaced `--` begins no option, and a no-break space is part of the word. Neither the builder nor a shell
    knows them.

    Straight quotes are a sign that a character is meant as it is, so nothing inside them is reported.

    ## Bad
        FROM debian:12.7-slim
        ENV GREETING=“hello”

    ## Good
        FROM debian:12.7-slim
        ENV GREETING="hello"
        LABEL motto="“Less is more”, said the architect"

    ## See
    - https://docs.docker.com/reference/dockerfile/#format
    """
    text = node.line.text
    if text.isascii() or isinstance(node, Maintainer):
        return
    parts = quoted_parts(text)
    found = [match for match in _TYPOGRAPHIC.finditer(text) if not is_in(parts, match.start())]
    partners = _partners(found)
    for match in found:
        char = match[0][0]
        span = node.line.span_of(match.start(), match.end())
        message = f"U+{ord(char):04X} ({_kind(match)}) has no meaning here: {_instead(match, text)}"
        edits = _edits(node, match, partners.get(match.start()), text)
        fix = Fix("write ASCII", Safety.SAFE, edits) if edits else None
        yield ctx.finding(span, message, fix=fix)


def _kind(match: re.Match[str]) -> str:
    kinds = {"quote": "a curly quote", "dash": "a typographic dash", "space": "a special blank"}
    return kinds.get(match.lastgroup or "", "an invisible character")


def _instead(match: re.Match[str], text: str) -> str:
    plain = _plain(match, text)
    if match.lastgroup == "invisible":
        return "remove it"
    return "write a plain blank" if plain == " " else f"write {plain}"


def _plain(match: re.Match[str], text: str) -> str:
    if match.lastgroup == "quote":
        return '"' if match[0] in _DOUBLE_QUOTES else "'"
    if match.lastgroup == "dash":
        is_long = len(match[0]) > 1 or text[match.end() + 1 : match.end() + 2].isalpha()
        return "--" if is_long else "-"
    return " " if match.lastgroup == "space" else ""


def _partners(found: list[re.Match[str]]) -> dict[int, re.Match[str]]:
    """For each curly quote that has one, its other half: quotes of a kind are taken in twos."""
    partners: dict[int, re.Match[str]] = {}
    for kind in (_DOUBLE_QUOTES, _SINGLE_QUOTES):
        quotes = [match for match in found if match.lastgroup == "quote" and match[0] in kind]
        if len(quotes) % 2 == 0:
            for left, right in zip(quotes[::2], quotes[1::2], strict=True):
                partners[left.start()], partners[right.start()] = right, left
    return partners


def _edits(node: Instruction, match: re.Match[str], partner: re.Match[str] | None, text: str) -> tuple[Edit, ...]:
    if match.lastgroup == "quote" and partner is None:
        return ()
    return tuple(
        Edit(node.line.span_of(each.start(), each.end()), _plain(each, text))
        for each in ((match,) if partner is None else (match, partner))
    )


@rule(
    "DL1029",
    "carriage-return-in-script",
    on=Model,
    severity=Severity.WARNING,
    tags=("syntax",),
)
def carriage_return_in_script(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A script in a heredoc has carriage returns, or the line ends of the file are mixed.

    ## Why
    The builder drops the carriage return at the end of an instruction, but a heredoc keeps it. A shell takes it for a
    part of the last word of each line, so commands and files are not found, and `#!/bin/sh` with a carriage return
    names no interpreter. Mixed line ends are reported as info where they hurt no script: the next editor that saves
    the file may turn them all into CRLF.

    ## Bad
    `␍` stands for a carriage return:
        FROM debian:12.7-slim
        RUN <<EOF␍
        apt-get update␍
        EOF␍

    ## Good
        FROM debian:12.7-slim
        RUN <<EOF
        apt-get update
        EOF

    ## See
    - https://docs.docker.com/reference/dockerfile/#here-documents
    """
    hurt = False
    for _, step in model.steps():
        for heredoc in step.node.heredocs:
            if "\r\n" in heredoc.content and not step.windows and _is_script(step.node, heredoc):
                hurt = True
                edit = Edit(heredoc.body, heredoc.content.replace("\r\n", "\n"))
                message = (
                    f"the script {quoted(heredoc.name)} has carriage returns, which the shell takes for text: write LF"
                )
                yield ctx.finding(heredoc.marker, message, fix=Fix("write LF", Safety.SAFE, (edit,)))
    if not hurt:
        yield from _mixed_line_ends(ctx)


def _is_script(node: Instruction, heredoc: Heredoc) -> bool:
    if heredoc.content.startswith("#!"):
        return isinstance(node, (Run, Transfer))
    if not isinstance(node, Run) or node.command.script is None:
        return False
    line = node.command.script.text
    words = line.split()
    return isinstance(read_marker(line), Marker) or (bool(words) and base_name(words[0]) in POSIX_DIALECTS)


def _mixed_line_ends(ctx: RuleContext) -> Iterator[Finding]:
    text = ctx.source.text
    parts = tuple(_outside_heredocs(ctx))
    with_return = sum(text.count("\r\n", part.start, part.end) for part in parts)
    all_ends = sum(text.count("\n", part.start, part.end) for part in parts)
    if with_return in (0, all_ends):
        return
    rare, common = ("\r\n", "\n") if with_return * 2 <= all_ends else ("\n", "\r\n")
    ends = (match for part in parts for match in _LINE_END.finditer(text, part.start, part.end))
    place = next(match for match in ends if match[0] == rare)
    names = {"\n": "LF", "\r\n": "CRLF"}
    message = f"this line ends with {names[rare]}, most others with {names[common]}: use one kind of line end"
    edits = tuple(Edit(part, ctx.source.slice(part).replace("\r\n", "\n")) for part in parts)
    fix = Fix("end all lines with LF", Safety.SAFE, edits)
    yield ctx.finding(Span(place.start(), place.end()), message, lower_to=Severity.INFO, fix=fix)


def _outside_heredocs(ctx: RuleContext) -> Iterator[Span]:
    """The parts of the file between the bodies of heredocs, which may have line ends of their own."""
    at = 0
    for node in ctx.dockerfile.instructions:
        for heredoc in node.heredocs:
            yield Span(at, heredoc.body.start)
            at = heredoc.body.end
    yield Span(at, len(ctx.source.text))
