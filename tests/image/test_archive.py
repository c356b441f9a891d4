"""Images in local archives: OCI layouts and what `docker save` writes."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from dockerlint.image.archive import ArchiveError, archive_facts
from tests.image.images import packed, small_image, write_layout


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
@pytest.mark.parametrize("form", ["folder", "file"])
def test_the_image_for_the_platform(platform: str, form: str, tmp_path: Path) -> None:
    image = small_image()
    folder = write_layout(image, tmp_path / "layout")
    path = folder if form == "folder" else packed(folder, tmp_path / "image.tar")
    facts = archive_facts(str(path), platform)
    assert facts.environment == {"ARCH": platform.removeprefix("linux/")}
    assert facts.platforms == ("linux/amd64", "linux/arm64")
    assert facts.layer_sizes == (image.layer_size,)
    assert facts.source == f"archive {path}"


def saved(path: Path, manifest: object, files: dict[str, object]) -> str:
    with tarfile.open(path, "w") as archive:
        for name, content in {"manifest.json": manifest, **files}.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return str(path)


def test_what_an_older_engine_saves(tmp_path: Path) -> None:
    config = {"os": "linux", "architecture": "amd64", "config": {"User": "old"}}
    path = saved(tmp_path / "x.tar", [{"Config": "abc.json", "Layers": []}], {"abc.json": config})
    assert archive_facts(path, "linux/amd64").user == "old"


def test_a_platform_that_is_not_there(tmp_path: Path) -> None:
    folder = write_layout(small_image(), tmp_path / "layout")
    with pytest.raises(ArchiveError, match="no image for linux/s390x"):
        archive_facts(str(folder), "linux/s390x")


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        [{"Config": "a.json"}, {"Config": "a.json"}],
        [{"Config": "../a.json"}],
        [{"Config": "/etc/hostname"}],
        [{"Config": "b.json"}],
        [{"Config": 1}],
        {},
        7,
    ],
)
def test_what_is_wrong_with_a_saved_image(manifest: object, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.tar", manifest, {"a.json": {}})
    with pytest.raises(ArchiveError, match=r"x\.tar: "):
        archive_facts(path, "linux/amd64")


def test_a_blob_that_is_missing(tmp_path: Path) -> None:
    image = small_image()
    folder = write_layout(image, tmp_path / "layout")
    (folder / "blobs" / image.manifests()[0].replace(":", "/")).unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        archive_facts(str(folder), "linux/amd64")


def test_a_digest_cannot_be_a_path(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("{}")
    folder = tmp_path / "layout"
    folder.mkdir()
    entry = {"digest": "sha256:../../../secret", "size": 2}
    (folder / "index.json").write_text(json.dumps({"manifests": [entry]}))
    with pytest.raises(ArchiveError, match="not well-formed"):
        archive_facts(str(folder), "linux/amd64")


def test_what_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="neither an OCI layout nor"):
        archive_facts(str(tmp_path), "linux/amd64")
    (tmp_path / "x").write_text("text")
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive_facts(str(tmp_path / "x"), "linux/amd64")
    with pytest.raises(FileNotFoundError):
        archive_facts(str(tmp_path / "y"), "linux/amd64")
