"""How a file is written: letter case, blank lines, old forms, comments that describe something else."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.source import Source, Span
from dockerlint.syntax.directives import read_check_options
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.keywords import SHAPES
from dockerlint.syntax.tree import Arg, From, Instruction, KeyValues, Pair, Word
from dockerlint.syntax.words import split_key_values
from dockerlint_rules._built import built_steps

ALWAYS = Option("always", default=False, help="Look at every file, not only at those whose header asks for the check.")

_EXPERIMENTAL = frozenset({"all", "InvalidDefinitionDescription"})


@rule(
    "DL5003",
    "empty-continuation-line",
    on=Model,
    severity=Severity.WARNING,
    aliases=("NoEmptyContinuation",),
    tags=("syntax",),
)
def empty_continuation_line(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A continued instruction has an empty line inside.

    ## Why
    A line that ends with the escape character goes on with the next line, also over an empty one. The reader sees two
    instructions, the builder one, and the builder has announced that it will refuse such files. Often an escape
    character was forgotten, or is one too many. A comment line between the parts is fine.

    ## Bad
        FROM debian:12.7-slim
        RUN apt-get update \

            && apt-get upgrade -y

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update \
            # security updates
            && apt-get upgrade -y

    ## See
    - https://docs.docker.com/reference/build-checks/no-empty-continuation/
    """
    for node in model.dockerfile.instructions:
        if node.blank_lines:
            edits = tuple(Edit(_with_line_end(ctx.source, span), "") for span in node.blank_lines)
            name = node.name if node.name in SHAPES else quoted(node.name)
            message = f"empty line inside a continued {name}: remove it, or end the instruction before it"
            yield ctx.finding(node.blank_lines[0], message, fix=Fix("remove the empty lines", Safety.SAFE, edits))


