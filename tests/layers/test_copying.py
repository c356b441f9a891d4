"""What COPY and ADD do in rare cases; each was found by comparing with builds of a real engine."""

from __future__ import annotations

import io
import lzma
import tarfile
from pathlib import Path

import pytest
from backports import zstd

from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File
from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "dir" / "sub").mkdir(parents=True)
    (tmp_path / "dir" / "f").write_text("one")
    (tmp_path / "dir" / "sub" / "g").write_text("four")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "h").write_text("h")
    return tmp_path


def image(text: str, context: Path) -> Image:
    return predict(build_model(parse(Source("Dockerfile", text)), BuildOptions(context=str(context)), lookup))


def files(layer: Layer) -> dict[str, int | None]:
    return {path: node.size.estimate for path, node in layer.changes.stored if isinstance(node, File)}


@pytest.mark.parametrize(
    ("lines", "is_refused"),
    [
        ("COPY *.none /x/", False),
        ("COPY d*/none* /x/", False),
        ("COPY no/* /x/", True),
        ("COPY dir/f/* /x/", True),
        # The builder has a folder only if something in it is asked for.
        ("COPY dir/none* /x/", True),
        ("COPY dir/none* /x/\nCOPY other /y/", True),
        ("COPY dir/none* /x/\nCOPY dir/f /y/", False),
        ("COPY dir/none* /x/\nCOPY d*r /y/", False),
        ("COPY dir/none* /x/\nRUN --mount=type=bind,source=dir/sub,target=/m true", False),
        ("COPY dir /d\nFROM scratch\nCOPY dir/none* /x/", True),
        ("ADD none /x/", True),
        ("COPY dir /d\nFROM scratch\nCOPY --from=0 /d/none* /x/", False),
        ("COPY dir /d\nFROM scratch\nCOPY --from=0 /none/* /x/", True),
    ],
)
def test_patterns_that_match_nothing(lines: str, is_refused: bool, context: Path) -> None:
    assert bool(image(f"FROM scratch\n{lines}\n", context).problems) is is_refused


@pytest.mark.parametrize(("source", "is_refused"), [("dir", False), ("dir/*", True), ("*/dead", True)])
def test_a_pattern_must_not_fit_a_link_that_leads_nowhere(source: str, is_refused: bool, context: Path) -> None:
    (context / "dir" / "dead").symlink_to("nowhere")
    assert bool(image(f"FROM scratch\nCOPY {source} /x/\n", context).problems) is is_refused


def test_a_link_in_the_destination_is_replaced_and_one_that_names_it_is_followed(context: Path) -> None:
    (context / "links").mkdir()
    (context / "links" / "f").symlink_to("target")
    text = "FROM scratch\nCOPY links /l/\n"
    assert files(image(f"{text}COPY dir/f /l/\n", context).layers[-1]) == {"/l/f": 3}
    assert files(image(f"{text}COPY dir/f /l/f\n", context).layers[-1]) == {"/l/target": 3}


def test_a_folder_takes_the_place_of_no_file_or_link(context: Path) -> None:
    (context / "links").mkdir()
    (context / "links" / "sub").symlink_to("/elsewhere")
    assert image("FROM scratch\nCOPY links /l/\nCOPY dir /l/\n", context).problems
    assert image("FROM scratch\nCOPY dir/f /l/sub\nCOPY dir /l/\n", context).problems


def packed() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo("in/file")
        entry.size = 9
        archive.addfile(entry, io.BytesIO(bytes(9)))
    return data.getvalue()


def test_add_unpacks_zstandard_and_leaves_nothing_of_an_archive_out(context: Path) -> None:
    (context / "a.tar.zst").write_bytes(zstd.compress(packed()))
    (layer,) = image("FROM scratch\nADD --exclude=* a.tar.zst /x/\n", context).layers
    assert files(layer) == {"/x/in/file": 9}
    assert layer.is_listed


def test_add_copies_xz_as_an_engine_without_the_program_does_and_says_so(context: Path) -> None:
    (context / "a.tar.xz").write_bytes(lzma.compress(packed()))
    (layer,) = image("FROM scratch\nADD a.tar.xz /x/\n", context).layers
    assert list(files(layer)) == ["/x/a.tar.xz"]
    assert "xz" in layer.suspicions[0]


@pytest.mark.parametrize("start", [b"\x1f\x8b\x08\x00", b"BZh9", b"\x28\xb5\x2f\xfd"])
def test_damaged_archives_are_copied(start: bytes, context: Path) -> None:
    (context / "a.tar").write_bytes(start + b"\xff" * 600)
    (layer,) = image("FROM scratch\nADD a.tar /x/\n", context).layers
    assert files(layer) == {"/x/a.tar": 600 + len(start)}
