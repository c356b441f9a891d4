"""Measure dlint against peers and against itself: `python bench/run.py [--runs N] [--files N] [FOLDER]`.

Every figure is a whole process, started anew. Commands that are compared run in turn (A B A B …), so a machine that
gets slower on the way slows both; the median and the ratio of the medians are printed. FOLDER holds the Dockerfiles to
lint; without it the fixtures of this repository are taken. A peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dockerlint.semantics.builder import build_model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))


class Contest(NamedTuple):
    """Commands that do comparable work; ratios are to the first."""

    title: str
    commands: dict[str, Sequence[str]]


def program(name: str) -> str | None:
    """The path of a program beside this interpreter, or anywhere."""
    beside = SCRIPTS / name
    return str(beside) if beside.exists() else shutil.which(name)


def seconds(command: Sequence[str]) -> float:
    """The wall time of one run; what it prints is thrown away."""
    start = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def measure(contest: Contest, runs: int) -> dict[str, float]:
    """The median seconds of each command, after one run of each that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in contest.commands}
    for number in range(runs + 1):
        for name, command in contest.commands.items():
            taken = seconds(command)
            if number:
                times[name].append(taken)
    return {name: statistics.median(values) for name, values in times.items()}


def contests(files: Sequence[str], sample: str) -> list[Contest]:
    """What is compared, with the peers that are here."""
    dlint = program("dlint")
    if dlint is None:
        raise SystemExit("bench: dlint is not installed here; `make bench` sets it up")
    hadolint, tally = program("hadolint"), program("tally")
    one = {"dlint": [dlint, "--format", "json", sample]}
    many = {"dlint": [dlint, "--format", "json", *files]}
    if hadolint:
        one["hadolint"] = [hadolint, "--format", "json", sample]
        many["hadolint"] = [hadolint, "--format", "json", *files]
    if tally:
        one["tally"] = [tally, "lint", "--format", "json", sample]
    return [
        Contest(
            "start-up", {"python -c pass": [sys.executable, "-c", "pass"], "dlint --version": [dlint, "--version"]}
        ),
        Contest(f"one file, {Path(sample).name}", one),
        Contest(f"{len(files)} files", many),
    ]


def reading(files: Sequence[str], runs: int) -> dict[str, float]:
    """Mean milliseconds per file to parse and to model, in this process, the best of the runs."""
    texts = [Path(name).read_bytes().decode("utf-8", "surrogateescape") for name in files]
    best = {"parse": float("inf"), "model": float("inf")}
    for _ in range(runs):
        start = time.perf_counter()
        trees = [parse(Source("Dockerfile", text)) for text in texts]
        middle = time.perf_counter()
        for tree in trees:
            build_model(tree)
        end = time.perf_counter()
        best["parse"] = min(best["parse"], (middle - start) * 1000 / len(texts))
        best["model"] = min(best["model"], (end - middle) * 1000 / len(texts))
    return best


def main() -> int:
    """Print the figures as a table, or with `--json` as one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=str(REPOSITORY / "tests" / "fixtures"), help="where the files are")
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each command (default 7)")
    parser.add_argument("--files", type=int, default=100, help="how many files to lint in one run (default 100)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    found = sorted(str(path) for path in Path(arguments.folder).rglob("*ockerfile*") if path.is_file())
    files = found[: arguments.files]
    if not files:
        raise SystemExit(f"bench: there are no Dockerfiles below {arguments.folder}")
    sample = str(REPOSITORY / "tests" / "fixtures" / "demo" / "Dockerfile")
    results = {contest.title: measure(contest, arguments.runs) for contest in contests(files, sample)}
    per_file = reading(files, arguments.runs)
    if arguments.json:
        print(json.dumps({"seconds": results, "milliseconds_per_file": per_file}, indent=1))
        return 0
    for title, medians in results.items():
        first = next(iter(medians.values()))
        print(title)
        for name, median in medians.items():
            print(f"  {name:<18} {median * 1000:8.1f} ms   {median / first:5.2f} x")
    print("reading, mean per file")
    for name, milliseconds in per_file.items():
        print(f"  {name:<18} {milliseconds:8.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
