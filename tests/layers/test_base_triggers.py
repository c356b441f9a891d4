"""The ONBUILD triggers of a base image run in the build that stands on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.layers.image import Image
from dockerlint.layers.nodes import File
from dockerlint.layers.predict import predict
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse

TEXT = "ARG TAG=1\nFROM base:${TAG}\nRUN true\n"


def image(triggers: tuple[str, ...], context: Path, text: str = TEXT) -> Image:
    facts = BaseFacts(environment={"A": "b"}, complete_environment=True, on_build=triggers)
    options = BuildOptions(context=str(context))
    return predict(build_model(parse(Source("Dockerfile", text)), options, lambda _: facts))


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("one")
    return tmp_path


def test_triggers_come_before_the_steps_of_the_stage(context: Path) -> None:
    found = image(("ENV X=$A", "WORKDIR /app", "COPY a.txt ./", "RUN make", "CMD run"), context)
    assert [(entry.created_by, entry.layer) for entry in found.history] == [
        ("ENV X=b", None),
        ("WORKDIR /app", 1),
        ("COPY a.txt ./ # buildkit", 2),
        ("RUN /bin/sh -c make # buildkit", 3),
        ('CMD ["/bin/sh" "-c" "run"]', None),
        ("RUN /bin/sh -c true # buildkit", 4),
    ]
    assert (found.config.workdir, found.config.env["X"], found.config.on_build) == ("/app", "b", ())
    ((path, node),) = found.layers[1].changes.stored
    assert (path, isinstance(node, File) and node.size.estimate) == ("/app/a.txt", 3)


def test_a_trigger_stands_where_the_image_is_named(context: Path) -> None:
    found = image(("COPY a.txt b.txt /x/", "RUN make"), context)
    spans = {entry.node.span for entry in found.history[:2]} | {problem.span for problem in found.problems}
    assert {Source("Dockerfile", TEXT).slice(span) for span in spans} == {"base:${TAG}"}
    assert found.layers[1].doubts == ("what a trigger of the base image runs is not followed",)


def test_heredocs_of_triggers(context: Path) -> None:
    found = image(("COPY <<A a.txt /x/\nbody $A\nA",), context)
    sizes = {path: node.size.estimate for path, node in found.layers[0].changes.stored if isinstance(node, File)}
    assert sizes == {"/x/a.txt": 3, "/x/A": 7}
    assert found.history[0].created_by == "COPY a.txt <<A /x/ # buildkit"


@pytest.mark.parametrize(
    "trigger", ["", "FROM x", "ONBUILD RUN x", "nonsense", "COPY x", "\x00", "# comment", "RUN \\\n"]
)
def test_what_is_no_trigger_does_no_harm(trigger: str, context: Path) -> None:
    assert image((trigger,), context).history[-1].created_by.startswith("RUN /bin/sh -c true")


def test_a_stage_on_top_runs_them_once(context: Path) -> None:
    found = image(("ENV X=1",), context, "FROM base AS a\nFROM a\nENV Y=1\n")
    assert [entry.created_by for entry in found.history] == ["ENV X=1", "ENV Y=1"]
