"""Versions of packages of Python and what they need, from an index.

https://packaging.python.org/specifications/simple-repository-api/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, parse_tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from dockerlint.context.fetch.downloads import MissingError
from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.python.sources import Source, source_of
from dockerlint.layers.sizes.python.target import Target, tags_of
from dockerlint.layers.sizes.python.wheels import metadata_of

INDEX = "https://pypi.org/simple"
_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,200}[a-z0-9])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Changes with what is kept of a page.
_FORM = "page 1"
#: More files than any project has.
_MOST_FILES = 50_000
_MOST_NEEDS = 2_000
#: Several tags may be written as one, and a few long ones would be millions.
_LONGEST_PLATFORM = 300


class Candidate(NamedTuple):
    """A version of a package that fits the interpreter, and the file that is taken. `size` in bytes, 0 if not told."""

    name: str
    version: Version
    url: str
    sha256: str
    size: int
    is_wheel: bool


class Page(NamedTuple):
    """What an index tells of a package: the bytes of the page, and the versions that fit, the newest first."""

    size: int
    candidates: tuple[Candidate, ...]


class PythonIndex:
    """One index, for one interpreter. All methods raise `ContextError` for what cannot be had."""

    def __init__(self, fetcher: Fetcher, target: Target, url: str = INDEX) -> None:
        self._fetcher = fetcher
        self._target = target
        self._url = url.rstrip("/")

    def ask(self, name: str) -> None:
        """Start to fetch what is told of a package, and what the version needs that is probably taken."""
        wait = self._asked(name)
        self._fetcher.once(f"guess {name} {self._target}", lambda: self._guess(wait))

    def page(self, name: str) -> Page:
        """The versions of a package, by its canonical name."""
        return self._asked(name)()

    def needs(self, candidate: Candidate) -> tuple[Requirement, ...]:
        """What a version needs, also what only extras or other platforms do."""
        return self._needed(candidate)()

    def source(self, candidate: Candidate) -> Callable[[], Source]:
        """Start to read the source archive of a version; what is returned waits for it."""
        read = partial(source_of, self._fetcher, candidate.name, candidate.url, candidate.sha256)
        return self._fetcher.once(f"source {candidate.url}", read)

    def _asked(self, name: str) -> Callable[[], Page]:
        return self._fetcher.once(f"page {name} {self._target}", lambda: self._page(name))

    def _needed(self, candidate: Candidate) -> Callable[[], tuple[Requirement, ...]]:
        # Whoever waits inside of the fetcher may wait only for what was started before.
        source = None if candidate.is_wheel else self.source(candidate)
        return self._fetcher.once(f"needs {candidate.url}", lambda: self._needs(candidate, source))

    def _guess(self, wait: Callable[[], Page]) -> None:
        candidates = wait().candidates
        if candidates and candidates[0].is_wheel:
            self._needed(candidates[0])

    def _page(self, name: str) -> Page:
        if _NAME.fullmatch(name) is None:
            raise ContextError(f"'{name[:80]}' is no name of a package")
        url = f"{self._url}/{name}/"
        form = f"{_FORM} {self._target}"
        try:
            content = self._fetcher.index(url, _JSON, form=form, reduce=lambda whole: self._reduced(name, url, whole))
        except MissingError as error:
            raise ContextError(f"the index has no '{name}'") from error
        return _restored(name, content)

    def _reduced(self, name: str, url: str, content: bytes) -> bytes:
        """What is kept of a page: its bytes, and of each version the best file. `_restored` reads it."""
        try:
            files = json.loads(content)["files"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ContextError(f"{url}: it cannot be read as an index") from error
        found = self._candidates(name, url, files if isinstance(files, list) else [])
        rows = [(str(each.version), each.url, each.sha256, each.size, each.is_wheel) for each in found]
        return json.dumps((len(content), rows), separators=(",", ":")).encode()

    def _candidates(self, name: str, url: str, files: list[object]) -> tuple[Candidate, ...]:
        """The best file of each version that fits."""
        tags = tags_of(self._target)
        best: dict[Version, tuple[int, Candidate]] = {}
        # Most files of a page are for few platforms and interpreters, and reading what they say takes time.
        rank_of = cache(lambda platform: min((tags[tag] for tag in _tags(platform) if tag in tags), default=None))
        runs = cache(self._runs)
        for file in files[:_MOST_FILES]:
            if not isinstance(file, dict) or file.get("yanked"):
                continue
            filename, requires = file.get("filename"), file.get("requires-python")
            if not isinstance(filename, str) or not (requires is None or isinstance(requires, str)):
                continue
            rank = rank_of(_platform(filename)) if filename.endswith(".whl") else len(tags)
            candidate = _candidate(name, url, filename, file) if rank is not None and runs(requires or "") else None
            if candidate is None or rank is None:
                continue
            known = best.get(candidate.version)
            if known is None or rank < known[0]:
                best[candidate.version] = (rank, candidate)
        return tuple(best[version][1] for version in sorted(best, reverse=True))

    def _runs(self, requires: str) -> bool:
        if not requires:
            return True
        try:
            # The micro version is not known; nobody asks for less than the newest one.
            return SpecifierSet(requires).contains(f"{self._target.python}.99", prereleases=True)
        except InvalidSpecifier:
            return True

    def _needs(self, candidate: Candidate, source: Callable[[], Source] | None) -> tuple[Requirement, ...]:
        if source is not None:
            return tuple(self._needs_of_source(candidate, source))
        facts = self._fetcher.facts(f"needs {candidate.url}", lambda: {"needs": self._told(candidate)})
        return tuple(_requirements(facts.get("needs")))

    def _told(self, candidate: Candidate) -> list[str]:
        """What the metadata of a wheel tell of its needs."""
        from packaging.metadata import parse_email  # noqa: PLC0415 - slow to import, and seldom needed

        try:
            content = self._fetcher.unkept(f"{candidate.url}.metadata")
        except MissingError:
            content = metadata_of(self._fetcher, candidate.url)
        return parse_email(content)[0].get("requires_dist", [])

    def _needs_of_source(self, candidate: Candidate, source: Callable[[], Source]) -> Iterator[Requirement]:
        """What a version needs that has no wheel: its archive tells it, else the index may."""
        try:
            yield from _requirements(list(source().needs))
        except ContextError:
            url = f"{self._url.removesuffix('/simple')}/pypi/{candidate.name}/{candidate.version}/json"
            try:
                told = json.loads(self._fetcher.index(url))["info"]["requires_dist"]
            except (MissingError, ValueError, LookupError, TypeError, RecursionError):
                return
            yield from _requirements(told)


def _restored(name: str, content: bytes) -> Page:
    """A page as `_reduced` writes it."""
    try:
        size, rows = json.loads(content)
        found = (Candidate(name, Version(text), *rest) for text, *rest in rows)
        return Page(size, tuple(found))
    except (ValueError, TypeError) as error:
        raise ContextError(f"what is remembered of {name} is of no use") from error


def _platform(filename: str) -> str:
    """What a wheel's name tells of the interpreter, its ABI and the platform."""
    return "-".join(filename.removesuffix(".whl").rsplit("-", 3)[1:])


