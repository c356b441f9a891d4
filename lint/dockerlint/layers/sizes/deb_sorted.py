"""A list of packages as it is kept: sorted, so that a package is found by halving, without reading the others.

Reading a whole list takes longer than all the rest of an estimate. What the list says of all packages together is
written down beforehand as well: who provides what, and what every system needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PACKAGE, _PROVIDED, _NEEDED = "Package: ", "Provided: ", "Needed: by every system"
_BETWEEN = b"\n\n"

_NAME = re.compile(r"^Package:[ \t]*(\S+)", re.MULTILINE)
_PROVIDES = re.compile(r"^Provides:(.*)", re.MULTILINE)
_MARK = re.compile(r"^(?:Essential: yes|Priority: required)", re.MULTILINE)


class SortedList(NamedTuple):
    """Paragraphs, the bytes of whose first lines ascend; there are no two with the same.

    One that begins with `Package: ` is that of a package, as archives write it. Below `Provided: ` and the name of a
    virtual package, and below the line that begins with `Needed: `, are names of packages.
    """

    data: bytes

    def package(self, name: str) -> str | None:
        """The paragraph of a package; None if the list does not have it."""
        return self._paragraph(f"{_PACKAGE}{name}")

    def providers(self, name: str) -> tuple[str, ...]:
        """The names of the packages that provide another one."""
        return _names(self._paragraph(f"{_PROVIDED}{name}"))

    def needed(self) -> tuple[str, ...]:
        """The names of the packages that are marked as essential or required."""
        return _names(self._paragraph(_NEEDED))

    def names(self) -> Iterator[str]:
        """The names of all packages."""
        return (match[1] for match in _NAME.finditer(self.data.decode("utf-8", "replace")))

    def _paragraph(self, first_line: str) -> str | None:
        wanted, data = first_line.encode("utf-8", "replace"), self.data
        low, high = 0, len(data)
        while low < high:
            # The paragraph around the middle.
            start = data.rfind(_BETWEEN, low, (low + high) // 2)
            start = low if start < 0 else start + len(_BETWEEN)
            end = data.find(b"\n", start, high)
            line = data[start : high if end < 0 else end]
            if line > wanted:
                high = start
                continue
            end = data.find(_BETWEEN, start, high)
            if line == wanted:
                return data[start : len(data) if end < 0 else end].decode("utf-8", "replace")
            low = high if end < 0 else end + len(_BETWEEN)
        return None


def sorted_list(text: str) -> SortedList:
    """What is kept of a list as archives write it. Of two paragraphs about one package the last counts."""
    packages = dict(_paragraphs(text))
    found = {f"{_PACKAGE}{name}": paragraph for name, paragraph in packages.items()}
    provided: dict[str, dict[str, None]] = {}
    needed: list[str] = []
    for name, paragraph in packages.items():
        match = _PROVIDES.search(paragraph)
        for each in match[1].split(",") if match is not None else ():
            provided.setdefault(" ".join(each.split()).partition(" ")[0], {})[name] = None
        if _MARK.search(paragraph) is not None:
            needed.append(name)
    found |= {f"{_PROVIDED}{name}": "\n".join(by) for name, by in provided.items()}
    found[_NEEDED] = "\n".join(sorted(needed))
    pairs = ((line.encode("utf-8", "replace"), rest.encode("utf-8", "replace")) for line, rest in found.items())
    return SortedList(_BETWEEN.join(b"\n".join(pair) if pair[1] else pair[0] for pair in sorted(pairs)))


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of a list by their packages' names, without the line that tells the name where that is the first.

    That is so nearly always.
    """
    for each in text.split("\n\n"):
        paragraph = each.strip("\n")
        first, _, rest = paragraph.partition("\n")
        match = _NAME.fullmatch(first)
        if match is not None:
            yield match[1], rest
        elif (match := _NAME.search(paragraph)) is not None:
            yield match[1], paragraph


def _names(paragraph: str | None) -> tuple[str, ...]:
    return () if paragraph is None else tuple(paragraph.split("\n")[1:])
