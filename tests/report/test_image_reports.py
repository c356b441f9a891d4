"""Predicted images as a table for people and as JSON.

The texts and the configuration of the example are those of an image that engine 28.5 built from it.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from hypothesis import given

from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict
from dockerlint.layers.rebuild import Change, rebuild
from dockerlint.report.image_json import image_as_json
from dockerlint.report.image_oci import image_as_oci
from dockerlint.report.image_rebuild import Rebuilds
from dockerlint.report.image_text import write_image_text
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.report.samples import expected
from tests.strategies import texts

PLATFORM = "linux/amd64"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def predicted(source: Source, target: str | None = None) -> Image:
    return predict(build_model(parse(source), BuildOptions(target=target), lookup))


def text_of(text: str, *, path: str = "Dockerfile", color: bool = False, target: str | None = None) -> str:
    source = Source(path, text)
    out = io.StringIO()
    write_image_text(predicted(source, target), source, PLATFORM, out, color=color)
    return out.getvalue()


def json_of(text: str, target: str | None = None) -> dict[str, Any]:
    source = Source("Dockerfile", text)
    return image_as_json(predicted(source, target), source, PLATFORM)


def example() -> str:
    return expected("layers.Dockerfile")


def test_the_table_of_an_image() -> None:
    assert text_of(example(), path="layers.Dockerfile") == expected("layers.txt")


def test_colours_add_nothing_but_colours() -> None:
    colored = text_of(example(), color=True)
    assert "\x1b" in colored
    assert ESCAPES.sub("", colored) == text_of(example())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM scratch\n", "scratch: an empty file system, no layers"),
        ("ARG BASE\nFROM $BASE\n", "an image that is not known: build argument BASE has no value"),
        ("FROM a AS b\nFROM b\n", "a: its own layers, shared with other images"),
    ],
)
def test_the_base_is_named(text: str, line: str) -> None:
    (row,) = (row for row in text_of(text).splitlines() if row.startswith("  base"))
    assert row.removeprefix("  base").strip() == line


@pytest.mark.parametrize(("text", "target"), [("", None), ("FROM a\n", "none")])
def test_of_a_file_without_a_target_nothing_is_shown_but_the_reason(text: str, target: str | None) -> None:
    title, reason = text_of(text, target=target).splitlines()
    assert title.startswith("Dockerfile")
    assert reason.startswith("  refused line 1:")


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("FROM a\n", "0 layers from this file"),
        (
            "FROM a\nRUN x\nUSER u\n",
            "1 layer from this file, of unknown size, 1 instruction that only changes the configuration (·)",
        ),
    ],
)
def test_the_last_line_counts(text: str, summary: str) -> None:
    assert text_of(text).splitlines()[-1] == summary


@pytest.mark.parametrize(
    ("kept", "share", "flattens"),
    [(10, "efficiency 67%, 67% as dive counts it", True), (5000, "efficiency 99.8%, 99.8% as dive counts it", False)],
)
def test_little_waste_is_not_rounded_away(kept: int, share: str, flattens: bool) -> None:
    text = f"FROM scratch\nRUN echo 123456789 > /a && head -c {kept} /dev/zero > /b\nRUN echo -n {'x' * 10} > /a\n"
    shown = text_of(text)
    assert share in shown
    assert ("flattening" in shown) is flattens


def test_a_refused_file_shows_why_and_where() -> None:
    lines = text_of("FROM scratch\nRUN x\nEXPOSE none\n").splitlines()
    assert lines[1].startswith("  refused line 3: EXPOSE")


HOSTILE = "\x1b[31m\x07\x9b2J\u202e\u200b\u2066\udcff\x00\r"


@pytest.mark.parametrize(
    "text",
    [
        f'FROM a\nLABEL x="{HOSTILE}"\n',
        f"FROM a\nWORKDIR /{HOSTILE}\n",
        f"FROM a\nCOPY {HOSTILE} /\n",
        f'FROM a\nRUN ["{HOSTILE}"]\n',
        f"FROM a\nRUN <<E\n{HOSTILE}\nE\n",
        f"FROM a\n{HOSTILE} x\n",
        f"FROM {HOSTILE} AS {HOSTILE}\n",
        f"ARG X={HOSTILE}\nFROM b AS a\nARG X\nUSER $X\nRUN x\n",
        "FROM a\nLABEL x=[red]a[/red] y=[link=file:///etc/passwd]b[/link]\n",
    ],
)
def test_nothing_of_a_file_reaches_the_terminal_raw(text: str) -> None:
    shown = text_of(text, path=f"a/{HOSTILE}/Dockerfile")
    shown.encode("utf-8")
    assert all(line.isprintable() for line in shown.split("\n"))
    assert text.count("[red]") == shown.count("[red]")
    colored = text_of(text, path=f"a/{HOSTILE}/Dockerfile", color=True)
    assert ESCAPES.sub("", colored) == shown


@given(texts())
def test_any_file_can_be_shown(text: str) -> None:
    shown = text_of(text, path=text)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert ESCAPES.sub("", text_of(text, path=text, color=True)) == shown
    json.loads(json.dumps(json_of(text)))


def test_json_has_all_that_the_engine_wrote() -> None:
    found = json_of(example())
    keys = "file target platform base history layers size wasted efficiency dive_efficiency dive_wasted_bytes transfer"
    assert list(found) == [*keys.split(), "flattening", "container", "rebuild", "config", "remarks", "problems"]
    assert (found["file"], found["target"], found["platform"]) == ("Dockerfile", "final", PLATFORM)
    base = {"reference": "registry.example.com/base:1", "kind": "image", "source": None, "layer_sizes": None}
    assert found["base"] == base
    assert found["problems"] == []
    assert found["config"] == {
        "User": "65534",
        "ExposedPorts": {"53/udp": {}, "8080/tcp": {}, "8081/tcp": {}},
        "Env": ["MODE=release1", "LC_ALL=C"],
        "Entrypoint": ["app", "--serve"],
        "Cmd": ["--verbose"],
        "WorkingDir": "/srv",
        "Labels": {"org.example.title": "An app\twith a tab"},
        "Healthcheck": {"Test": ["CMD-SHELL", "app --check || exit 1"], "Interval": 30_000_000_000},
    }


def test_the_entries_of_the_history_have_their_places() -> None:
    history = json_of("FROM a AS x\nUSER $HOME\nFROM x\nRUN \\\n  one\nWORKDIR /\n")["history"]
    assert history == [
        {
            "created_by": "USER $HOME",
            "empty_layer": True,
            "exact": False,
            "line": 2,
            "instruction": "USER",
            "stage": 0,
            "layer": None,
        },
        {
            "created_by": "RUN /bin/sh -c one # buildkit",
            "empty_layer": False,
            "exact": True,
            "line": 4,
            "instruction": "RUN",
            "stage": 1,
            "layer": 1,
        },
        {
            "created_by": "WORKDIR /",
            "empty_layer": True,
            "exact": True,
            "line": 6,
            "instruction": "WORKDIR",
            "stage": 1,
            "layer": None,
        },
    ]


@given(texts())
def test_the_layers_are_the_entries_that_make_one(text: str) -> None:
    source = Source("Dockerfile", text)
    image = predicted(source)
    found = json_of(text)
    made = [entry for entry in image.history if entry.layer is not None]
    places = ("number", "line", "instruction", "created_by")
    assert [{key: layer[key] for key in places} for layer in found["layers"]] == [
        {
            "number": number,
            "line": text.count("\n", 0, entry.node.span.start) + 1,
            "instruction": entry.node.name,
            "created_by": entry.created_by,
        }
        for number, entry in enumerate(made, 1)
    ]


def test_a_layer_says_what_it_holds() -> None:
    first, second = json_of("FROM scratch\nCOPY <<A <<B /d/\none\nA\ntwo!\nB\nCOPY <<A /d/\n1\nA\n")["layers"]
    assert first["size"] == {"low": 9, "estimate": 9, "high": 9, "provenance": "read"}
    assert first["files"] == [
        {"path": "/d/A", "size": 4, "mode": "0644"},
        {"path": "/d/B", "size": 5, "mode": "0644"},
    ]
    assert (first["wasted_bytes"], second["wasted_bytes"]) == (4, 0)
    assert (first["whiteouts"], first["doubts"]) == ([], [])


def test_a_layer_says_why_it_is_not_known() -> None:
    (layer,) = json_of("FROM debian\nRUN ./configure\n")["layers"]
    assert layer["size"] == {"low": 0, "estimate": None, "high": None, "provenance": "unknown"}
    assert layer["files"] is None
    assert layer["doubts"] == ["what 'configure' writes is not known"]


def test_the_table_shows_bytes_and_waste() -> None:
    lines = text_of("FROM scratch\nCOPY <<A /\none\nA\nCOPY <<A /\n1\nA\nRUN ./x\n").splitlines()
    rows = [" ".join(line.split()) for line in lines if "COPY" in line or "RUN" in line]
    bar = "█" * 12
    assert rows == [
        f"1 2 4 bytes {bar} 4 bytes COPY <<A /",
        f"2 5 2 bytes {bar[:6]} COPY <<A /",
        "3 8 ? RUN /bin/sh -c ./x",
    ]
    assert "  hides 4 bytes of layer 1, which stay in the image" in shown_notes(lines)
    assert "4 bytes of files are hidden by later layers: they stay in the image, and nobody sees them" in lines


def shown_notes(lines: list[str]) -> list[str]:
    """The lines below layers that explain them, without the columns before."""
    return ["  " + line.strip() for line in lines if line.startswith(" " * 20)]


def rebuilds_of(text: str, change: Change) -> tuple[Image, Source, Rebuilds]:
    source = Source("Dockerfile", text)
    model = build_model(parse(source))
    image = predict(model)
    return image, source, Rebuilds(image, rebuild(model, change))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("FROM a\nARG A=1\nRUN x y\n", "1 3 ? RUN /bin/sh -c x y"),
        ('FROM a\nARG A=1\nRUN ["x"]\n', "1 3 ? RUN |1 A=1 x"),
        ('FROM a\nSHELL ["/bin/bash", "-c"]\nARG A=1\nRUN x\n', "1 4 ? RUN /bin/bash -c x"),
    ],
)
def test_a_command_stands_without_the_arguments_in_front_of_it(text: str, row: str) -> None:
    assert row in [" ".join(line.split()) for line in text_of(text).splitlines()]


def test_what_runs_again_is_shown_with_its_reason() -> None:
    text = "FROM scratch\nARG V=1\nCOPY <<A /\none\nA\nCOPY b /\nRUN c\n"
    image, source, rebuilds = rebuilds_of(text, Change(paths=("b/x",)))
    out = io.StringIO()
    write_image_text(image, source, PLATFORM, out, color=False, rebuilds=rebuilds)
    rows = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert f"1 3 4 bytes {'█' * 12} cached COPY <<A /" in rows
    assert "2 6 ? again COPY b /" in rows
    assert "because of 'b' in the build context" in rows
    assert "3 7 ? again RUN /bin/sh -c c" in rows
    assert rows[-1] == "2 of 3 steps run again; 2 of 3 layers of the image are pushed again"
    found = image_as_json(image, source, PLATFORM, rebuilds)
    layers: Any = found["layers"]
    assert [layer["again"] for layer in layers] == ["no", "yes", "yes"]
    assert layers[1]["invalidated_by"] == [{"kind": "parent", "name": "layer 1"}, {"kind": "context", "name": "b"}]
    assert layers[2]["invalidated_by"] == [{"kind": "parent", "name": "layer 2"}, {"kind": "argument", "name": "V"}]
    rebuild_sum: Any = found["rebuild"]
    assert (rebuild_sum["steps"], rebuild_sum["again"]) == (3, 2)


SUMS = "FROM scratch AS a\nCOPY there /\nFROM scratch\nCOPY --from=a /x /\nLABEL a=b\n"


@pytest.mark.parametrize(
    ("text", "change", "summary"),
    [
        (SUMS, Change(), "nothing runs again"),
        (SUMS, Change(paths=("elsewhere",)), "nothing runs again"),
        (SUMS, Change(paths=("there",)), "2 of 2 steps run again; 1 of 1 layer of the image is pushed again"),
        (SUMS, Change(everything=True), "2 of 2 steps run again; 1 of 1 layer of the image is pushed again"),
        (
            "FROM scratch\nCOPY <<A /\n1\nA\n",
            Change(everything=True),
            "1 of 1 step runs again; 1 of 1 layer of the image is pushed again, 2 bytes before compression",
        ),
    ],
)
def test_the_sum_of_what_runs_again(text: str, change: Change, summary: str) -> None:
    _, _, rebuilds = rebuilds_of(text, change)
    assert rebuilds.summary() == summary


def test_an_image_as_oci_documents() -> None:
    source = Source("Dockerfile", example())
    found: Any = image_as_oci(predicted(source), "linux/arm/v7")
    assert (found["config"]["os"], found["config"]["architecture"], found["config"]["variant"]) == (
        "linux",
        "arm",
        "v7",
    )
    assert found["config"]["config"]["User"] == "65534"
    assert [entry.get("empty_layer", False) for entry in found["config"]["history"]].count(False) == 3
    assert len(found["manifest"]["layers"]) == 3
    assert "digest" not in json.dumps(found)


def test_problems_have_their_place() -> None:
    (problem,) = json_of("FROM scratch\nEXPOSE  none\n")["problems"]
    assert (problem["code"], problem["line"], problem["column"], problem["severity"]) == ("DL1020", 2, 9, "error")
    assert "none" in problem["message"]


def test_an_unnamed_target_has_its_number() -> None:
    assert json_of("FROM a\nFROM b\n")["target"] == "1"
    assert json_of("")["target"] is None
