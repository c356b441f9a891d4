"""What a stage hands on to the stages that are FROM it. The values are those of images that engine 28.5 built."""

from __future__ import annotations

import pytest

from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.state import DEFAULT_PATH
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

HIDING = "FROM scratch AS a\nENV X=env\nARG X=arg\n"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param(HIDING + "LABEL r=$X\n", {"r": "arg"}, id="an ARG hides the ENV above it in its own stage"),
        pytest.param(HIDING + "FROM a\nLABEL r=$X\n", {"r": "env"}, id="not in the next one"),
        pytest.param(HIDING + "FROM a\nARG X\nLABEL r=$X\n", {"r": "env"}, id="nor when it is declared again there"),
        pytest.param(HIDING + "FROM a AS b\nARG Y=$X\nFROM b\nLABEL r=$X$Y\n", {"r": "envenv"}, id="nor further on"),
        pytest.param(HIDING + "ONBUILD LABEL r=$X\nFROM a\n", {"r": "env"}, id="nor in a trigger"),
        pytest.param(
            "FROM scratch AS a\nARG PATH=/arg\nFROM a\nLABEL r=$PATH\n",
            {"r": DEFAULT_PATH},
            id="the PATH of the builder counts as an ENV",
        ),
        pytest.param("FROM scratch AS a\nARG X=arg\nFROM a\nLABEL r=$X\n", {"r": "arg"}, id="an ARG alone stays"),
    ],
)
def test_env_wins_over_arg_in_the_next_stage(text: str, labels: dict[str, str]) -> None:
    image = predict(build_model(parse(Source("Dockerfile", text))))
    assert image.config.labels == labels


def test_the_run_of_the_next_stage_gets_the_env() -> None:
    image = predict(build_model(parse(Source("Dockerfile", f"{HIDING}FROM a\nRUN x\n"))))
    assert image.history[-1].created_by == "RUN |1 X=env /bin/sh -c x # buildkit"
