"""The name of an image may tell which shell is called `sh` in it."""

from __future__ import annotations

import pytest

from dockerlint.image.shells import sh_of_image
from dockerlint.syntax.image_references import ImageReference, parse_image_reference
from dockerlint_rules._images import DISTRIBUTIONS


def sh(text: str) -> str | None:
    reference = parse_image_reference(text)
    assert isinstance(reference, ImageReference)
    return sh_of_image(reference)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpine", "ash"),
        ("docker.io/library/alpine:3.20", "ash"),
        ("arm64v8/alpine:edge", "ash"),
        ("public.ecr.aws/docker/library/busybox:1", "ash"),
        ("python:3.12-alpine3.20", "ash"),
        ("my.registry/app:1-alpine", "ash"),
        ("debian:12", "dash"),
        ("node:22", "dash"),
        ("node:22-bookworm-slim", "dash"),
        ("my.registry/app:1-slim", "dash"),
        ("eclipse-temurin:21-jdk-noble", "dash"),
        ("fedora:40", "bash"),
        ("oraclelinux:9-slim", "bash"),
        ("redhat/ubi9", "bash"),
        ("registry.access.redhat.com/ubi8/nodejs-20:1", "bash"),
        ("public.ecr.aws/amazonlinux/amazonlinux:2023", "bash"),
        ("my.registry/debian", None),
        ("someone/fedora", None),
        ("nginx:1.27", None),
        ("app@sha256:" + "0" * 64, None),
    ],
)
def test_what_sh_is(text: str, expected: str | None) -> None:
    assert sh(text) == expected


def test_it_is_known_for_all_distributions() -> None:
    # The images of Void have had different ones.
    assert [name for name in sorted(DISTRIBUTIONS) if sh(name) is None] == ["voidlinux/voidlinux"]
