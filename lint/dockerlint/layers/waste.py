"""The waste of an image as dive counts it, for comparison with our own figures (`Layer.wasted`, `Image.efficiency`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File


class Dive(NamedTuple):
    """What dive says of the layers of a file, those of the base left out.

    `efficiency` is a share from 0 to 1, None where the files of a layer are not all known by name and size. `wasted`
    are bytes, as far as they are known.
    """

    efficiency: float | None
    wasted: int


def dive_figures(layers: Sequence[Layer]) -> Dive:
    """The efficiency and the wasted bytes that dive counts.

    It looks at paths, each with its bytes in all layers. Efficiency is the sum of the smallest appearance of each path
    by the sum of all appearances; wasted is all of what appears more than once, the copy that is needed too. A removed
    file has no bytes. A removed folder is one path with the bytes below it, so removing it wastes nothing and even
    makes an image more efficient.
    """
    sizes: dict[str, list[int]] = {}
    seen: dict[str, int] = {}
    for layer in layers:
        for path, size in _removed(layer.changes.whiteouts, seen).items():
            sizes.setdefault(path, []).append(size)
        for path, node in layer.changes.stored:
            size = node.size.low if isinstance(node, File) else 0
            sizes.setdefault(path, []).append(size)
            seen[path] = size
    whole = sum(map(sum, sizes.values()))
    least = sum(map(min, sizes.values()))
    is_known = all(layer.is_listed and layer.size.low == layer.size.high for layer in layers)
    ratio = least / whole if whole else 1.0
    return Dive(ratio if is_known else None, sum(sum(each) for each in sizes.values() if len(each) > 1))


def _removed(paths: Iterable[str], seen: dict[str, int]) -> dict[str, int]:
    """The bytes that dive gives to removed paths; takes these and all below them out of what is seen."""
    removed = dict.fromkeys(paths, 0)
    if not removed:
        return removed
    for path in tuple(seen):
        above = path if path in removed else next((each for each in _above(path) if each in removed), None)
        if above is not None:
            size = seen.pop(path)
            removed[above] += 0 if above == path else size
    return removed


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
