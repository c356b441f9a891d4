"""Installations with apt: drawn from real Dockerfiles, and built by a Docker engine on `debian:bookworm-slim`.

Needs the client `docker`, and a builder whose host network reaches Debian's archive.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from accuracy_commands import installations, names_of
from accuracy_rows import Case, UnmeasuredError, laid_out

BASE = "debian:bookworm-slim"

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_LISTS = re.compile(r"\brm\s+-\w*r\w*\s[^;&|]*/var/lib/apt/lists")
_TIMEOUT = 3_000


class _Set(NamedTuple):
    """What one command installs, and how: with recommended packages or without, with the lists left or removed."""

    names: tuple[str, ...]
    no_recommends: bool
    removes_lists: bool


def draw(corpus: Path, without: Path | None, seed: int) -> Iterator[Case]:
    """All sets of packages of bookworm in a random order, those with recommended packages and without by turns.

    What a file of the folder `without` installs, too, is left out.
    """
    found = _sets(corpus)
    known = _names_of_suite()
    usable = sorted(each for each in found if all(name in known for name in each.names))
    chance = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
    kinds = [[each for each in usable if each.no_recommends is flag] for flag in (True, False)]
    for kind in kinds:
        chance.shuffle(kind)
    taken = set() if without is None else {each.names for each in _sets(without)}
    for turn in (each for pair in zip(*kinds, strict=False) for each in pair):
        if turn.names not in taken:
            taken.add(turn.names)
            yield _case(turn, found[turn])


def _case(chosen: _Set, origin: str) -> Case:
    option = " --no-install-recommends" if chosen.no_recommends else ""
    clean = " && rm -rf /var/lib/apt/lists/*" if chosen.removes_lists else ""
    command = f"apt-get update && apt-get install -y{option} {' '.join(chosen.names)}{clean}"
    name = f"{' '.join(chosen.names)}{option}{' (lists removed)' if clean else ''}"
    return Case(name, origin, f"FROM {BASE}\nENV DEBIAN_FRONTEND=noninteractive\nRUN {command}\n", {})


def _sets(corpus: Path) -> dict[_Set, str]:
    """The sets that the files of a folder install with apt, each with the first of these files."""
    found: dict[_Set, str] = {}
    for action, run, _, origin in installations(corpus, "apt-get"):
        names = names_of(action)
        if action.tool in ("apt", "apt-get") and names and all(map(_NAME.fullmatch, names)):
            found.setdefault(_Set(names, action.no_recommends, _LISTS.search(run) is not None), origin)
    return found


def _names_of_suite() -> frozenset[str]:
    script = "apt-get update >/dev/null && apt-cache dumpavail | sed -n 's/^Package: //p'"
    return frozenset(_docker("run", "--rm", "--network=host", BASE, "sh", "-c", script).split())


@cache
def engine() -> str:
    """The version of the engine and its storage."""
    return _docker("info", "--format", "Docker {{.ServerVersion}}, {{.Driver}}").strip()


def measure(case: Case) -> int:
    """The bytes of the regular files in the last layer of the image; a hard link counts nothing.

    The image and what the builder remembers of it are removed again.
    """
    tag = "dlint-accuracy"
    with tempfile.TemporaryDirectory() as folder:
        laid_out(case, Path(folder))
        try:
            _docker("buildx", "build", "--network=host", "--no-cache", "--progress=plain", "-t", tag, folder)
            with subprocess.Popen(["docker", "save", tag], stdout=subprocess.PIPE) as saved:
                assert saved.stdout is not None, "it was asked for"
                return _last_layer(saved.stdout)
        finally:
            for command in (("rmi", "-f", tag), ("builder", "prune", "-af")):
                subprocess.run(["docker", *command], capture_output=True, check=False)


def _last_layer(image: IO[bytes]) -> int:
    """The bytes in the last layer of a saved image, which is read as a stream."""
    sizes: dict[str, int] = {}
    layers: list[str] = []
    with tarfile.open(fileobj=image, mode="r|") as outer:
        for member in outer:
            file = outer.extractfile(member)
            if file is None:
                continue
            if member.name == "manifest.json":
                layers = json.load(file)[0]["Layers"]
            elif member.size > 512:
                try:
                    with tarfile.open(fileobj=file, mode="r|") as inner:
                        sizes[member.name] = sum(each.size for each in inner if each.isreg())
                except tarfile.ReadError:
                    # One of the descriptions of the image.
                    continue
    return sizes[layers[-1]]


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=_TIMEOUT)
    if done.returncode:
        told = done.stderr.splitlines() or ["the engine gives no reason"]
        reason = next((line for line in told if " E: " in line), told[-1])
        raise UnmeasuredError(re.sub(r"^#?[\d. ]*", "", reason)[:200])
    return done.stdout
