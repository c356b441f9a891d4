"""Many small files from registries: fetched side by side, each once, and remembered.

What a URL with a checksum or a version in it gives never changes and is remembered for good; what tells of new versions
is asked for again after a day. Nothing that is fetched is run or unpacked to disk.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.request import OpenerDirector

from dockerlint import web
from dockerlint.context.fetch.downloads import MissingError, downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits, Progress, Stream
from dockerlint.layers.sizes.remembered import Remembered

LIMITS = Limits(received=60_000_000, unpacked=400_000_000, seconds=60.0, stall=10.0)
#: What is read as it comes takes no memory.
_STREAMED = Limits(received=250_000_000, unpacked=2_000_000_000)

#: Seconds for which a list of versions is taken as it was fetched.
FRESH = 24 * 3600.0

#: Seconds and requests that one run of the program may spend in all.
_SECONDS = 180.0
_MOST_REQUESTS = 5_000
_SIDE_BY_SIDE = 24
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

T = TypeVar("T")


#: Makes what is kept of a document; may raise `ContextError`.
Reduce = Callable[[bytes], bytes]

_PART = re.compile(r"bytes ([0-9]{1,14})-[0-9]{1,14}/([0-9]{1,14})")


class Part(NamedTuple):
    """Bytes of a file, where they begin in it, and the bytes that the whole file has."""

    content: bytes
    start: int
    size: int


class Fetcher:
    """Asks servers for files. All methods may be called from several threads, and raise `ContextError`."""

    def __init__(self, remembered: Remembered, progress: Progress, *, limits: Limits = LIMITS) -> None:
        self._remembered = remembered
        self._progress = progress
        self._limits = limits
        self._lock = threading.Lock()
        self._futures: dict[str, Future[object]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._opener: OpenerDirector | None = None
        self._requests = 0
        self._received = 0
        self._end = 0.0

    def once(self, key: str, make: Callable[[], T]) -> Callable[[], T]:
        """Start to make something for which a key stands, unless that was done before.

        The function that is returned waits for it, and raises what making it raises. `make` may wait only
        for what was started before it.
        """
        with self._lock:
            future = self._futures.get(key)
            if future is None:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="fetch")
                future = self._futures[key] = self._pool.submit(make)
        # One key stands for one kind of value.
        return future.result  # type: ignore[return-value]

    def index(
        self, url: str, headers: Mapping[str, str] = _NO_HEADERS, *, form: str = "", reduce: Reduce | None = None
    ) -> bytes:
        """A document that changes, or what `reduce` makes of it, which is remembered instead; an old one beats none.

        `form` tells the results of different functions apart.
        """
        key = f"{form} {url}" if form else url
        content = self._remembered.get(key, FRESH)
        if content is not None:
            return content
        try:
            content = self._get(url, headers)
            content = content if reduce is None else reduce(content)
        except MissingError:
            raise
        except ContextError:
            old = self._remembered.get(key)
            if old is None:
                raise
            return old
        self._remembered.put(key, content)
        return content

    def facts(self, key: str, read: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """What was once read of a file that never changes, as a JSON object: remembered instead of the file."""
        content = self._remembered.get(key)
        if content is not None:
            try:
                found = json.loads(content)
            except ValueError:
                found = None
            if isinstance(found, dict):
                return found
        facts = read()
        self._remembered.put(key, json.dumps(dict(facts)).encode())
        return facts

    def end_of(self, url: str, count: int) -> Part:
        """The last bytes of a file, or all of it where it is shorter or the server gives no parts."""
        return self._part(url, f"bytes=-{count}")

    def part_of(self, url: str, start: int, count: int) -> Part:
        """So many bytes of a file, fewer at its end, or all of it where the server gives no parts."""
        return self._part(url, f"bytes={start}-{start + count - 1}")

    def _part(self, url: str, asked: str) -> Part:
        with downloaded(url, self._budget(url), headers={"Range": asked}, opener=self._open()) as answer:
            content = answer.whole()
            match = _PART.fullmatch(answer.header("Content-Range") or "") if answer.status == 206 else None
        self._count(len(content))
        return Part(content, 0, len(content)) if match is None else Part(content, int(match[1]), int(match[2]))

    def stream(self, url: str, read: Callable[[Stream, Budget], T]) -> T:
        """What a function makes of a file while it comes; it counts what it unpacks."""
        streamed = self._limits._replace(received=_STREAMED.received, unpacked=_STREAMED.unpacked)
        budget = self._budget(url, streamed)
        with downloaded(url, budget, opener=self._open()) as answer:
            return read(answer, budget)

    def unkept(self, url: str) -> bytes:
        """A file that is asked for again each time."""
        return self._get(url, _NO_HEADERS)

    def length(self, url: str) -> tuple[int, bool] | None:
        """The bytes of a file as the server tells them without sending it, and whether it sent us elsewhere for that.

        None where it does not tell them.
        """
        with downloaded(url, self._budget(url), method="HEAD", opener=self._open()) as answer:
            told = answer.header("Content-Length") or ""
            packed = answer.header("Content-Encoding")
            moved = answer.url != url
        return (int(told), moved) if told.isascii() and told.isdigit() and len(told) < 15 and not packed else None

    def _get(self, url: str, headers: Mapping[str, str]) -> bytes:
        with downloaded(url, self._budget(url), headers=headers, opener=self._open()) as answer:
            content = answer.whole()
        self._count(len(content))
        return content

    def _open(self) -> OpenerDirector:
        with self._lock:
            if self._opener is None:
                self._opener = web.opener()
            return self._opener

    def _budget(self, url: str, limits: Limits | None = None) -> Budget:
        """The budget of one request; raises where those of all are spent."""
        with self._lock:
            self._requests += 1
            now = time.monotonic()
            self._end = self._end or now + _SECONDS
            if self._requests > _MOST_REQUESTS or now > self._end:
                raise ContextError(f"{_shown(url)}: too much would have to be fetched for this estimate")
            seconds = min(self._limits.seconds, max(1.0, self._end - now))
        return Budget(_shown(url), (limits or self._limits)._replace(seconds=seconds), _silent)

    def _count(self, received: int) -> None:
        with self._lock:
            self._received += received
            count = self._received
        self._progress("sizes of packages", count)


def _shown(url: str) -> str:
    """A URL for messages: without a login, not too long."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"[:160]


def _silent(what: str, count: int) -> None:
    del what, count
