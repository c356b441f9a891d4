"""Small images for tests: their documents, by digest."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import NamedTuple

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class SmallImage(NamedTuple):
    """An image of two platforms: its index, and all blobs (manifests included) by digest."""

    index_json: bytes
    blobs: dict[str, bytes]
    layer_size: int

    def manifests(self) -> list[str]:
        return [entry["digest"] for entry in json.loads(self.index_json)["manifests"]]


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def small_image() -> SmallImage:
    """An image for linux/amd64 and linux/arm64 whose variable ARCH tells them apart."""
    blobs: dict[str, bytes] = {}

    def add(content: bytes, media_type: str) -> dict[str, object]:
        blobs[digest_of(content)] = content
        return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("file"))
    layer = gzip.compress(stream.getvalue(), mtime=0)
    entries = []
    for architecture in ("amd64", "arm64"):
        config = {
            "os": "linux",
            "architecture": architecture,
            "config": {"Env": [f"ARCH={architecture}"], "Cmd": ["x"], "User": "app"},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(stream.getvalue())]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": add(json.dumps(config).encode(), OCI_CONFIG),
            "layers": [add(layer, OCI_LAYER)],
        }
        entry = add(json.dumps(manifest).encode(), OCI_MANIFEST)
        entries.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
    return SmallImage(index, blobs, len(layer))


def write_layout(image: SmallImage, folder: Path) -> Path:
    """The image as an OCI layout."""
    for digest, content in image.blobs.items():
        path = folder / "blobs" / digest.replace(":", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "index.json").write_bytes(image.index_json)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def packed(folder: Path, path: Path) -> Path:
    """A folder as a tar file."""
    with tarfile.open(path, "w") as archive:
        archive.add(folder, ".")
    return path
