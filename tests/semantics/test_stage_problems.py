"""What is refused between stages. Engine 28.5 refuses each of these files, and builds those that are let through."""

from __future__ import annotations

import pytest

from dockerlint.image.catalogue import lookup
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.model import Model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.unknown import Unknown


def model_of(text: str, target: str | None = None) -> Model:
    return build_model(parse(Source("Dockerfile", text)), BuildOptions(target=target), lookup)


LATER = "FROM scratch AS b\nCOPY Dockerfile /\n"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        pytest.param("FROM scratch AS a\nCOPY --from=a /f /f\n", "DL3023", "a", id="itself"),
        pytest.param("FROM scratch AS a\nCOPY --from=0 /f /f\n", "DL3023", "0", id="itself by its number"),
        pytest.param(
            "FROM scratch AS a\nCOPY --from=b /f /f\nFROM scratch AS b\nCOPY --from=a /f /f\n",
            "DL5015",
            "b",
            id="a circle of two",
        ),
        pytest.param(
            "FROM scratch AS a\nCOPY --from=b /f /f\nFROM scratch AS b\nCOPY --from=c /f /f\n"
            "FROM scratch AS c\nCOPY --from=a /f /f\n",
            "DL5015",
            "b",
            id="a circle of three",
        ),
        pytest.param(
            f"FROM scratch AS a\nCOPY --from=b /Dockerfile /y\n{LATER}FROM a\n", "DL5016", "b", id="a later stage"
        ),
        pytest.param(
            f"FROM scratch AS a\nCOPY --from=1 /Dockerfile /y\n{LATER}FROM a\n", "DL5016", "1", id="by its number"
        ),
        pytest.param(
            f"FROM debian AS a\nRUN --mount=from=B,target=/x true\n{LATER}FROM a\n", "DL5016", "B", id="in a mount"
        ),
        pytest.param("FROM scratch\nCOPY --from=7 / /x\n", "DL1022", "7", id="a number without a stage"),
        pytest.param("FROM scratch AS Build\nFROM Build\n", "DL5017", "Build", id="a name in capitals"),
        pytest.param("FROM $X\n", "DL1016", "$X", id="a base that expands to nothing"),
    ],
)
def test_the_first_refused_reference_is_shown_where_it_stands(text: str, code: str, place: str) -> None:
    problem = next(problem for problem in model_of(text).problems if problem.fatal)
    assert problem.code == code
    assert text[problem.span.start : problem.span.end] == place


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch AS Build\nCOPY Dockerfile /f\nFROM scratch\nCOPY --from=BUILD /f /g\n",
        "FROM scratch AS a\nCOPY Dockerfile /f\nFROM scratch\nCOPY --from=+0 /f /g\n",
        "FROM scratch AS a\nLABEL x=1\nFROM scratch AS a\nLABEL x=2\nFROM a\nLABEL y=1\n",
        "ARG X=scratch\nFROM $X\nLABEL a=b\n",
    ],
)
def test_what_is_built_is_let_through(text: str) -> None:
    assert model_of(text).problems == ()


@pytest.mark.parametrize(("target", "known"), [("base", True), ("BASE", True), ("0", False), ("bsae", False)])
def test_a_target_is_found_by_its_name_only(target: str, known: bool) -> None:
    model = model_of("FROM scratch AS Base\nLABEL k=base\nFROM scratch\nLABEL k=last\n", target)
    assert (model.target is not None, model.problems == ()) == (known, known)


def test_a_later_stage_of_the_same_name_is_a_warning_for_from() -> None:
    (problem,) = model_of("FROM b AS a\nFROM scratch AS b\nFROM a\n").problems
    assert (problem.code, problem.fatal) == ("DL5016", False)


def test_the_circles_of_many_stages_take_little_time() -> None:
    size = 3_000
    text = "".join(f"FROM x AS s{number}\nCOPY --from=s{(number + 1) % size} a b\n" for number in range(size))
    assert [problem.code for problem in model_of(text).problems] == ["DL5015"] * (size - 1)


def test_an_unknown_base_makes_only_what_depends_on_it_unknown() -> None:
    (stage,) = model_of("FROM registry.example.com/own\nENV A=x B=$HOME\nWORKDIR y\nWORKDIR /z\nWORKDIR w\n").stages
    home = stage.end.environment["B"]
    assert isinstance(home, Unknown)
    assert "base image" in home.reason
    assert stage.end.environment["A"] == "x"
    assert isinstance(stage.steps[2].after.workdir, Unknown)
    assert stage.end.workdir == "/z/w"


def test_the_catalogue_tells_what_a_base_sets() -> None:
    (stage,) = model_of("FROM golang:1.26.5-bookworm\nENV A=$GOPATH B=[$NOTHING]\nWORKDIR src\n").stages
    assert (stage.end.environment["A"], stage.end.environment["B"]) == ("/go", "[]")
    assert (stage.end.workdir, stage.end.user) == ("/go/src", "")


def test_a_variable_that_the_catalogue_knows_only_by_name_is_unknown() -> None:
    (stage,) = model_of("FROM python:3.99-slim\nENV V=$PYTHON_VERSION\n").stages
    version = stage.end.environment["V"]
    assert isinstance(version, Unknown)
    assert "PYTHON_VERSION" in version.reason
