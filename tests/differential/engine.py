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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple
from uuid import uuid4

import pytest

from dockerlint.semantics.state import DEFAULT_PATH
from tests.shared import REPOSITORY, shared_path

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


class BuiltFile(NamedTuple):
    """A regular file of a layer: bytes, permission bits, and `user:group` in numbers."""

    size: int
    mode: int
    owner: str


class BuiltLayer(NamedTuple):
    """A layer of a built image: regular files, further names of these, symbolic links, and removed paths."""

    files: Mapping[str, BuiltFile]
    hard_links: Mapping[str, str]
    links: Mapping[str, str]
    whiteouts: frozenset[str]


class Built(NamedTuple):
    """What a build adds to its base: layers, and texts of the history, each with whether it makes no layer.

    `config` is the whole configuration.
    """

    layers: tuple[BuiltLayer, ...]
    history: tuple[tuple[str, bool], ...]
    config: Mapping[str, object]


#: Builds between two cleanings of the cache: the driver of the engine stores a whole copy of the base for each layer.
_BUILDS_PER_PRUNE = 10
_builds = count(1)


@contextmanager
def base_image(folder: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The name and the configuration of an image that is built from a folder, for use as a base; it goes away then."""
    name = f"dlint-base:{uuid4().hex}"
    with tempfile.TemporaryDirectory(dir=_FOLDER / "share") as share:
        context = str(shutil.copytree(folder, Path(share, "context"), symlinks=True))
        named = f"--build-context={_BASE}=docker-image://{_small_base()}"
        done = _docker("buildx", "build", "--network=host", named, "-t", name, context)
    assert done.returncode == 0, done.stderr
    try:
        yield name, json.loads(_docker("image", "inspect", "--format", "{{json .Config}}", name).stdout)
    finally:
        _docker("rmi", "-f", name)


def build(folder: Path, *arguments: str, base: str | None = None) -> Built | str:
    """The image that a build of the Dockerfile in a folder gives, or why it is refused.

    The base is `scratch` or debian:bookworm-slim, for which a small copy stands, or a given image. The folder is
    copied to where the engine sees it.
    """
    small = _small_base()
    with tempfile.TemporaryDirectory(dir=_FOLDER / "share") as share:
        shutil.copytree(folder, Path(share, "context"), symlinks=True)
        tag = f"dlint-{uuid4().hex}"
        named = f"--build-context={_BASE}=docker-image://{small}"
        context = str(Path(share, "context"))
        done = _docker("buildx", "build", "--network=host", "--no-cache", named, "-t", tag, *arguments, context)
        if done.returncode:
            return done.stderr.rpartition("ERROR: ")[2] or "no answer"
        archive = Path(share, "image.tar")
        saved = _docker("save", "-o", str(archive), tag)
        _docker("rmi", "-f", tag)
        if next(_builds) % _BUILDS_PER_PRUNE == 0:
            _docker("builder", "prune", "-af")
        assert saved.returncode == 0, saved.stderr
        return _read_image(archive, *_own_parts(base or small))


def _read_image(archive: Path, base: list[str], entries: int) -> Built:
    """An image that was saved, without the layers of its base and as many entries of the history as that has."""
    with tarfile.open(archive) as image:
        manifest = json.loads(_member(image, "manifest.json").read())[0]
        document = json.loads(_member(image, manifest["Config"]).read())
        is_based = document["rootfs"]["diff_ids"][: len(base)] == base
        layers = manifest["Layers"][len(base) if is_based else 0 :]
        history = document["history"][entries if is_based else 0 :]
        return Built(
            tuple(_layer(_member(image, name)) for name in layers),
            tuple((entry["created_by"], entry.get("empty_layer", False)) for entry in history),
            {**document["config"], "author": document.get("author", "")},
        )


@cache
def _own_parts(image: str) -> tuple[list[str], int]:
    """The layers of an image, and how many entries its history has."""
    layers = json.loads(_docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", image).stdout)
    return layers, len(_docker("history", "-q", image).stdout.split())


@cache
def _small_base() -> str:
    """The name of a small image that stands for the base in builds; made where it is missing."""
    recipe = REPOSITORY / "tests" / "fixtures" / "engine" / "small.Dockerfile"
    name = f"debian:dlint-{sha256(recipe.read_bytes()).hexdigest()[:12]}"
    if _docker("image", "inspect", name).returncode == 0:
        return name
    with tempfile.TemporaryDirectory(dir=_FOLDER / "share") as share:
        shutil.copy(recipe, Path(share, "Dockerfile"))
        root = str(Path(share, "root.tar"))
        made = _docker("buildx", "build", "--network=host", f"--output=type=tar,dest={root}", share)
        assert made.returncode == 0, made.stderr
        settings = ("-c", 'CMD ["bash"]', "-c", f"ENV PATH={DEFAULT_PATH}")
        taken = _docker("import", *settings, root, name)
        assert taken.returncode == 0, taken.stderr
    return name


def _member(image: tarfile.TarFile, name: str) -> IO[bytes]:
    file = image.extractfile(name)
    assert file is not None
    return file


def _layer(file: IO[bytes]) -> BuiltLayer:
    files: dict[str, BuiltFile] = {}
    hard_links: dict[str, str] = {}
    links: dict[str, str] = {}
    whiteouts = set()
    with tarfile.open(fileobj=file) as layer:
        for entry in layer:
            path = "/" + entry.name.removeprefix("./").strip("/")
            parent, _, name = path.rpartition("/")
            if name.startswith(".wh."):
                whiteouts.add(f"{parent}/{name.removeprefix('.wh.')}")
            elif entry.isreg():
                files[path] = BuiltFile(entry.size, entry.mode & 0o7777, f"{entry.uid}:{entry.gid}")
            elif entry.islnk():
                hard_links[path] = "/" + entry.linkname.removeprefix("./").strip("/")
            elif entry.issym():
                links[path] = entry.linkname
    return BuiltLayer(files, hard_links, links, frozenset(whiteouts))


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
