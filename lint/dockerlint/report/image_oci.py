"""A predicted image as the documents that an exporter would write: the image configuration and the manifest.

Digests and times depend on the bytes of a real build; they are left out, and so is what the base image brings along.
https://github.com/opencontainers/image-spec
"""

from __future__ import annotations

from dockerlint.layers.image import HistoryEntry, Image
from dockerlint.report.image_json import config_as_json

_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
_COMMENT = "buildkit.dockerfile.v0"


def image_as_oci(image: Image, platform: str) -> dict[str, object]:
    """An object with the two documents, `config` and `manifest`, for a platform `os/arch[/variant]`."""
    settings = config_as_json(image.config)
    author = settings.pop("author", None)
    config: dict[str, object] = {
        **({"author": author} if author else {}),
        **dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False)),
        "config": settings,
        "rootfs": {"type": "layers"},
        "history": [_history(entry) for entry in image.history],
    }
    layers = [{"mediaType": _LAYER_TYPE} for _ in range(image.layer_count)]
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST_TYPE,
        "config": {"mediaType": _CONFIG_TYPE},
        "layers": layers,
    }
    return {"config": config, "manifest": manifest}


def _history(entry: HistoryEntry) -> dict[str, object]:
    shown: dict[str, object] = {"created_by": entry.created_by, "comment": _COMMENT}
    return shown if entry.layer is not None else {**shown, "empty_layer": True}
