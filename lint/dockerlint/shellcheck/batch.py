"""One run of ShellCheck over several texts, in the background."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress

from dockerlint.shellcheck.codes import EXCLUDED
from dockerlint.shellcheck.program import Program, clean
from dockerlint.shellcheck.remarks import OutputError, Remark, read_output

#: Neither the settings of whoever runs this nor those of a folder above the texts count: dlint has its own.
OPTIONS = ("--norc", "--format=json1", f"--exclude={','.join(EXCLUDED)}")

#: Seconds of processor time for a run and for each text in it, where the system can limit that. A text takes 0.01.
_EFFORT = 5
_EFFORT_PER_TEXT = 0.2
#: Seconds by the clock: much more, since other programs may be busy.
_PATIENCE = 60
_PATIENCE_PER_TEXT = 1

_LARGEST_OUTPUT = 32 * 1024 * 1024
_CHUNK = 65536
#: The signal that ends a process which has used up its processor time.
_TIME_IS_UP = getattr(signal, "SIGXCPU", 0)
#: Exit statuses after a complete run: without and with remarks.
_COMPLETE = (0, 1)


class BatchError(Exception):
    """There is no answer; the message says why, as a clause whose subject is ShellCheck."""


class Batch:
    """A run that has been started. Raises `BatchError` if it cannot be."""

    def __init__(self, program: Program, texts: Sequence[str], patience: float = _PATIENCE) -> None:
        self._names = [str(number) for number in range(len(texts))]
        self._output = bytearray()
        self._patience = patience + _PATIENCE_PER_TEXT * len(texts)
        self._deadline = time.monotonic() + self._patience
        self._trouble = ""
        self._folder = tempfile.mkdtemp(prefix="dlint-")
        try:
            for name, text in zip(self._names, texts, strict=True):
                with open(os.path.join(self._folder, name), "w", encoding="utf-8", newline="") as file:
                    file.write(text)
            self._process = subprocess.Popen(
                [program.path, *OPTIONS, *self._names],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=clean(os.environ),
            )
            _limit(self._process.pid, _EFFORT + _EFFORT_PER_TEXT * len(texts))
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise BatchError(f"could not be started: {error.strerror or error}") from error

    def ended(self, seconds: float | None = 0.0) -> bool:
        """Whether the run is over; waits for it so many seconds at most, or with None as long as it may take.

        A run that takes too long, or says too much, is ended.
        """
        until = self._deadline if seconds is None else min(time.monotonic() + seconds, self._deadline)
        if os.name == "nt":
            return self._ended_without_select(until)
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while not self._process.stdout.closed:
            left = until - time.monotonic()
            if not select.select([descriptor], [], [], max(left, 0.0))[0]:
                if time.monotonic() < self._deadline:
                    return False
                self._end(f"did not finish within {self._patience:.0f} seconds")
                return True
            chunk = os.read(descriptor, _CHUNK)
            self._output += chunk
            if not chunk:
                self._process.stdout.close()
            elif len(self._output) > _LARGEST_OUTPUT:
                self._end("wrote too much")
        return True

    def answer(self) -> list[tuple[Remark, ...]]:
        """The remarks about each text, when the run is over. Raises `BatchError` if it went wrong."""
        status = self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._trouble:
            raise BatchError(self._trouble)
        if status not in _COMPLETE:
            how = f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"
            raise BatchError("took too long" if status == -_TIME_IS_UP else how)
        try:
            by_name = read_output(bytes(self._output), self._names)
        except OutputError as error:
            raise BatchError("gave an answer that is none of its own") from error
        return [by_name[name] for name in self._names]

    def cancel(self) -> None:
        """End the run, whose answer is not wanted any more."""
        self._end("was ended")
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, why: str) -> None:
        self._trouble = why
        with suppress(OSError):
            self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ended_without_select(self, until: float) -> bool:
        """As `ended`, where one cannot wait for a pipe: nothing is read before the answer is waited for."""
        left = until - time.monotonic()
        if left <= 0 and time.monotonic() < self._deadline:
            return self._process.poll() is not None
        try:
            self._output += self._process.communicate(timeout=max(left, 0.0))[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() < self._deadline:
                return False
            self._end(f"did not finish within {self._patience:.0f} seconds")
        return True


def _limit(process: int, seconds: float) -> None:
    """Limit the processor time of a process, where the system can."""
    with suppress(ImportError, AttributeError, OSError):
        import resource  # noqa: PLC0415 - not there on Windows

        whole = int(seconds)
        resource.prlimit(process, resource.RLIMIT_CPU, (whole, whole + 1))