@rule(
    "DL5004",
    "inconsistent-instruction-casing",
    on=Model,
    severity=Severity.WARNING,
    supersedes=("DL8020",),
    aliases=("ConsistentInstructionCasing",),
    tags=("syntax",),
)
def inconsistent_instruction_casing(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A keyword is not in the letter case of the others in the file.

    ## Why
    Keywords are accepted in any case, and mean the same. Where most are in upper case, one in lower case is easily
    taken for a part of the command above it. The majority of the file decides, and upper case if there is none. As in
    BuildKit, the arguments before the first FROM and what follows ONBUILD are left alone, and so are words that are no
    instruction at all.

    ## Bad
        FROM debian:12.7-slim
        RUN apt-get update
        copy app /usr/local/bin/

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update
        COPY app /usr/local/bin/

    ## See
    - https://docs.docker.com/reference/build-checks/consistent-instruction-casing/
    - https://docs.docker.com/reference/dockerfile/#format
    """
    nodes = [step.node for stage in model.stages for step in stage.steps if step.node.name in SHAPES]
    keywords = [node.keyword.text for node in nodes]
    lower = sum(keyword == keyword.lower() for keyword in keywords)
    upper = sum(keyword == keyword.upper() for keyword in keywords)
    for node in nodes:
        keyword = node.keyword.text
        expected = keyword.lower() if lower > upper else keyword.upper()
        if keyword != expected:
            case = "lower" if lower > upper else "upper"
            message = f"{quoted(keyword)} does not match the {case} case of the others: write {quoted(expected)}"
            fix = Fix(f"write {expected}", Safety.SAFE, (Edit(node.keyword.span, expected),))
            yield ctx.finding(node.keyword.span, message, fix=fix)


@rule(
    "DL5008",
    "legacy-key-value-format",
    on=Stage,
    needs=(KeyValues,),
    severity=Severity.WARNING,
    aliases=("LegacyKeyValueFormat",),
    tags=("syntax",),
)
def legacy_key_value_format(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """ENV or LABEL is written in the old form without `=`.

    ## Why
    In `ENV NAME rest of the line` everything up to the end of the line is the value, so only one variable fits into an
    instruction, and a forgotten `=` in `ENV A 1 B=2` makes one variable with the value `1 B=2`. The form is only kept
    for old files.

    ## Bad
        FROM debian:12.7-slim
        ENV APP_HOME /srv/app

    ## Good
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app

    ## See
    - https://docs.docker.com/reference/build-checks/legacy-key-value-format/
    - https://docs.docker.com/reference/dockerfile/#env
    """
    for built in built_steps(stage, ctx):
        node = built.step.node
        for pair in node.pairs if isinstance(node, KeyValues) else ():
            if pair.legacy:
                message = f"{node.name} {quoted(pair.key.text)} has no '=' before its value: write name=value"
                broken = built.step.expand(pair.value).error is not None
                fix = None if built.trigger_of or broken else _with_equals(pair, ctx)
                yield ctx.finding(built.place(pair.span), message, related=built.related(pair.span), fix=fix)


@rule(
    "DL5012",
    "misleading-description-comment",
    on=Model,
    severity=Severity.WARNING,
    aliases=("InvalidDefinitionDescription",),
    tags=("maintainability",),
    options=(ALWAYS,),
)
def misleading_description_comment(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The comment above an ARG or stage does not begin with its name, and is not taken as description.

    ## Why
    `docker build --call=outline` and `--call=targets` show the comment above an ARG or a named FROM as its
    description, if it begins with the name. A comment that does not is lost there, and may be about something else.
    An empty line of comment (`#`) after it says that it does not belong to what follows.

    As in BuildKit the check is experimental: a file asks for it by `#
    check=experimental=InvalidDefinitionDescription`, and the option `always` for all files.

    ## Bad
        # check=experimental=InvalidDefinitionDescription

        # Release to install
        ARG VERSION=1.4
        FROM debian:12.7-slim

    ## Good
        # check=experimental=InvalidDefinitionDescription

        # VERSION is the release to install
        ARG VERSION=1.4
        # base has the libraries that all stages need
        FROM debian:12.7-slim AS base

    ## See
    - https://docs.docker.com/reference/build-checks/invalid-definition-description/
    - https://docs.docker.com/reference/cli/docker/buildx/build/#call
    """
    if not ctx.option(ALWAYS) and not _is_asked_for(model):
        return
    for node in model.dockerfile.instructions:
        words = _defined(node)
        if not words or not node.comments:
            continue
        comment = node.comments[-1]
        # BuildKit drops one character for the sign, so that of an indented comment stays in its text.
        text = comment.text[1:].strip() if _starts_line(ctx.source, comment.span) else comment.text
        # Stage names are compared in lower case, arguments as they are written.
        names = [word.text.lower() if isinstance(node, From) else word.text for word in words]
        if text.split(" ")[0] in names:
            continue
        name = "a name that it defines" if len(names) > 1 else quoted(names[0])
        message = f"the comment above this {node.name} does not begin with {name}: start with it, or part them by '#'"
        yield ctx.finding(words[0].span, message, related=(Related(comment.span, "this comment"),))


def _with_line_end(source: Source, line: Span) -> Span:
    end = source.text.find("\n", line.end)
    return Span(line.start, len(source.text) if end < 0 else end + 1)


def _with_equals(pair: Pair, ctx: RuleContext) -> Fix | None:
    """A fix that puts `=` between name and value; None where the value would not stay what it is."""
    key, value = pair.key.text, pair.value.text
    gap = Span(pair.key.span.end, pair.value.span.start)
    special = "'\"\\" + ctx.dockerfile.escape
    if any(char in special for char in key) or "\n" in ctx.source.slice(gap):
        return None
    words = split_key_values(value, ctx.dockerfile.escape)
    if len(words) == 1 and words[0].text == value:
        return Fix("write name=value", Safety.SAFE, (Edit(gap, "="),))
    if any(char in special for char in value):
        return None
    end = Span(pair.value.span.end, pair.value.span.end)
    return Fix('write name="value"', Safety.SAFE, (Edit(gap, '="'), Edit(end, '"')))


def _is_asked_for(model: Model) -> bool:
    """Whether the header asks for the experimental checks of BuildKit, or for this one."""
    directive = model.dockerfile.directive("check")
    options = None if directive is None else read_check_options(directive.value)
    if options is None or isinstance(options, Invalid):
        return False
    return not _EXPERIMENTAL.isdisjoint(name.text for name in options.experimental)


def _defined(node: Instruction) -> list[Word]:
    """What BuildKit expects a description of: the arguments of an ARG, the stage of a FROM."""
    if isinstance(node, Arg):
        return [declaration.name for declaration in node.declarations]
    return [node.stage_name] if isinstance(node, From) and node.stage_name is not None else []


def _starts_line(source: Source, span: Span) -> bool:
    return span.start == 0 or source.text[span.start - 1] in "\n\ufeff"
