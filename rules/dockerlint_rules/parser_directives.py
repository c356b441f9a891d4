"""Parser directives: the comments at the top of a file that the builder obeys, and those that only look like it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.source import Source, Span
from dockerlint.syntax.directives import CheckOptions, read_check_options
from dockerlint.syntax.header import KNOWN_DIRECTIVES, read_directive
from dockerlint.syntax.image_references import DEFAULT_TAG, ImageReference, parse_image_reference
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Comment, Directive, Dockerfile, Problem

#: The rules of BuildKit, by the names that `check=` takes; case counts.
BUILDKIT_CHECKS = (
    "ConsistentInstructionCasing",
    "CopyIgnoredFile",
    "DuplicateStageName",
    "ExposeInvalidFormat",
    "ExposeProtoCasing",
    "FromAsCasing",
    "FromPlatformFlagConstDisallowed",
    "InvalidBaseImagePlatform",
    "InvalidDefaultArgInFrom",
    "InvalidDefinitionDescription",
    "JSONArgsRecommended",
    "LegacyKeyValueFormat",
    "MaintainerDeprecated",
    "MultipleInstructionsDisallowed",
    "NoEmptyContinuation",
    "RedundantTargetPlatform",
    "ReservedStageName",
    "SecretsUsedInArgOrEnv",
    "StageNameCasing",
    "UndefinedArgInFrom",
    "UndefinedVar",
    "WorkdirRelativePath",
)

_STABLE_SYNTAX = "docker/dockerfile:1"
_OFFICIAL_SYNTAX = ("docker/dockerfile", "docker/dockerfile-upstream")
_EXPERIMENTAL_CHANNELS = ("labs", "experimental", "master")

_NAMED_VALUE = re.compile(r"#[\t ]*([A-Za-z][A-Za-z0-9]*)[\t ]*=[\t ]*\S")


@rule(
    "DL1009",
    "unknown-parser-directive",
    on=Model,
    severity=Severity.WARNING,
    aliases=("tally/syntax-directive-typo",),
    tags=("syntax",),
)
def unknown_parser_directive(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A comment at the top of the file looks like a misspelt parser directive.

    ## Why
    The builder knows `syntax`, `escape` and `check`. Any other name makes the line an ordinary comment, without a word
    about it, and ends the part of the file in which directives are looked for: those below it are lost too.

    ## Bad
        # sytnax=docker/dockerfile:1
        FROM debian:12.7-slim

    ## Good
        # syntax=docker/dockerfile:1
        FROM debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/dockerfile/#parser-directives
    """
    for comment in _top_comments(model.dockerfile):
        match = _NAMED_VALUE.match(comment.text)
        near = nearest(match[1].lower(), KNOWN_DIRECTIVES) if match else None
        if match is None or near is None or match[1].lower() in KNOWN_DIRECTIVES:
            continue
        span = Span(comment.span.start + match.start(1), comment.span.start + match.end(1))
        message = f"{quoted(match[1])} is no parser directive, so the line is only a comment: did you mean {near}?"
        fix = Fix(f"write {near}", Safety.UNSAFE, (Edit(span, near),))
        yield ctx.finding(span, message, fix=fix)


