"""Remembers what ShellCheck said, from one run to the next.

One small file for each answer, in the user's cache folder, named by a hash of all that the answer depends on. A file
appears in one step, so runs at the same time do no harm to each other. Trouble of any kind only means that ShellCheck
is asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from dockerlint.context.fetch.user_cache import user_cache

#: When the files have more bytes than this, the oldest go until half of it is left.
LARGEST = 32 * 1024 * 1024
#: What a file takes at least on a disk.
_BLOCK = 4096
#: Files of this size were not written here.
_LARGEST_FILE = 2 * 1024 * 1024

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# https://bford.info/cachedir/\n"


class Cache:
    """The answers in a folder, by key; a key is a hash in hexadecimal digits."""

    def __init__(self, folder: str, largest: int = LARGEST) -> None:
        self._folder = folder
        self._largest = largest
        self._written = 0

    @classmethod
    def of_user(cls, environment: Mapping[str, str]) -> Cache | None:
        """The cache of whoever runs this; None if there is no place for one."""
        folder = user_cache(environment, "shellcheck-1")
        return None if folder is None else cls(folder)

    def get(self, key: str) -> str | None:
        """What is remembered, None if nothing is."""
        try:
            with open(self._path(key), encoding="utf-8") as file:
                return file.read(_LARGEST_FILE)
        except (OSError, ValueError):
            return None

    def put(self, key: str, answer: str) -> None:
        """Remember an answer."""
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}.tmp"
        with suppress(OSError, ValueError):
            if not self._written:
                self._prepare()
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            try:
                with open(temporary, "x", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(answer)
                os.replace(temporary, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary)
                raise
            self._written += 1

    def close(self) -> None:
        """Make room, if something was written."""
        if self._written:
            with suppress(OSError):
                self._shrink()

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, key[:2], key[2:])

    def _prepare(self) -> None:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        with suppress(FileExistsError), open(os.path.join(self._folder, "CACHEDIR.TAG"), "x", encoding="utf-8") as file:
            file.write(_TAG)

    def _shrink(self) -> None:
        found: list[tuple[float, int, str]] = []
        for folder in os.scandir(self._folder):
            if folder.is_dir(follow_symlinks=False) and len(folder.name) == 2:
                for entry in os.scandir(folder.path):
                    status = entry.stat(follow_symlinks=False)
                    found.append((status.st_mtime, max(status.st_size, _BLOCK), entry.path))
        total = sum(size for _, size, _ in found)
        if total <= self._largest:
            return
        for _, size, path in sorted(found):
            if total <= self._largest // 2:
                break
            with suppress(OSError):
                os.unlink(path)
            total -= size
