"""What packages hold, read from packages that the real tool has made, and from hostile ones."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.context.fetch.limits import Budget, ContextError, Limits
from dockerlint.layers.sizes.deb_contents import Contents, Entry, Kind, contents_of, packed, restored

CONTROL = """Package: example
Version: 1:2.0-1
Architecture: amd64
Multi-Arch: same
Maintainer: Nobody <nobody@example.com>
Description: an example
"""
LONG = "/usr/share/example/" + "/".join(["folder" * 10] * 3)
SMALL = Limits(received=1_000_000, unpacked=3_000_000, entries=100, seconds=20.0, stall=5.0)


def read(data: bytes) -> Contents:
    return contents_of(io.BytesIO(data), Budget("example", SMALL, lambda _what, _count: None))


def made(folder: Path, *options: str) -> bytes:
    """A package that `dpkg-deb` has made of some files."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("there is no dpkg-deb")
    root = folder / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text(CONTROL)
    (root / "DEBIAN/conffiles").write_text("/etc/example.conf\n")
    (root / "DEBIAN/postinst").write_text("#!/bin/sh\nexit 0\n")
    (root / "DEBIAN/postinst").chmod(0o755)
    for path, text in (("/etc/example.conf", "a=1\n"), ("/usr/bin/example", "x" * 1001), (f"{LONG}/file", "long")):
        file = root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755 if "bin" in path else 0o644)
    (root / "usr/bin/second").hardlink_to(root / "usr/bin/example")
    (root / "usr/bin/link").symlink_to("example")
    for each in (root, *root.rglob("*")):
        if each.is_dir():
            each.chmod(0o755)
    target = folder / "example.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", *options, "-b", str(root), str(target)], check=True, timeout=60)
    return target.read_bytes()


@pytest.mark.parametrize(
    "options", [("-Zxz",), ("-Zgzip",), ("-Zzstd",), ("-Znone",)], ids=["xz", "gzip", "zstd", "none"]
)
def test_a_package_is_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    found = read(made(tmp_path, *options))
    files = {entry.path: entry for entry in found.entries if entry.kind is not Kind.FOLDER}
    assert files.pop("/etc/example.conf") == Entry(Kind.FILE, 0o644, 4, "/etc/example.conf")
    assert files.pop(f"{LONG}/file") == Entry(Kind.FILE, 0o644, 4, f"{LONG}/file")
    assert files.pop("/usr/bin/link") == Entry(Kind.LINK, 0o777, 0, "/usr/bin/link")
    # Which of two names is the file is the tool's choice.
    assert {entry.kind for entry in files.values()} == {Kind.FILE, Kind.NAME}
    assert sum(entry.size for entry in files.values()) == 1001
    assert {entry.path for entry in found.entries if entry.kind is Kind.FOLDER} >= {"/", "/etc", "/usr/bin", LONG}
    assert dict(found.database) == {"conffiles": 18, "postinst": 17}
    assert (found.control, found.settings, found.is_shared) == (len(CONTROL), ("/etc/example.conf",), True)


def test_what_was_read_can_be_remembered(tmp_path: Path) -> None:
    found = read(made(tmp_path))
    assert restored(packed(found)) == found


@given(st.one_of(st.binary(max_size=50), st.text(max_size=50).map(str.encode), st.just(b"[[[1,2,3,4]],[],0,[],0]")))
def test_what_was_not_packed_is_nothing(data: bytes) -> None:
    assert restored(data) is None


def member(name: str, data: bytes, size: int | None = None) -> bytes:
    count = len(data) if size is None else size
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{count:<10}`\n".encode() + data + b"\n" * (len(data) % 2)


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for header, data in entries:
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


def file(name: str, data: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(name)
    header.size = len(data)
    return header, data


HEAD = (
    b"!<arch>\n" + member("debian-binary", b"2.0\n") + member("control.tar", tar(file("./control", CONTROL.encode())))
)


def test_a_package_may_be_made_by_hand() -> None:
    found = read(HEAD + member("data.tar", tar(file("./a", b"12"))))
    assert found.entries == (Entry(Kind.FILE, 0o644, 2, "/a"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"!<arch>\n",
        b"no package at all",
        HEAD,
        HEAD[:-600],
        HEAD + member("data.tar", b""),
        HEAD + member("data.tar", tar(file("./a", b"1" * 5000))[:2000]),
        HEAD + member("data.tar.xz", b"\xfd7zXZ\x00 damaged"),
        HEAD + member("data.tar", b"x" * 2000),
        HEAD + member("data.tar", b"", 10**9),
        HEAD + member("data.tar", b"").replace(b"0         `", b"x         `"),
        HEAD + member("data.tar", tar(file("./a", bytes(4_000_000)))),
        HEAD + member("data.tar", tar(*(file(f"./{number}") for number in range(200)))),
        HEAD + member("data.tar", tar(file("./" + "a" * 10_000))),
        b"!<arch>\n" + member("control.tar", tar()) + member("data.tar", tar()),
    ],
)
def test_hostile_packages_are_refused(data: bytes) -> None:
    with pytest.raises(ContextError):
        read(data)


@given(st.binary(max_size=2_000), st.integers(0, 400))
def test_no_bytes_make_it_fail_otherwise(data: bytes, at: int) -> None:
    whole = HEAD + member("data.tar", tar(file("./a", b"12")))
    for candidate in (data, whole[:at] + data[:20] + whole[at + 20 :], HEAD + member("data.tar", data)):
        try:
            read(candidate)
        except ContextError:
            continue
