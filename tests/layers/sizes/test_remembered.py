"""What is kept of fetched contents, and for how long."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes import remembered
from dockerlint.layers.sizes.remembered import Remembered


@pytest.mark.parametrize("packed", [True, False])
def test_what_was_kept_comes_back(tmp_path: Path, *, packed: bool) -> None:
    folder = str(tmp_path / "a" / "b")
    Remembered(folder).put("key", b"content", packed=packed)
    assert Remembered(folder).get("key") == b"content"
    assert Remembered(folder).get("other") is None


def test_what_is_too_old_does_not(tmp_path: Path) -> None:
    kept = Remembered(str(tmp_path), clock=lambda: os.path.getmtime(tmp_path) + 100)
    kept.put("key", b"content")
    assert kept.get("key", 99) is None
    assert kept.get("key", 1000) == kept.get("key") == b"content"


def made_of(content: bytes | None) -> Callable[[], bytes]:
    """Makes this, or cannot make anything."""

    def make() -> bytes:
        if content is None:
            raise ContextError("no server")
        return content

    return make


def test_what_is_fresh_is_not_made_and_what_is_old_only_if_it_cannot_be_made(tmp_path: Path) -> None:
    now = [os.path.getmtime(tmp_path)]
    kept = Remembered(str(tmp_path), clock=lambda: now[0] + 60)
    with pytest.raises(ContextError, match="no server"):
        kept.or_made("key", made_of(None), bytes.decode, 1000)
    assert kept.or_made("key", made_of(b"first"), bytes.decode, 1000) == "first"
    assert kept.or_made("key", made_of(b"second"), bytes.decode, 1000) == "first"
    now[0] += 1000
    assert kept.or_made("key", made_of(None), bytes.decode, 1000) == "first"
    assert kept.or_made("key", made_of(b"third"), bytes.decode, 1000) == "third"
    now[0] += 1e9
    assert kept.or_made("key", made_of(b"fourth"), bytes.decode) == "third"


def test_what_is_of_no_use_is_made_again_and_not_kept(tmp_path: Path) -> None:
    kept = Remembered(str(tmp_path))
    kept.put("key", b"bad")

    def read(content: bytes) -> str | None:
        return None if content == b"bad" else content.decode()

    assert kept.or_made("key", made_of(b"good"), read) == "good"
    kept.put("key", b"bad")
    for made in (b"bad", None):
        with pytest.raises(ContextError):
            kept.or_made("key", made_of(made), read)


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
