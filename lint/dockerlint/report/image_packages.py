"""The packages that one instruction installs, for people: each with its bytes, the largest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from dockerlint.layers.image import Image
from dockerlint.layers.layer import Installed, Layer
from dockerlint.layers.size import in_words, shown
from dockerlint.report.visible import visible
from dockerlint.source import Source


def layer_at(image: Image, source: Source, line: int) -> Layer | None:
    """The layer that the instruction on a 1-based line makes, None if there is none."""
    for entry in image.history:
        span = entry.node.span
        if entry.layer is not None and source.lines.line(span.start) <= line <= source.lines.line(span.end):
            return image.layers[entry.layer - 1]
    return None


def write_packages(layer: Layer, out: TextIO) -> None:
    """Write what is known of the packages in a layer, and why nothing is where nothing is."""
    out.write(f"layer {layer.number}: {shown(layer.size)}\n")
    for installed in layer.installs:
        out.writelines(f"{line}\n" for line in _table(installed))
    out.writelines(f"  {visible(doubt)}\n" for doubt in layer.doubts)
    if not layer.installs and not layer.doubts:
        out.write("  no packages\n")


def _table(installed: Installed) -> Iterator[str]:
    yield f"  {visible(installed.note)}: {shown(installed.size)}"
    known = sum(package.size for package in installed.packages)
    for package in sorted(installed.packages, key=lambda package: (-package.size, package.name)):
        yield f"{in_words(package.size):>12}  {visible(package.name)} {visible(package.version)}"
    if installed.size.estimate is not None and installed.size.estimate > known:
        yield f"{in_words(installed.size.estimate - known):>12}  database of packages, logs"
