"""A small registry of JavaScript packages, with real archives, served on the loopback."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from tests.servers import content, http_server


def archive(size: int) -> bytes:
    """The bytes of an archive whose only file has so many bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as file:
        member = tarfile.TarInfo("package/index.js")
        member.size = size
        file.addfile(member, io.BytesIO(bytes(size)))
    return out.getvalue()


class Registry:
    """Packages by name and version. With `tells_sizes` a document of a version has the bytes that it unpacks to."""

    def __init__(self, *, tells_sizes: bool = True) -> None:
        self.packages: dict[str, dict[str, dict[str, object]]] = {}
        self.tags: dict[str, str] = {}
        self.archives: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.tarballs = ""
        self._tells_sizes = tells_sizes

    def add(self, name: str, version: str, size: int = 1_000, **fields: object) -> None:
        """Add a version; the last one that is added is the latest."""
        self.packages.setdefault(name, {})[version] = {"name": name, "version": version, "size": size, **fields}
        self.tags[name] = version
        self.archives[f"/{name}/-/{version}.tgz"] = archive(size)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The URL of the registry."""
        with http_server(self._answer) as url:
            self.tarballs = self.tarballs or url
            yield url

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = unquote(handler.path)
        self.asked.append(path)
        if path in self.archives:
            content(self.archives[path])(handler)
            return
        scope, _, rest = path[1:].rpartition("@")[2].partition("/") if path.startswith("/@") else ("", "", path[1:])
        base, _, version = rest.partition("/")
        name = f"@{scope}/{base}" if scope else base
        versions = {key: self._document(name, each) for key, each in self.packages.get(name, {}).items()}
        if version in versions:
            content(json.dumps(versions[version]).encode())(handler)
        elif versions and not version:
            document = {"name": name, "versions": versions, "dist-tags": {"latest": self.tags[name]}}
            content(json.dumps(document).encode())(handler)
        else:
            content(b"{}", 404)(handler)

    def _document(self, name: str, package: dict[str, object]) -> dict[str, object]:
        dist: dict[str, object] = {"tarball": f"{self.tarballs}/{name}/-/{package['version']}.tgz"}
        if self._tells_sizes:
            dist["unpackedSize"] = package["size"]
        return {**package, "dist": dist}
