"""What a source archive of a package would install, and what it needs: both are read, nothing is built.

Archives say what they need in the same words as wheels, or as setuptools does in a file of its own.
https://packaging.python.org/specifications/source-distribution-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from packaging.utils import canonicalize_name

from dockerlint.context.fetch.archives import DAMAGES
from dockerlint.context.fetch.limits import Budget, ContextError, Stream
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.tar_entries import tar_entries

#: Endings of what a compiler reads, which is not installed as it is.
_COMPILED = (".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".go", ".pyx", ".rs")
_NOT_INSTALLED = (*_COMPILED, ".h", ".hpp", ".pxd", ".in", ".toml", ".cfg")
#: Folders below which packages lie, and those beside them that are not installed.
_ROOTS = ("src/", "lib/", "python/")
_BESIDE = frozenset({"test", "tests", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "tools"})
_METADATA = re.compile(r"PKG-INFO|(?:[^/]+/)?[^/]+\.egg-info/(?:requires|top_level)\.txt")
_SECTION = re.compile(r"\[([^:\]]*)(?::(.*))?\]")
_MOST_BYTES = 1 << 40


class Source(NamedTuple):
    """What a source archive has.

    Of the files that are probably installed `unpacked` are the bytes, with the package's description; there are so many
    `modules`, which have `source` bytes of text, and paths of `names` characters. With `is_compiled` there is something
    that a compiler makes more of. `needs` are requirements as a wheel would tell them.
    """

    unpacked: int
    modules: int
    source: int
    names: int
    is_compiled: bool
    needs: tuple[str, ...]


def source_of(fetcher: Fetcher, name: str, url: str, sha256: str) -> Source:
    """What the archive at a URL has, for a package of a canonical name. Raises `ContextError`."""
    facts = fetcher.facts(f"source {url} {sha256}", lambda: _read(fetcher, name, url)._asdict())
    numbers = [facts.get(field) for field in Source._fields[:4]]
    counts = [number for number in numbers if isinstance(number, int)]
    needs = facts.get("needs")
    if len(counts) < len(numbers) or not isinstance(needs, list | tuple):
        raise ContextError(f"{url}: what is remembered of it is of no use")
    unpacked, modules, source, names = counts
    return Source(unpacked, modules, source, names, facts.get("is_compiled") is True, tuple(map(str, needs)))


def _read(fetcher: Fetcher, name: str, url: str) -> Source:
    if not url.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        raise ContextError(f"{url}: such an archive is not read")

    def read(stream: Stream, budget: Budget) -> Source:
        try:
            return read_source(stream, budget, name)
        except (*DAMAGES, OSError) as error:
            raise ContextError(f"{url}: the archive is damaged, or is none") from error

    return fetcher.stream(url, read)


def read_source(stream: Stream, budget: Budget, name: str) -> Source:
    """What an archive has, for a package of a canonical name. Raises `ContextError`, and what a damaged one raises."""
    sizes: dict[str, int] = {}
    texts: dict[str, str] = {}
    for header, content in tar_entries(stream, budget):
        path = header.name.removeprefix("./").partition("/")[2]
        if header.isreg() and path:
            sizes[path] = header.size
            if _METADATA.fullmatch(path):
                texts.setdefault(path.rpartition("/")[2], content.decode("utf-8", "replace"))
    installed = dict(_installed(sizes, texts.get("top_level.txt", ""), name))
    modules = {path: size for path, size in installed.items() if path.endswith(".py")}
    return Source(
        min(sum(installed.values()) + len(texts.get("PKG-INFO", "")), _MOST_BYTES),
        len(modules),
        min(sum(modules.values()), _MOST_BYTES),
        sum(map(len, modules)),
        any(path.endswith(_COMPILED) and path.partition("/")[0] not in _BESIDE for path in sizes),
        tuple(_needs(texts)),
    )


def _installed(sizes: Mapping[str, int], listed: str, name: str) -> Iterator[tuple[str, int]]:
    """The files that are probably installed: what the archive lists as modules and packages, else its packages."""
    stripped = {next((path[len(root) :] for root in _ROOTS if path.startswith(root)), path): path for path in sizes}
    tops = set(listed.split()) or {
        path.partition("/")[0]
        for path in stripped
        if path.count("/") == 1 and path.endswith("/__init__.py") and path.partition("/")[0] not in _BESIDE
    }
    for path, whole in stripped.items():
        first, slash, _ = path.partition("/")
        is_module = not slash and (
            path.removesuffix(".py") in tops or canonicalize_name(path.removesuffix(".py")) == name
        )
        if (first in tops and slash and not path.endswith(_NOT_INSTALLED)) or (is_module and path.endswith(".py")):
            yield path, sizes[whole]


def _needs(texts: Mapping[str, str]) -> Iterator[str]:
    """Requirements: those of the description, else those that setuptools has written down."""
    head = texts.get("PKG-INFO", "").partition("\n\n")[0]
    told = re.findall(r"^Requires-Dist: (.*)$", head, re.MULTILINE)
    yield from told or _of_setuptools(texts.get("requires.txt", ""))


def _of_setuptools(text: str) -> Iterator[str]:
    """The lines of `requires.txt`: below `[extra:marker]` are those that count only then.

    https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html#requires-txt
    """
    extra = marker = ""
    for line in map(str.strip, text.splitlines()):
        section = _SECTION.fullmatch(line)
        if section is not None:
            extra, marker = section[1].strip(), (section[2] or "").strip()
        elif line:
            conditions = [f"({marker})"] if marker else []
            conditions += [f'extra == "{extra}"'] if extra else []
            yield f"{line} ; {' and '.join(conditions)}" if conditions else line
