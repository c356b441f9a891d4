from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.image_references import (
    ImageReference,
    parse_digest,
    parse_image_reference,
    parse_reference,
    reference_parts,
)
from dockerlint.syntax.invalid import Invalid
from tests.shared import shared_files

DIGEST = "sha256:" + "0123456789abcdef" * 4
KINDS = {
    "ErrNameEmpty": {"empty"},
    "ErrReferenceInvalidFormat": {"format", "tag"},
    "ErrDigestInvalidLength": {"digest-length"},
    "ErrDigestUnsupported": {"digest-algorithm"},
    "ErrNameContainsUppercase": {"upper-case"},
}
TEXTS = st.one_of(
    st.text(max_size=30),
    st.text("abZ09./:@_-[]", max_size=30),
    st.lists(
        st.sampled_from(["docker.io", "library", "a", "B", "x.y:80", "[::1]", "/", ":", "@", DIGEST, "latest"]),
        max_size=8,
    ).map("".join),
)


def cases(name: str) -> list[dict[str, Any]]:
    return [
        case
        for path in shared_files("conformance/image-reference", name)
        for case in json.loads(path.read_text("utf-8"))
    ]


def image(text: str) -> ImageReference:
    reference = parse_image_reference(text)
    assert not isinstance(reference, Invalid), reference
    return reference


@pytest.mark.parametrize("case", cases("parse.json"), ids=lambda case: case["input"][:60])
def test_grammar(case: dict[str, Any]) -> None:
    reference = parse_reference(case["input"])
    if case.get("error"):
        assert isinstance(reference, Invalid)
        assert reference.kind in KINDS[case["error_name"]]
    else:
        assert not isinstance(reference, Invalid), reference
        assert case["expected"] == {
            "domain": reference.domain,
            "name": reference.name,
            "tag": reference.tag,
            "digest": reference.digest,
        }


@pytest.mark.parametrize("case", cases("normalize.json"), ids=lambda case: case["input"][:60])
def test_names_as_from_reads_them(case: dict[str, Any]) -> None:
    if case.get("error"):
        assert isinstance(parse_image_reference(case["input"]), Invalid)
        return
    reference = image(case["input"])
    found = {
        "canonical": str(reference),
        "familiar": reference.familiar,
        "domain": reference.domain,
        "path": reference.path,
    }
    expected = case.get("expected", {})
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("case", cases("docker-ref.json"), ids=lambda case: case["input"][:60])
def test_what_the_builder_asks_for(case: dict[str, Any]) -> None:
    assert str(image(case["input"]).resolved()) == case["expected"]


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        (f"alpine:3@{DIGEST}", f"docker.io/library/alpine@{DIGEST}"),
        ("sha256:" + "a" * 64, "docker.io/library/sha256:" + "a" * 64),
        ("docker.io", "docker.io/library/docker.io:latest"),
        ("index.docker.io/alpine", "docker.io/library/alpine:latest"),
        ("docker.io/library/a/b", "docker.io/library/a/b:latest"),
        ("Foo/bar", "Foo/bar:latest"),
        ("LOCALHOST/x", "LOCALHOST/x:latest"),
        ("localhost/x", "localhost/x:latest"),
        ("foo/bar:TAG", "docker.io/foo/bar:TAG"),
        ("alpine:_x", "docker.io/library/alpine:_x"),
        ("x_y.z/w", "x_y.z/w:latest"),
        ("a__b", "docker.io/library/a__b:latest"),
        ("a--b", "docker.io/library/a--b:latest"),
        ("scratch:latest", "docker.io/library/scratch:latest"),
        ("[::1]:80/z", "[::1]:80/z:latest"),
        ("x.y/" + "a" * 255, "x.y/" + "a" * 255 + ":latest"),
        ("alpine:" + "a" * 128, "docker.io/library/alpine:" + "a" * 128),
        ("alpine@sha384:" + "a" * 96, "docker.io/library/alpine@sha384:" + "a" * 96),
    ],
)
def test_images_the_engine_looks_for(text: str, resolved: str) -> None:
    assert str(image(text).resolved()) == resolved


