"""Files, bytes and whiteouts of predicted layers against recorded builds of a real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerlint.layers.image import Image
from dockerlint.layers.layer import Layer
from dockerlint.layers.nodes import File
from tests.layers.records import Record, read_record
from tests.shared import shared_files, shared_path

CASES = tuple(
    path
    for path in shared_files("groundtruth/engine", "*/expected.json")
    if read_record(path).expected["build_error"] is None
)

#: Layers whose bytes or whiteouts the Dockerfile and its context do not tell, by case and number from 0.
NOT_TOLD = {
    "apt-build-essential": {0: "packages"},
    "apt-clean-only": {0: "packages"},
    "apt-curl": {0: "packages"},
    "apt-nginx": {0: "packages"},
    "apt-node": {0: "packages"},
    "apt-pip": {0: "packages"},
    "apt-psql": {0: "packages"},
    "apt-purge-later": {0: "packages", 2: "packages"},
    "apt-recommends": {0: "packages"},
    "run-heredoc": {2: "a script in Perl"},
    "run-remove-earlier": {3: "what the base image has"},
}


@pytest.fixture(params=CASES, ids=lambda path: path.parent.name)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Record, Image]:
    record = read_record(request.param)
    record.lay_out(tmp_path)
    return record, record.image(tmp_path)


def recorded(record: Record, number: int) -> list[dict[str, Any]]:
    """What the storage drivers made of a layer: either is right."""
    main = record.expected["layers"][number]
    others = (record.expected.get("alternatives") or {}).values()
    return [main, *(main | other["layers"].get(str(number), {}) for other in others)]


def told(record: Record, image: Image) -> list[tuple[int, Layer]]:
    """The layers that can be known, with their numbers from 0."""
    unknown = NOT_TOLD.get(record.folder.name, {})
    return [(number, layer) for number, layer in enumerate(image.layers) if number not in unknown]


def test_bytes_of_layers(case: tuple[Record, Image]) -> None:
    record, image = case
    for number, layer in told(record, image):
        sizes = {each["file_bytes"] for each in recorded(record, number)}
        estimate = layer.size.estimate
        assert estimate is not None, (number, layer.doubts)
        is_run = layer.step.node.name == "RUN"
        assert any(estimate == size or (is_run and abs(estimate - size) <= 512) for size in sizes), (number, sizes)


def test_the_interval_holds_the_real_size(case: tuple[Record, Image]) -> None:
    record, image = case
    for number, layer in enumerate(image.layers):
        sizes = {each["file_bytes"] for each in recorded(record, number)}
        assert any(layer.size.low <= size and (layer.size.high or size) >= size for size in sizes), number


def test_whiteouts_of_layers(case: tuple[Record, Image]) -> None:
    record, image = case
    for number, layer in told(record, image):
        assert any(set(layer.changes.whiteouts) == set(each["whiteouts"]) for each in recorded(record, number)), number


def test_files_of_layers_with_their_modes(case: tuple[Record, Image]) -> None:
    record, image = case
    for number, layer in told(record, image):
        if not layer.is_listed or not layer.size.is_exact:
            continue
        found = {
            path: (node.size.low, f"{node.mode:04o}" if node.mode is not None else None)
            for path, node in layer.changes.stored
            if isinstance(node, File)
        }
        assert any(_agrees(found, each["files"] or []) for each in recorded(record, number)), (number, found)


@pytest.mark.parametrize("name", ["err-copy-into-file", "err-run-etc-hosts"])
def test_what_fails_for_the_files_is_refused(name: str, tmp_path: Path) -> None:
    record = read_record(shared_path("groundtruth", "engine", name, "expected.json"))
    record.lay_out(tmp_path)
    source = record.source()
    (problem,) = record.image(tmp_path).problems
    assert source.lines.line(problem.span.start) == record.expected["error_line"]


def _agrees(found: dict[str, tuple[int, str | None]], files: list[dict[str, Any]]) -> bool:
    """Whether the regular files are the same, as far as their modes are known.

    Which of the names of a file is the hard link is of no account.
    """
    links = {each["path"] for each in files if each["type"] == "hardlink"}
    expected = {each["path"]: (each["size"], each["mode"]) for each in files if each["type"] == "file"}
    names = found.keys() - links
    if names != expected.keys():
        return False
    return all(found[name][0] == expected[name][0] and found[name][1] in (None, expected[name][1]) for name in names)
