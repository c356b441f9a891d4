"""Fetches lists of packages from archives of Debian, and remembers them in the user's cache folder.

A list is checked against the sum in the archive's `InRelease`. The signature of that file is not checked: what a forger
could reach is a wrong estimate. https://wiki.debian.org/DebianRepository/Format
"""

from __future__ import annotations

import codecs
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, Protocol

from dockerlint.context.fetch.downloads import downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits, Progress
from dockerlint.layers.sizes.deb_control import kept_lines
from dockerlint.layers.sizes.deb_sorted import SortedList, sorted_list
from dockerlint.layers.sizes.deb_suites import Source
from dockerlint.layers.sizes.remembered import Remembered

LIMITS = Limits(received=60_000_000, unpacked=400_000_000, seconds=120.0, stall=20.0)

#: Changes with what is kept of a list.
_FORM = "list 3"
#: Seconds for which a list is taken as it was fetched.
_FRESH = 24 * 3600
_CHUNK = 1 << 18
_RELEASE_LIMITS = Limits(received=2_000_000, seconds=30.0, stall=10.0)

#: What apt makes of a list of this size when it packs it again, measured on the lists of bookworm and trixie.
_STORED_SHARE = 0.3764


class PackageList(NamedTuple):
    """One list as far as it is needed, the date of its archive (`2026-07-11`), and the bytes that apt stores of it.

    `url` is where its packages lie, `suite` that of the list, `label` what people are told that it is.
    """

    packages: SortedList
    date: str
    stored: int
    url: str = ""
    suite: str = ""
    label: str = "index"


class Lists(Protocol):
    """Where lists come from. `drift` is the share by which sizes may be off because they were not fetched today."""

    @property
    def drift(self) -> float:
        """See above."""

    def get(self, source: Source, architecture: str) -> PackageList:
        """One list. Raises `ContextError`."""


class Archive:
    """Lists that are fetched; see `Lists`. Without a folder nothing is remembered."""

    drift = 0.0

    def __init__(
        self,
        folder: str | None,
        progress: Progress,
        *,
        limits: Limits = LIMITS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._remembered = Remembered(folder, clock=clock)
        self._progress = progress
        self._limits = limits
        self._clock = clock
        # With the moment at which each was fetched.
        self._releases: dict[str, tuple[float, str]] = {}

    def get(self, source: Source, architecture: str) -> PackageList:
        """One list: a remembered one that is fresh, else a fetched one, else an old one. Raises `ContextError`."""
        return self._remembered.or_made(
            "\n".join((_FORM, *source, architecture)),
            lambda: self._fetched(source, architecture),
            partial(_read, source),
            _FRESH,
            packed=False,
        )

    def _fetched(self, source: Source, architecture: str) -> bytes:
        """A list as it is kept: a line about it, and itself."""
        from dockerlint.layers.sizes.unpacking import unpacked  # noqa: PLC0415 - needed once a day

        place = f"{source.url}/dists/{source.suite}"
        what = f"packages of {source.suite}"
        release = self._release(place, what)
        sums = _sums(release)
        name = f"{source.component}/binary-{architecture}/Packages"
        packed = next((f"{name}{ending}" for ending in (".xz", ".gz") if f"{name}{ending}" in sums), None)
        if packed is None:
            raise ContextError(f"{what}: there is none for {architecture}")
        budget = Budget(what, self._limits, self._progress)
        digest = hashlib.sha256()
        with downloaded(f"{place}/{packed}", budget) as answer:
            chunks = _counted(iter(lambda: answer.read(_CHUNK), b""), digest.update)
            text = "".join(kept_lines(_lines(unpacked(chunks, packed, budget))))
            # What is behind the end of the packed content belongs to the sum, too.
            for _ in chunks:
                continue
        if digest.hexdigest() != sums[packed][0]:
            raise ContextError(f"{what}: the list is not the one that its archive announces; try again later")
        size = sums[name][1] if name in sums else len(text) * 3
        stored = round(size * _STORED_SHARE) + (len(release) if source.component == "main" else 0)
        head = json.dumps({"date": _date(release), "stored": stored})
        return b"\n".join((head.encode(), sorted_list(text).data))

    def _release(self, place: str, what: str) -> str:
        """What an archive says about a suite; the lists of all its components are told there."""
        fetched, release = self._releases.get(place, (0.0, ""))
        now = self._clock()
        if now - fetched >= _FRESH:
            budget = Budget(what, _RELEASE_LIMITS, self._progress)
            with downloaded(f"{place}/InRelease", budget) as answer:
                content = b"".join(iter(lambda: answer.read(_CHUNK), b""))
            release = content.decode("utf-8", "replace")
            self._releases[place] = now, release
        return release


def _counted(chunks: Iterator[bytes], tell: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        tell(chunk)
        yield chunk


def _sums(release: str) -> dict[str, tuple[str, int]]:
    """The SHA-256 sums and sizes of a release's files, by their names below its folder."""
    found: dict[str, tuple[str, int]] = {}
    is_inside = False
    for line in release.splitlines():
        if not line.startswith(" "):
            is_inside = line.strip() == "SHA256:"
            continue
        words = line.split()
        if is_inside and len(words) == 3 and words[1].isascii() and words[1].isdigit() and len(words[1]) < 13:
            found[words[2]] = words[0].lower(), int(words[1])
    return found


def _date(release: str) -> str:
    """The day on which an archive was made, blank where it does not say so."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to import

    line = next((line for line in release.splitlines() if line.startswith("Date: ")), "")
    try:
        return parsedate_to_datetime(line[6:]).date().isoformat()
    except (ValueError, IndexError, TypeError):
        return ""


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """The lines of a text; one that is longer than any real one is cut up."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from lines
        if len(rest) > _CHUNK:
            yield rest
            rest = ""
    yield rest


def _read(source: Source, content: bytes) -> PackageList | None:
    """A list that was kept."""
    line, _, data = content.partition(b"\n")
    try:
        head = json.loads(line)
        return PackageList(SortedList(data), head["date"], head["stored"], source.url, source.suite)
    except (ValueError, KeyError, TypeError):
        return None
