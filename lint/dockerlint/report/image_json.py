"""A predicted image as JSON: what it adds to its base, in the words of the OCI image specification."""

from __future__ import annotations

from dockerlint.layers.image import HistoryEntry, Image, ImageConfig
from dockerlint.layers.layer import Installed, Layer
from dockerlint.layers.nodes import File
from dockerlint.layers.size import Size
from dockerlint.layers.waste import dive_figures
from dockerlint.report.image_rebuild import Rebuilds
from dockerlint.semantics.stages import FileSource
from dockerlint.source import Source


def image_as_json(image: Image, source: Source, platform: str, rebuilds: Rebuilds | None = None) -> dict[str, object]:
    """The object that `dlint layers --format json` prints for a file.

    `history` has an entry per instruction that leaves one, `layers` one per layer in the order in which they
    are stacked; both leave the base's own out. Sizes are bytes of files: `estimate` and `high` are null where nobody
    can say. `files` is null where the layer may hold more than is known. Lines are 1-based. A `problems` entry of
    severity `error` is a reason for which the builder would refuse the file. With `rebuilds` each layer says whether a
    change makes it anew, and `rebuild` sums that up.
    """
    lines = source.lines
    dive = dive_figures(image.layers)
    return {
        "file": source.path,
        "target": None if image.target is None else image.target.name or str(image.target.index),
        "platform": platform,
        "base": _base(image.base),
        "history": [
            {
                "created_by": entry.created_by,
                "empty_layer": entry.layer is None,
                "exact": entry.exact,
                "line": lines.line(entry.node.span.start),
                "instruction": entry.node.name,
                "stage": entry.stage,
                "layer": entry.layer,
            }
            for entry in image.history
        ],
        "layers": [_layer(entry, image, source, rebuilds) for entry in image.history if entry.layer is not None],
        "size": _size(image.size),
        "wasted": _size(image.wasted),
        "efficiency": image.efficiency,
        "dive_efficiency": dive.efficiency,
        "dive_wasted_bytes": dive.wasted,
        "transfer": {"push": _size(image.size), "pull": _size(image.size)},
        "flattening": {
            "saves": _size(image.wasted),
            "loses": ["history", "configuration", "layers shared with the base"],
        },
        "container": {"writable_layer": True, "volumes": list(image.config.volumes)},
        "rebuild": None if rebuilds is None else _rebuild(rebuilds),
        "config": config_as_json(image.config),
        "remarks": list(image.remarks),
        "problems": [
            {
                "code": problem.code,
                "line": lines.line(problem.span.start),
                "column": lines.position(problem.span.start).column,
                "message": problem.message,
                "severity": "error",
            }
            for problem in image.problems
        ],
    }


def _base(base: FileSource | None) -> dict[str, object] | None:
    if base is None:
        return None
    known = isinstance(base.text, str)
    facts = base.facts
    return {
        "reference": base.text if known else None,
        "kind": base.kind.value,
        "source": None if facts is None else facts.source or None,
        "layer_sizes": None if facts is None or not facts.layer_sizes else list(facts.layer_sizes),
    }


def _rebuild(rebuilds: Rebuilds) -> dict[str, object]:
    return {"steps": len(rebuilds.steps), "again": rebuilds.count, "push": _size(rebuilds.pushed)}


def _inputs(number: int, image: Image) -> list[dict[str, object]]:
    """What invalidates a layer: the one below it, and the inputs of its own step."""
    below: dict[str, object] = {"kind": "parent", "name": f"layer {number - 1}"}
    if number == 1:
        text = None if image.base is None or not isinstance(image.base.text, str) else image.base.text
        below = {"kind": "base", "name": text}
    own: list[dict[str, object]] = [{"kind": each.kind.value, "name": each.name} for each in image.inputs[number - 1]]
    return [below, *own]


def _layer(entry: HistoryEntry, image: Image, source: Source, rebuilds: Rebuilds | None) -> dict[str, object]:
    assert entry.layer is not None, "only layers are shown so"
    layer = image.layers[entry.layer - 1]
    return {
        "number": entry.layer,
        "line": source.lines.line(entry.node.span.start),
        "instruction": entry.node.name,
        "created_by": entry.created_by,
        "size": _size(layer.size),
        "files": _files(layer) if layer.is_listed else None,
        "whiteouts": list(layer.changes.whiteouts),
        "wasted_bytes": layer.wasted.estimate,
        "invalidated_by": _inputs(entry.layer, image),
        "installs": [_installed(each) for each in layer.installs],
        "doubts": [*layer.doubts, *layer.suspicions],
        **({} if rebuilds is None else {"again": rebuilds.of(entry.layer).again.name.lower()}),
    }


def _installed(installed: Installed) -> dict[str, object]:
    packages = [{"name": each.name, "version": each.version, "size": each.size} for each in installed.packages]
    return {"size": _size(installed.size), "note": installed.note, "packages": packages}


def _size(size: Size) -> dict[str, object]:
    return {
        "low": size.low,
        "estimate": size.estimate,
        "high": size.high,
        "provenance": size.provenance.label,
    }


def _files(layer: Layer) -> list[dict[str, object]]:
    """The files and links of a layer; further names of a file have no size of their own."""
    seen: set[int] = set()
    files: list[dict[str, object]] = []
    for path, node in layer.changes.stored:
        shown: dict[str, object] = {"path": path, "size": 0, "mode": "0777"}
        if isinstance(node, File):
            shown["mode"] = None if node.mode is None else f"{node.mode:04o}"
            shown["size"] = 0 if id(node) in seen else node.size.estimate
            seen.add(id(node))
        files.append(shown)
    return files


def config_as_json(config: ImageConfig) -> dict[str, object]:
    """The image configuration with the keys of the OCI image specification; what is not set is left out."""
    values: dict[str, object] = {
        "User": config.user,
        "ExposedPorts": {port: {} for port in config.exposed},
        "Env": [f"{name}={value}" for name, value in config.env.items()],
        "Entrypoint": list(config.entrypoint or ()),
        "Cmd": list(config.cmd or ()),
        "Volumes": {path: {} for path in config.volumes},
        "WorkingDir": config.workdir,
        "Labels": dict(config.labels),
        "StopSignal": config.stop_signal,
        "Healthcheck": config.healthcheck,
        "OnBuild": list(config.on_build),
        "Shell": list(config.shell),
        "author": config.author,
    }
    return {key: value for key, value in values.items() if value}
