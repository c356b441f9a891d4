"""Reads what pip is told to install: operands and requirement files, as far as all of them are known.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from dockerlint.layers.sizes.install import Files, Request
from dockerlint.syntax.paths import clean_path

_COMMENT = re.compile(r"(^|\s)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"(-[a-zA-Z]|--[a-z-]+)(?:[ =]\s*|(?<=^-[rce]))(.*)")
_PER_REQUIREMENT = re.compile(r"\s+--(?:hash|config-settings?|global-option|install-option)\b.*$")
#: Options of a file that lead to other packages than those of the usual index.
_OTHER_INDEX = ("-i", "--index-url", "--extra-index-url", "--pypi-url", "-f", "--find-links", "--no-index")
_MOST_LINES = 20_000
_DEEPEST = 20


class NotKnownError(Exception):
    """What is installed is not known; the message says why."""


class Listed(NamedTuple):
    """What is asked for, and constraints by canonical names. `prereleases`: an option or a file allows all of them."""

    requirements: tuple[Requirement, ...]
    constraints: Mapping[str, SpecifierSet]
    prereleases: bool


def listed(request: Request, files: Files, environment: Mapping[str, str]) -> Listed:
    """What a `pip install` asks for. Raises `NotKnownError`."""
    reader = _Reader(files, environment)
    for operand in request.packages:
        reader.requirement(operand)
    for path in request.lists:
        reader.file(path, is_constraint=False, depth=0)
    for path in (
        *request.values("-c", "--constraint", "--constraints"),
        *environment.get("PIP_CONSTRAINT", "").split(),
    ):
        reader.file(_joined(request.directory, path), is_constraint=True, depth=0)
    return Listed(tuple(reader.found), reader.constraints, reader.prereleases or request.has("--pre"))


class _Reader:
    def __init__(self, files: Files, environment: Mapping[str, str]) -> None:
        self._files = files
        self._environment = environment
        self._seen: set[str] = set()
        self.found: list[Requirement] = []
        self.constraints: dict[str, SpecifierSet] = {}
        self.prereleases = False

    def file(self, path: str, *, is_constraint: bool, depth: int) -> None:
        """Read a file and those that it includes."""
        if path in self._seen:
            return
        self._seen.add(path)
        if depth > _DEEPEST:
            raise NotKnownError("requirement files include one another too deeply")
        content = self._files.read(path) if path.startswith("/") else None
        if content is None:
            raise NotKnownError(f"the content of {path[:100]} is not known")
        for line in _lines(content.decode("utf-8-sig", "replace")):
            if line.startswith("-"):
                self._option(line, posixpath.dirname(path), is_constraint=is_constraint, depth=depth)
            elif is_constraint:
                self._constraint(line)
            else:
                self.requirement(line)

    def _option(self, line: str, folder: str, *, is_constraint: bool, depth: int) -> None:
        match = _OPTION.fullmatch(line)
        name, value = (match[1], match[2].strip()) if match is not None else (line.strip(), "")
        if name in ("-r", "--requirement"):
            self.file(_joined(folder, value), is_constraint=is_constraint, depth=depth + 1)
        elif name in ("-c", "--constraint"):
            self.file(_joined(folder, value), is_constraint=True, depth=depth + 1)
        elif name in ("-e", "--editable"):
            raise NotKnownError(f"what '{value[:80]}' installs is not known")
        elif name in _OTHER_INDEX:
            raise NotKnownError("packages come from another index")
        self.prereleases = self.prereleases or name == "--pre"

    def requirement(self, text: str) -> None:
        """Take in one requirement; paths and URLs are not known."""
        try:
            found = Requirement(self._expanded(_PER_REQUIREMENT.sub("", text)))
        except InvalidRequirement as error:
            raise NotKnownError(f"what '{text[:80]}' installs is not known") from error
        if found.url:
            raise NotKnownError(f"what '{text[:80]}' installs is not known")
        self.found.append(found)

    def _constraint(self, text: str) -> None:
        try:
            found = Requirement(self._expanded(_PER_REQUIREMENT.sub("", text)))
        except InvalidRequirement as error:
            raise NotKnownError(f"the constraint '{text[:80]}' is not known") from error
        if found.marker is None:
            name = canonicalize_name(found.name)
            self.constraints[name] = self.constraints.get(name, SpecifierSet()) & found.specifier

    def _expanded(self, text: str) -> str:
        return _VARIABLE.sub(lambda match: self._environment.get(match[1], match[0]), text)


def _lines(text: str) -> Iterator[str]:
    """The lines that say something: comments are left out, lines that end with a backslash joined."""
    joined = ""
    for line in text.splitlines()[:_MOST_LINES]:
        bare = _COMMENT.sub("", line).rstrip() if not joined or "#" in line else line.rstrip()
        if bare.endswith("\\"):
            joined += f"{bare[:-1]} "
            continue
        whole = (joined + bare).strip()
        joined = ""
        if whole:
            yield whole
    if joined.strip():
        yield joined.strip()


def _joined(folder: str | None, path: str) -> str:
    if path.startswith("/"):
        return clean_path(path)
    return path if folder is None else clean_path(posixpath.join(folder, path))
