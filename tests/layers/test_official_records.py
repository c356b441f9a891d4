"""Predicted images against the public records of official images."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.layers.records import Record, read_record
from tests.shared import shared_files


def _is_built_by_buildkit(path: Path) -> bool:
    return bool(read_record(path).expected["builder"] == "buildkit")


CASES = tuple(filter(_is_built_by_buildkit, shared_files("groundtruth/official", "*/expected.json")))

#: The record strips the usual shell from commands.
SHELL = "/bin/sh -c "

#: How older builders write a port.
OLD_PORT = re.compile(r"(\d+/[a-z]+):\{\}")


@pytest.fixture(params=CASES, ids=lambda path: path.parent.name)
def record(request: pytest.FixtureRequest) -> Record:
    return read_record(request.param)


def test_the_own_layers_are_as_many(record: Record) -> None:
    assert record.image().layer_count == len(record.expected["layers"]) - record.expected["base_layers"]


def _as_the_newest_builder(text: str) -> str:
    """The text as the builder that is followed writes it: only EXPOSE has changed."""
    if not text.startswith("EXPOSE map["):
        return text
    return OLD_PORT.sub(r"\1", text).replace("EXPOSE map[", "EXPOSE [")


def test_the_own_history_reads_the_same(record: Record) -> None:
    own = record.expected["history"][record.expected["base_history_len"] :]
    texts = [entry.created_by.replace(SHELL, "") for entry in record.image().history]
    assert len(texts) == len(own)
    for text, entry in zip(texts, own, strict=True):
        expected = _as_the_newest_builder(entry["created_by"])
        assert (text[: len(expected)] if entry.get("truncated") else text) == expected