@pytest.mark.parametrize(
    ("text", "kind", "guilty"),
    [
        ("", "format", ""),
        ("Alpine", "upper-case", "Alpine"),
        ("foo/Bar", "upper-case", "foo/Bar"),
        ("docker.io/Foo", "upper-case", "Foo"),
        ("a" * 64, "identifier", "a" * 64),
        ("alpine:", "tag", ""),
        ("alpine:-x", "tag", "-x"),
        ("alpine:.x", "tag", ".x"),
        ("alpine:tag:x", "tag", "tag:x"),
        ("alpine:" + "a" * 129, "tag", "a" * 129),
        ("alpine:ü", "tag", "ü"),
        ("alpine@", "format", ""),
        ("alpine@sha256:abc", "format", "sha256:abc"),
        ("alpine@sha256:" + "g" * 64, "format", "sha256:" + "g" * 64),
        ("alpine@sha256:" + "A" * 64, "digest-format", "A" * 64),
        ("alpine@sha256:" + "a" * 32, "digest-length", "a" * 32),
        ("alpine@sha512:" + "a" * 64, "digest-length", "a" * 64),
        ("alpine@md5:" + "a" * 32, "digest-algorithm", "md5"),
        ("x@SHA256:" + "a" * 64, "digest-format", "SHA256"),
        ("a@b@c", "format", "b@c"),
        ("x/" + "a" * 256, "too-long", "x/" + "a" * 256),
        ("x.y/" + "a" * 256, "too-long", "a" * 256),
        ("http://x/y", "format", "http:"),
        ("x.y:/z", "format", "x.y:"),
        ("x.y:ab/z", "format", "x.y:ab"),
        ("x_y:80/w", "format", "x_y:80"),
        ("[::1/z", "format", "[::1"),
        ("a._b", "format", "a._b"),
        ("a___b", "format", "a___b"),
        ("-a", "format", "-a"),
        ("/a", "format", "/"),
        ("a//b", "format", "/"),
        ("a/", "format", ""),
        ("-x.y/z", "format", "-x.y"),
        ("x/ü", "format", "ü"),
    ],
)
def test_images_the_engine_refuses(text: str, kind: str, guilty: str) -> None:
    problem = parse_image_reference(text)
    assert isinstance(problem, Invalid)
    assert (problem.kind, text[problem.start : problem.end]) == (kind, guilty)


def test_parts_are_found_whether_or_not_they_are_valid() -> None:
    text = f"x:80/y:$TAG@{DIGEST}"
    parts = reference_parts(text)
    assert (text[: parts.name_end], text[parts.tag_start : parts.tag_end], text[parts.digest_start :]) == (
        "x:80/y",
        "$TAG",
        DIGEST,
    )
    assert reference_parts("x:80/y") == (6, None, 6, None)


@pytest.mark.parametrize(
    ("text", "official", "familiar"),
    [
        ("debian", True, "debian"),
        ("docker.io/library/a/b", False, "library/a/b"),
        ("x/y", False, "x/y"),
        ("x.y/z", False, "x.y/z"),
    ],
)
def test_official_images(text: str, official: bool, familiar: str) -> None:
    assert (image(text).is_official, image(text).familiar_name) == (official, familiar)


@given(TEXTS)
def test_any_text_has_an_answer_with_a_span_inside(text: str) -> None:
    for value in (parse_reference(text), parse_image_reference(text), parse_digest(text)):
        if isinstance(value, Invalid):
            assert 0 <= value.start <= value.end <= len(text)


@given(TEXTS)
def test_the_whole_name_means_the_same_image(text: str) -> None:
    reference = parse_image_reference(text)
    if not isinstance(reference, Invalid):
        assert parse_image_reference(reference.familiar) == reference
        resolved = reference.resolved()
        assert resolved.resolved() == resolved
        if reference.domain:
            assert parse_image_reference(str(reference)) == reference


def test_long_references_take_no_time() -> None:
    for text in (
        "a-" * 50_000,
        "a." * 50_000 + "/b",
        "A" * 100_000,
        "a@" + "a+" * 50_000,
        ":" * 100_000,
        "a/" * 50_000,
    ):
        assert isinstance(parse_image_reference(text), Invalid)
