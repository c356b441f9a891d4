"""Copying all of the build context."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Transfer
from dockerlint_rules._context import context_sources

# What lies in the folders of projects and has no business in an image, the heaviest first.
_UNWANTED = (
    *("node_modules", ".git", ".venv", "venv", "target", "vendor/bundle", ".tox", ".nox", ".gradle", ".terraform"),
    *("dist", "build", "coverage", "__pycache__", ".mypy_cache", ".pytest_cache", ".idea", ".vscode", ".hg", ".svn"),
    *(".env", ".DS_Store"),
)
_SHOWN = 3


@rule(
    "DL6005",
    "whole-context-copy",
    on=Transfer,
    severity=Severity.WARNING,
    tags=("copy",),
)
def whole_context_copy(node: Transfer, ctx: RuleContext) -> Iterator[Finding]:
    """The whole build context is copied into the image, and no ignore file limits it.

    ## Why
    `COPY . .` takes along whatever lies in the folder at the time: the history in `.git`, `node_modules` of another
    platform, build results, logs, local settings with passwords in `.env`. The image grows, its content depends on who
    builds it, and any change to any of these files makes the builder run all later steps again. Name what is needed,
    or list in `.dockerignore` what is not.

    A copy in a build stage is not reported, since only what is copied out of it reaches the image. Where the build
    context is not known, it is an info: an ignore file may be there.

    ## Bad
    Files: ["app.py", "node_modules/left-pad/index.js"]

        FROM python:3.13-slim
        WORKDIR /app
        COPY . .

    ## Good
    Files: [".dockerignore", "app.py"]

        FROM python:3.13-slim
        WORKDIR /app
        COPY . .
    Without an ignore file:

        FROM python:3.13-slim
        WORKDIR /app
        COPY app.py ./
        COPY templates/ templates/

    ## See
    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    if ctx.stage is None or ctx.step is None or ctx.stage.index not in ctx.model.shipped:
        return
    context = ctx.model.options.context
    if node.flag("exclude") is not None or (context is not None and _has_ignore_file(context, ctx.source.path)):
        return
    for source in context_sources(node, ctx.step):
        if not source.is_whole:
            continue
        what = f"{quoted(source.word.text)} copies the whole build context"
        if context is None:
            message = (
                f"{what} into the image: name what is needed, or see to it that '.dockerignore' keeps the rest out"
            )
            yield ctx.finding(source.word.span, message, lower_to=Severity.INFO)
        else:
            message = f"{what}{_examples(context)} into the image: name what is needed, or add a '.dockerignore'"
            yield ctx.finding(source.word.span, message)


def _has_ignore_file(context: str, dockerfile: str) -> bool:
    from dockerlint.context.ignore_lookup import find_ignore_file  # noqa: PLC0415 - slow to import, seldom needed

    return find_ignore_file(context, dockerfile) is not None


def _examples(context: str) -> str:
    """` with 'node_modules' and '.git'`, or nothing if the context holds nothing of the kind."""
    found = [f"'{name}'" for name in _UNWANTED if os.path.lexists(os.path.join(context, name))][:_SHOWN]
    if not found:
        return ""
    *others, last = found
    return f" with {', '.join(others)} and {last}" if others else f" with {last}"
