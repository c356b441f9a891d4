"""A running Docker engine as an oracle, reached through the shared script; tests never start one.

`engine.sh up` starts it. Its client sees only what lies below the folder `share` of its own folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple
from uuid import uuid4

import pytest

from tests.shared import shared_path

_FOLDER = Path(os.environ.get("ENGINE_DIR") or Path(tempfile.gettempdir()) / "engine")
_SECONDS = 120
_BASE = "debian:bookworm-slim"


class BuildWarning(NamedTuple):
    """A finding of the builder: the rule's name, the first and the last line of its place."""

    rule: str
    start: int
    end: int


class Verdict(NamedTuple):
    """What the builder says of a file: its warnings in order, and why it refuses it, None if it does not."""

    warnings: tuple[BuildWarning, ...]
    refused: str | None


@cache
def _is_running() -> bool:
    try:
        done = _docker("version", "--format", "{{.Server.Version}}")
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def require_engine() -> None:
    """Skip the test, with the reason, where no engine runs."""
    shared_path("engine", "engine.sh")
    if not _is_running():
        pytest.skip("no Docker engine is running: start it with engine.sh up")


class BuiltLayer(NamedTuple):
    """A layer of a built image: regular files with size and mode, hard links left out, and removed paths."""

    files: dict[str, tuple[int, int]]
    links: frozenset[str]
    whiteouts: frozenset[str]


def build(folder: Path, *arguments: str) -> tuple[BuiltLayer, ...] | str:
    """The layers that a build of the Dockerfile in a folder adds to its base, or why it is refused.

    The base is `scratch` or debian:bookworm-slim. The folder is copied to where the engine sees it.
    """
    with tempfile.TemporaryDirectory(dir=_FOLDER / "share") as share:
        shutil.copytree(folder, Path(share, "context"), symlinks=True)
        tag = f"dlint-{uuid4().hex}"
        context = str(Path(share, "context"))
        done = _docker("buildx", "build", "--network=host", "--no-cache", "-t", tag, *arguments, context)
        if done.returncode:
            return done.stderr.rpartition("ERROR: ")[2] or "no answer"
        base = json.loads(_docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", _BASE).stdout)
        archive = Path(share, "image.tar")
        saved = _docker("save", "-o", str(archive), tag)
        _docker("rmi", "-f", tag)
        if saved.returncode:
            return ()
        with tarfile.open(archive) as image:
            manifest = json.loads(_member(image, "manifest.json").read())[0]
            config = json.loads(_member(image, manifest["Config"]).read())
            of_base = len(base) if config["rootfs"]["diff_ids"][: len(base)] == base else 0
            return tuple(_layer(_member(image, name)) for name in manifest["Layers"][of_base:])


def _member(image: tarfile.TarFile, name: str) -> IO[bytes]:
    file = image.extractfile(name)
    assert file is not None
    return file


def _layer(file: IO[bytes]) -> BuiltLayer:
    files: dict[str, tuple[int, int]] = {}
    links, whiteouts = set(), set()
    with tarfile.open(fileobj=file) as layer:
        for entry in layer:
            path = "/" + entry.name.removeprefix("./").strip("/")
            parent, _, name = path.rpartition("/")
            if name.startswith(".wh."):
                whiteouts.add(f"{parent}/{name.removeprefix('.wh.')}")
            elif entry.isreg():
                files[path] = (entry.size, entry.mode & 0o7777)
            elif entry.islnk():
                links.add(path)
    return BuiltLayer(files, frozenset(links), frozenset(whiteouts))


def check(text: bytes) -> Verdict:
    """The verdict of `docker build --check` on a Dockerfile in an empty context."""
    share = _FOLDER / "share"
    with tempfile.TemporaryDirectory(dir=share) as folder:
        Path(folder, "Dockerfile").write_bytes(text)
        done = _docker("buildx", "build", "--call=check,format=json", folder)
    start = done.stdout.find("{")
    if start < 0:
        return Verdict((), done.stderr.strip().rsplit("\n", 1)[-1] or "no answer")
    answer = json.loads(done.stdout[start:])
    warnings = []
    for warning in answer.get("warnings") or ():
        ranges = warning.get("location", {}).get("ranges") or [{"start": {"line": 0}, "end": {"line": 0}}]
        lines = [place[edge]["line"] for place in ranges for edge in ("start", "end")]
        warnings.append(BuildWarning(warning["ruleName"], min(lines), max(lines)))
    error = answer.get("buildError")
    return Verdict(tuple(sorted(warnings)), error["message"] if error else None)


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(shared_path("engine", "engine.sh"))
    return subprocess.run(
        ["bash", script, "docker", *arguments],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        env={**os.environ, "ENGINE_DIR": str(_FOLDER)},
    )
