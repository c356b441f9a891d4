"""Lints many files, in several processes where that pays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dockerlint.cli.guard import described
from dockerlint.cli.paths import File, read
from dockerlint.discovery import Unreadable
from dockerlint.engine import Engine
from dockerlint.results import FileResult
from dockerlint.source import Source

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: With fewer files than this, starting processes takes longer than it saves.
_WORTHWHILE = 40

#: The fewest files that a process is started for.
_SHARE = 20

Progress = Callable[[int], None]


def lint_files(files: Sequence[File], stdin_name: str | None, jobs: int, progress: Progress) -> list[FileResult]:
    """The results of all files, in their order.

    `jobs` is the number of processes to use at most. `progress` is called with the number of files that are done.
    Processes are forked, since a rule cannot be sent to another process: where the system cannot fork there is only
    this one.
    """
    workers = min(jobs, len(files) // _SHARE)
    if len(files) <= _WORTHWHILE or workers < 2 or not hasattr(os, "fork"):
        results = []
        for result in _lint(files, stdin_name):
            results.append(result)
            progress(len(results))
        return results
    return _in_processes(files, stdin_name, workers, progress)


def available_processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lint(files: Sequence[File], stdin_name: str | None) -> Iterator[FileResult]:
    """One result for each file; what cannot be read, and what we stumble over, is a result with an error."""
    engines: dict[int, Engine] = {}
    for path, effective in files:
        source = read(path, stdin_name)
        if isinstance(source, Unreadable):
            yield FileResult(Source(source.path, ""), error=source.reason)
            continue
        engine = engines.get(id(effective))
        if engine is None:
            engine = engines[id(effective)] = Engine(effective.settings)
        try:
            yield engine.lint(source)
        except Exception as error:  # noqa: BLE001 - one file must not cost the results of the others
            yield FileResult(source, error=described(error))


def _in_processes(files: Sequence[File], stdin_name: str | None, workers: int, progress: Progress) -> list[FileResult]:
    """As `_lint`, with every process taking each so-manieth file, since neighbours are often alike."""
    from multiprocessing import get_context  # noqa: PLC0415 - slow to import
    from multiprocessing.connection import Connection, wait  # noqa: PLC0415 - slow to import

    context = get_context("fork")
    numbers: dict[Connection, Iterator[int]] = {}
    for worker in range(workers):
        receiver, sender = context.Pipe(duplex=False)
        share = files[worker::workers]
        context.Process(target=_work, args=(share, stdin_name, sender), daemon=True).start()
        sender.close()
        numbers[receiver] = iter(range(worker, len(files), workers))
    results: dict[int, FileResult] = {}
    while numbers:
        for ready in wait(list(numbers)):
            assert isinstance(ready, Connection)
            try:
                result: FileResult = ready.recv()
            except EOFError:
                del numbers[ready]
                continue
            results[next(numbers[ready])] = result
            progress(len(results))
    lost = "the process that was to read it has ended"
    return [results.get(at) or FileResult(Source(file.path, ""), error=lost) for at, file in enumerate(files)]


def _work(files: Sequence[File], stdin_name: str | None, sender: Connection) -> None:
    """What a process does: send the result of each file."""
    try:
        for result in _lint(files, stdin_name):
            # The line index is quicker made again than sent.
            bare = Source(result.source.path, result.source.text)
            sender.send(FileResult(bare, result.findings, result.suppressed, result.error))
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    finally:
        sender.close()
