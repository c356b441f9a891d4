"""Lists of packages that are fetched from a server, also a malicious one, and remembered."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from dockerlint.context.fetch.limits import ContextError, Limits
from dockerlint.layers.sizes.deb_archive import Archive
from dockerlint.layers.sizes.deb_suites import Source
from tests.servers import content, http_server

LIST = b"Package: a\nVersion: 1\nInstalled-Size: 7\nDescription: long\n text\n\nPackage: b\nVersion: 2\n"
KEPT = "Package: a\nVersion: 1\nInstalled-Size: 7", "Package: b\nVersion: 2"
SMALL = Limits(received=1_000_000, unpacked=5_000_000, seconds=20.0, stall=5.0)


def quiet(_what: str, _count: int) -> None:
    """No progress is shown."""


def release(*files: tuple[str, bytes]) -> bytes:
    """The file that announces others."""
    lines = [f" {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-amd64/{name}" for name, data in files]
    head = ["Origin: Test", "Date: Sat, 11 Jul 2026 10:16:37 UTC", "MD5Sum:", " 00 1 main/x", "SHA256:"]
    return "\n".join([*head, *lines, "Codename: test", ""]).encode()


class Served:
    """The files of an archive and how many were asked for."""

    def __init__(self, *files: tuple[str, bytes]) -> None:
        self.files = {"InRelease": release(*files), **dict(files)}
        self.requests = 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests += 1
        body = self.files.get(handler.path.rpartition("/")[2])
        content(body or b"", 404 if body is None else 200)(handler)


@contextmanager
def source(served: Served) -> Iterator[Source]:
    with http_server(served.answer) as url:
        yield Source(url, "test")


@pytest.mark.parametrize(
    ("name", "data"),
    [("Packages.xz", lzma.compress(LIST)), ("Packages.gz", gzip.compress(LIST))],
    ids=["xz", "gzip"],
)
def test_a_list_is_fetched(name: str, data: bytes) -> None:
    with source(Served(("Packages", LIST), (name, data))) as place:
        found = Archive(None, quiet).get(place, "amd64")
    assert (found.packages.package("a"), found.packages.package("b")) == KEPT
    assert found.date == "2026-07-11"
    assert found.stored > 0


def test_a_list_is_remembered_for_a_day(tmp_path: Path) -> None:
    served = Served(("Packages.xz", lzma.compress(LIST)))
    now = [os.path.getmtime(tmp_path)]
    with source(served) as place:
        archive = Archive(str(tmp_path / "cache"), quiet, clock=lambda: now[0] + 60)
        first = archive.get(place, "amd64")
        assert archive.get(place, "amd64") == first
        assert served.requests == 2
        now[0] += 25 * 3600
        assert archive.get(place, "amd64") == first
        assert served.requests == 4


def test_an_old_list_is_better_than_none(tmp_path: Path) -> None:
    served = Served(("Packages.xz", lzma.compress(LIST)))
    with source(served) as place:
        found = Archive(str(tmp_path), quiet).get(place, "amd64")
        served.files.clear()
        assert Archive(str(tmp_path), quiet, clock=lambda: 4e9).get(place, "amd64") == found


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"\x00", b'{"date": 1, "stored": "", "sum": 0}\nx', b"[]\n[]"])
def test_a_damaged_memory_is_fetched_again(tmp_path: Path, damage: bytes) -> None:
    with source(Served(("Packages.xz", lzma.compress(LIST)))) as place:
        found = Archive(str(tmp_path), quiet).get(place, "amd64")
        for file in tmp_path.iterdir():
            file.write_bytes(damage)
        assert Archive(str(tmp_path), quiet).get(place, "amd64") == found


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with source(Served(("Packages.xz", lzma.compress(LIST)))) as place:
        assert Archive(str(tmp_path / "file" / "cache"), quiet).get(place, "amd64").packages.package("a")


def test_a_list_that_is_not_the_announced_one_is_refused() -> None:
    served = Served(("Packages.xz", lzma.compress(LIST)))
    served.files["Packages.xz"] = lzma.compress(LIST + b"\nPackage: c\n")
    with source(served) as place, pytest.raises(ContextError, match="announces"):
        Archive(None, quiet).get(place, "amd64")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Packages.xz", lzma.compress(b"Package: a\n" * 3_000_000)),
        ("Packages.gz", gzip.compress(bytes(30_000_000))),
        ("Packages.xz", b"no archive"),
        ("Packages.gz", b"no archive"),
        ("Packages.xz", os.urandom(2_000_000)),
        ("Packages", LIST),
    ],
    ids=["xz bomb", "gzip bomb", "no xz", "no gzip", "too large", "not packed"],
)
def test_hostile_lists_are_refused(name: str, data: bytes) -> None:
    with source(Served((name, data))) as place, pytest.raises(ContextError):
        Archive(None, quiet, limits=SMALL).get(place, "amd64")


def test_a_list_cut_short_is_refused() -> None:
    served = Served(("Packages.xz", lzma.compress(LIST)))
    served.files["Packages.xz"] = lzma.compress(LIST)[:40]
    with source(served) as place, pytest.raises(ContextError):
        Archive(None, quiet).get(place, "amd64")


def test_an_architecture_that_the_archive_lacks_is_refused() -> None:
    with source(Served(("Packages.xz", lzma.compress(LIST)))) as place, pytest.raises(ContextError, match="sparc"):
        Archive(None, quiet).get(place, "sparc")