def _tags(platform: str) -> frozenset[Tag]:
    """The tags of a wheel; none where that is not what is written."""
    if platform.count("-") != 2 or len(platform) > _LONGEST_PLATFORM:
        return frozenset()
    try:
        return parse_tag(platform)
    except ValueError:
        return frozenset()


def _candidate(name: str, url: str, filename: str, file: dict[str, object]) -> Candidate | None:
    """A file of an index; None for what is neither a wheel nor source of the package."""
    place, size, sums = (file.get(key) for key in ("url", "size", "hashes"))
    if not isinstance(place, str):
        return None
    if not place.startswith("https://"):
        place = urljoin(url, place)
        if urlsplit(place).scheme not in ("http", "https"):
            return None
    is_wheel = filename.endswith(".whl")
    try:
        of, version = parse_wheel_filename(filename)[:2] if is_wheel else parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    digest = sums.get("sha256") if isinstance(sums, dict) else None
    sha256 = digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else ""
    count = size if isinstance(size, int) and 0 <= size < 1 << 40 else 0
    return Candidate(name, version, place, sha256, count, is_wheel) if of == name else None


def _requirements(told: object) -> Iterator[Requirement]:
    """What can be read of a list of texts, or of something else."""
    for text in told[:_MOST_NEEDS] if isinstance(told, list) else ():
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, TypeError):
            continue
        requirement.name = canonicalize_name(requirement.name)
        yield requirement
