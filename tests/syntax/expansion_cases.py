"""BuildKit's own cases of expansion and word splitting, read from the shared conformance data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from tests.shared import shared_files


class RecordedCase(TypedDict):
    """One case as it is stored; what the fields mean is said beside the data."""

    input: str
    env: dict[str, str]
    escape: str
    platform: str
    expected: NotRequired[str | list[str]]
    error: NotRequired[bool]
    error_contains: NotRequired[str]
    matched: NotRequired[list[str]]
    unmatched: NotRequired[list[str]]


class Case(NamedTuple):
    """A recorded case on one platform; `name` identifies it in its file."""

    name: str
    recorded: RecordedCase
    windows: bool


def expansion_cases(file: str) -> list[Case]:
    """The cases of one file, those for all platforms twice; none without the shared data."""
    return [
        Case(f"{number} {platform} {record['input']}", record, windows=platform == "windows")
        for path in shared_files("conformance/expansion", file)
        for number, record in enumerate(_records(path))
        for platform in ("unix", "windows")
        if record["platform"] in ("all", platform)
    ]


def _records(path: Path) -> list[RecordedCase]:
    records: list[RecordedCase] = json.loads(path.read_text("utf-8"))
    return records
