"""Facts about an image in a local archive: what `docker save` writes, or an OCI layout, as a tar file or a folder.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dockerlint.image.documents import (
    MOST_BYTES,
    Descriptor,
    DocumentError,
    Table,
    chosen,
    config_of,
    facts_of,
    is_index,
    layers_of,
    manifests,
    read_document,
)
from dockerlint.semantics.base_facts import BaseFacts

_MOST_MEMBERS = 100_000
_MOST_INDEXES = 4
_HEX = frozenset("0123456789abcdef")

_Read = Callable[[str], "bytes | None"]
"""Gives the content of a file in the archive by its name, None if there is none."""


class ArchiveError(Exception):
    """An archive holds no image that can be read; the message says why."""


def archive_facts(path: str, platform: str) -> BaseFacts:
    """What the image in an archive hands down; of several the one for the platform, `os/arch[/variant]`.

    Raises `ArchiveError`, and `OSError` if the archive cannot be read.
    """
    try:
        with _opened(path) as read:
            layout = read("index.json")
            if layout is not None:
                return _of_layout(read, read_document(layout), path, platform)
            saved = read("manifest.json")
            if saved is not None:
                return _of_saved(read, saved, path)
    except (DocumentError, tarfile.TarError, EOFError) as error:
        raise ArchiveError(f"{path}: the image cannot be read: {error}") from error
    raise ArchiveError(f"{path}: this is neither an OCI layout nor what `docker save` writes")


@contextmanager
def _opened(path: str) -> Iterator[_Read]:
    if os.path.isdir(path):
        yield lambda name: _from_folder(path, name)
        return
    with tarfile.open(path) as archive:
        members: dict[str, tarfile.TarInfo] = {}
        for member in archive:
            if len(members) >= _MOST_MEMBERS:
                raise DocumentError(f"it has more than {_MOST_MEMBERS:,} entries")
            members[member.name.removeprefix("./")] = member

        def read(name: str) -> bytes | None:
            member = members.get(name)
            content = archive.extractfile(member) if member is not None and member.isreg() else None
            return None if content is None else content.read(MOST_BYTES + 1)

        yield read


def _from_folder(folder: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(folder, *name.split("/")), "rb") as file:
            return file.read(MOST_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def _of_layout(read: _Read, index: Table, path: str, platform: str) -> BaseFacts:
    document, platforms = index, tuple[str, ...]()
    for _ in range(_MOST_INDEXES):
        if not is_index(document):
            break
        found = manifests(document)
        platforms = tuple(dict.fromkeys(entry.platform for entry in found if entry.platform)) or platforms
        entry = chosen(found, platform)
        if entry is None:
            raise ArchiveError(f"{path}: the archive has no image for {platform}, or several without a platform")
        document = _blob(read, entry)
    config = _blob(read, config_of(document))
    sizes = tuple(layer.size for layer in layers_of(document))
    return facts_of(config, f"archive {path}", layer_sizes=sizes, platforms=platforms)


def _blob(read: _Read, descriptor: Descriptor) -> Table:
    algorithm, _, digits = descriptor.digest.partition(":")
    if algorithm not in ("sha256", "sha512") or not digits or not _HEX.issuperset(digits):
        raise DocumentError("a digest is not well-formed")
    content = read(f"blobs/{algorithm}/{digits}")
    if content is None:
        raise DocumentError(f"the blob {descriptor.digest[:80]} is missing")
    return read_document(content)


def _of_saved(read: _Read, saved: bytes, path: str) -> BaseFacts:
    """The format of older engines: a list of images, each with the name of its configuration."""
    try:
        entries = json.loads(saved)
        names = [entry["Config"] for entry in entries]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise DocumentError("manifest.json is not what `docker save` writes") from error
    if len(names) != 1 or not isinstance(names[0], str):
        raise ArchiveError(f"{path}: the archive must hold one image, and holds {len(names)}")
    content = None if ".." in names[0].split("/") or os.path.isabs(names[0]) else read(names[0])
    if content is None:
        raise DocumentError("the image's configuration is missing")
    return facts_of(read_document(content), f"archive {path}")
