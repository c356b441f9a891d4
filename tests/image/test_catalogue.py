"""The catalogue of base images."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.image.catalogue import lookup
from dockerlint.image.names import usual_name
from dockerlint.semantics.base_facts import BaseFacts
from dockerlint.syntax.image_references import ImageReference, parse_image_reference
from tests.shared import REPOSITORY

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    "reference",
    [
        "debian",
        "debian:12.7-slim",
        "docker.io/library/debian:bookworm",
        f"debian@{DIGEST}",
        f"debian:12@{DIGEST}",
        "public.ecr.aws/docker/library/debian:12",
        "mirror.gcr.io/library/debian",
    ],
)
def test_all_debian_images_set_no_variable_but_path(reference: str) -> None:
    assert lookup(reference) == BaseFacts(complete_environment=True, command=("bash",))


def test_a_recorded_tag_has_the_facts_of_its_record() -> None:
    facts = lookup("golang:1.26.5-bookworm")
    assert facts is not None
    assert facts.complete_environment
    assert facts.environment["GOPATH"] == "/go"
    assert (facts.workdir, facts.user, facts.command) == ("/go", "", ("bash",))


@pytest.mark.parametrize(
    "reference",
    [
        "swift",
        "swift:0",
        f"swift@{DIGEST}",
        "golang:nanoserver",
        "example.com/debian",
        "team/debian",
        "Debian",
        "",
        "a b",
    ],
)
def test_what_is_not_recorded_is_not_known(reference: str) -> None:
    assert lookup(reference) is None


def test_an_account_for_one_architecture_has_images_of_that_platform_only() -> None:
    facts, usual = lookup("arm64v8/debian:12"), lookup("debian:12")
    assert facts is not None
    assert usual is not None
    assert facts == usual._replace(platforms=("linux/arm64/v8",))


def test_a_record_of_one_platform_does_not_deny_others() -> None:
    facts = lookup("golang:1.26.5-bookworm")
    assert facts is not None
    assert facts.platforms == ()


def test_what_the_tags_of_a_name_have_in_common_is_known_of_any_tag() -> None:
    facts = lookup("python:3.99-slim")
    assert facts is not None
    assert facts.complete_environment
    assert "PYTHON_VERSION" in facts.environment
    assert facts.environment["PYTHON_VERSION"] is None
    assert "HOME" not in facts.environment


@given(st.text())
def test_any_text_may_be_asked_for(reference: str) -> None:
    facts = lookup(reference)
    assert facts is None or isinstance(facts, BaseFacts)


def test_every_entry_names_its_source_and_is_an_image() -> None:
    catalogue = json.loads((REPOSITORY / "lint/dockerlint/image/catalogue.json").read_text(encoding="utf-8"))
    for name, entry in {**catalogue["families"], **catalogue["images"]}.items():
        assert entry["source"].startswith("https://github.com/"), name
        assert lookup(name) is not None
        reference = parse_image_reference(name)
        assert isinstance(reference, ImageReference)
        assert name.startswith(usual_name(reference))


def test_the_catalogue_is_what_the_tool_makes_of_the_records(shared: Path) -> None:
    tool, records = REPOSITORY / "tools/make_catalogue.py", shared / "groundtruth/base_images.json"
    command = [sys.executable, str(tool), str(records), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
