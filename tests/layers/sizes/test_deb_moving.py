"""Estimates for tags of official images that name no suite."""

from __future__ import annotations

import pytest

from dockerlint.layers.size import UNKNOWN, Provenance, Size
from dockerlint.layers.sizes.deb import DebEstimator
from dockerlint.layers.sizes.deb_builtin import Builtin
from dockerlint.layers.sizes.deb_moving import MovingTags, possible_images
from dockerlint.layers.sizes.deb_suites import system_of
from dockerlint.layers.sizes.install import Estimate, Install, Request
from dockerlint.shell.managers import Cache

LISTS = Cache("lists", "/var/lib/apt/lists")


def install(image: str) -> Install:
    return Install("apt-get", image, "linux/amd64", Request(("git",)))


class Told:
    """Knows what it has been told, by the suite at the end of the image."""

    def __init__(self, **estimates: Estimate) -> None:
        self._estimates = estimates

    def installed(self, install: Install) -> Estimate:
        return self._estimates[install.image.rpartition("-")[2]]

    removed = installed

    def cached(self, install: Install, cache: Cache) -> Estimate:
        assert cache == LISTS
        return self.installed(install)


def estimate(low: int, middle: int, high: int | None, *whiteouts: str) -> Estimate:
    return Estimate(Size(low, middle, high, Provenance.ESTIMATED), "one package", whiteouts=whiteouts)


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("python:3.13-slim", "3.13-slim"),
        ("docker.io/library/python:3", "3"),
        ("python", "latest"),
        ("node:22", "22"),
        ("node:lts-slim", "lts-slim"),
        ("php:8.3-fpm", "8.3-fpm"),
        ("php:apache", "apache"),
        ("golang:1.25", "1.25"),
    ],
)
def test_a_tag_without_a_suite_may_stand_on_several(image: str, tag: str) -> None:
    images = possible_images(image)
    assert [each.partition(":")[2] for each in images] == [f"{tag}-trixie", f"{tag}-bookworm"]
    assert [system.suite for each in images if (system := system_of(each))] == ["trixie", "bookworm"]


@pytest.mark.parametrize(
    "image",
    [
        "python:3.13-slim-bookworm",
        "python:3.13-alpine",
        "python:3.13.1-slim",
        "python:3.8",
        "node:16-slim",
        "node:22-windowsservercore",
        "golang:1.25-nanoserver",
        "me/python:3.13",
        "debian:12",
        "nginx",
        "python:",
        "",
    ],
)
def test_other_tags_name_their_suite_or_stand_elsewhere(image: str) -> None:
    assert possible_images(image) == ()


def test_the_interval_holds_what_all_suites_say() -> None:
    told = Told(trixie=estimate(90, 100, 110, "/a", "/b"), bookworm=estimate(70, 80, 120, "/b"))
    for ask in (
        MovingTags(told).installed,
        MovingTags(told).removed,
        lambda each: MovingTags(told).cached(each, LISTS),
    ):
        found = ask(install("python:3.13-slim"))
        assert found.size == Size(70, 100, 120, Provenance.ESTIMATED)
        assert found.whiteouts == ("/b",)
        assert found.note == "one package, or from bookworm's, as the tag names no suite"


def test_what_one_suite_does_not_know_has_no_upper_bound() -> None:
    told = Told(trixie=estimate(90, 100, 110), bookworm=Estimate(UNKNOWN, "has no 'git'"))
    assert MovingTags(told).installed(install("python:3.13-slim")).size == Size(0, 100, None, Provenance.ESTIMATED)
    told = Told(trixie=Estimate(UNKNOWN, "has no 'git'"), bookworm=estimate(90, 100, 110))
    assert MovingTags(told).installed(install("python:3.13-slim")) == Estimate(UNKNOWN, "has no 'git'")


def test_images_that_name_their_suite_are_asked_as_they_are() -> None:
    told = Told(bookworm=estimate(70, 80, 120))
    assert MovingTags(told).installed(install("python:3.13-slim-bookworm")) == estimate(70, 80, 120)


@pytest.mark.parametrize(
    "image", ["python:3.13-slim", "node:22-slim", "php:8.3-apache", "ruby:3.4-slim", "golang:1.25"]
)
def test_usual_images_are_known_without_a_network(image: str) -> None:
    size = MovingTags(DebEstimator(Builtin())).installed(install(image)).size
    assert size.estimate is not None
    assert size.high is not None
    assert size.low <= size.estimate <= size.high
