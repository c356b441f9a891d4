"""Triggers and settings that a base image hands down, against a running engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.image.documents import facts_of
from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.differential.compare import differences
from tests.differential.contexts import write_files
from tests.differential.engine import base_image, build, require_engine

BASE = """\
FROM debian:bookworm-slim
ENV A=b
LABEL of=base
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s --retries=2 CMD true
ONBUILD ARG WHO
ONBUILD ENV X=$A$WHO
ONBUILD WORKDIR /triggered
ONBUILD COPY --chown=5:6 a.txt dir/ ./
ONBUILD COPY <<T b.bin /h/
$X
T
ONBUILD RUN touch /tmp/done
ONBUILD CMD run $X
ONBUILD LABEL more="x y"
"""
CHILD = "FROM base AS one\nCOPY b.bin /c/\nFROM one\nENTRYPOINT x\n"


@pytest.mark.engine
@pytest.mark.slow
def test_triggers_of_a_base_image(tmp_path: Path) -> None:
    require_engine()
    write_files(tmp_path, BASE)
    with base_image(tmp_path) as (name, document):
        write_files(tmp_path, CHILD)
        model = build_model(
            parse(Source("Dockerfile", CHILD)),
            BuildOptions(context=str(tmp_path)),
            lambda _: facts_of({"config": document}, "test"),
        )
        built = build(tmp_path, f"--build-context=base=docker-image://{name}", base=name)
    assert not isinstance(built, str), built
    assert list(differences(predict(model), built, may_doubt=True)) == []
