"""From the model of a file to the image that a build of its target would export."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator

from dockerlint.context.folder import FolderContext
from dockerlint.layers.config import final_config
from dockerlint.layers.history import history_text, makes_layer
from dockerlint.layers.image import HistoryEntry, Image, Traced
from dockerlint.layers.inputs import inputs_of
from dockerlint.layers.simulate import Contexts, Simulated, simulate
from dockerlint.layers.sizes.downloads import NO_DOWNLOADS, Downloads
from dockerlint.layers.sizes.install import NO_ESTIMATORS, Estimators
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts
from dockerlint.syntax.tree import Problem, Transfer


def predict(
    model: Model,
    scripts: Scripts | None = None,
    *,
    estimators: Estimators = NO_ESTIMATORS,
    downloads: Downloads = NO_DOWNLOADS,
) -> Image:
    """The image of the model's target. Never raises: what cannot be known is missing from it.

    The build context is looked at if the model's options name a folder. `scripts` are those of the file, where they
    have been read already. `estimators` tell the sizes of packages, by the key of the manager, `downloads`
    those of files on servers.
    """
    trace = tuple(_trace(model))
    base = model.chain(model.target)[0].base if model.target is not None else None
    simulated = predict_layers(model, scripts or Scripts(model.dockerfile), estimators, downloads)
    met = (*model.dockerfile.problems, *_too_new(model), *_met(model), *simulated.problems)
    return Image(
        model.target,
        base,
        tuple(_history(trace)),
        final_config(base, trace),
        tuple(problem for problem in met if problem.fatal),
        simulated.layers,
        simulated.remarks,
        tuple(inputs_of(model, model.stages[layer.stage], layer.step) for layer in simulated.layers),
    )


def predict_layers(
    model: Model, scripts: Scripts, estimators: Estimators = NO_ESTIMATORS, downloads: Downloads = NO_DOWNLOADS
) -> Simulated:
    """The layers alone."""
    return simulate(model, scripts, _contexts(model), estimators=estimators, downloads=downloads)


def _contexts(model: Model) -> Contexts:
    """The build contexts that are folders."""
    options = model.options
    folder = options.context if options.context is not None and os.path.isdir(options.context) else None
    named = {name: value for name, value in options.named_contexts.items() if value and os.path.isdir(value)}
    return Contexts(
        None if folder is None else FolderContext(folder, model.dockerfile.source.path),
        {name: FolderContext(value, "") for name, value in named.items()},
    )


def _too_new(model: Model) -> Iterator[Problem]:
    """What the frontend does not know that is built into engine 28, whose image is predicted.

    A `syntax` directive names another frontend.
    """
    if model.dockerfile.directive("syntax") is not None:
        return
    for _, step in model.steps():
        flag = step.node.flag("parents") if isinstance(step.node, Transfer) else None
        if flag is not None:
            message = (
                "the frontend of engine 28 does not know '--parents': name a newer one in the first line,"
                " '# syntax=docker/dockerfile:1'"
            )
            yield Problem("DL1003", flag.span, message)


def _met(model: Model) -> Iterator[Problem]:
    """The problems of the model that a build meets: the builder passes over stages that the target does not need.

    Without a target there is nothing to pass over.
    """
    starts = [stage.node.span.start for stage in model.stages]
    for problem in model.problems:
        stage = bisect_right(starts, problem.span.start) - 1
        if model.target is None or stage < 0 or stage in model.reachable:
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
