"""Archives are unpacked as they are, within limits, and never outside of the folder."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint.context.fetch.archives import compression, looks_packed, unpack
from dockerlint.context.fetch.limits import Budget, ContextError, Limits

if sys.version_info >= (3, 14):
    from compression.zstd import compress as zstd
else:
    from backports.zstd import compress as zstd

USUAL_LIMITS = Limits()


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for info, body in entries:
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return stream.getvalue()


def unpacked(data: bytes, folder: Path, limits: Limits = USUAL_LIMITS) -> Path:
    target = folder / "context"
    target.mkdir()
    unpack(io.BytesIO(data), str(target), Budget("'x'", limits, lambda *_: None))
    return target


USUAL = tar(
    (entry("./", tarfile.DIRTYPE, mode=0o755), b""),
    (entry("a/b/file", mode=0o4711), b"text"),
    (entry("a", tarfile.DIRTYPE, mode=0o500), b""),
    (entry("link", tarfile.SYMTYPE, "/etc/passwd"), b""),
    (entry("hard", tarfile.LNKTYPE, "a/b/file"), b""),
    (entry("pipe", tarfile.FIFOTYPE), b""),
    (entry("device", tarfile.CHRTYPE), b""),
)


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_an_archive_becomes_a_folder(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    data = packed(USUAL)
    assert looks_packed(data[:512])
    folder = unpacked(data, tmp_path)
    assert (folder / "a/b/file").read_bytes() == b"text"
    assert (folder / "a/b/file").stat().st_mode & 0o7777 == 0o4711
    assert (folder / "a").stat().st_mode & 0o7777 == 0o500
    assert (folder / "a/b").stat().st_mode & 0o7777 == 0o755
    assert os.readlink(folder / "link") == "/etc/passwd"
    assert (folder / "hard").stat().st_ino == (folder / "a/b/file").stat().st_ino
    assert sorted(path.name for path in folder.iterdir()) == ["a", "hard", "link"]


def test_a_later_entry_takes_the_place_of_an_earlier_file(tmp_path: Path) -> None:
    data = tar((entry("f"), b"one"), (entry("l", tarfile.SYMTYPE, "f"), b""), (entry("l"), b"two"), (entry("f"), b"3"))
    folder = unpacked(data, tmp_path)
    assert (folder / "f").read_bytes() == b"3"
    assert (folder / "l").read_bytes() == b"two"
    assert not (folder / "l").is_symlink()


@pytest.mark.parametrize(
    "entries",
    [
        [(entry("../outside"), b"x")],
        [(entry("a/../../outside"), b"x")],
        [(entry("link", tarfile.SYMTYPE, ".."), b""), (entry("link/outside"), b"x")],
        [(entry("link", tarfile.SYMTYPE, "../outside"), b""), (entry("link/", tarfile.DIRTYPE), b"")],
        [(entry("hard", tarfile.LNKTYPE, "../outside"), b"")],
        [(entry("hard", tarfile.LNKTYPE, "missing"), b"")],
        [(entry("link", tarfile.SYMTYPE, "../secret"), b""), (entry("hard", tarfile.LNKTYPE, "link"), b"")],
        [(entry("file"), b"x"), (entry("file/outside"), b"x")],
        [(entry("folder", tarfile.DIRTYPE), b""), (entry("folder"), b"x")],
    ],
)
def test_nothing_gets_outside(entries: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(ContextError, match="'x': "):
        unpacked(tar(*entries), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["context", "secret"]
    assert (tmp_path / "secret").stat().st_nlink == 1


def test_an_absolute_name_lies_in_the_folder(tmp_path: Path) -> None:
    folder = unpacked(tar((entry("/etc/dlint-test"), b"x")), tmp_path)
    assert (folder / "etc/dlint-test").read_bytes() == b"x"


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_bomb_ends_at_the_limit(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    bomb = packed(tar((entry("zeros"), bytes(50_000_000))))
    assert len(bomb) < 100_000
    with pytest.raises(ContextError, match="unpacked it is larger than 1,000,000 bytes"):
        unpacked(bomb, tmp_path, Limits(unpacked=1_000_000))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 1_000_000


def test_too_many_entries_end_at_the_limit(tmp_path: Path) -> None:
    data = tar(*((entry(f"f{number}"), b"") for number in range(200)))
    with pytest.raises(ContextError, match="more than 100 files"):
        unpacked(data, tmp_path, Limits(entries=100))


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_cut_archive_is_damaged(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    data = packed(tar((entry("a"), bytes(range(256)) * 400)))
    with pytest.raises(ContextError, match="damaged"):
        unpacked(data[: len(data) // 2], tmp_path)


def test_compressions_are_told_by_their_first_bytes() -> None:
    assert compression(b"FROM scratch\n") is None
    assert not looks_packed(b"FROM scratch\n" * 50)
    assert not looks_packed(b"")


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=2000), st.sampled_from([b"", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"]))
def test_any_bytes_give_a_folder_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, mark: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with suppress(ContextError):
        unpacked(mark + data, folder)
    assert [path.name for path in folder.iterdir()] == ["context"]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, len(USUAL) - 1), st.integers(0, 255))
def test_a_changed_byte_never_leads_outside(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    folder = tmp_path_factory.mktemp("changed")
    data = bytearray(USUAL)
    data[at] = value
    with suppress(ContextError, OSError):
        unpacked(bytes(data), folder)
    assert [path.name for path in folder.iterdir()] == ["context"]
