"""Where reports go: standard output, or files that are replaced in one step."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from dockerlint.report.visible import visible

#: Bytes between two words about a transfer.
_STEP = 200_000


def wants_color(choice: str, out: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to write colours: `always`, `never`, or `auto`, which asks the terminal and https://no-color.org."""
    if choice != "auto":
        return choice == "always"
    return out.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """A text file to write, in UTF-8 with line feeds.

    It appears under its name when it is complete; if something goes wrong before, what had that name stays as it was.
    Pipes and devices are written directly. Raises `OSError`.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        return
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:100]}.{os.getpid()}.tmp")
    try:
        with open(temporary, "x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            with suppress(OSError):
                os.chmod(temporary, os.stat(target).st_mode & 0o777)
            yield file
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


class TransferLine:
    """Says on a terminal's standard error what is being fetched, and how many bytes have come."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0

    def __call__(self, what: str, count: int) -> None:
        """Show the bytes that have come so far."""
        if self._shown and (count - self._last >= _STEP or count < self._last):
            self._last = count
            sys.stderr.write(f"\r\x1b[Kfetching {visible(what)}: {count / 1_000_000:.1f} MB")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._last:
            self._last = 0
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class ProgressLine:
    """Says on a terminal's standard error how many files are done, on one line that goes away at the end."""

    def __init__(self, total: int, least: int = 40) -> None:
        self._total = total
        self._shown = total > least and sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        """Show the number of files that are done."""
        if self._shown and (done % 10 == 0 or done == self._total):
            text = f"{done}/{self._total} files" if done < self._total else ""
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
