"""The documents that describe images: what is taken from them, and that nothing in them can do harm."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.image.documents import (
    Descriptor,
    DocumentError,
    chosen,
    config_of,
    facts_of,
    is_index,
    layers_of,
    manifests,
    read_document,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["config", "Env", "digest", "size", "os"]), inner),
)


def test_a_configuration_tells_what_a_child_starts_with() -> None:
    facts = facts_of(
        {
            "os": "linux",
            "architecture": "arm64",
            "variant": "v8",
            "config": {
                "Env": ["A=1", "B=x=y", "odd"],
                "Cmd": ["a"],
                "Entrypoint": None,
                "User": "app",
                "WorkingDir": "/srv",
                "ExposedPorts": {"80/tcp": {}},
                "Volumes": {"/data": {}},
                "Labels": {"k": "v", "bad": 1},
                "StopSignal": "SIGINT",
                "Healthcheck": {"Test": ["CMD", "x"]},
                "OnBuild": ["RUN y"],
                "Shell": ["/bin/bash", "-c"],
            },
        },
        "here",
    )
    assert facts.environment == {"A": "1", "B": "x=y"}
    assert (facts.command, facts.entrypoint, facts.user, facts.workdir) == (("a",), None, "app", "/srv")
    assert (facts.exposed, facts.volumes, facts.labels) == (("80/tcp",), ("/data",), {"k": "v"})
    assert (facts.stop_signal, facts.healthcheck, facts.on_build) == ("SIGINT", True, ("RUN y",))
    assert (facts.shell, facts.platforms, facts.source) == (("/bin/bash", "-c"), ("linux/arm64/v8",), "here")


@pytest.mark.parametrize(
    ("platforms", "wanted", "number"),
    [
        (["linux/amd64", "linux/arm64"], "linux/arm64", 1),
        (["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7", 1),
        (["linux/arm64/v8"], "linux/arm64", 0),
        (["linux/arm64"], "linux/arm64/v8", 0),
        (["linux/arm/v6"], "linux/arm/v7", None),
        (["linux/amd64"], "linux/arm64", None),
        ([""], "linux/arm64", 0),
        (["", ""], "linux/arm64", None),
        ([], "linux/arm64", None),
    ],
)
def test_the_manifest_for_a_platform(platforms: list[str], wanted: str, number: int | None) -> None:
    found = [Descriptor(f"sha256:{at}", 1, platform) for at, platform in enumerate(platforms)]
    assert chosen(found, wanted) == (None if number is None else found[number])


def test_attestations_are_no_images() -> None:
    index = {
        "manifests": [
            {"digest": "sha256:a", "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:b", "size": 1, "platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    }
    assert [entry.digest for entry in manifests(index)] == ["sha256:a"]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b" " * 8_000_001])
def test_what_is_no_document(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_document(data)


@given(st.dictionaries(st.sampled_from(["config", "manifests", "layers", "os"]), ANY_JSON))
def test_any_document_can_be_read(content: dict[str, object]) -> None:
    document = read_document(json.dumps(content).encode())
    facts_of(document, "x")
    manifests(document)
    layers_of(document)
    is_index(document)
    try:
        config_of(document)
    except DocumentError as error:
        assert str(error) == "it names no configuration"  # noqa: PT017 - whether it raises depends on the example
