"""COPY instructions that could be one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage, Step
from dockerlint.semantics.state import join_path
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Copy, Form, Transfer
from dockerlint_rules._context import context_sources, is_own_code
from dockerlint_rules._edits import delete_instruction
from dockerlint_rules._values import value_of

_FILE_NAME = re.compile(r".+\.(?!d$|git$)[A-Za-z][A-Za-z0-9]*")


@rule(
    "DL6022",
    "mergeable-copies",
    on=Stage,
    needs=(Transfer,),
    severity=Severity.INFO,
    tags=("layers",),
)
def mergeable_copies(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Several COPYs that follow one another put files into the same directory.

    ## Why
    Each COPY makes a layer of its own, which is stored, transferred and looked up one by one. Files that go to the same
    directory, with the same flags, can be named in one COPY.

    Reported are COPYs in stages that become part of the image, into a directory that is written with a final `/` (or
    as `.`), and of single files that keep their name (`COPY app.conf /etc/app.conf`). Not reported are copies with
    `--link`, from different stages, with a comment between them, and those of which one has the source code and the
    other has not: they are kept apart so that an edit does not renew both.

    ## Bad
        FROM debian:12.7-slim
        COPY app.conf /etc/app/
        COPY users.conf /etc/app/

    ## Good
        FROM debian:12.7-slim
        COPY app.conf users.conf /etc/app/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy
    """
    if stage.index not in ctx.model.shipped:
        return
    group: list[_Copied] = []
    for step in stage.steps[1:]:
        copied = _copied(step)
        if copied is None or not group or not _joins(group[-1], copied):
            yield from _merged(group, ctx)
            group = []
        if copied is not None:
            group.append(copied)
    yield from _merged(group, ctx)


class _Copied(NamedTuple):
    """A COPY into a directory; `renames` tells that it is written as the copy of one file that keeps its name."""

    node: Copy
    step: Step
    folder: str
    renames: bool


def _copied(step: Step) -> _Copied | None:
    """The COPY of a step, if the directory that it puts its sources into is known."""
    node = step.node
    if not isinstance(node, Copy) or node.heredocs or node.flag("link") is not None or node.flag("parents") is not None:
        return None
    value = value_of(step, node.destination)
    path = None if not value else join_path(step.before.workdir, value, windows=step.windows)
    if not isinstance(path, str) or value is None:
        return None
    if value.endswith("/") or value in (".", ".."):
        return _Copied(node, step, posixpath.normpath(path), renames=False)
    folder, name = posixpath.split(posixpath.normpath(path))
    source = value_of(step, node.sources[0]) if len(node.sources) == 1 else None
    # A name with an ending is that of a file; of a folder the content would be copied.
    if source is None or source.rpartition("/")[2] != name or _FILE_NAME.fullmatch(name) is None:
        return None
    return _Copied(node, step, folder, renames=True)


def _joins(before: _Copied, copied: _Copied) -> bool:
    """Whether a COPY goes on with what the one before it does."""
    if copied.folder != before.folder or copied.node.comments or _flags(copied.node) != _flags(before.node):
        return False
    return _has_code(copied) == _has_code(before)


def _flags(node: Copy) -> tuple[str, ...]:
    return tuple(sorted(flag.text for flag in node.flags))


def _has_code(copied: _Copied) -> bool:
    return any(is_own_code(source) for source in context_sources(copied.node, copied.step))


def _merged(group: Sequence[_Copied], ctx: RuleContext) -> Iterator[Finding]:
    if len(group) < 2:
        return
    first, *others = (copied.node for copied in group)
    folder = f"{group[0].folder.rstrip('/')}/"
    related = tuple(Related(node.keyword.span, "and this one") for node in others)
    message = f"{len(group)} COPYs in a row put files into {quoted(folder)}: name all sources in one COPY"
    yield ctx.finding(first.keyword.span, message, related=related, fix=_fix(group, folder, ctx))


def _fix(group: Sequence[_Copied], folder: str, ctx: RuleContext) -> Fix | None:
    """A fix that adds the sources of the others to the first; None for JSON arrays and continued lines."""
    texts = []
    for copied in group:
        node = copied.node
        text = ctx.source.slice(node.sources[0].span.cover(node.destination.span))
        if node.form is Form.EXEC or "\n" in text:
            return None
        texts.append(ctx.source.slice(node.sources[0].span.cover(node.sources[-1].span)))
    first = group[0].node
    end = first.sources[-1].span.end
    edits = [Edit(Span(end, end), " " + " ".join(texts[1:]))]
    if group[0].renames:
        edits.append(Edit(first.destination.span, folder))
    edits += [delete_instruction(ctx.source, copied.node) for copied in group[1:]]
    safety = Safety.UNSAFE if any(copied.renames for copied in group) else Safety.SAFE
    return Fix("name all sources in one COPY", safety, tuple(edits))
