"""Comments that hide findings: those that hide nothing, name nothing, or would not work."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.source import Source, Span
from dockerlint.suppress.values import Suppression, UnusedSuppression
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.pragmas import CodeWord, Tool

# The comments whose words may be taken out: nothing but codes and a reason is in them.
_PLAIN_LISTS = (Tool.DLINT, Tool.HADOLINT, Tool.TALLY)


@rule(
    "DL1001",
    "inline-suppression",
    on=Suppression,
    severity=Severity.WARNING,
    off=True,
    strict=False,
    hadolint=Severity.OFF,
    tags=("suppressions",),
)
def inline_suppression(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """A comment hides findings, which the settings of this project forbid.

    ## Why
    Some teams want every exception in one reviewed place, the settings file, and none in the Dockerfiles. This rule is
    off until a level is given to it. It sees the comments of all tools that dlint understands, for an instruction, a
    stage or the file. No comment can hide what this rule says about that same comment.

    ## Bad
        # dlint ignore=DL3006 the base is chosen by the build
        FROM debian

    ## Good
        FROM debian:12-slim

    ## See
    - https://github.com/hadolint/hadolint/wiki/DL1001
    """
    pragma = suppression.pragma
    message = f"'{pragma.form}' hides findings: mend what it hides, or ignore the rule in the settings"
    yield ctx.finding(pragma.span, message)


@rule(
    "DL1030",
    "unused-suppression",
    on=UnusedSuppression,
    severity=Severity.WARNING,
    tags=("suppressions",),
)
def unused_suppression(suppression: UnusedSuppression, ctx: RuleContext) -> Iterator[Finding]:
    """A suppression hides nothing.

    ## Why
    The problem has been mended, or the comment stands in the wrong place. If it stays, it will hide the problem when
    that comes back. Only codes of rules that have run are judged. Comments of other tools are reported as info, and
    only where dlint knows all their codes: those tools may see something else.

    ## Bad
        # dlint ignore=DL3006
        FROM debian:12-slim

    ## Good
        # dlint ignore=DL3006
        FROM debian

    ## See
    - https://docs.docker.com/build/checks/#skip-checks
    """
    pragma = suppression.pragma
    lower_to = None if pragma.tool is Tool.DLINT else Severity.INFO
    if suppression.whole:
        fix = None
        if pragma.tool in _PLAIN_LISTS:
            edit = Edit(_whole_lines(ctx.source, pragma.span), "")
            fix = Fix("remove the comment", Safety.SAFE, (edit,))
        message = f"'{pragma.form}' hides nothing: remove it"
        yield ctx.finding(pragma.span, message, lower_to=lower_to, fix=fix)
        return
    edits = _removals(pragma.words or (), frozenset(suppression.unused))
    for word in suppression.unused:
        fix = None
        if pragma.tool in _PLAIN_LISTS:
            fix = Fix(f"remove {quoted(word.text)}", Safety.SAFE, (edits[word],))
        message = f"{quoted(word.text)} hides nothing here: remove it"
        yield ctx.finding(word.span, message, lower_to=lower_to, fix=fix)


@rule(
    "DL1031",
    "unknown-suppression-code",
    on=Suppression,
    severity=Severity.WARNING,
    tags=("suppressions",),
)
def unknown_suppression_code(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """A suppression names no known rule, so it hides nothing.

    ## Why
    A slip of the pen makes the comment useless, and nobody notices while the rule does not fire. Codes, names, the
    names that other tools have for the same check, `DL70*` and `all` are understood, and ShellCheck's codes as well.

    ## Bad
        # dlint ignore=unpined-base-image
        FROM debian

    ## Good
        # dlint ignore=DL3006
        FROM debian

    ## See
    - https://docs.docker.com/build/checks/#skip-checks
    """
    for unknown in suppression.unknown:
        word = unknown.word
        message = f"{quoted(word.text)} is the code, name or alias of no rule"
        fix = None
        if unknown.suggestion is not None:
            message += f": did you mean '{unknown.suggestion}'?"
            edit = Edit(word.span, unknown.suggestion)
            fix = Fix(f"replace it by '{unknown.suggestion}'", Safety.UNSAFE, (edit,))
        yield ctx.finding(word.span, message, fix=fix)


@rule(
    "DL1033",
    "suppression-without-reason",
    on=Suppression,
    severity=Severity.WARNING,
    off=True,
    tags=("suppressions",),
)
def suppression_without_reason(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """A suppression does not say why.

    ## Why
    A year later nobody knows whether the exception still holds: whether it was a decision, a false alarm, or only meant
    to get a build through. A few words behind the codes are enough. The rule is off until a level is given to it.

    BuildKit's `check=skip=…` has no room for a reason and is not looked at.

    ## Bad
        # dlint ignore=DL3006
        FROM debian

    ## Good
        # dlint ignore=DL3006 the build chooses the version
        FROM debian

    ## See
    - https://docs.docker.com/build/checks/#skip-checks
    """
    pragma = suppression.pragma
    if pragma.tool is not Tool.BUILDKIT and not (pragma.reason or "").strip():
        yield ctx.finding(pragma.span, f"'{pragma.form}' does not say why: add the reason behind it")


@rule(
    "DL1032",
    "malformed-suppression",
    on=Suppression,
    severity=Severity.WARNING,
    tags=("suppressions",),
)
def malformed_suppression(suppression: Suppression, ctx: RuleContext) -> Iterator[Finding]:
    """A suppression is not written as its tool wants it, or stands where that tool does not look.

    ## Why
    hadolint skips a comment without a word if text follows the codes without a second `#`, if an empty line or another
    comment stands below it, or if it stands inside a continued instruction; BuildKit skips an indented `check=`. dlint
    understands such comments where their meaning is plain, so its own result is right, but the other tool's is not.

    dlint's own form is `# dlint ignore=CODE[,CODE] reason`, with `stage` or `global` before `ignore` for the stage or
    the file. `all` is accepted, and reported, because it also hides what later versions will find.

    ## Bad
        # hadolint ignore=DL3006 the base is chosen by the build
        FROM debian

    ## Good
        # hadolint ignore=DL3006 # the base is chosen by the build
        FROM debian

    ## See
    - https://github.com/hadolint/hadolint#ignoring-rules
    - https://docs.docker.com/build/checks/#skip-checks
    """
    pragma = suppression.pragma
    if pragma.fault is not None:
        fix = Fix("correct the comment", Safety.SAFE, pragma.fault.edits) if pragma.fault.edits else None
        yield ctx.finding(pragma.fault.span, f"'{pragma.form}' {pragma.fault.reason}", fix=fix)
    for word in pragma.words or ():
        if pragma.tool is Tool.DLINT and word.text.lower() == "all":
            message = f"'{pragma.form}=all' also hides what nobody has seen yet: name the codes"
            yield ctx.finding(word.span, message)


def _whole_lines(source: Source, span: Span) -> Span:
    """The lines that the span is on, with their line ends."""
    start = source.text.rfind("\n", 0, span.start) + 1
    end = source.text.find("\n", span.end)
    return Span(start, len(source.text) if end < 0 else end + 1)


def _removals(words: tuple[CodeWord, ...], unwanted: frozenset[CodeWord]) -> dict[CodeWord, Edit]:
    """The edits that take unwanted words out of a list, each with one of its commas; they do not overlap."""
    edits = {}
    last_kept = None
    for number, word in enumerate(words):
        if word not in unwanted:
            last_kept = word
        elif last_kept is not None:
            edits[word] = Edit(Span(words[number - 1].span.end, word.span.end), "")
        elif number + 1 < len(words):
            edits[word] = Edit(Span(word.span.start, words[number + 1].span.start), "")
    return edits
