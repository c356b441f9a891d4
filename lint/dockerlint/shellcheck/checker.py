"""Asks ShellCheck about many texts: at once, each only once, and not at all where the answer is remembered.

Whoever has texts says so early (`want`), goes on with other work while ShellCheck runs, and asks for the answer late
(`answer`). A run takes the texts that are waiting when it starts: the first starts at once with what there is, and
while it runs the next share gathers. So a single file does not wait, and for many files the cost of a start does not
count.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from dockerlint.shellcheck.program import Program, knows_busybox, version_of
from dockerlint.shellcheck.remarks import Remark, read_remarks, write_remarks

if TYPE_CHECKING:
    from dockerlint.shellcheck.batch import Batch
    from dockerlint.shellcheck.cache import Cache

#: The most texts of one run, and the fewest that a second run beside the first is started for.
_MOST = 100
_SHARE = 6
#: In seconds: how long one of several runs is waited for before the next is looked at.
_SLICE = 0.02
#: After so many texts that ShellCheck failed on when it had each by itself, it is not asked any more.
_MOST_FAILURES = 5


class Trouble(NamedTuple):
    """Why there is no answer, as a clause whose subject is ShellCheck."""

    reason: str


Answer = tuple[Remark, ...] | Trouble


class Checker:
    """Runs one program, `parallel` processes at most. To be used in a `with`, which ends what still runs."""

    def __init__(self, program: Program, cache: Cache | None = None, parallel: int = 1) -> None:
        self._program = program
        self._cache = cache
        self._parallel = parallel
        self._answers: dict[str, Answer] = {}
        self._waiting: dict[str, None] = {}
        self._alone: set[str] = set()
        self._running: dict[Batch, tuple[str, ...]] = {}
        self._failures = 0
        self._knows_busybox: bool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for batch in self._running:
            batch.cancel()
        self._running.clear()
        if self._cache is not None:
            self._cache.close()

    @property
    def knows_busybox(self) -> bool:
        """Whether the program has a dialect for the shell of busybox."""
        if self._knows_busybox is None:
            key = _key(self._program, "version")
            version = self._cache.get(key) if self._cache is not None else None
            if version is None:
                version = version_of(self._program)
                if self._cache is not None and version:
                    self._cache.put(key, version)
            self._knows_busybox = knows_busybox(version)
        return self._knows_busybox

    def want(self, texts: Iterable[str]) -> None:
        """Say that the answers about these texts will be asked for."""
        for text in texts:
            if text in self._answers or text in self._waiting:
                continue
            remembered = self._remembered(text)
            if remembered is not None:
                self._answers[text] = remembered
            elif not any(text in batch for batch in self._running.values()):
                self._waiting[text] = None
        self._start()

    def has(self, texts: Iterable[str]) -> bool:
        """Whether the answers are there; never waits."""
        self._collect(0.0)
        return all(text in self._answers for text in texts)

    def answer(self, text: str) -> Answer:
        """What ShellCheck says about a text; waits for it."""
        self.want([text])
        while text not in self._answers:
            self._collect(None)
        return self._answers[text]

    def _start(self) -> None:
        """Start what there is room for."""
        while self._waiting and len(self._running) < self._parallel:
            idle = self._parallel - len(self._running)
            share = tuple(islice(self._waiting, self._share(idle)))
            for text in share:
                del self._waiting[text]
            self._run(share)

    def _share(self, idle: int) -> int:
        """How many of the waiting texts the next run takes, with so many runs that could be started."""
        if next(iter(self._waiting)) in self._alone:
            return 1
        return min(max(-(-len(self._waiting) // idle), _SHARE), _MOST)

    def _run(self, texts: tuple[str, ...]) -> None:
        from dockerlint.shellcheck.batch import Batch, BatchError  # noqa: PLC0415 - slow to import

        if self._failures >= _MOST_FAILURES:
            self._answers |= dict.fromkeys(texts, Trouble("failed too often before"))
            return
        try:
            self._running[Batch(self._program, texts)] = texts
        except BatchError as error:
            self._failures = _MOST_FAILURES
            self._answers |= dict.fromkeys(texts, Trouble(str(error)))

    def _collect(self, seconds: float | None) -> None:
        """Take the answers of the runs that are over; wait for one if `seconds` is None."""
        if seconds is None and len(self._running) > 1:
            seconds = _SLICE
        for batch in [batch for batch in self._running if batch.ended(seconds)]:
            self._take(batch, self._running.pop(batch))
        self._start()

    def _take(self, batch: Batch, texts: tuple[str, ...]) -> None:
        from dockerlint.shellcheck.batch import BatchError  # noqa: PLC0415 - slow to import

        try:
            answers = batch.answer()
        except BatchError as error:
            if len(texts) == 1:
                self._failures += 1
                self._answers[texts[0]] = Trouble(str(error))
            else:
                # One of them is to blame: each gets a run of its own.
                self._alone.update(texts)
                self._waiting |= dict.fromkeys(texts)
            return
        for text, remarks in zip(texts, answers, strict=True):
            self._answers[text] = remarks
            if self._cache is not None:
                self._cache.put(_key(self._program, text), write_remarks(remarks))

    def _remembered(self, text: str) -> tuple[Remark, ...] | None:
        if self._cache is None:
            return None
        kept = self._cache.get(_key(self._program, text))
        return None if kept is None else read_remarks(kept)


def _key(program: Program, text: str) -> str:
    """A hash of all that an answer depends on. The options are part of the cache's own version."""
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    return sha256(f"{program.identity}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
