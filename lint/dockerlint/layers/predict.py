"""From the model of a file to the image that a build of its target would export."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from dockerlint.layers.config import final_config
from dockerlint.layers.history import history_text, makes_layer
from dockerlint.layers.image import HistoryEntry, Image, Traced
from dockerlint.semantics.model import Model
from dockerlint.syntax.tree import Problem


def predict(model: Model) -> Image:
    """The image of the model's target. Never raises: what cannot be known is missing from it."""
    problems = tuple(problem for problem in (*model.dockerfile.problems, *_met(model)) if problem.fatal)
    trace = tuple(_trace(model))
    base = model.chain(model.target)[0].base if model.target is not None else None
    return Image(model.target, base, tuple(_history(trace)), final_config(base, trace), problems)


def _met(model: Model) -> Iterator[Problem]:
    """The problems of the model that a build meets: the builder passes over stages that the target does not need."""
    starts = [stage.node.span.start for stage in model.stages]
    for problem in model.problems:
        stage = bisect_right(starts, problem.span.start) - 1
        if stage < 0 or stage in model.reachable:
            yield problem


def _trace(model: Model) -> Iterator[Traced]:
    """The steps of the target's chain of stages, without the FROMs, with the triggers that a base hands down."""
    for stage in model.chain(model.target) if model.target is not None else ():
        for step in (*stage.triggered, *stage.steps[1:]):
            yield Traced(stage, step)


def _history(trace: tuple[Traced, ...]) -> Iterator[HistoryEntry]:
    layers = 0
    for stage, step in trace:
        text = history_text(step)
        if text is None:
            continue
        created_by, exact = text
        layer = None
        if makes_layer(step):
            layers += 1
            layer = layers
        yield HistoryEntry(created_by, layer, exact, stage.index, step.node)
