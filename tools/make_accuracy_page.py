"""Write `docs/accuracy.md`: how close the sizes of packages come to real installations.

    python -m tools.make_accuracy_page            write the page
    python -m tools.make_accuracy_page --check    write nothing; exit with 1 if the page is not up to date

The rows are those of `bench/accuracy.json`, which `bench/accuracy.py` measures. Each of them is shown.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).resolve().parent.parent
DATA = _ROOT / "bench" / "accuracy.json"
PAGE = _ROOT / "docs" / "accuracy.md"

HEAD = """\
<!-- Made by tools/make_accuracy_page.py from bench/accuracy.json: measure anew, and run `make docs`. -->

# How close the sizes of packages are

Installations that were drawn from real Dockerfiles, really made, and compared with what `dlint layers` says of the same
Dockerfile. Measured are the bytes of the regular files that the installation adds. An estimate holds if the truth lies
in its interval; "not known" holds always, and is counted apart. No row was chosen or left out: those that could not be
installed say why. How to repeat this: `python bench/accuracy.py --help`.
"""

#: What is to be known about the rows of a kind.
TITLES: Mapping[str, tuple[str, str]] = {
    "apt": (
        "apt",
        """\
On `debian:bookworm-slim`, where only the suite itself is a source. The table of measured packages that dlint has was
made from those that the same Dockerfiles install most, each measured alone, never a set of them. What packages of
documentation leave, and those that tell no size, was added when rows of this table had shown what was missing.""",
    ),
    "pip": (
        "pip",
        """\
Into an empty folder, with Python 3.11, whose byte code counts. That source archives are read, and needs from wheels
where the index does not tell them, was added when rows of this table had shown what was missing.""",
    ),
    "npm": (
        "npm",
        """\
Into an empty folder, with npm 11. The packages' own scripts do not run, since some of them fetch more. There are no
more sets of names than these in the Dockerfiles that were drawn from, also with build arguments put in. The
order in which packages are placed, and that versions for another Node come last, was mended when two rows of this table
had shown that it was wrong.""",
    ),
}

WAYS: Mapping[str, str] = {
    "offline": "offline",
    "online": "`--online`",
    "exact": "`--online --exact`",
}

_LONGEST = 90


class Score(NamedTuple):
    """How well one way does: rows with an estimate, their errors (0.05 for 5 %), and the intervals that hold."""

    rows: int
    errors: tuple[float, ...]
    holding: int
    bounded: int


def scored(rows: Sequence[Mapping[str, Any]], way: str) -> Score | None:
    """The score of the measured rows; None where the way was not asked."""
    asked = [row for row in rows if row["measured"] is not None and way in row["estimates"]]
    if not asked:
        return None
    errors = [error for row in asked if (error := _error(row, way)) is not None]
    bounded = [row for row in asked if row["estimates"][way]["high"] is not None]
    return Score(len(asked), tuple(errors), sum(_holds(row, way) for row in asked), len(bounded))


def _error(row: Mapping[str, Any], way: str) -> float | None:
    """The error of an estimate as a share of what was measured; positive where it is too much."""
    estimate = row["estimates"].get(way, {}).get("estimate")
    if estimate is None or not row["measured"]:
        return None
    return float(estimate / row["measured"] - 1)


def _holds(row: Mapping[str, Any], way: str) -> bool:
    size = row["estimates"][way]
    return bool(size["low"] <= row["measured"] and (size["high"] is None or row["measured"] <= size["high"]))


def page(kinds: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The page in Markdown."""
    lines = [HEAD]
    for kind, (title, about) in TITLES.items():
        rows = kinds.get(kind)
        if rows:
            lines += [f"## {title}", "", about, "", *_summary(rows), "", *_table(rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _summary(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| asked | installations | estimated | median error | worst | intervals that hold | with upper bound |"
    yield "|---|---|---|---|---|---|---|"
    for way, label in WAYS.items():
        score = scored(rows, way)
        if score is None:
            continue
        sizes = [abs(error) for error in score.errors]
        median, worst = (_percent(statistics.median(sizes)), _percent(max(sizes))) if sizes else ("?", "?")
        held = f"{score.holding} of {score.rows}"
        yield f"| {label} | {score.rows} | {len(score.errors)} | {median} | {worst} | {held} | {score.bounded} |"


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ways = [way for way in WAYS if any(way in row["estimates"] for row in rows)]
    yield f"| installed | measured | {' | '.join(WAYS[way] for way in ways)} | on |"
    yield f"|---|---|{'---|' * len(ways)}---|"
    for row in rows:
        name, day = _cut(row["case"]["name"]), row["date"]
        if row["measured"] is None:
            yield f"| {name} | {_escaped(row['refused'])} | {' | '.join('?' for _ in ways)} | {day} |"
        else:
            cells = " | ".join(_cell(row, way) for way in ways)
            yield f"| {name} | {_megabytes(row['measured'])} | {cells} | {day} |"


def _cell(row: Mapping[str, Any], way: str) -> str:
    """An estimate beside the truth: its error, and the interval where that does not hold."""
    error = _error(row, way)
    if error is None:
        return "not known"
    size = row["estimates"][way]
    held = "" if _holds(row, way) else f", not in {_megabytes(size['low'])} to {_megabytes(size['high'])}"
    return f"{_megabytes(size['estimate'])} ({error:+.1%}{held})".replace("%", " %")


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _megabytes(count: int | None) -> str:
    return "?" if count is None else f"{count / 1e6:.1f} MB"


def _cut(name: str) -> str:
    return _escaped(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main(arguments: Sequence[str], file: Path = PAGE, data: Path = DATA) -> int:
    """Write or check the page; gives the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    text = page(json.loads(data.read_text(encoding="utf-8")))
    if not arguments:
        file.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        print(f"docs/{file.name} is not up to date. Run `make docs`, and commit what it writes.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
