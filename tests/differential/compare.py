"""How a predicted image differs from the one that the engine built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dockerlint.layers.image import Image
from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File, Link
from dockerlint.report.image_json import config_as_json
from tests.differential.engine import Built, BuiltLayer

CONFIG_KEYS = (
    *("Env", "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels"),
    *("StopSignal", "Healthcheck", "OnBuild", "Shell", "author"),
)


class Stored(NamedTuple):
    """What a layer stores at a path: the bytes and the mode of a file, or where a link leads to."""

    size: int
    mode: int
    target: str = ""


class Claim(NamedTuple):
    """What is predicted of it: the least and the most bytes, None where nobody knows, and the mode likewise."""

    low: int
    high: int | None
    mode: int | None
    target: str = ""

    def fits(self, real: Stored | None) -> bool:
        """Whether what is there is what is claimed."""
        return (
            real is not None
            and self.low <= real.size
            and (self.high is None or real.size <= self.high)
            and self.mode in (None, real.mode)
            and self.target == real.target
        )


def _claim(node: File | Link) -> Claim:
    if isinstance(node, Link):
        return Claim(0, 0, 0o777, node.target)
    return Claim(node.size.low, node.size.high, node.mode)


def differences(image: Image, built: Built, *, may_doubt: bool = False) -> Iterator[str]:
    """All differences, as sentences.

    With `may_doubt` layers may be in doubt, which then claim nothing but bounds; from there on others may remove more
    than is predicted, as they may remove what such a layer has made.
    """
    if image.problems:
        yield f"refused: {image.problems}"
    ours = [(entry.created_by, entry.layer is None, entry.exact) for entry in image.history]
    theirs = list(built.history)
    if len(ours) != len(theirs) or len(built.layers) != len(image.layers):
        yield f"{len(ours)} entries and {len(image.layers)} layers, should be {len(theirs)} and {len(built.layers)}"
        return
    for (text, is_empty, exact), entry in zip(ours, theirs, strict=True):
        if (exact and text != entry[0]) or is_empty != entry[1] or not (exact or may_doubt):
            yield f"history {(text, is_empty)!r}, should be {entry!r}"
    config = config_as_json(image.config)
    for key in CONFIG_KEYS:
        if (config.get(key) or None) != (built.config.get(key) or None):
            yield f"{key} {config.get(key)!r}, should be {built.config.get(key)!r}"
    tree: dict[str, Stored] = {}
    is_open = False
    for layer, real in zip(image.layers, built.layers, strict=True):
        is_known = layer.is_listed and not layer.suspicions
        if not is_known and not may_doubt:
            yield f"layer {layer.number}: in doubt: {layer.doubts} {layer.suspicions} {layer.changes.fills}"
        is_open = is_open or not is_known
        found = _of_layer(layer, real, tree, is_open=is_open) if is_known else _of_doubtful_layer(layer, real)
        for difference in found:
            yield f"layer {layer.number}: {difference}"
        for gone in real.whiteouts:
            for path in [path for path in tree if path == gone or path.startswith(f"{gone}/")]:
                del tree[path]
        tree.update(_stored(real))


def _of_layer(layer: Layer, real: BuiltLayer, tree: Mapping[str, Stored], *, is_open: bool) -> Iterator[str]:
    """The differences of a layer that is known; `is_open` says that one below it is not."""
    built = _stored(real)
    ours = {path: _claim(node) for path, node in layer.changes.stored if isinstance(node, (File, Link))}
    for path, value in built.items():
        if path not in ours or not ours[path].fits(value):
            yield f"{path}: {ours.get(path)}, should be {value}"
    for path in ours.keys() - built.keys():
        # The engine's vfs driver leaves out what is written again unchanged.
        if not ours[path].fits(tree.get(path)):
            yield f"{path}: {ours[path]}, should not be there"
    removed = set(layer.changes.whiteouts)
    if not (removed <= real.whiteouts if is_open else removed == real.whiteouts):
        yield f"whiteouts {layer.changes.whiteouts}, should be {sorted(real.whiteouts)}"


def _of_doubtful_layer(layer: Layer, real: BuiltLayer) -> Iterator[str]:
    size = sum(file.size for file in real.files.values())
    if layer.size.high is not None and size > layer.size.high:
        yield f"{size} bytes, more than {layer.size.high}"


def _stored(layer: BuiltLayer) -> dict[str, Stored]:
    files = {path: Stored(file.size, file.mode) for path, file in layer.files.items()}
    more = {path: files[name] for path, name in layer.hard_links.items() if name in files}
    return {**files, **more, **{path: Stored(0, 0o777, target) for path, target in layer.links.items()}}
