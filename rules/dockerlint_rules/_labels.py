"""The labels of a stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage, Step
from dockerlint.syntax.tree import Instruction, Label, Pair
from dockerlint_rules._values import value_of


class LabelValue(NamedTuple):
    """One pair of a LABEL; `key` and `value` are None where they cannot be known."""

    key: str | None
    value: str | None
    pair: Pair


def labels_of(node: Label, step: Step) -> Iterator[LabelValue]:
    """The pairs of a LABEL. `step` is its own, or that of the ONBUILD around it."""
    for pair in node.pairs:
        yield LabelValue(value_of(step, pair.key), value_of(step, pair.value), pair)


def label_keys(model: Model, stage: Stage) -> frozenset[str] | None:
    """The keys that the image of a stage gets in this file; None if a key cannot be known, which may be any."""
    keys: set[str] = set()
    for step in image_steps(model, stage):
        if isinstance(step.node, Label):
            for label in labels_of(step.node, step):
                if label.key is None:
                    return None
                keys.add(label.key)
    return frozenset(keys)


def image_steps(model: Model, stage: Stage) -> Iterator[Step]:
    """The steps whose effects are in the image of a stage, oldest first: of what it is FROM, of triggers, its own."""
    for part in model.chain(stage):
        yield from part.triggered
        yield from part.steps


def image_nodes(model: Model, stage: Stage) -> Iterator[Instruction]:
    """The instructions of `image_steps`."""
    return (step.node for step in image_steps(model, stage))
