"""Which steps a change makes the builder run again.

A step runs again if one of its inputs has changed, or the step above it has run again. What is copied out of a stage
counts by its content: whether a stage that runs again comes out differently is not known, so that is a "maybe".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from dockerlint.layers.inputs import Input, InputKind, base_input, inputs_of, operations
from dockerlint.layers.wildcard import is_pattern, matches
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage, Step


class Again(IntEnum):
    """Whether a step runs again."""

    NO = 0
    MAYBE = 1
    YES = 2


class Change(NamedTuple):
    """What has changed since the last build.

    `paths` are relative to the build context, of files the builder gets. `arguments` are names of build arguments with
    another value. `steps` are steps that read differently than before. With `everything` no step is taken from the
    cache (`--no-cache`).
    """

    paths: tuple[str, ...] = ()
    arguments: frozenset[str] = frozenset()
    steps: frozenset[Step] = frozenset()
    everything: bool = False


class Rebuilt(NamedTuple):
    """A step of the build, whether it runs again, and what makes it: its own input, or None for the step above."""

    stage: int
    step: Step
    again: Again
    cause: Input | None


def rebuild(model: Model, change: Change) -> tuple[Rebuilt, ...]:
    """What happens to each step that the target needs, in the order of the file."""
    ends: dict[int, Again] = {}
    found: list[Rebuilt] = []
    for index in sorted(model.reachable):
        stage = model.stages[index]
        base = base_input(model, stage)
        again = ends.get(base.stage, Again.NO) if base is not None and base.stage is not None else Again.NO
        cause = base
        for step in operations(stage):
            own, own_cause = _own(model, stage, step, ends, change)
            if own > again:
                again, cause = own, own_cause
            found.append(Rebuilt(index, step, again, cause if again is not Again.NO else None))
            cause = None
        ends[index] = again
    return tuple(found)


def _own(model: Model, stage: Stage, step: Step, ends: dict[int, Again], change: Change) -> tuple[Again, Input | None]:
    """Whether a step runs again on its own account, and for which input."""
    if change.everything or step in change.steps:
        return Again.YES, None
    again, cause = Again.NO, None
    for each in inputs_of(model, stage, step):
        changed = _changed(each, ends, change)
        if changed > again:
            again, cause = changed, each
    return again, cause


def _changed(each: Input, ends: dict[int, Again], change: Change) -> Again:
    if each.kind is InputKind.CONTEXT:
        return Again.YES if any(selects(each.name, path) for path in change.paths) else Again.NO
    if each.kind is InputKind.ARGUMENT:
        return Again.YES if each.name in change.arguments else Again.NO
    if each.stage is not None:
        return min(ends.get(each.stage, Again.NO), Again.MAYBE)
    return Again.NO


def selects(source: str, path: str) -> bool:
    """Whether a source of COPY, cleaned, takes a file along: it names it, or a folder above it."""
    if source == ".":
        return True
    pattern, parts = source.split("/"), path.split("/")
    if len(pattern) > len(parts):
        return False
    return all(
        matches(one, other) if is_pattern(one) else one == other for one, other in zip(pattern, parts, strict=False)
    )


def changed_steps(old: Model, new: Model) -> frozenset[Step]:
    """The steps of a model that do not read as in an older model of the file.

    Stages belong together by name, else by their place. From the first difference on nothing of a stage can come from
    the cache, so only the first such step of each stage is given.
    """
    by_name = {stage.name: stage for stage in old.stages if stage.name}
    changed: list[Step] = []
    for stage in new.stages:
        before = by_name.get(stage.name) if stage.name else None
        if before is None and stage.index < len(old.stages) and not stage.name:
            before = old.stages[stage.index]
        changed += _first_difference(before, stage)
    return frozenset(changed)


def _first_difference(before: Stage | None, stage: Stage) -> Iterable[Step]:
    steps = operations(stage)
    if before is None or str(before.base.text) != str(stage.base.text):
        return steps[:1]
    older = operations(before)
    for number, step in enumerate(steps):
        if number >= len(older) or _key(step) != _key(older[number]):
            return (step,)
    return ()


def _key(step: Step) -> tuple[object, ...]:
    """What of a step itself is part of the builder's key; for a RUN all variables are, read or not."""
    state = step.before
    text = (step.node.name, step.node.line.text, tuple(heredoc.content for heredoc in step.node.heredocs))
    return (*text, str(state.workdir), str(state.user), state.shell, _shown(state.env), _shown(state.args))


def _shown(values: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in values.items())
