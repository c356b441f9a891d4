"""What is kept of fetched contents, and for how long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlint.layers.sizes import remembered
from dockerlint.layers.sizes.remembered import Remembered


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    folder = str(tmp_path / "a" / "b")
    Remembered(folder).put("key", b"content")
    assert Remembered(folder).get("key") == b"content"
    assert Remembered(folder).get("other") is None


def test_what_is_too_old_does_not(tmp_path: Path) -> None:
    kept = Remembered(str(tmp_path), clock=lambda: os.path.getmtime(tmp_path) + 100)
    kept.put("key", b"content")
    assert kept.get("key", 99) is None
    assert kept.get("key", 1000) == kept.get("key") == b"content"


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"\x00", b'{"key": 1, "sum": 0}\nx', b"[]\n[]"])
def test_what_was_damaged_is_not_there(tmp_path: Path, damage: bytes) -> None:
    kept = Remembered(str(tmp_path))
    kept.put("key", b"content")
    for file in tmp_path.iterdir():
        file.write_bytes(damage)
    assert kept.get("key") is None


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_LARGEST_CACHE", 3_000)
    kept = Remembered(str(tmp_path))
    for number in range(4):
        kept.put(str(number), os.urandom(1_000))
        for file in tmp_path.iterdir():
            os.utime(file, (file.stat().st_mtime - 60,) * 2)
    kept.shrink()
    assert [kept.get(str(number)) is None for number in range(4)] == [True, True, False, False]


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (str(tmp_path / "file" / "cache"), None):
        kept = Remembered(folder)
        with kept.locked():
            kept.put("key", b"content")
            kept.shrink()
        assert kept.get("key") is None
