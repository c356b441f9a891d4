"""Installations with pip and npm: drawn from real Dockerfiles, and made by the same programs into an empty folder."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from accuracy_commands import Installation, installations, names_of
from accuracy_rows import Case, UnmeasuredError

#: The Python that runs this is the one of the image, so that pip chooses the same wheels.
_PYTHON = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
_TARGET = "/srv/target"

#: Names with versions: no files, no addresses, no options.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[a-z0-9,_-]+\])?(?:[=<>~!]=?[^/\s]+)?")
_PACKAGE = re.compile(r"(?:@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*(?:@[^/\s]+)?")
_TIMEOUT = 900
_TOLD = re.compile(r"^(?:ERROR|npm (?:ERR|error))[!:]? *(?:notarget )?(.+)", re.MULTILINE)

#: The names that an installation asks for; none where it is not to be drawn.
_Named = Callable[[Installation], tuple[str, ...]]


def draw_pip(corpus: Path, without: Path | None, seed: int) -> Iterator[Case]:
    """What is installed with pip by names, in a random order."""
    command = f"pip install --no-cache-dir --target {_TARGET}"
    sets = _sets(corpus, without, "pip", lambda each: names_of(each.action), _REQUIREMENT)
    return _drawn(sets, seed, f"FROM {_PYTHON}\nRUN {command}")


def draw_npm(corpus: Path, without: Path | None, seed: int) -> Iterator[Case]:
    """What is installed with npm by names, in a random order.

    Few Dockerfiles do that, so names that are written with build arguments count, too.
    """
    command = f"npm install --no-audit --ignore-scripts --prefix {_TARGET}"
    # npm chooses versions that are made for the Node that runs it.
    node = _run(["node", "--version"], Path(tempfile.gettempdir())).strip().removeprefix("v")
    start = (
        f"FROM node:{node}-slim\nENV npm_config_cache=/tmp/cache\nRUN --mount=type=cache,target=/tmp/cache {command}"
    )
    sets = _sets(corpus, without, "npm", lambda each: names_of(each.action, each.variables), _PACKAGE)
    return _drawn(sets, seed, start)


def _sets(
    corpus: Path, without: Path | None, manager: str, named: _Named, form: re.Pattern[str]
) -> dict[tuple[str, ...], str]:
    """The sets of names that Dockerfiles install with a manager, each with the first of these files."""
    left_out = set(map(named, installations(without, manager))) if without else set()
    found: dict[tuple[str, ...], str] = {}
    for each in installations(corpus, manager):
        names = named(each)
        if names and names not in left_out and all(map(form.fullmatch, names)):
            found.setdefault(names, each.origin)
    return found


def _drawn(found: Mapping[tuple[str, ...], str], seed: int, start: str) -> Iterator[Case]:
    order = sorted(found)
    random.Random(seed).shuffle(order)  # noqa: S311 - a sample that can be drawn again
    for names in order:
        # A shell would take the signs of versions for redirections.
        quoted = " ".join(f"'{name}'" if re.search(r"[<>!~*\[]", name) else name for name in names)
        yield Case(" ".join(names), found[names], f"{start} {quoted}\n", {})


def measure_pip(case: Case) -> int:
    """The bytes of what pip installs, with the byte code that it makes."""
    arguments = ("install", "--no-cache-dir", "--quiet", "--target", "{}", *case.name.split())
    return _measured((sys.executable, "-m", "pip", *arguments))


def measure_npm(case: Case) -> int:
    """The bytes of what npm installs. The packages' own scripts do not run."""
    arguments = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "{}", *case.name.split())
    return _measured(("npm", *arguments))


def _measured(command: Sequence[str]) -> int:
    """The bytes of regular files, each once, that a command puts into a folder, which stands for `{}` in it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "target")
        folder.mkdir()
        _run([str(folder) if word == "{}" else word for word in command], Path(place))
        files = (path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        return sum({status.st_ino: status.st_size for status in files}.values())


def _run(command: Sequence[str], place: Path) -> str:
    """Run a command as on an image: without the settings of this machine for pip, with a cache of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "npm_config_cache": str(place / "cache"), "PIP_PROGRESS_BAR": "off"}
    if certificates := os.environ.get("PIP_CERT"):
        environment["PIP_CERT"] = certificates
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT, env=environment, cwd=place
        )
    except subprocess.TimeoutExpired:
        raise UnmeasuredError("it takes longer than 15 minutes") from None
    if done.returncode:
        raise UnmeasuredError(_reason(done.stderr))
    return done.stdout


def _reason(said: str) -> str:
    """Why an installation has failed: what npm or pip says first, else the last error of a build that pip has run."""
    told = [line for line in _TOLD.findall(said) if not line.startswith("code ")]
    built = re.findall(r"^ *(\w*(?:Error|Exception): .+)", said, re.MULTILINE)
    return (told[0] if told else f"it cannot be built: {built[-1]}" if built else "it fails")[:120].rstrip()


@cache
def pip() -> str:
    """The version of pip and of Python."""
    return _run([sys.executable, "-m", "pip", "--version"], Path(tempfile.gettempdir())).split(" from ")[0]


@cache
def npm() -> str:
    """The version of npm."""
    return f"npm {_run(['npm', '--version'], Path(tempfile.gettempdir())).strip()}"
