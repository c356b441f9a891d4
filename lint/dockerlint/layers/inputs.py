"""What decides whether the builder takes a step from its cache, besides the steps above it.

The cache keys are those of BuildKit: a COPY depends on the content of the files it selects, a RUN on every ARG in scope
whether it reads it or not, on the content of what is bound into it, and on nothing that only reaches the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from dockerlint.layers.history import makes_layer
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step, UseKind
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import MountType, parse_mount
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Add, Run, Transfer, Word, Workdir
from dockerlint.unknown import Unknown

_REMOTE = ("http://", "https://", "git://", "ssh://", "git@")


class InputKind(Enum):
    """What kind of thing a step depends on."""

    CONTEXT = "context"
    """Files of the build context: a path, which may be a pattern, relative to the context; `.` is all of it."""
    ARGUMENT = "argument"
    STAGE = "stage"
    """The content of what is copied out of a stage, by its index."""
    IMAGE = "image"
    NAMED_CONTEXT = "named context"
    REMOTE = "remote"
    PARENT = "parent"


class Input(NamedTuple):
    """Something that a step depends on; `stage` is the index for the kind STAGE."""

    kind: InputKind
    name: str
    stage: int | None = None


def operations(stage: Stage) -> tuple[Step, ...]:
    """The steps of a stage that the builder runs, those of triggers first; all others only change the configuration."""
    return tuple(step for step in (*stage.triggered, *stage.steps[1:]) if makes_layer(step))


def inputs_of(model: Model, stage: Stage, step: Step) -> tuple[Input, ...]:
    """What a step of a stage depends on besides its parent, each once, in the order in which it is written."""
    node = step.node
    found: Iterator[Input]
    if isinstance(node, Run):
        found = _of_run(model, stage, step, node)
    elif isinstance(node, Transfer):
        found = _of_transfer(model, stage, step, node)
    else:
        found = _of_words(step, (node.path,) if isinstance(node, Workdir) else ())
    return tuple(dict.fromkeys(found))


def context_paths(model: Model) -> Iterator[str]:
    """The paths of the build context that the stages of a build ask for: all else is not sent to the builder."""
    for index in sorted(model.reachable):
        stage = model.stages[index]
        for step in operations(stage):
            yield from (each.name for each in inputs_of(model, stage, step) if each.kind is InputKind.CONTEXT)


def base_input(model: Model, stage: Stage) -> Input | None:
    """What a stage starts from; None for `scratch` and for what is not known."""
    return _of_source(model, stage.base)


def _of_run(model: Model, stage: Stage, step: Step, node: Run) -> Iterator[Input]:
    for name in step.before.args:
        yield Input(InputKind.ARGUMENT, name)
    for flag in node.flags:
        if flag.name != "mount" or flag.value is None:
            continue
        mount = parse_mount(flag.value.text)
        # The content of caches and secrets is no part of the key.
        if not isinstance(mount, Invalid) and mount.type is MountType.BIND and not mount.from_:
            yield Input(InputKind.CONTEXT, _in_context(mount.source))
    for use in stage.uses:
        if use.node is node and use.kind is UseKind.MOUNT:
            source = _of_source(model, use.source)
            if source is not None:
                yield source


def _of_transfer(model: Model, stage: Stage, step: Step, node: Transfer) -> Iterator[Input]:
    yield from _of_words(step, (*node.sources, node.destination))
    flags = [flag.value for flag in node.flags if flag.value is not None and flag.name in ("chown", "chmod", "exclude")]
    yield from _of_words(step, flags)
    if node.flag("from") is not None:
        use = next((use for use in stage.uses if use.node is node), None)
        source = None if use is None else _of_source(model, use.source)
        if source is not None:
            yield source
        return
    markers = {heredoc.marker for heredoc in node.heredocs}
    for word in node.sources:
        if word.span in markers:
            continue
        value = step.expand(word).value
        if isinstance(value, Unknown):
            yield Input(InputKind.CONTEXT, ".")
        elif isinstance(node, Add) and value.startswith(_REMOTE):
            yield Input(InputKind.REMOTE, value)
        else:
            yield Input(InputKind.CONTEXT, _in_context(value))


def _of_words(step: Step, words: Iterable[Word]) -> Iterator[Input]:
    """The arguments that words read."""
    for word in words:
        for use in step.expand(word).uses:
            if use.name in step.before.args:
                yield Input(InputKind.ARGUMENT, use.name)


def _of_source(model: Model, source: FileSource) -> Input | None:
    text = source.text if isinstance(source.text, str) else "?"
    if source.kind is SourceKind.STAGE and source.stage is not None:
        return Input(InputKind.STAGE, model.stages[source.stage].name or str(source.stage), source.stage)
    if source.kind in (SourceKind.IMAGE, SourceKind.UNKNOWN):
        return Input(InputKind.IMAGE, text)
    return Input(InputKind.NAMED_CONTEXT, text) if source.kind is SourceKind.CONTEXT else None


def _in_context(path: str) -> str:
    """A source as the builder looks it up: from the context's root, wherever it begins."""
    return clean_path("/" + path).lstrip("/") or "."
