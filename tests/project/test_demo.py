"""What a newcomer sees first: the sample of `make demo` and its problems."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment

DLINT = str(Path(sys.executable).with_name("dlint"))
SAMPLE = "tests/fixtures/demo/Dockerfile"

# The problems that were put into the sample, each with its line.
PROBLEMS = {
    ("DL3007", 4),  # latest
    ("DL5001", 4),  # a stage name with a capital letter
    ("DL4000", 5),  # MAINTAINER
    ("DL3000", 6),  # a relative WORKDIR
    ("DL5008", 7),  # ENV without an equals sign
    ("DL5002", 12),  # FROM … as …
    ("DL3064", 15),  # a secret in ENV
    ("DL3020", 17),  # ADD of plain files
    ("DL3021", 21),  # two sources, a destination without a slash
    ("DL7010", 23),  # the port of a remote login
    ("DL5010", 23),  # a protocol in capitals
    ("DL3002", 24),  # root
    ("DL3012", 25),  # a HEALTHCHECK that the next one replaces
    ("DL3025", 27),  # ENTRYPOINT in shell form
}


def dlint(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [DLINT, *arguments]
    return subprocess.run(command, cwd=repository, env=environment(), capture_output=True, text=True, check=False)


def test_sample_shows_the_problems_put_into_it(repository: Path) -> None:
    run = dlint(repository, "--format", "json", "--fail-on", "never", SAMPLE)
    assert run.returncode == 0, run.stderr
    assert {(finding["code"], finding["line"]) for finding in json.loads(run.stdout)} >= PROBLEMS


@pytest.mark.parametrize("arguments", [("--fail-on", "never", SAMPLE), ("layers", "tests/fixtures/demo/")])
def test_commands_of_the_demo_print_and_succeed(repository: Path, arguments: tuple[str, ...]) -> None:
    run = dlint(repository, *arguments)
    assert run.returncode == 0, run.stderr
    assert run.stdout
    assert run.stderr == ""
