"""The build context of the builds that are compared."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

from backports import zstd

FILES = {
    "a.txt": "one\n",
    "b.bin": "x" * 5000,
    "run.sh": "#!/bin/sh\necho run\n",
    "dir/c.txt": "three",
    "dir/deep/d.log": "four four",
    "dir/deep/e.txt": "5" * 55,
    "web/index.html": "<p>" * 30,
    "web/css/site.css": "p{}" * 70,
    ".dockerignore": "**/*.log\nignored\n",
    "ignored/x": "x",
}


def write_files(folder: Path, text: str) -> None:
    """Write the files that fixed builds copy, and the Dockerfile."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    (folder / "Dockerfile").write_text(text)
    (folder / "Dockerfile").chmod(0o644)


def write_rich_files(folder: Path, text: str) -> None:
    """Write what random builds copy: the same, with links, an empty folder and archives."""
    write_files(folder, text)
    (folder / "link").symlink_to("a.txt")
    (folder / "linked").symlink_to("dir")
    (folder / "web" / "dead").symlink_to("../nowhere")
    (folder / "empty").mkdir()
    (folder / "empty").chmod(0o755)
    archive = _archive()
    for name, content in {
        "plain.tar": archive,
        "packed.tar.gz": gzip.compress(archive),
        "packed.tbz": bz2.compress(archive),
        "packed.tar.zst": zstd.compress(archive),
        "packed.tar.xz": lzma.compress(archive),
        "fake.tar": b"no archive",
        "single.gz": gzip.compress(b"one file"),
    }.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o644)


def _archive() -> bytes:
    """An archive of a folder, a file, a further name of it and a link, with owners and modes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind, mode, target in (
            ("in", tarfile.DIRTYPE, 0o750, ""),
            ("in/file", tarfile.REGTYPE, 0o640, ""),
            ("in/second", tarfile.LNKTYPE, 0o640, "in/file"),
            ("in/link", tarfile.SYMTYPE, 0o777, "file"),
            ("made/tool", tarfile.REGTYPE, 0o4755, ""),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.linkname, entry.uid, entry.gid = kind, mode, target, 11, 12
            entry.size = 100 if kind == tarfile.REGTYPE else 0
            archive.addfile(entry, io.BytesIO(bytes(entry.size)))
    return packed.getvalue()
