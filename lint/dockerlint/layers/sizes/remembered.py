"""What was fetched, kept in a folder of the user's cache until it is too old or there is too much of it.

Files appear in one step, so that several processes may share a folder. Nothing here raises: what cannot be kept, or has
been damaged, is fetched again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from dockerlint.context.fetch.limits import ContextError

#: When a folder has more bytes than this, the oldest files go.
_LARGEST_CACHE = 300_000_000
_LARGEST_FILE = 60_000_000
_LARGEST_CONTENT = 400_000_000
_LOCK = "lock"

T = TypeVar("T")


class Remembered:
    """A folder of contents by their keys, which may be any text. Without a folder nothing is remembered."""

    def __init__(self, folder: str | None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def get(self, key: str, seconds: float | None = None) -> bytes | None:
        """What was kept, unless it is older than some seconds; None if there is nothing, or not what was written."""
        if self._folder is None:
            return None
        path = self._path(key)
        try:
            if seconds is not None and not 0 <= self._clock() - os.path.getmtime(path) < seconds:
                return None
            with open(path, "rb") as file:
                head = json.loads(file.readline(1_000))
                data = file.read(_LARGEST_FILE)
            if head["packed"]:
                data = zlib.decompressobj().decompress(data, _LARGEST_CONTENT)
            return data if head["key"] == _digest(key) and head["sum"] == zlib.crc32(data) else None
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def put(self, key: str, content: bytes, *, packed: bool = True) -> None:
        """Keep something, if that is possible; it takes less room, and longer to read, when it is `packed`."""
        if self._folder is None:
            return
        head = {"key": _digest(key), "sum": zlib.crc32(content), "packed": packed}
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}.{threading.get_ident()}.tmp"
        with suppress(OSError):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            try:
                with open(temporary, "xb") as file:
                    file.write(json.dumps(head).encode() + b"\n")
                    file.write(zlib.compress(content, 1) if packed else content)
                os.replace(temporary, path)
            except OSError:
                with suppress(OSError):
                    os.unlink(temporary)

    def or_made(
        self,
        key: str,
        make: Callable[[], bytes],
        read: Callable[[bytes], T | None],
        seconds: float | None = None,
        *,
        packed: bool = True,
    ) -> T:
        """What was kept and is not older than some seconds, else what `make` gives, else what was kept, however old.

        `read` makes the value of it, None of what is of no use. One process makes something at a time. Raises
        `ContextError`, as `make` does, where nothing was kept.
        """
        with self.locked():
            kept = self.get(key, seconds)
            value = None if kept is None else read(kept)
            if value is not None:
                return value
            try:
                made = make()
            except ContextError:
                kept = self.get(key)
                value = None if kept is None else read(kept)
                if value is None:
                    raise
                return value
            value = read(made)
            if value is None:
                raise ContextError("what was fetched is of no use")
            self.put(key, made, packed=packed)
            self.shrink()
            return value

    def shrink(self) -> None:
        """Take the oldest contents away until all have room."""
        if self._folder is not None:
            with suppress(OSError):
                _shrink(self._folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process fetch at a time, where the system has such locks."""
        if self._folder is None:
            yield
            return
        try:
            import fcntl  # noqa: PLC0415 - not on every system

            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            file = open(os.path.join(self._folder, _LOCK), "a", encoding="utf-8")  # noqa: SIM115 - closed below
        except (ImportError, OSError):
            yield
            return
        with file:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, key: str) -> str:
        assert self._folder is not None, "only called with a folder"
        return os.path.join(self._folder, _digest(key))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _shrink(folder: str) -> None:
    found = []
    for entry in os.scandir(folder):
        if entry.name != _LOCK and entry.is_file(follow_symlinks=False):
            status = entry.stat(follow_symlinks=False)
            found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found)[:-1]:
        if total <= _LARGEST_CACHE:
            return
        with suppress(OSError):
            os.unlink(path)
        total -= size
