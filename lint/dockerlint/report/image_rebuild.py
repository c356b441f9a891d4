"""Which layers of a predicted image a change makes anew, in words and numbers."""

from __future__ import annotations

from collections.abc import Sized
from typing import NamedTuple

from dockerlint.layers.image import Image
from dockerlint.layers.inputs import Input, InputKind
from dockerlint.layers.rebuild import Again, Rebuilt
from dockerlint.layers.size import Size, shown, total


class LayerAgain(NamedTuple):
    """Whether a layer is made again, and the input that makes it; None for the step above it."""

    again: Again
    cause: Input | None


class Rebuilds:
    """What a change does to the layers of an image: `steps` are those of the whole build."""

    def __init__(self, image: Image, steps: tuple[Rebuilt, ...]) -> None:
        by_step = {step.step: step for step in steps}
        self._layers = {
            layer.number: LayerAgain(by_step[layer.step].again, by_step[layer.step].cause)
            for layer in image.layers
            if layer.step in by_step
        }
        self._image = image
        self.steps = steps

    def of(self, number: int) -> LayerAgain:
        """What becomes of the layer with a number."""
        return self._layers.get(number, LayerAgain(Again.MAYBE, None))

    def reason(self, number: int) -> str:
        """Why a layer is made again, where it is the first of its kind; blank for those that only follow."""
        cause = self.of(number).cause
        return "" if cause is None else f"because of {described(cause)}"

    @property
    def count(self) -> int:
        """The number of steps of the build that run again, or may."""
        return sum(step.again is not Again.NO for step in self.steps)

    @property
    def pushed(self) -> Size:
        """The bytes, before compression, of the layers that are made again, and so pushed and pulled."""
        return total(layer.size for layer in self._image.layers if self.of(layer.number).again is not Again.NO)

    def summary(self) -> str:
        """One line about the whole."""
        if not self.count:
            return "nothing runs again"
        layers = [layer for layer in self._image.layers if self.of(layer.number).again is not Again.NO]
        text = f"{self.count} of {len(self.steps)} step{_plural(self.steps)} run{'s' if self.count == 1 else ''} again"
        if not layers:
            return f"{text}, none of them makes a layer of the image"
        size = f", {shown(self.pushed)} before compression" if self.pushed.low else ""
        every = self._image.layers
        verb = "is" if len(layers) == 1 else "are"
        return f"{text}; {len(layers)} of {len(every)} layer{_plural(every)} of the image {verb} pushed again{size}"


def _plural(things: Sized) -> str:
    return "" if len(things) == 1 else "s"


def described(cause: Input) -> str:
    """An input for people."""
    if cause.kind is InputKind.CONTEXT:
        return "the build context" if cause.name == "." else f"'{cause.name}' in the build context"
    words = {InputKind.ARGUMENT: "build argument", InputKind.REMOTE: "what is at"}
    return f"{words.get(cause.kind, cause.kind.value)} '{cause.name}'"
