"""Lints many files, in several processes where that pays."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dockerlint.cli.guard import described
from dockerlint.cli.paths import File, read
from dockerlint.discovery import Unreadable
from dockerlint.engine import Engine, Pending
from dockerlint.results import FileResult
from dockerlint.shellcheck.cache import Cache
from dockerlint.shellcheck.checker import Checker
from dockerlint.shellcheck.program import Program
from dockerlint.source import Source

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: With fewer files than this, starting processes takes longer than it saves.
_WORTHWHILE = 40

#: The fewest files that a process is started for.
_SHARE = 20

#: How many files may wait for ShellCheck while others are read; their scripts make up a run of it.
_AHEAD = 60

Progress = Callable[[int], None]


def lint_files(
    files: Sequence[File], stdin_name: str | None, jobs: int, progress: Progress, shellcheck: Program | None = None
) -> list[FileResult]:
    """The results of all files, in their order. `shellcheck` is asked about shell scripts where the settings want that.

    `jobs` is the number of processes to use at most. `progress` is called with the number of files that are done.
    Processes are forked, since a rule cannot be sent to another process: where the system cannot fork there is only
    this one.
    """
    workers = min(jobs, len(files) // _SHARE)
    if len(files) <= _WORTHWHILE or workers < 2 or not hasattr(os, "fork"):
        results = []
        for result in _lint(files, stdin_name, shellcheck, jobs):
            results.append(result)
            progress(len(results))
        return results
    return _in_processes(files, stdin_name, workers, progress, shellcheck)


def available_processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lint(
    files: Sequence[File], stdin_name: str | None, shellcheck: Program | None = None, parallel: int = 1
) -> Iterator[FileResult]:
    """One result for each file; what cannot be read, and what we stumble over, is a result with an error.

    ShellCheck runs in `parallel` processes at most, while the next files are read.
    """
    with ExitStack() as stack:
        checker = None
        if shellcheck is not None:
            checker = stack.enter_context(Checker(shellcheck, Cache.of_user(os.environ), parallel))
        engines: dict[int, Engine] = {}
        begun: deque[Pending] = deque()
        for file in files:
            begun.append(_begin(file, stdin_name, engines, checker))
            while begun and (len(begun) > _AHEAD or begun[0].ready()):
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _begin(file: File, stdin_name: str | None, engines: dict[int, Engine], checker: Checker | None) -> Pending:
    source = read(file.path, stdin_name)
    if isinstance(source, Unreadable):
        return Pending.done(FileResult(Source(source.path, ""), error=source.reason))
    engine = engines.get(id(file.effective))
    if engine is None:
        engine = engines[id(file.effective)] = Engine(file.effective.settings, checker=checker)
    try:
        return engine.begin(source)
    except Exception as error:  # noqa: BLE001 - one file must not cost the results of the others
        return Pending.done(FileResult(source, error=described(error)))


def _in_processes(
    files: Sequence[File], stdin_name: str | None, workers: int, progress: Progress, shellcheck: Program | None
) -> list[FileResult]:
    """As `_lint`, with every process taking each so-manieth file, since neighbours are often alike."""
    from multiprocessing import get_context  # noqa: PLC0415 - slow to import
    from multiprocessing.connection import Connection, wait  # noqa: PLC0415 - slow to import

    context = get_context("fork")
    numbers: dict[Connection, Iterator[int]] = {}
    for worker in range(workers):
        receiver, sender = context.Pipe(duplex=False)
        share = files[worker::workers]
        context.Process(target=_work, args=(share, stdin_name, sender, shellcheck), daemon=True).start()
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


def _work(files: Sequence[File], stdin_name: str | None, sender: Connection, shellcheck: Program | None) -> None:
    """What a process does: send the result of each file."""
    try:
        for result in _lint(files, stdin_name, shellcheck):
            # The line index is quicker made again than sent.
            bare = Source(result.source.path, result.source.text)
            sender.send(result._replace(source=bare))
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    finally:
        sender.close()
