"""What BuildKit refuses between stages: bases that do not exist, uses of stages that are not built yet,
circles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.semantics.circles import circular_uses
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage, Use, UseKind
from dockerlint.semantics.uses import is_index
from dockerlint.source import Span
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.tree import From, Problem

_PLATFORM_PART = re.compile(r"[A-Za-z0-9_.\-]+(?:\([^()]*\))?")


def check_stages(model: Model) -> Iterator[Problem]:
    """The problems of bases, of `--from` and of mounts, and a target that does not exist."""
    circular = set(circular_uses(model))
    for stage in model.stages:
        yield from _check_base(model, stage)
        yield from _check_platform(stage)
        for use in stage.uses:
            if use.source.kind is SourceKind.INVALID and use.kind is not UseKind.FROM:
                yield _invalid_use(model, use, circular)
    if model.target is None and model.stages:
        message = f"target {quoted(model.options.target or '')} is the name of no stage"
        yield Problem("DL1000", Span(0, 0), message)


def _check_base(model: Model, stage: Stage) -> Iterator[Problem]:
    node, base = stage.node, stage.base
    if base.kind is not SourceKind.INVALID or not isinstance(node, From) or not isinstance(base.text, str):
        return
    if stage.steps[0].expand(node.image).error is not None:
        return
    if not base.text:
        yield Problem(
            "DL1016", node.image.span, f"base image {quoted(node.image.text)} expands to nothing: name an image"
        )
        return
    meant = next((other for other in model.stages[: stage.index] if other.name == base.text.lower()), None)
    if meant is not None:
        name = quoted(meant.name or "")
        message = f"{quoted(base.text)} is no image, and FROM finds a stage only in lower case: write {name}"
        yield Problem("DL5017", node.image.span, message)
        return
    reference = parse_image_reference(base.text)
    reason = reference.reason if isinstance(reference, Invalid) else "it is no image reference"
    yield Problem("DL1016", node.image.span, f"base image {quoted(base.text)} cannot be read: {reason}")


def _check_platform(stage: Stage) -> Iterator[Problem]:
    flag = stage.node.flag("platform")
    if flag is None or flag.value is None or not isinstance(stage.platform, str):
        return
    parts = stage.platform.split("/")
    if not stage.platform:
        message = f"platform {quoted(flag.value.text)} expands to nothing: give the ARG a default, or drop the flag"
        yield Problem("DL1004", flag.span, message)
    elif len(parts) > 3 or not all(_PLATFORM_PART.fullmatch(part) for part in parts):
        message = f"platform {quoted(stage.platform)} cannot be read: write os/architecture, such as linux/arm64"
        yield Problem("DL1004", flag.span, message)


def _invalid_use(model: Model, use: Use, circular: set[Use]) -> Problem:
    text = quoted(use.word.text)
    what = "COPY --from" if use.kind is UseKind.COPY else "the mount's from"
    if "$" in use.word.text:
        message = f"{what} cannot hold a variable: add a stage 'FROM {use.word.text} AS name' and name that"
        return Problem("DL1022", use.word.span, message)
    if use.source.stage is None:
        if is_index(use.word.text):
            last = len(model.stages) - 1
            message = f"{what} names stage {text}, but the stages are 0 to {last}"
        else:
            message = f"{what} names {text}, which is neither a stage nor an image that can exist"
        return Problem("DL1022", use.word.span, message)
    if use.source.stage == use.user:
        return Problem("DL3023", use.word.span, f"{what} names {text}, the very stage it stands in: name another one")
    other = model.stages[use.source.stage]
    if use in circular:
        message = f"stages {model.stages[use.user].label} and {other.label} need each other: break the circle"
        return Problem("DL5015", use.word.span, message)
    message = f"{what} names stage {other.label}, which is defined further down: move that stage up"
    return Problem("DL5016", use.word.span, message)
