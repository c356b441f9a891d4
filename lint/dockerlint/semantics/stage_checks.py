"""What BuildKit refuses between stages: bases that do not exist, uses of stages that are not built yet,
circles.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Severity
from dockerlint.semantics.circles import circular_uses
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage, Use, UseKind
from dockerlint.semantics.uses import is_index
from dockerlint.source import Span
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import did_you_mean
from dockerlint.syntax.platforms import parse_platform
from dockerlint.syntax.tree import From, Problem


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
        yield Problem("DL1000", Span(0, 0), _unknown_target(model))


def _unknown_target(model: Model) -> str:
    target = model.options.target or ""
    message = f"target {quoted(target)} is the name of no stage"
    if is_index(target):
        return f"{message}: a target is chosen by its name, not by its number"
    return message + did_you_mean(target.lower(), [stage.name for stage in model.stages if stage.name])


def _check_base(model: Model, stage: Stage) -> Iterator[Problem]:
    node, base = stage.node, stage.base
    yield from _check_later_base(model, stage)
    if base.kind is not SourceKind.INVALID or not isinstance(node, From) or not isinstance(base.text, str):
        return
    if stage.steps[0].expand(node.image).error is not None:
        return
    if not base.text:
        names = [use.name for use in stage.steps[0].expand(node.image).uses]
        what = f"give {quoted(names[0])} a default in an ARG before the first FROM" if names else "name an image"
        yield Problem("DL1016", node.image.span, f"base image {quoted(node.image.text)} expands to nothing: {what}")
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


def _check_later_base(model: Model, stage: Stage) -> Iterator[Problem]:
    """FROM sees no later stage: the same name is an image there. Not where that stage is FROM this very image."""
    node, base = stage.node, stage.base
    if base.kind is not SourceKind.IMAGE or not isinstance(node, From) or not isinstance(base.text, str):
        return
    later = next((other for other in model.stages[stage.index + 1 :] if other.name == base.text), None)
    if later is not None and later.base.text != base.text:
        message = (
            f"FROM takes {quoted(base.text)} for an image, since the stage of that name is further down: move it up"
        )
        yield Problem("DL5016", node.image.span, message, fatal=False, severity=Severity.WARNING)


def _check_platform(stage: Stage) -> Iterator[Problem]:
    flag = stage.node.flag("platform")
    if flag is None or flag.value is None or not isinstance(stage.platform, str):
        return
    if not stage.platform:
        message = f"platform {quoted(flag.value.text)} expands to nothing: give the ARG a default, or drop the flag"
        yield Problem("DL1004", flag.span, message)
        return
    platform = parse_platform(stage.platform)
    if isinstance(platform, Invalid):
        yield Problem("DL1004", flag.span, f"flag '--platform': {platform.reason}")


def _invalid_use(model: Model, use: Use, circular: set[Use]) -> Problem:
    text = quoted(use.word.text)
    what = "COPY --from" if use.kind is UseKind.COPY else "the mount's from"
    if "$" in use.word.text:
        stage = quoted(f"FROM {use.word.text} AS name")
        message = f"{what} cannot hold a variable: add a stage {stage} and name that"
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
