"""What ShellCheck said is kept in small files, and not too many of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlint.shellcheck.cache import Cache

KEY = "0123456789abcdef"


def keys(count: int) -> list[str]:
    return [f"{number:02x}{number:062d}" for number in range(count)]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "CACHEDIR.TAG")


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "a" / "b"))
    assert cache.get(KEY) is None
    cache.put(KEY, "é")
    assert cache.get(KEY) == "é"
    cache.put(KEY, "new")
    assert Cache(str(tmp_path / "a" / "b")).get(KEY) == "new"
    assert [path.name for path in files(tmp_path)] == [KEY[2:]]
    assert (
        (tmp_path / "a" / "b" / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    )


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_nobody_else_reads_it(tmp_path: Path) -> None:
    Cache(str(tmp_path / "cache")).put(KEY, "x")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path), largest=40 * 4096)
    names = keys(50)
    for age, key in enumerate(names):
        cache.put(key, "[]")
        path = tmp_path / key[:2] / key[2:]
        os.utime(path, (1000 + age, 1000 + age))
    cache.close()
    assert [key for key in names if cache.get(key) is not None] == names[-20:]


def test_without_writing_nothing_is_looked_through(tmp_path: Path) -> None:
    full = Cache(str(tmp_path), largest=0)
    full.put(KEY, "[]")
    Cache(str(tmp_path), largest=0).close()
    assert full.get(KEY) == "[]"
    full.close()
    assert full.get(KEY) is None


def test_trouble_is_no_trouble(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    for folder in (str(blocked), "/proc/none", "\0"):
        cache = Cache(folder)
        cache.put(KEY, "x")
        assert cache.get(KEY) is None
        cache.close()
    Cache(str(tmp_path)).put(KEY, "x")
    (tmp_path / KEY[:2] / KEY[2:]).write_bytes(b"\xff\xfe")
    assert Cache(str(tmp_path)).get(KEY) is None


def test_what_is_half_written_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(str(tmp_path))
    cache.put(KEY, "old")

    def fail(_source: str, _target: str) -> None:
        raise OSError

    monkeypatch.setattr(os, "replace", fail)
    cache.put(KEY, "new")
    monkeypatch.undo()
    assert cache.get(KEY) == "old"
    assert len(files(tmp_path)) == 1


@pytest.mark.skipif(os.name == "nt", reason="variables of POSIX")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, True),
        ({"HOME": "/h"}, True),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, True),
        ({"XDG_CACHE_HOME": "relative"}, False),
        ({"HOME": ""}, False),
        ({}, False),
    ],
)
def test_the_folder_is_the_users(environment: dict[str, str], expected: bool) -> None:
    assert (Cache.of_user(environment) is not None) is expected
