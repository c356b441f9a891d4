"""What the builder refuses between instructions: their order, triggers, stages that cannot be built from each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.circles import circle_of
from dockerlint.semantics.stages import Use
from dockerlint.source import Span
from dockerlint.syntax.tree import Problem


@rule(
    "DL1015",
    "invalid-stage-name",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL5001", "DL5014"),
    aliases=("DL1000",),
    tags=("stages",),
)
def invalid_stage_name(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """The name of a stage is missing or has characters that are not allowed.

    ## Why
    A name begins with a letter and goes on with letters, digits, `-`, `_` and `.`. Thus it can be told from the number
    of a stage, and `--target` and `COPY --from` can name it. The builder refuses all others.

    ## Bad
        FROM golang:1.24 AS 1st

    ## Good
        FROM golang:1.24 AS first

    ## See
    - https://docs.docker.com/reference/dockerfile/#from
    - https://docs.docker.com/build/building/multi-stage/
    """
    yield ctx.problem(problem)


@rule(
    "DL1022",
    "invalid-copy-source",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL3045",),
    aliases=("DL1000",),
    tags=("copy",),
)
def invalid_copy_source(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """COPY, ADD or a mount takes files from something that cannot give any.

    ## Why
    COPY reads the build context, a stage or an image; URLs and Git repositories are for ADD. `--from` is the name or
    number of a stage that exists, or an image. It takes no variables, since the stages are sorted out before any has
    a value: a stage of its own, `FROM $IMAGE AS name`, does that. A heredoc can be a source, but no destination.

    ## Bad
        FROM debian:12.7-slim
        COPY https://example.com/tool.tar.gz /opt/
    Or a variable in `--from`:
        ARG VERSION=3
        FROM debian:12.7-slim
        COPY --from=composer:$VERSION /usr/bin/composer /usr/bin/

    ## Good
        ARG VERSION=3
        FROM composer:$VERSION AS composer
        FROM debian:12.7-slim
        COPY --from=composer /usr/bin/composer /usr/bin/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/reference/dockerfile/#add
    """
    yield ctx.problem(problem)


@rule(
    "DL3023",
    "copy-from-self",
    on=Problem,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DL1000", "DS-0006", "KICS-cdddb86f"),
    tags=("stages",),
)
def copy_from_self(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A stage copies or mounts files from itself.

    ## Why
    `COPY --from` and the `from` of a mount read another stage that is finished. The stage that is being built is not,
    so the builder refuses it, whether it is named (in any case) or given by its number. To copy within the stage, use
    `cp` in a RUN; to read the build context, leave `--from` out.

    ## Bad
        FROM debian:12.7-slim AS app
        COPY --from=app /etc/app.conf /etc/app.default.conf

    ## Good
        FROM debian:12.7-slim AS app
        RUN cp /etc/app.conf /etc/app.default.conf

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/build/building/multi-stage/
    """
    yield ctx.problem(problem)


