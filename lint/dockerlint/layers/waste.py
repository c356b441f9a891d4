"""The waste of an image as dive counts it, for comparison with our own figure (`Layer.wasted`)."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File


def dive_waste(layers: Iterable[Layer]) -> int:
    """The bytes of all files that are stored at a path more than once, or removed, in any layer.

    Unlike ours it counts the copy that is needed as well. A removed folder counts for nothing, as in dive, which takes
    it for one path.
    """
    sizes: dict[str, int] = {}
    times: dict[str, int] = {}
    for layer in layers:
        for path, node in layer.changes.stored:
            times[path] = times.get(path, 0) + 1
            if isinstance(node, File):
                sizes[path] = sizes.get(path, 0) + node.size.low
        for path in layer.changes.whiteouts:
            times[path] = times.get(path, 0) + 1
    return sum(size for path, size in sizes.items() if times[path] > 1)
