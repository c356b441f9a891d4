"""Estimates without a network: what they are worth, and that they leave it alone."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dockerlint.layers.predict import predict
from dockerlint.layers.size import Provenance
from dockerlint.layers.sizes import deb_builtin
from dockerlint.layers.sizes.deb import DebEstimator
from dockerlint.layers.sizes.deb_builtin import Builtin
from dockerlint.layers.sizes.install import Install, Request
from dockerlint.layers.sizes.offline import offline_estimators
from dockerlint.semantics.builder import build_model
from dockerlint.syntax.parser import parse
from tests.layers.records import read_record
from tests.shared import shared_files

SUITES = ("bullseye", "bookworm", "trixie", "focal", "jammy", "noble")
IMAGES = ("debian:11", "debian:bookworm-slim", "debian:13", "ubuntu:20.04", "ubuntu:22.04", "ubuntu:24.04")
TEXT = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n"

#: Stands in front of the command, and says what would be looked for elsewhere.
GUARD = """
import sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit(f"a connection is opened: {event} {arguments}")

sys.addaudithook(guard)
"""
PROGRAM = "import sys; from dockerlint.cli.main import main; sys.exit(main(sys.argv[1:]))"


def install(*packages: str, image: str = "debian:bookworm-slim", recommends: bool = False) -> Install:
    return Install("apt-get", image, "linux/amd64", Request(packages, recommends=recommends))


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("packages", [("curl", "ca-certificates"), ("git",), ("build-essential", "python3")])
def test_what_is_installed_often_is_known(image: str, packages: tuple[str, ...]) -> None:
    estimate = DebEstimator(Builtin()).installed(install(*packages, image=image))
    size = estimate.size
    assert size.estimate is not None
    assert size.high is not None
    assert 1_000_000 < size.low < size.estimate < size.high < 700_000_000
    assert size.provenance is Provenance.ESTIMATED
    assert "built-in list of 20" in estimate.note


@pytest.mark.parametrize("suite", SUITES)
def test_the_lists_that_come_with_the_program_are_whole(suite: str) -> None:
    for name in ("apt", "curl", "git", "ca-certificates", "libc6-dev"):
        package = deb_builtin.measured(suite, name)
        assert package is not None
        assert len(package.measured) == 5


def test_what_the_lists_lack_is_not_known() -> None:
    for unknown in (install("no-such-package"), install("curl", image="debian:sid"), install("curl", image="fedora")):
        estimate = DebEstimator(Builtin()).installed(unknown)
        assert (estimate.size.estimate, estimate.size.high) == (None, None)
        assert estimate.note


RECORDED = shared_files("groundtruth/engine", "apt-*/expected.json")


@pytest.mark.skipif(not RECORDED, reason="no recorded builds")
def test_estimates_are_close_to_recorded_builds() -> None:
    errors, inside = [], []
    for path in RECORDED:
        record = read_record(path)
        size = predict(build_model(parse(record.source())), estimators=offline_estimators()).layers[0].size
        real = record.expected["layers"][0]["file_bytes"]
        assert size.estimate is not None
        assert size.high is not None
        errors.append(abs(size.estimate - real) / real)
        inside.append(size.low <= real <= size.high)
    assert statistics.median(errors) <= 0.05
    assert max(errors) <= 0.15
    assert sum(inside) >= 0.9 * len(inside)


def _layers(folder: Path, *command: str) -> dict[str, Any]:
    (folder / "Dockerfile").write_text(TEXT)
    environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
    done = subprocess.run(
        [*command, "layers", "--no-config", "--format", "json", str(folder)],
        env=environment,
        capture_output=True,
        timeout=120,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(os.path.exists("/var/run/docker.sock"), reason="an engine on this machine would be asked")
def test_nothing_is_connected_to(tmp_path: Path) -> None:
    assert _layers(tmp_path, sys.executable, "-c", GUARD + PROGRAM)["size"]["estimate"]


def test_no_network_is_needed(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    allowed = unshare and subprocess.run([unshare, "-n", "true"], capture_output=True, timeout=60, check=False)
    if not unshare or not allowed or allowed.returncode:
        pytest.skip("this user may not make a network namespace")
    alone = _layers(tmp_path, unshare, "-n", sys.executable, "-c", PROGRAM)
    assert alone["size"]["estimate"]