@rule(
    "DL3043",
    "forbidden-onbuild-trigger",
    on=Problem,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DL1000", "tally/invalid-onbuild-trigger"),
    tags=("stages",),
)
def forbidden_onbuild_trigger(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """ONBUILD holds an instruction that cannot be a trigger.

    ## Why
    A trigger runs right after the FROM of a child image. Another ONBUILD would be a trigger for grandchildren, which
    does not exist, a FROM would begin another stage, and MAINTAINER is about this image. The builder refuses all three.

    ## Bad
        FROM node:22-slim
        ONBUILD ONBUILD COPY . /app

    ## Good
        FROM node:22-slim
        ONBUILD COPY . /app

    ## See
    - https://docs.docker.com/reference/dockerfile/#onbuild-limitations
    """
    yield ctx.problem(problem)


@rule(
    "DL3061",
    "instruction-before-from",
    on=Problem,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DL1000", "dockerfilelint/from_first"),
    tags=("stages",),
)
def instruction_before_from(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """An instruction other than ARG stands before the first FROM.

    ## Why
    Every instruction works on a stage, and FROM begins the first one. Before it there may be ARG, which gives FROM its
    values, comments and parser directives. The builder refuses anything else.

    ## Bad
        LABEL org.opencontainers.image.title="shop"
        FROM nginx:1.27-alpine

    ## Good
        ARG VERSION=1.27-alpine
        FROM nginx:${VERSION}
        LABEL org.opencontainers.image.title="shop"

    ## See
    - https://docs.docker.com/reference/dockerfile/#from
    - https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
    """
    related = tuple(Related(stage.node.keyword.span, "the first FROM is here") for stage in ctx.model.stages[:1])
    yield replace(ctx.problem(problem), related=related)


@rule(
    "DL5015",
    "circular-stage-dependency",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000", "tally/circular-stage-deps"),
    tags=("stages",),
)
def circular_stage_dependency(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """Stages need each other, so none of them can be built first.

    ## Why
    A stage that copies from another, mounts it or is FROM it waits until that one is finished. If the other waits for
    the first in turn, directly or through more stages, there is no order of building them, and the builder refuses the
    file. What both need belongs into a third stage.

    ## Bad
        FROM debian:12.7-slim AS assets
        COPY --from=site /srv/index.html /
        FROM debian:12.7-slim AS site
        COPY --from=assets /style.css /srv/

    ## Good
        FROM debian:12.7-slim AS assets
        COPY style.css /
        FROM debian:12.7-slim AS site
        COPY --from=assets /style.css /srv/

    ## See
    - https://docs.docker.com/build/building/multi-stage/
    """
    use = _use_at(ctx, problem.span)
    circle = () if use is None else circle_of(ctx.model, use)[1:]
    related = tuple(Related(other.word.span, f"stage {_label(ctx, other.user)} needs this one") for other in circle)
    yield replace(ctx.problem(problem), related=related)


def _use_at(ctx: RuleContext, span: Span) -> Use | None:
    return next((use for stage in ctx.model.stages for use in stage.uses if use.word.span == span), None)


def _label(ctx: RuleContext, index: int) -> str:
    return ctx.model.stages[index].label


@rule(
    "DL5016",
    "forward-stage-reference",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("stages",),
)
def forward_stage_reference(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A stage uses another one that is defined further down.

    ## Why
    The builder reads stages from top to bottom: `COPY --from` and mounts know only those above, and it refuses the name
    of a later one. FROM does not even notice the later stage: it takes the name for an image in a registry, which may
    exist and hold something else. That is reported as a warning.

    ## Bad
        FROM nginx:1.27-alpine
        COPY --from=build /site /usr/share/nginx/html
        FROM node:22-slim AS build
        RUN npm run build

    ## Good
        FROM node:22-slim AS build
        RUN npm run build
        FROM nginx:1.27-alpine
        COPY --from=build /site /usr/share/nginx/html

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/build/building/multi-stage/
    """
    yield ctx.problem(problem)


@rule(
    "DL5017",
    "mismatched-stage-reference-case",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL5007",),
    aliases=("DL1000",),
    tags=("stages",),
)
def mismatched_stage_reference_case(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """FROM names a stage in other letters than the lower case in which it is stored.

    ## Why
    The builder stores the names of stages in lower case. `COPY --from` and `--target` ignore the case, but FROM
    compares its text as it is written: `FROM Base` does not find the stage `base` and is taken for an image, whose name
    may not have capital letters.

    ## Bad
        FROM debian:12.7-slim AS Base
        FROM Base

    ## Good
        FROM debian:12.7-slim AS base
        FROM base

    ## See
    - https://docs.docker.com/reference/build-checks/stage-name-casing/
    - https://docs.docker.com/reference/dockerfile/#from
    """
    text = ctx.source.slice(problem.span)
    stages = {stage.name for stage in ctx.model.stages}
    fix = None
    if text.lower() in stages:
        fix = Fix("write it in lower case", Safety.SAFE, (Edit(problem.span, text.lower()),))
    yield replace(ctx.problem(problem), fix=fix)
