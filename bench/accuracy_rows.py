"""What measurements of installations have in common: cases, the rows that are kept of them, and what dlint says.

The rows are kept in `bench/accuracy.json`, from which `tools/make_accuracy_page.py` writes `docs/accuracy.md`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("accuracy.json")

#: The ways in which dlint is asked, by name, with the options that they need.
WAYS: Mapping[str, tuple[str, ...]] = {"offline": (), "online": ("--online",), "exact": ("--online", "--exact")}

_TIMEOUT = 600


class UnmeasuredError(Exception):
    """An installation does not come to an end; the message says why."""


class Case(NamedTuple):
    """One installation: the last instruction of a Dockerfile.

    `name` tells it apart from the others of its kind; `origin` is the file that it was drawn from. `files` are the
    build context, texts by their names.
    """

    name: str
    origin: str
    dockerfile: str
    files: Mapping[str, str]


class Row(NamedTuple):
    """What is kept of a case.

    `measured` are the bytes of the regular files that its last instruction adds, None where it was `refused`. `date` is
    the day of that, `version` the tool that installed. `estimates` has what dlint says, by the way in which it is
    asked: the fields `low`, `estimate` and `high` of its JSON.
    """

    case: Case
    measured: int | None
    refused: str
    date: str
    version: str
    estimates: Mapping[str, Mapping[str, int | None]]


def read_rows(file: Path = FILE) -> dict[str, list[Row]]:
    """The rows by kind, in the order in which they were drawn."""
    if not file.exists():
        return {}
    return {
        kind: [Row(Case(**row.pop("case")), **row) for row in rows]
        for kind, rows in json.loads(file.read_text(encoding="utf-8")).items()
    }


def write_rows(rows: Mapping[str, list[Row]], file: Path = FILE) -> None:
    """Keep the rows."""
    plain = {kind: [{**row._asdict(), "case": row.case._asdict()} for row in rows[kind]] for kind in sorted(rows)}
    file.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def laid_out(case: Case, folder: Path) -> None:
    """Write the Dockerfile of a case and its build context."""
    (folder / "Dockerfile").write_text(case.dockerfile, encoding="utf-8")
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def estimates(case: Case) -> dict[str, Mapping[str, int | None]]:
    """What dlint says of the layer of the last instruction; a way that it does not know is missing."""
    found: dict[str, Mapping[str, int | None]] = {}
    with tempfile.TemporaryDirectory() as place:
        laid_out(case, Path(place))
        for way, options in WAYS.items():
            answer = _asked(Path(place), options)
            if answer is not None:
                size = answer["layers"][-1]["size"]
                found[way] = {field: size[field] for field in ("low", "estimate", "high")}
    return found


def _asked(folder: Path, options: tuple[str, ...]) -> Any:
    """The prediction, None if dlint has no such options."""
    program = Path(sys.executable).with_name("dlint")
    command = [program, "layers", "--no-config", "--format", "json", *options, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT)
    if done.returncode == 2 and "there is no option" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)