@rule(
    "DL1010",
    "invalid-parser-directive",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def invalid_parser_directive(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A parser directive is given twice or has a value that the builder does not accept.

    ## Why
    Unlike an unknown directive, a known one with a wrong value stops the build. `escape` takes a backslash or a
    backtick, and each directive may stand only once. `check` takes the options `skip`, `experimental` and `error`, in
    lower case and with semicolons between them; its value ends at the first blank, and a semicolon at its end begins
    an option that is missing.

    ## Bad
        # check=skip=StageNameCasing;
        FROM debian:12.7-slim

    ## Good
        # check=skip=StageNameCasing;error=true
        FROM debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/dockerfile/#parser-directives
    - https://docs.docker.com/build/checks/
    """
    yield ctx.problem(problem)


@rule(
    "DL1011",
    "misplaced-parser-directive",
    on=Model,
    severity=Severity.WARNING,
    tags=("syntax",),
)
def misplaced_parser_directive(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A parser directive stands where the builder takes it for a comment.

    ## Why
    Directives count only at the very top: a blank line, an ordinary comment or an instruction above them ends that
    part. A `syntax` line further down selects no frontend, and an `escape` line leaves the backslash in force. `syntax`
    and `check` must begin in the first column as well.

    `# check=skip=…` above an instruction is something else: newer frontends apply it to that instruction. It is
    reported only with `error` or `experimental`, which mean nothing there.

    ## Bad
        # The web server of the shop
        # syntax=docker/dockerfile:1
        FROM nginx:1.27-alpine

    ## Good
        # syntax=docker/dockerfile:1
        # The web server of the shop
        FROM nginx:1.27-alpine

    ## See
    - https://docs.docker.com/reference/dockerfile/#parser-directives
    """
    seen = {directive.name for directive in model.dockerfile.directives}
    for comment in model.dockerfile.comments:
        directive = None if comment.inside else read_directive(comment.text, comment.span)
        if directive is None or (directive.name == "check" and not _is_for_the_file(directive)):
            continue
        lost = f"{quoted(directive.name)} is a parser directive only at the top of the file"
        if directive.name in seen:
            message = f"{lost}, where there is one already: remove this one"
            fix = None
        else:
            what = "move it up" if _is_below_something(ctx.source, comment) else "remove the blanks before it"
            message = f"{lost}, with nothing before it: {what}"
            fix = _move_up(ctx.source, comment)
        seen.add(directive.name)
        yield ctx.finding(comment.span, message, fix=fix)


def _is_for_the_file(directive: Directive) -> bool:
    options = read_check_options(directive.value)
    return isinstance(options, CheckOptions) and (options.error is not None or bool(options.experimental))


def _is_below_something(source: Source, comment: Comment) -> bool:
    return source.lines.line(comment.span.start) > 1


def _move_up(source: Source, comment: Comment) -> Fix | None:
    """Make the comment the first line of the file; none where a `#!` line must be that."""
    top = 1 if source.text.startswith("\ufeff") else 0
    if source.text.startswith("#!", top):
        return None
    line = source.lines.line_span(source.lines.line(comment.span.start))
    end = source.text.find("\n", line.end)
    old = Span(line.start, len(source.text) if end < 0 else end + 1)
    new = comment.text.rstrip() + "\n"
    if old.start <= top:
        return Fix("write it in the first column", Safety.UNSAFE, (Edit(Span(top, old.end), new),))
    return Fix("move it to the top of the file", Safety.UNSAFE, (Edit(Span(top, top), new), Edit(old, "")))


@rule(
    "DL1012",
    "unknown-check-name",
    on=Model,
    severity=Severity.WARNING,
    tags=("syntax",),
)
def unknown_check_name(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A `check` directive or comment names a check that BuildKit does not have.

    ## Why
    The builder accepts any name here and looks for exactly that one. A misspelt name, or a right one in other letters
    than `StageNameCasing`, skips nothing: the warning that it was meant for still appears.

    ## Bad
        # check=skip=StageNamesCasing
        FROM debian:12.7-slim AS Base

    ## Good
        # check=skip=StageNameCasing
        FROM debian:12.7-slim AS Base

    ## See
    - https://docs.docker.com/reference/build-checks/
    - https://docs.docker.com/build/checks/
    """
    comments = [
        read_directive(comment.text, comment.span) for comment in model.dockerfile.comments if not comment.inside
    ]
    for directive in (*model.dockerfile.directives, *comments):
        if directive is None or directive.name != "check":
            continue
        options = read_check_options(directive.value)
        if isinstance(options, Invalid):
            continue
        for name in (*options.skip, *options.experimental):
            if name.text != "all" and name.text not in BUILDKIT_CHECKS:
                start = directive.value_span.start
                span = Span(start + name.start, start + name.end)
                yield _unknown_check(ctx, name.text, span)


def _unknown_check(ctx: RuleContext, name: str, span: Span) -> Finding:
    same = next((known for known in (*BUILDKIT_CHECKS, "all") if known.lower() == name.lower()), None)
    near = same or nearest(name, BUILDKIT_CHECKS)
    message = f"BuildKit has no check {quoted(name)}, so nothing is skipped or run by that name"
    if near is None:
        return ctx.finding(span, message)
    fix = Fix(f"write {near}", Safety.UNSAFE, (Edit(span, near),))
    return ctx.finding(span, f"{message}: did you mean {near}?", fix=fix)


@rule(
    "DL5037",
    "unpinned-syntax-image",
    on=Model,
    severity=Severity.INFO,
    supersedes=("DL7031",),
    tags=("syntax",),
)
def unpinned_syntax_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The image that reads the file has no version, or comes from a channel for experiments.

    ## Why
    `# syntax=` names the image of the program that reads the Dockerfile. Without a tag, or with `latest`, a new major
    version is used from one build to the next, and may read the file otherwise. Images of the channels `labs`,
    `experimental` and `master` have features that may change, or never come.

    `docker/dockerfile:1` is what Docker recommends: it follows the releases that keep to the rules of version 1.

    ## Bad
        # syntax=docker/dockerfile:experimental
        FROM debian:12.7-slim

    ## Good
        # syntax=docker/dockerfile:1
        FROM debian:12.7-slim

    ## See
    - https://docs.docker.com/build/buildkit/frontend/#official-releases
    """
    directive = model.dockerfile.directive("syntax")
    words = [] if directive is None else directive.value.split()
    reference = parse_image_reference(words[0]) if words else None
    if directive is None or not isinstance(reference, ImageReference) or reference.digest:
        return
    span = Span(directive.value_span.start, directive.value_span.start + len(words[0]))
    official = reference.familiar_name in _OFFICIAL_SYNTAX
    better = f"write '{_STABLE_SYNTAX}'" if official else "write its version"
    channel = next((part for part in reversed(reference.tag.split("-")) if part in _EXPERIMENTAL_CHANNELS), None)
    if not reference.tag:
        message = f"syntax image {quoted(words[0])} has no tag, so its major version may change: {better}"
    elif reference.tag == DEFAULT_TAG:
        message = f"syntax image {quoted(words[0])} is whatever is newest: {better}"
    elif official and channel is not None:
        message = f"syntax image {quoted(words[0])} is of the channel '{channel}', whose features may go: {better}"
    else:
        return
    fix = Fix(f"write {_STABLE_SYNTAX}", Safety.UNSAFE, (Edit(span, _STABLE_SYNTAX),)) if official else None
    yield ctx.finding(span, message, fix=fix)


def _top_comments(dockerfile: Dockerfile) -> Iterator[Comment]:
    """The comments on the first lines of the file, up to the first line that is none."""
    lines = dockerfile.source.lines
    following = max((lines.line(directive.span.start) for directive in dockerfile.directives), default=0) + 1
    for comment in dockerfile.comments:
        if lines.line(comment.span.start) > following:
            return
        following = max(following, lines.line(comment.span.start) + 1)
        yield comment
