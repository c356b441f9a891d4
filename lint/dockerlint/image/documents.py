"""The JSON documents that describe an image: indexes, manifests and configurations, OCI's and Docker's.

Everything in them is foreign: a part of the wrong type counts as missing, and nothing is longer than a limit.
https://github.com/opencontainers/image-spec
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dockerlint.semantics.base_facts import BaseFacts

#: The longest document that is read, in bytes.
MOST_BYTES = 8_000_000

_MOST_ENTRIES = 2_000

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)

Table = Mapping[str, object]


class DocumentError(Exception):
    """A document is not what it should be; the message says how."""


class Descriptor(NamedTuple):
    """A reference to another document or a layer: its digest, its size in bytes, and its platform if one is given."""

    digest: str
    size: int
    platform: str = ""


def read_document(data: bytes) -> Table:
    """A JSON object. Raises `DocumentError`."""
    if len(data) > MOST_BYTES:
        raise DocumentError(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DocumentError("it is no JSON") from error
    if not isinstance(document, dict):
        raise DocumentError("it is no JSON object")
    return document


def manifests(index: Table) -> tuple[Descriptor, ...]:
    """The manifests that an index lists, without those that are no images (attestations)."""
    found = (_descriptor(entry) for entry in _list(index, "manifests"))
    return tuple(entry for entry in found if entry is not None and not entry.platform.startswith("unknown/"))


def is_index(document: Table) -> bool:
    """Whether a document is an index rather than a manifest."""
    return isinstance(document.get("manifests"), list)


def chosen(found: Sequence[Descriptor], platform: str) -> Descriptor | None:
    """The manifest for a platform, `os/arch[/variant]`; one without a variant serves all of its architecture."""
    for entry in found:
        if entry.platform == platform:
            return entry
    wanted = "/".join(platform.split("/")[:2])
    for entry in found:
        if "/".join(entry.platform.split("/")[:2]) == wanted and wanted in (entry.platform, platform):
            return entry
    return found[0] if len(found) == 1 and not found[0].platform else None


def config_of(manifest: Table) -> Descriptor:
    """The configuration that a manifest names. Raises `DocumentError`."""
    descriptor = _descriptor(manifest.get("config"))
    if descriptor is None:
        raise DocumentError("it names no configuration")
    return descriptor


def layers_of(manifest: Table) -> tuple[Descriptor, ...]:
    """The layers of a manifest, the lowest first."""
    return tuple(entry for entry in map(_descriptor, _list(manifest, "layers")) if entry is not None)


def facts_of(
    document: Table, source: str, *, layer_sizes: tuple[int, ...] = (), platforms: tuple[str, ...] = ()
) -> BaseFacts:
    """What an image configuration hands down to a build.

    `source` says where it was found, `layer_sizes` are the bytes of its layers as they are stored there. `platforms`
    are those of the index that it belongs to, if there is one.
    """
    config = _table(document, "config")
    own = "/".join(filter(None, (_text(document, name) for name in ("os", "architecture", "variant"))))
    test = _texts(_table(config, "Healthcheck"), "Test") or ()
    return BaseFacts(
        environment=dict(_variables(_texts(config, "Env") or ())),
        complete_environment=True,
        workdir=_text(config, "WorkingDir") or "/",
        user=_text(config, "User"),
        shell=_texts(config, "Shell"),
        command=_texts(config, "Cmd"),
        entrypoint=_texts(config, "Entrypoint"),
        exposed=_names(config, "ExposedPorts"),
        volumes=_names(config, "Volumes"),
        healthcheck=bool(test) and test[0] != "NONE",
        windows=_text(document, "os") == "windows",
        platforms=platforms or ((own,) if own else ()),
        labels=_labels(config),
        stop_signal=_text(config, "StopSignal"),
        on_build=_texts(config, "OnBuild") or (),
        source=source,
        layer_sizes=layer_sizes,
        health=_health(_table(config, "Healthcheck")),
    )


def _descriptor(value: object) -> Descriptor | None:
    if not isinstance(value, dict):
        return None
    digest, size = value.get("digest"), value.get("size")
    if not isinstance(digest, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return None
    platform = _table(value, "platform")
    parts = (_text(platform, name) for name in ("os", "architecture", "variant"))
    return Descriptor(digest, size, "/".join(filter(None, parts)))


def _variables(entries: Sequence[str]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        name, equals, value = entry.partition("=")
        if name and equals:
            yield name, value


def _health(check: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    test = _texts(check, "Test")
    if test:
        found["Test"] = list(test)
    for name in ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"):
        value = check.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value:
            found[name] = value
    return found


def _labels(config: Table) -> dict[str, str]:
    labels = _table(config, "Labels")
    return {name: value for name, value in list(labels.items())[:_MOST_ENTRIES] if isinstance(value, str)}


def _names(table: Table, name: str) -> tuple[str, ...]:
    return tuple(str(key) for key in list(_table(table, name))[:_MOST_ENTRIES])


def _table(table: Table, name: str) -> Table:
    value = table.get(name)
    return value if isinstance(value, dict) else {}


def _list(table: Table, name: str) -> list[object]:
    value = table.get(name)
    return value[:_MOST_ENTRIES] if isinstance(value, list) else []


def _text(table: Table, name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _texts(table: Table, name: str) -> tuple[str, ...] | None:
    value = table.get(name)
    if not isinstance(value, list):
        return None
    return tuple(item for item in value[:_MOST_ENTRIES] if isinstance(item, str))
