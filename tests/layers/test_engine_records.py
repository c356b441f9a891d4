"""Predicted images against recorded builds of a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.report.image_json import config_as_json
from tests.layers.records import Record, read_record
from tests.shared import shared_files

CASES = shared_files("groundtruth/engine", "*/expected.json")

#: Builds that fail for what the Dockerfile alone does not tell.
NEEDS_MORE = {
    "err-copy-into-file": "the folder to be made is a file in the base image",
    "err-run-etc-hosts": "the command fails while it runs",
}


def _is_refused(path: Path) -> bool:
    return read_record(path).expected["build_error"] is not None


def _name(path: Path) -> str:
    return path.parent.name


REFUSED = tuple(path for path in CASES if _is_refused(path))
BUILT = tuple(path for path in CASES if path not in REFUSED)


@pytest.fixture(params=BUILT, ids=_name)
def record(request: pytest.FixtureRequest) -> Record:
    return read_record(request.param)


FORESEEABLE = tuple(path for path in REFUSED if _name(path) not in NEEDS_MORE)


@pytest.mark.parametrize("path", FORESEEABLE, ids=_name)
def test_what_the_builder_refuses_is_refused(path: Path) -> None:
    assert read_record(path).image().problems


@pytest.mark.parametrize(
    "path", [path for path in FORESEEABLE if read_record(path).expected.get("error_line")], ids=_name
)
def test_a_refusal_is_on_the_line_that_the_builder_names(path: Path) -> None:
    record = read_record(path)
    lines = record.source().lines
    assert record.expected["error_line"] in {lines.line(problem.span.start) for problem in record.image().problems}


def test_what_the_builder_accepts_is_accepted(record: Record) -> None:
    assert record.image().problems == ()


def test_the_history_has_the_same_texts(record: Record) -> None:
    entries = record.image().history
    assert [entry.created_by for entry in entries] == [entry["created_by"] for entry in record.expected["history"]]
    assert all(entry.exact for entry in entries)


def test_the_same_entries_make_layers(record: Record) -> None:
    image = record.image()
    assert [entry.layer is None for entry in image.history] == [
        entry["empty_layer"] for entry in record.expected["history"]
    ]
    assert image.layer_count == len(record.expected["layers"])
    numbers = [entry.layer for entry in image.history if entry.layer is not None]
    assert numbers == list(range(1, image.layer_count + 1))


def test_the_configuration_is_the_same(record: Record) -> None:
    recorded = {**record.expected["config"], "author": record.expected["author"]}
    assert config_as_json(record.image().config) == {key: value for key, value in recorded.items() if value}


def test_the_cases_that_need_more_are_still_refused_by_the_builder() -> None:
    if CASES:
        assert {_name(path) for path in REFUSED} >= NEEDS_MORE.keys()
