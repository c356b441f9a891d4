"""The values of a predicted image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dockerlint.layers.inputs import Input
from dockerlint.layers.layer import Layer
from dockerlint.layers.size import Size, total
from dockerlint.semantics.stages import FileSource, Stage, Step
from dockerlint.syntax.tree import Instruction, Problem


class HistoryEntry(NamedTuple):
    """One entry of an image's history.

    `created_by` is the text that BuildKit writes. `layer` is the 1-based number of the layer that the entry
    makes, counted from the first that is not the base's; None for an entry that only changes the
    configuration. `exact` is False where the text depends on a value that is not known: the words then stand
    as written. `stage` is the index of the stage.
    """

    created_by: str
    layer: int | None
    exact: bool
    stage: int
    node: Instruction


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The part of the image configuration that containers are started with; what is not known is missing.

    `env` keeps the order in which the names were first set. `exposed` and `volumes` are in the order of their
    instructions. `healthcheck` has the keys of the image specification, times in nanoseconds.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    workdir: str = ""
    user: str = ""
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""
    healthcheck: Mapping[str, object] | None = None
    on_build: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()
    author: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """What a build of the target would export, above its base image.

    `history` and `layers` are those that this file adds to `base`, the first image below the target's chain
    of stages; the layer with number n is `layers[n - 1]`. `problems` are the reasons for which the builder would
    refuse; the rest then describes what could be read all the same. `remarks` say what was not looked at. `inputs` are
    what each layer depends on besides the one below it.
    """

    target: Stage | None
    base: FileSource | None
    history: tuple[HistoryEntry, ...]
    config: ImageConfig
    problems: tuple[Problem, ...]
    layers: tuple[Layer, ...] = ()
    remarks: tuple[str, ...] = ()
    inputs: tuple[tuple[Input, ...], ...] = ()

    @property
    def size(self) -> Size:
        """The bytes of all layers that the file adds."""
        return total(layer.size for layer in self.layers)

    @property
    def wasted(self) -> Size:
        """The bytes of these layers that nobody sees in the end: removed, overwritten or stored again."""
        return total(layer.wasted for layer in self.layers)

    @property
    def efficiency(self) -> float | None:
        """The share of the layers' bytes that is seen in the end, 1 where nothing is wasted; None if nobody can say."""
        size, wasted = self.size.estimate, self.wasted.estimate
        if size is None or wasted is None:
            return None
        return 1.0 if not size else 1 - wasted / size

    @property
    def layer_count(self) -> int:
        """The number of layers that the file adds to its base."""
        return sum(entry.layer is not None for entry in self.history)


class Traced(NamedTuple):
    """A step of the target's chain in the order in which the builder takes them, with the stage it is run in."""

    stage: Stage
    step: Step
