"""The model of a file. The values of variables, directories and users were taken from images that engine 28.5 built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.model import Model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.stages import SourceKind, UseKind
from dockerlint.semantics.state import DEFAULT_PATH, UNIX_SHELL, WINDOWS_SHELL
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.unknown import Unknown


def model_of(text: str, **options: Any) -> Model:
    return build_model(parse(Source("Dockerfile", text)), BuildOptions(**options))


def environment_of(model: Model) -> Mapping[str, object]:
    """The variables that the image of the target keeps, without the PATH that the builder sets."""
    assert model.target is not None
    kept = dict(model.target.end.env)
    if kept.get("PATH") == DEFAULT_PATH:
        del kept["PATH"]
    return kept


@pytest.mark.parametrize(
    ("text", "options", "environment"),
    [
        pytest.param("ARG G=1\nFROM scratch\nENV R=[$G]\n", {}, {"R": "[]"}, id="a global ARG is not seen in a stage"),
        pytest.param("ARG G=1\nFROM scratch\nARG G\nENV R=$G\n", {}, {"R": "1"}, id="until it is declared there"),
        pytest.param("ARG G=1\nFROM scratch\nARG G=2\nENV R=$G\n", {}, {"R": "2"}, id="a default in the stage wins"),
        pytest.param(
            "ARG G=1\nFROM scratch\nARG G=2\nENV R=$G\n",
            {"build_args": {"G": "3"}},
            {"R": "3"},
            id="a build argument wins",
        ),
        pytest.param(
            "ARG G=1\nFROM scratch\nENV R=[$G]\n", {"build_args": {"G": "3"}}, {"R": "[]"}, id="but only where declared"
        ),
        pytest.param(
            "ARG X=1\nARG X=2\nFROM scratch\nARG X\nENV R=$X\n", {}, {"R": "2"}, id="the later global one wins"
        ),
        pytest.param("FROM scratch\nARG X=1\nARG X\nENV R=$X\n", {}, {"R": "1"}, id="declaring again changes nothing"),
        pytest.param("ARG X=9\nFROM scratch\nARG X=1\nARG X\nENV R=$X\n", {}, {"R": "9"}, id="unless it is global"),
        pytest.param("ARG X\nFROM scratch\nARG X=1\nENV R=$X\n", {}, {"R": "1"}, id="global without a value"),
        pytest.param(
            "ARG A=1\nARG B=$A\nFROM scratch\nARG B\nENV R=$B\n", {}, {"R": "1"}, id="global defaults see others"
        ),
        pytest.param("FROM scratch\nARG A=$B B=2 C=$B\nENV R=[$A,$B,$C]\n", {}, {"R": "[,2,2]"}, id="ARG sees itself"),
        pytest.param("ARG A=1 B=$A\nFROM scratch\nARG B\nENV R=$B\n", {}, {"R": "1"}, id="a global ARG sees itself"),
        pytest.param(
            "FROM scratch\nENV a=1 b=[$a]\nENV c=$a\n",
            {},
            {"a": "1", "b": "[]", "c": "1"},
            id="ENV does not see itself",
        ),
        pytest.param("FROM scratch\nENV X=e\nARG X=a\nENV R=$X\n", {}, {"X": "e", "R": "a"}, id="ARG after ENV"),
        pytest.param("FROM scratch\nARG X=a\nENV X=e\nENV R=$X\n", {}, {"X": "e", "R": "e"}, id="ENV after ARG"),
        pytest.param("FROM scratch\nENV X=e\nARG X\nENV R=$X\n", {}, {"X": "e", "R": "e"}, id="ARG without a value"),
        pytest.param(
            "FROM scratch\nENV X=e\nARG X\nENV R=$X\n",
            {"build_args": {"X": "b"}},
            {"X": "e", "R": "b"},
            id="a build argument after ENV",
        ),
        pytest.param(
            "ARG X=g\nFROM scratch\nENV X=e\nARG X\nENV R=$X\n", {}, {"X": "e", "R": "g"}, id="global after ENV"
        ),
        pytest.param(
            "FROM scratch\nARG X\nENV R=[${X-unset},${X:-d},${X+set}]\n",
            {},
            {"R": "[unset,d,]"},
            id="declared but unset",
        ),
        pytest.param("FROM scratch\nARG X=\nENV R=[${X-unset},${X:-d},${X+set}]\n", {}, {"R": "[,d,set]"}, id="empty"),
        pytest.param('FROM scratch\nARG "A"=1\nENV R=${A-none}\n', {}, {"R": "none"}, id="quotes stay in names of ARG"),
        pytest.param(
            'FROM scratch\nENV "A"=1 B\\ C=2\nENV $A=x\n',
            {},
            {"A": "1", "B C": "2", "1": "x"},
            id="not in those of ENV",
        ),
        pytest.param("FROM scratch\nENV PATH=/x:$PATH\n", {}, {"PATH": f"/x:{DEFAULT_PATH}"}, id="scratch has a PATH"),
        pytest.param("FROM scratch\nENV R=[$TARGETARCH]\n", {}, {"R": "[]"}, id="platform variables are not in scope"),
        pytest.param("FROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH\n", {}, {"R": "amd64"}, id="until declared"),
        pytest.param("FROM scratch\nARG TARGETARCH=x\nENV R=$TARGETARCH\n", {}, {"R": "x"}, id="with a default"),
        pytest.param(
            "ARG TARGETARCH=x\nFROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH\n",
            {},
            {"R": "x"},
            id="with a global default",
        ),
        pytest.param(
            "FROM scratch\nARG TARGETARCH\nENV R=$TARGETARCH\n",
            {"build_args": {"TARGETARCH": "x"}},
            {"R": "x"},
            id="with a build argument",
        ),
        pytest.param(
            "FROM scratch\nARG TARGETPLATFORM\nARG TARGETVARIANT\nENV R=[$TARGETPLATFORM,$TARGETVARIANT]\n",
            {"platform": "linux/arm"},
            {"R": "[linux/arm/v7,v7]"},
            id="arm has a variant",
        ),
        pytest.param(
            "FROM scratch\nARG TARGETPLATFORM\nENV R=$TARGETPLATFORM\n",
            {"platform": "linux/arm64/v8"},
            {"R": "linux/arm64"},
            id="arm64 has none",
        ),
        pytest.param(
            "FROM --platform=linux/arm64 scratch\nARG TARGETARCH\nARG BUILDARCH\nENV R=$TARGETARCH-$BUILDARCH\n",
            {"platform": "linux/arm/v7"},
            {"R": "arm-amd64"},
            id="the target is that of the build, not of FROM",
        ),
        pytest.param(
            "FROM scratch\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\n", {}, {"R": "default"}, id="an unnamed target"
        ),
        pytest.param("FROM scratch AS Bb\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\n", {}, {"R": "bb"}, id="the last stage"),
        pytest.param(
            "FROM scratch AS Bb\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\n",
            {"target": "BB"},
            {"R": "BB"},
            id="a given target",
        ),
        pytest.param(
            "FROM scratch AS aa\nARG TARGETSTAGE\nENV R=$TARGETSTAGE\nFROM aa AS bb\n",
            {},
            {"R": "bb"},
            id="the target is the same in all stages",
        ),
        pytest.param(
            "FROM scratch AS a\nARG X=1\nENV E=2\nFROM a\nENV R=$X$E\n",
            {},
            {"E": "2", "R": "12"},
            id="a stage inherits ENV and ARG",
        ),
        pytest.param(
            "FROM scratch AS a\nENV X=1\nFROM scratch AS a\nENV X=2\nFROM a\n",
            {},
            {"X": "2"},
            id="the later of two names",
        ),
        pytest.param(
            "FROM scratch AS a\nENV Q=1\nFROM scratch AS b\nENV Q=2\nFROM scratch\nENV Q=3\n",
            {"target": "B"},
            {"Q": "2"},
            id="a target in capitals",
        ),
        pytest.param("ARG B=scratch\nFROM $B AS x\nENV Q=1\nFROM x\n", {}, {"Q": "1"}, id="a base from a variable"),
        pytest.param(
            "FROM scratch AS a\nONBUILD ENV T=1\nFROM a AS b\nENV R=$T\nFROM b\nENV S=$T\n",
            {},
            {"T": "1", "R": "1", "S": "1"},
            id="triggers of a stage",
        ),
        pytest.param(
            "FROM scratch AS a\nONBUILD ENV T=$X\nENV X=1\nFROM a\n",
            {},
            {"X": "1", "T": "1"},
            id="a trigger sees the end",
        ),
        pytest.param(
            "FROM scratch AS a\nONBUILD ARG T=1\nFROM a\nENV R=$T\n", {}, {"R": "1"}, id="an ARG as a trigger"
        ),
    ],
)
def test_the_environment_is_that_of_the_built_image(
    text: str, options: dict[str, Any], environment: dict[str, str]
) -> None:
    assert environment_of(model_of(text, **options)) == environment


@pytest.mark.parametrize(
    ("text", "workdir", "user"),
    [
        ("FROM scratch\n", "/", ""),
        ("FROM scratch\nWORKDIR x\nWORKDIR ../y/./z\n", "/y/z", ""),
        ("FROM scratch AS a\nWORKDIR x\nUSER u:g\nFROM a\nWORKDIR ../../..\nWORKDIR w\n", "/w", "u:g"),
        ("FROM scratch\nWORKDIR /a/\n", "/a/", ""),
        ("FROM scratch\nWORKDIR //b\n", "//b", ""),
        ("FROM scratch\nWORKDIR /a\nWORKDIR $X\n", "/a", ""),
        ("FROM scratch AS a\nONBUILD WORKDIR /t\nONBUILD USER q\nFROM a AS b\nWORKDIR x\nFROM b\n", "/t/x", "q"),
        ("FROM scratch\nUSER a\nENV U=x\nUSER $U\n", "/", "x"),
    ],
)
def test_directory_and_user_are_those_of_the_built_image(text: str, workdir: str, user: str) -> None:
    target = model_of(text).target
    assert target is not None
    assert (target.end.workdir, target.end.user) == (workdir, user)


def test_the_shell_is_inherited_from_stages() -> None:
    model = model_of('FROM scratch AS a\nSHELL ["/s", "-x"]\nFROM a\nRUN x\nFROM scratch\n')
    first, second, third = (stage.end for stage in model.stages)
    assert (first.shell, second.shell, third.shell) == (("/s", "-x"), ("/s", "-x"), UNIX_SHELL)
    assert second.shell_from is model.stages[0].steps[1].node


def test_each_step_begins_where_the_last_one_ended() -> None:
    model = model_of("ARG A=1\nARG B=$A\nFROM a\nENV C=1\nWORKDIR /x\nFROM a\nENV D=1\n")
    first, second = model.global_steps
    assert second.before is first.after
    assert model.globals is second.after
    for stage in model.stages:
        assert all(left.after is right.before for left, right in zip(stage.steps, stage.steps[1:], strict=False))
        assert stage.end is stage.steps[-1].after


def test_a_state_knows_which_instruction_has_set_it() -> None:
    (stage,) = model_of("FROM a\nWORKDIR /a\nUSER u\nWORKDIR b\n").stages
    _, workdir, user, relative = (step.node for step in stage.steps)
    assert (stage.end.workdir_from, stage.end.user_from, stage.end.shell_from) == (relative, user, None)
    assert stage.steps[2].before.workdir_from is workdir


def test_what_a_base_image_may_bring_is_unknown() -> None:
    (stage,) = model_of("FROM registry.example.com/base\nENV A=$HOME B=x\nWORKDIR y\n").stages
    environment = stage.end.environment
    assert isinstance(environment["A"], Unknown)
    assert isinstance(environment["ANYTHING"], Unknown)
    assert environment["B"] == "x"
    assert "ANYTHING" not in environment
    assert isinstance(stage.end.workdir, Unknown)
    assert isinstance(stage.start.user, Unknown)


def test_facts_of_a_base_image_are_handed_down() -> None:
    facts = BaseFacts({"HOME": "/root", "TOKEN": None}, True, workdir="/w", user="app", shell=("/bin/bash", "-c"))
    dockerfile = parse(Source("Dockerfile", "ARG TAG=1\nFROM base:$TAG AS x\nENV A=$HOME B=[$NONE]\nFROM x\n"))
    model = build_model(dockerfile, facts={"base:1": facts}.get)
    end = model.stages[1].end
    assert (end.environment["A"], end.environment["B"]) == ("/root", "[]")
    assert isinstance(end.environment["TOKEN"], Unknown)
    assert (end.workdir, end.user, end.shell) == ("/w", "app", ("/bin/bash", "-c"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FROM debian:12", SourceKind.IMAGE),
        ("FROM scratch", SourceKind.SCRATCH),
        ("FROM a AS x\nFROM x", SourceKind.STAGE),
        ("FROM a AS X\nFROM x", SourceKind.STAGE),
        ("FROM a AS x\nFROM X", SourceKind.INVALID),
        ("FROM a AS x\nFROM 0", SourceKind.IMAGE),
        ("FROM x\nFROM a AS x\nFROM b", SourceKind.IMAGE),
        ("FROM alpine AS alpine", SourceKind.IMAGE),
        ("FROM Debian", SourceKind.INVALID),
        ("FROM $NOTHING", SourceKind.INVALID),
        ("ARG BASE\nFROM $BASE", SourceKind.UNKNOWN),
        ("ARG TAG\nFROM debian:$TAG", SourceKind.UNKNOWN),
        ("FROM ctx", SourceKind.CONTEXT),
        ("FROM a AS ctx\nFROM ctx", SourceKind.CONTEXT),
        ("FROM a b", SourceKind.UNKNOWN),
    ],
)
def test_what_the_last_from_means(text: str, kind: SourceKind) -> None:
    assert model_of(text, named_contexts={"ctx": ""}).stages[-1].base.kind is kind


@pytest.mark.parametrize(
    ("reference", "kind", "stage"),
    [
        ("a", SourceKind.STAGE, 0),
        ("A", SourceKind.STAGE, 0),
        ("0", SourceKind.STAGE, 0),
        ("1", SourceKind.STAGE, 1),
        ("2", SourceKind.INVALID, 2),
        ("3", SourceKind.INVALID, 3),
        ("late", SourceKind.INVALID, 3),
        ("9", SourceKind.INVALID, None),
        ("-1", SourceKind.INVALID, None),
        ("$a", SourceKind.INVALID, None),
        ("alpine:3.20", SourceKind.IMAGE, None),
        ("scratch", SourceKind.SCRATCH, None),
        ("ctx", SourceKind.CONTEXT, None),
    ],
)
def test_what_copy_from_means(reference: str, kind: SourceKind, stage: int | None) -> None:
    text = f"FROM x AS A\nFROM x\nFROM x\nCOPY --from={reference} s d\nFROM x AS late\n"
    model = model_of(text, named_contexts={"ctx": ""})
    use = model.stages[2].uses[1]
    assert (use.kind, use.source.kind, use.source.stage) == (UseKind.COPY, kind, stage)


def test_mounts_name_stages_but_not_by_number() -> None:
    model = model_of("FROM x AS a\nFROM x\nRUN --mount=from=A,target=/a --mount=target=/b,from=0 true\n")
    _, named, numbered = model.stages[1].uses
    assert (named.kind, named.source.kind, named.source.stage) == (UseKind.MOUNT, SourceKind.STAGE, 0)
    assert (numbered.source.kind, numbered.source.stage) == (SourceKind.IMAGE, None)
    assert model.dockerfile.source.slice(named.word.span) == "A"
    assert model.dockerfile.source.slice(numbered.word.span) == "0"


def test_uses_stand_in_triggers_too() -> None:
    model = model_of("FROM x AS a\nFROM x\nONBUILD COPY --from=a s d\n")
    assert [use.kind for use in model.stages[1].uses] == [UseKind.FROM, UseKind.COPY]


STAGES = (
    "FROM x AS base\nFROM x AS tool\nFROM base AS build\nCOPY --from=tool a b\nFROM x AS unused\n"
    "FROM base AS final\nRUN --mount=from=build,target=/b true\n"
)


@pytest.mark.parametrize(
    ("target", "reachable", "shipped"),
    [
        (None, {0, 1, 2, 4}, {0, 4}),
        ("final", {0, 1, 2, 4}, {0, 4}),
        ("build", {0, 1, 2}, {0, 2}),
        ("UNUSED", {3}, {3}),
        ("missing", set(), set()),
        ("4", set(), set()),
    ],
)
def test_what_a_target_needs_and_what_its_image_holds(
    target: str | None, reachable: set[int], shipped: set[int]
) -> None:
    model = model_of(STAGES, target=target)
    assert model.reachable == frozenset(reachable)
    assert model.shipped == frozenset(shipped)


def test_the_chain_of_a_stage_begins_with_the_oldest() -> None:
    model = model_of("FROM x AS a\nFROM a AS b\nFROM y\nFROM b\n")
    assert [stage.index for stage in model.chain(model.stages[3])] == [0, 1, 3]


def test_triggers_run_in_the_child_and_not_in_its_children() -> None:
    model = model_of("FROM x AS a\nONBUILD ENV T=1\nONBUILD RUN y\nFROM a AS b\nRUN z\nFROM b\n")
    base, child, grandchild = model.stages
    assert base.triggered == grandchild.triggered == ()
    assert [step.node.name for step in child.triggered] == ["ENV", "RUN"]
    assert child.start is child.triggered[-1].after
    assert child.steps[1].before is child.start
    assert child.start.environment["T"] == "1"


@pytest.mark.parametrize(
    ("text", "options", "windows"),
    [
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022", {}, True),
        ("FROM mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-ltsc2022", {}, True),
        ("FROM --platform=windows/amd64 golang", {}, True),
        ("FROM golang", {"platform": "windows/amd64"}, True),
        ("FROM --platform=linux/amd64 golang", {"platform": "windows/amd64"}, False),
        ("FROM --platform=windows/amd64 golang AS a\nFROM a", {}, True),
        ("FROM debian", {}, False),
    ],
)
def test_windows_stages(text: str, options: dict[str, Any], windows: bool) -> None:
    stage = model_of(text, **options).stages[-1]
    assert stage.windows is windows
    assert stage.end.shell == (WINDOWS_SHELL if windows else UNIX_SHELL)


def test_names_of_variables_have_no_case_on_windows() -> None:
    (stage,) = model_of("FROM --platform=windows/amd64 x\nENV Path=C:/x\nENV R=$PATH\n").stages
    assert stage.end.environment["R"] == "C:/x"


def test_a_label_names_the_stage_as_the_user_does() -> None:
    model = model_of("FROM x AS Build\nFROM x\n")
    assert [stage.label for stage in model.stages] == ["'Build'", "1"]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("FROM scratch AS a\nONBUILD FOO\n", False),
        ("FROM scratch AS a\nONBUILD FOO\nFROM a\n", True),
        ("FROM scratch AS a\nONBUILD COPY --foo a b\nFROM a\n", True),
        ("FROM scratch AS a\nONBUILD COPY a\nFROM a\n", True),
        ("FROM scratch AS a\nONBUILD EXPOSE x\n", False),
        ("FROM scratch AS a\nONBUILD EXPOSE x\nFROM a\n", True),
        ("FROM scratch AS a\nONBUILD CMD ['x']\nFROM a\n", False),
    ],
)
def test_a_trigger_is_refused_where_it_runs(text: str, refused: bool) -> None:
    model = model_of(text)
    assert any(problem.fatal for problem in (*model.dockerfile.problems, *model.problems)) is refused
