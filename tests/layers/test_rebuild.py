"""What a change makes the builder run again. The expectations follow what BuildKit was seen to do."""

from __future__ import annotations

import pytest

from dockerlint.layers.inputs import Input, InputKind, inputs_of, operations
from dockerlint.layers.rebuild import Again, Change, changed_steps, rebuild, selects
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.model import Model
from dockerlint.source import Source
from dockerlint.syntax.parser import parse


def model_of(text: str) -> Model:
    return build_model(parse(Source("Dockerfile", text)))


FILE = """\
ARG BASE=debian:12
FROM golang:1.22 AS build
ARG VERSION
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /app
FROM $BASE
ARG LABEL_ONLY
COPY --from=build /app /app
LABEL v=$LABEL_ONLY
COPY conf/*.yml /etc/app/
RUN --mount=type=bind,source=scripts,target=/s /s/setup
"""


def again(change: Change, text: str = FILE) -> str:
    """The steps by line: upper case for those that run again, lower case for those that may, dots for the others."""
    model = model_of(text)
    signs = {Again.NO: ".", Again.MAYBE: "m", Again.YES: "Y"}
    return "".join(signs[each.again] for each in rebuild(model, change))


# WORKDIR, COPY go.mod, RUN download, COPY ., RUN build | COPY --from, COPY conf, RUN --mount
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(), "........"),
        (Change(paths=("go.sum",)), ".YYYYmmm"),
        (Change(paths=("main.go",)), "...YYmmm"),
        (Change(paths=("conf/a.yml",)), "...YYmYY"),
        (Change(paths=("scripts/setup",)), "...YYmmY"),
        (Change(arguments=frozenset({"VERSION"})), "..YYYmmm"),
        (Change(arguments=frozenset({"LABEL_ONLY"})), ".......Y"),
        (Change(arguments=frozenset({"UNUSED"})), "........"),
        (Change(everything=True), "YYYYYYYY"),
    ],
)
def test_what_runs_again(change: Change, expected: str) -> None:
    assert again(change) == expected


def test_a_stage_that_starts_from_another_runs_again_with_it() -> None:
    text = "FROM debian AS a\nCOPY x /\nFROM a\nRUN y\n"
    assert again(Change(paths=("x",)), text) == "YY"
    last = rebuild(model_of(text), Change(paths=("x",)))[-1]
    assert last.cause == Input(InputKind.STAGE, "a", 0)


def test_steps_that_only_change_the_configuration_are_none() -> None:
    model = model_of("FROM debian\nENV A=1\nUSER x\nRUN y\nCMD z\nWORKDIR /\n")
    assert [step.node.name for step in operations(model.stages[0])] == ["RUN"]


def test_stages_that_are_not_needed_do_not_run() -> None:
    assert again(Change(everything=True), "FROM debian AS a\nRUN x\nFROM debian\nRUN y\n") == "Y"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY ./a/../b /x/", ["context b"]),
        ("COPY / /x/", ["context ."]),
        ("COPY ../a /x/", ["context a"]),
        ("COPY $A.txt /x/", ["argument A", "context 1.txt"]),
        ("COPY --chown=$A f /x/", ["argument A", "context f"]),
        ("COPY <<E /x\n$A\nE", []),
        ("COPY --from=busybox:1 /bin /x/", ["image busybox:1"]),
        ("ADD https://example.com/f /x/", ["remote https://example.com/f"]),
        ("ADD https://example.com/f.git#v1 /x/", ["remote https://example.com/f.git#v1"]),
        ("RUN x", ["argument A"]),
        ("RUN --mount=type=cache,target=/c x", ["argument A"]),
        ("RUN --mount=type=secret,id=s x", ["argument A"]),
        ("RUN --mount=target=/c x", ["argument A", "context ."]),
        ("RUN --mount=from=busybox:1,target=/c x", ["argument A", "image busybox:1"]),
        ("WORKDIR /$A", ["argument A"]),
    ],
)
def test_what_a_step_depends_on(line: str, expected: list[str]) -> None:
    model = model_of(f"FROM debian\nARG A=1\n{line}\n")
    (step,) = operations(model.stages[0])
    assert [f"{each.kind.value} {each.name}" for each in inputs_of(model, model.stages[0], step)] == expected


@pytest.mark.parametrize(
    ("source", "path", "taken"),
    [
        (".", "a/b", True),
        ("a", "a/b/c", True),
        ("a/b", "a", False),
        ("a", "ab", False),
        ("*.txt", "x.txt", True),
        ("*.txt", "d/x.txt", False),
        ("*", "d/x.txt", True),
        ("d/?.txt", "d/x.txt", True),
    ],
)
def test_which_files_a_source_takes(source: str, path: str, taken: bool) -> None:
    assert selects(source, path) is taken


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("FROM debian AS a\nRUN x\nRUN y\nFROM a\nRUN z\n", []),
        ("# note\nFROM debian AS a\nRUN x\n\nRUN y\nLABEL l=1\nFROM a\nRUN z\n", []),
        ("FROM debian AS a\nRUN x\nRUN y2\nFROM a\nRUN z\n", ["RUN y2"]),
        ("FROM debian AS a\nENV N=1\nRUN x\nRUN y\nFROM a\nRUN z\n", ["RUN x", "RUN z"]),
        ("FROM debian:13 AS a\nRUN x\nRUN y\nFROM a\nRUN z\n", ["RUN x"]),
        ("FROM debian AS b\nRUN x\nRUN y\nFROM b\nRUN z\n", ["RUN x", "RUN z"]),
        ("FROM debian AS a\nRUN x\nRUN y\nFROM a\nRUN z\nRUN more\n", ["RUN more"]),
    ],
)
def test_steps_that_read_differently(new: str, expected: list[str]) -> None:
    old = model_of("FROM debian AS a\nRUN x\nRUN y\nFROM a\nRUN z\n")
    assert sorted(step.node.line.text for step in changed_steps(old, model_of(new))) == expected
