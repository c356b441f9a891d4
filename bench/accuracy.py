"""Measure how close the sizes of packages are: `python bench/accuracy.py apt|pip|npm FOLDER [--without FOLDER]`.

Draws installations from the Dockerfiles of FOLDER, but none of those of the other folder, really makes them, and asks
dlint about the same Dockerfiles. The rows go to `bench/accuracy.json` one by one: what has been measured is not
measured again, so that a run which was stopped goes on. `--again` only asks dlint again. `make docs` writes the page.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import accuracy_apt
import accuracy_folders
from accuracy_rows import Case, Row, UnmeasuredError, estimates, read_rows, write_rows


class Kind(NamedTuple):
    """How the installations of one package manager are drawn and measured, and how many; `version` names the tool."""

    draw: Callable[[Path, Path | None, int], Iterator[Case]]
    measure: Callable[[Case], int]
    version: Callable[[], str]
    wanted: int


KINDS: Mapping[str, Kind] = {
    "apt": Kind(accuracy_apt.draw, accuracy_apt.measure, accuracy_apt.engine, 30),
    "pip": Kind(accuracy_folders.draw_pip, accuracy_folders.measure_pip, accuracy_folders.pip, 20),
    "npm": Kind(accuracy_folders.draw_npm, accuracy_folders.measure_npm, accuracy_folders.npm, 10),
}


def main() -> int:
    """Measure, or ask again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", type=Path, help="Dockerfiles that dlint has been built with")
    parser.add_argument("--count", type=int, help="the number of installations that come to an end")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--again", action="store_true", help="ask dlint again about what was measured")
    options = parser.parse_args()
    kind = KINDS[options.kind]
    if not options.again:
        measure(kind, options)
    rows = read_rows()
    for place, row in enumerate(rows.get(options.kind, [])):
        rows[options.kind][place] = row._replace(estimates=estimates(row.case))
    write_rows(rows)
    return 0


def measure(kind: Kind, options: argparse.Namespace) -> None:
    """Measure until there are as many rows as asked for; those that are there already come first."""
    rows = read_rows()
    done = {row.case.name: row for row in rows.get(options.kind, [])}
    cases = chain((row.case for row in done.values()), kind.draw(options.folder, options.without, options.seed))
    kept: dict[str, Row] = {}
    for case in cases:
        if sum(row.measured is not None for row in kept.values()) >= (options.count or kind.wanted):
            break
        if case.name not in kept:
            kept[case.name] = done.get(case.name) or _row(case, kind)
            write_rows({**rows, options.kind: list(kept.values())})


def _row(case: Case, kind: Kind) -> Row:
    """Measure one case."""
    day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    measured, refused = None, ""
    try:
        measured = kind.measure(case)
    except UnmeasuredError as problem:
        refused = str(problem)
    print(f"{measured or refused}  {case.name}", flush=True)
    return Row(case, measured, refused, day, kind.version(), {})


if __name__ == "__main__":
    sys.exit(main())
