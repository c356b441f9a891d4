"""A small index of Python packages, with real wheels, served on the loopback."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Literal

from tests.servers import content, http_server


def wheel(name: str, version: str, needs: tuple[str, ...] = (), files: dict[str, bytes] | None = None) -> bytes:
    """The bytes of a wheel."""
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    info = f"{name}-{version}.dist-info"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in (files or {f"{name}/__init__.py": b"x = 1\n" * 100}).items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return out.getvalue()


def source_archive(root: str, files: Mapping[str, bytes], mode: Literal["w:gz", "w:bz2"] = "w:gz") -> bytes:
    """The bytes of a source archive, all of whose files lie in one folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for path, data in files.items():
            header = tarfile.TarInfo(f"{root}/{path}")
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


class Index:
    """Files by their names. `asked` are the paths that were asked for.

    It gives parts of files with `ranges`, and what a wheel needs beside the wheel with `metadata`.
    """

    def __init__(self, *, ranges: bool = True, metadata: bool = True) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self._ranges = ranges
        self._metadata = metadata

    def add(self, name: str, version: str, *needs: str, files: dict[str, bytes] | None = None, tag: str = "") -> None:
        """Add a wheel, which fits everything if no tag is given."""
        file = f"{name.replace('-', '_')}-{version}-{tag or 'py3-none-any'}.whl"
        self.files.setdefault(name, {})[file] = wheel(name.replace("-", "_"), version, needs, files)

    def add_source(self, name: str, version: str, data: bytes) -> None:
        """Add a package without wheels."""
        self.files.setdefault(name, {})[f"{name}-{version}.tar.gz"] = data

    @contextmanager
    def served(self) -> Iterator[str]:
        """The URL of the index."""
        with http_server(self._answer) as url:
            yield f"{url}/simple"

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(handler.path)
        parts = handler.path.strip("/").split("/")
        found = self.files.get(parts[1], {}) if len(parts) > 1 else {}
        if parts[0] == "simple" and found:
            files = [
                {"filename": name, "url": f"/files/{parts[1]}/{name}", "size": len(data), "hashes": _sum(data)}
                for name, data in found.items()
            ]
            content(json.dumps({"files": files}).encode())(handler)
        elif parts[0] == "files" and parts[-1] in found:
            self._part(handler, found[parts[-1]])
        elif self._metadata and parts[0] == "files" and parts[-1].endswith(".whl.metadata"):
            with zipfile.ZipFile(io.BytesIO(found[parts[-1].removesuffix(".metadata")])) as archive:
                content(archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))))(handler)
        else:
            content(b"", 404)(handler)

    def _part(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        first, mark, last = handler.headers.get("Range", "").removeprefix("bytes=").partition("-")
        if not self._ranges or not mark:
            content(data)(handler)
            return
        start = int(first) if first else max(0, len(data) - int(last))
        part = data[start : int(last) + 1 if first else None]
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(part)))
        handler.end_headers()
        handler.wfile.write(part)


def _sum(data: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(data).hexdigest()}
