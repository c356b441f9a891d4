"""Predicted images against builds of random Dockerfiles on a running engine."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, seed, settings

from dockerlint.image.catalogue import lookup
from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.differential.compare import differences
from tests.differential.contexts import write_rich_files
from tests.differential.engine import build, require_engine
from tests.differential.random_builds import dockerfiles

#: Each takes seconds; `DLINT_BUILDS=200 make test ARGS=tests/differential/test_random_builds.py` compares more of them.
BUILDS = int(os.environ.get("DLINT_BUILDS", "12"))

#: A number for other files than those that are drawn every time.
SEED = os.environ.get("DLINT_SEED")


def _differences(text: str) -> list[str]:
    folder = Path(tempfile.mkdtemp())
    try:
        write_rich_files(folder, text)
        source = Source("Dockerfile", text)
        image = predict(build_model(parse(source), BuildOptions(context=str(folder)), lookup))
        built = build(folder)
    finally:
        shutil.rmtree(folder)
    if not isinstance(built, str):
        is_known = all(layer.is_listed and not layer.suspicions for layer in image.layers)
        event("built, all known" if is_known else "built, some in doubt")
        return list(differences(image, built, may_doubt=True))
    if "did not complete successfully" in built:
        event("a command failed")
        return []
    event("refused")
    # A file of the base that is not there is nothing that can be known.
    is_open = any(not layer.is_listed or layer.suspicions or layer.size.estimate is None for layer in image.layers)
    return [] if image.problems or is_open else [f"not refused: {built}"]


@pytest.mark.engine
@pytest.mark.slow
def test_random_builds_come_out_as_predicted() -> None:
    require_engine()

    @settings(
        max_examples=BUILDS,
        derandomize=SEED is None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(dockerfiles())
    def compare(text: str) -> None:
        assert _differences(text) == []

    (compare if SEED is None else seed(int(SEED))(compare))()


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(dockerfiles())
def test_no_random_script_leaves_its_folders(text: str) -> None:
    # The engine runs them: one that copies or removes `/` or `..` would do so to a whole system.
    for script in re.findall(r"^RUN (?:.*\\\n)*.*$", text, re.MULTILINE):
        assert ".." not in script
        assert not re.search(r"\b(?:cp|mv|rm|find|chmod|chown)\b[^;&|]* /[.*]*(?:\s|$)", script)
