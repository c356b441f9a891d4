"""Measure how long an estimate of one Dockerfile takes: `python bench/warm.py [--runs 5] [KIND…]`.

Runs `dlint layers --online` as users do, in a process of its own: once with an empty cache, then several times with
what that has fetched. Prints seconds by the clock: of the first run, and the least, the median and the most of the
others; then the median of the processor's seconds, which says more where something else runs meanwhile.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_APT = (
    "RUN apt-get update && apt-get install -y --no-install-recommends curl git nginx && rm -rf /var/lib/apt/lists/*\n"
)

#: Dockerfiles by what they are about.
KINDS: Mapping[str, str] = {
    "debian": f"FROM debian:bookworm-slim\n{_APT}",
    "ubuntu": f"FROM ubuntu:24.04\n{_APT}",
    "pip": "FROM python:3.11-slim\nRUN pip install --no-cache-dir flask requests sqlalchemy pandas gunicorn\n",
    "npm": "FROM node:22-slim\nRUN npm install -g express eslint && npm cache clean --force\n",
    "exact": f"FROM debian:bookworm-slim\n{_APT}",
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"one of {', '.join(KINDS)}; by default all")
    parser.add_argument("--runs", type=int, default=5, help="the runs with what was fetched")
    options = parser.parse_args()
    if unknown := [kind for kind in options.kinds if kind not in KINDS]:
        parser.error(f"there is no kind {unknown[0]}")
    for kind in options.kinds or KINDS:
        with tempfile.TemporaryDirectory() as place:
            Path(place, "Dockerfile").write_text(KINDS[kind], encoding="utf-8")
            ways = ("--online", "--exact") if kind == "exact" else ("--online",)
            first, *others = (seconds(Path(place), ways) for _ in range(options.runs + 1))
        times = [each.clock for each in others]
        row = f"{min(times):5.2f} {statistics.median(times):5.2f} {max(times):5.2f}"
        used = statistics.median(each.processor for each in others)
        print(f"{kind:8} first {first.clock:5.2f}   then {row}   processor {used:5.2f}", flush=True)
    return 0


class Seconds(NamedTuple):
    """What a run takes by the clock, and of the processor."""

    clock: float
    processor: float


def seconds(place: Path, ways: Sequence[str]) -> Seconds:
    """What one run takes in a folder, which has the cache as well."""
    program = Path(sys.executable).with_name("dlint")
    command = [program, "layers", "--no-config", "--format", "json", *ways, place / "Dockerfile"]
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True, env={**os.environ, "XDG_CACHE_HOME": str(place)})
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Seconds(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
