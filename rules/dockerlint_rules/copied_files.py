"""Files that COPY and ADD bring: those that are missing, those that come twice, and those that a RUN writes again."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.layers.layer import Cause
from dockerlint.layers.size import in_words
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.syntax.tree import Problem
from dockerlint_rules._hidden import Waste, has_sizes, shown_command, shown_path, wastes

COPIED_FLOOR = Option("copied-floor", 1_000_000, "Copies of fewer bytes than this are not reported.", least=0)
REWRITTEN_FLOOR = Option("rewritten-floor", 1_000_000, "Files of fewer bytes than this are not reported.", least=0)


@rule(
    "DL5028",
    "missing-copy-source",
    on=Model,
    severity=Severity.ERROR,
    tags=("copy",),
)
def missing_copy_source(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A file that COPY or ADD names is not in the build context.

    ## Why
    The builder stops at the copy of something that is not there, or that `.dockerignore` keeps from it; what stands
    above has been built for nothing. A pattern that matches nothing copies nothing without a word, which is a warning
    here, unless it is one only to allow that the file is missing (`yarn.lock*`).

    The build context has to be known (`--context`, or `context` in the settings). Files that are made before the build,
    such as `dist/`, are missing where the file is checked before that.

    ## Bad
    Files: ["app.py"]

        FROM python:3.13-slim
        COPY app.py requirements.txt /app/

    ## Good
    Files: ["app.py", "requirements.txt"]

        FROM python:3.13-slim
        COPY app.py requirements.txt /app/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy
    - https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    if model.options.context is None:
        return
    for problem in ctx.prediction.problems:
        if problem.code == ctx.rule.code and not (problem.severity < Severity.ERROR and _may_be_missing(problem, ctx)):
            yield ctx.finding(problem.span, problem.message, lower_to=problem.severity)


def _may_be_missing(problem: Problem, ctx: RuleContext) -> bool:
    """Whether a pattern is one only to allow that the file is missing: `yarn.lock*`."""
    text = ctx.source.slice(problem.span).strip("\"'")
    return text.endswith("*") and "*" not in text[:-1] and "." in text.rpartition("/")[2][:-1]


@rule(
    "DL6023",
    "copied-twice",
    on=Model,
    severity=Severity.INFO,
    tags=("layers",),
    options=(COPIED_FLOOR,),
)
def copied_twice(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""Files that were copied into the image are copied again by a later instruction.

    ## Why
    Each COPY and ADD is a layer, which holds all that it copies, even if the very same files lie below. Copying large
    files first and the whole folder later stores them twice. The manifests that are copied early so that dependencies
    can be cached are small, and worth it; only copies of a megabyte and more are reported.

    The build context has to be known (`--context`, or `context` in the settings).

    ## Bad
    Options: copied-floor = 5
    Files: {"data/model.bin": "0123456789", "app.py": ""}

        FROM python:3.13-slim
        COPY data /app/data
        COPY . /app

    ## Good
    Options: copied-floor = 5
    Files: {"data/model.bin": "0123456789", "app.py": ""}

        FROM python:3.13-slim
        COPY data /app/data
        COPY app.py /app/

    ## See
    https://docs.docker.com/get-started/docker-concepts/building-images/understanding-image-layers/
    """
    if model.options.context is None:
        return
    for waste in wastes(ctx, frozenset({Cause.COPIED})):
        if waste.size.low >= ctx.option(COPIED_FLOOR):
            name = waste.step.node.name
            message = (
                f"{name} of {shown_path(waste.first.span, ctx)} stores {in_words(waste.size.low)} again that"
                f" {waste.lines(ctx)} copied: copy them once"
            )
            yield ctx.finding(waste.first.span, message, related=waste.related("copied here first"))


@rule(
    "DL6024",
    "rewritten-file",
    on=Model,
    severity=Severity.INFO,
    tags=("layers",),
    options=(REWRITTEN_FLOOR,),
)
def rewritten_file(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A RUN changes a large file of an earlier layer, which is stored a second time.

    ## Why
    A layer holds whole files: `sed -i`, or `>>` to a file of an earlier layer, stores all of it again, and the old
    content stays in the image. Change the file before it is copied, or in the RUN that makes it. Only files of a
    megabyte and more are reported, so the build context, or the command that makes the file, has to tell the size.

    ## Bad
        FROM debian:12.7-slim
        RUN head -c 50000000 /dev/zero > /var/lib/disk.img
        RUN echo end >> /var/lib/disk.img

    ## Good
        FROM debian:12.7-slim
        RUN head -c 50000000 /dev/zero > /var/lib/disk.img \
         && echo end >> /var/lib/disk.img

    ## See
    https://docs.docker.com/engine/storage/drivers/overlayfs-driver/#how-the-overlay2-driver-works
    """
    for waste in wastes(ctx, frozenset({Cause.REWRITTEN})) if has_sizes(ctx) else ():
        if waste.size.low >= ctx.option(REWRITTEN_FLOOR):
            what = f"{_writer(waste)} {shown_path(waste.first.span, ctx)}"
            message = (
                f"{what} stores {in_words(waste.size.low)} from {waste.lines(ctx)} again: change it where it is made"
            )
            yield ctx.finding(waste.first.span, message, related=waste.related("stored here first"))


def _writer(waste: Waste) -> str:
    return "writing to" if waste.first.command is None else f"{shown_command(waste.first.command)} on"
