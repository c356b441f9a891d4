"""The ignore file of a build context (`.dockerignore`): which files never reach the builder.

What is matched follows moby/patternmatcher as the builder calls it while it walks the context.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from dockerlint.context.automaton import Automaton, Places
from dockerlint.context.globs import Alternatives, read_pattern
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.lines import GO_SPACE, LONGEST_LINE
from dockerlint.syntax.paths import clean_path

_BYTE_ORDER_MARK = "\ufeff"


class Pattern(NamedTuple):
    """One pattern of an ignore file.

    `text` is the pattern as the builder reads it: trimmed, its path cleaned, without a slash at the start, with the
    `!` of one that takes files back (`negated`). `line` counts from 1, or is 0 for a pattern that comes from no file.
    `start` and `end` are offsets of what is written there.
    """

    text: str
    negated: bool
    line: int
    start: int
    end: int


class _Verdict(NamedTuple):
    """What the patterns say of a path: those in force as bits, and the number of the last one of these, or -1."""

    in_force: int
    deciding: int


class _Folder(NamedTuple):
    """Where the automaton stands after the path of a folder and a slash, and the patterns in force for the folder."""

    places: Places
    in_force: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IgnoreFile:
    """The patterns of an ignore file, and what the builder refuses in it.

    A pattern with a problem takes no part in matching. Kinds of problems: `lone-exclamation-mark`, `malformed` and
    `expression` (see `read_pattern`), and `too-long` (a line); for the builder each is fatal, `expression` when it
    comes to try the pattern.
    """

    patterns: tuple[Pattern, ...]
    problems: tuple[Invalid, ...]
    _automaton: Automaton
    # The answers for folders that were asked about before: the same for every file in a folder.
    _folders: dict[str, _Folder] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> IgnoreFile:
        """The ignore file with this text. Offsets of patterns and problems are into it."""
        return cls._of(read_patterns(text), _long_lines(text))

    @classmethod
    def of(cls, patterns: Iterable[str]) -> IgnoreFile:
        """Patterns that come from elsewhere, as those of `COPY --exclude`."""
        lines = ((text, text.strip(GO_SPACE)) for text in patterns)
        return cls._of((Pattern(text, text[:1] == "!", 0, 0, len(whole)) for whole, text in lines if text), ())

    @classmethod
    def _of(cls, patterns: Iterable[Pattern], problems: Iterable[Invalid]) -> IgnoreFile:
        kept: list[Pattern] = []
        read: list[Alternatives] = []
        found = list(problems)
        for pattern in patterns:
            steps = _compiled(pattern)
            if isinstance(steps, Invalid):
                found.append(steps)
            else:
                kept.append(pattern)
                read.append(steps)
        return cls(tuple(kept), tuple(found), Automaton(read))

    def excludes(self, path: str) -> bool:
        """Whether the path, relative to the context with slashes, is kept from the builder; see `excluded_by`."""
        return self.excluded_by(path) is not None

    def excluded_by(self, path: str) -> Pattern | None:
        """The pattern that excludes a path; None if the path is part of the context.

        The last pattern in force decides. One that matches a folder is in force for all below it, but a negated one
        only if it had anything to take back there: `docs/a` then `!docs` excludes `docs/a` all the same. Nothing
        excludes the root.
        """
        path = clean_path(path)
        if path == ".":
            return None
        parent, slash, _ = path.rpartition("/")
        folder = self._folder(parent) if slash else _Folder(self._automaton.start, 0)
        verdict = self._verdict(folder, path[len(parent) + len(slash) :])[0]
        if verdict.deciding < 0 or self.patterns[verdict.deciding].negated:
            return None
        return self.patterns[verdict.deciding]

    def _folder(self, path: str) -> _Folder:
        known = self._folders.get(path)
        if known is not None:
            return known
        folder = _Folder(self._automaton.start, 0)
        for name in path.split("/"):
            verdict, places = self._verdict(folder, name)
            folder = _Folder(self._automaton.advance(places, "/"), verdict.in_force)
        self._folders[path] = folder
        return folder

    def _verdict(self, folder: _Folder, name: str) -> tuple[_Verdict, Places]:
        """What holds for a name in a folder, and where the automaton stands after it."""
        places = self._automaton.advance(folder.places, name)
        candidates = self._automaton.matched(places) | folder.in_force
        in_force, deciding, excluded = 0, -1, False
        while candidates:
            lowest = candidates & -candidates
            candidates ^= lowest
            number = lowest.bit_length() - 1
            negated = self.patterns[number].negated
            # The builder tries only patterns that would change the answer, and remembers for a folder what it tried.
            if folder.in_force & lowest or negated == excluded:
                in_force |= lowest
                deciding, excluded = number, not negated
        return _Verdict(in_force, deciding), places


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of an ignore file in order, the malformed ones too.

    One a line; a line is a comment if `#` is its first character (not after blanks). Blanks around a pattern and
    after its `!` do not count, nor does a slash at the start.
    """
    patterns: list[Pattern] = []
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        mark = number == 1 and line.startswith(_BYTE_ORDER_MARK)
        start = offset + mark
        offset += len(line) + 1
        content = line[mark:]
        if content.startswith("#"):
            continue
        written = content.strip(GO_SPACE)
        if written:
            start += len(content) - len(content.lstrip(GO_SPACE))
            negated = written[0] == "!"
            path = written[negated:].strip(GO_SPACE)
            if path:
                path = clean_path(path)
                path = path[1:] if len(path) > 1 and path[0] == "/" else path
            patterns.append(Pattern("!" * negated + path, negated, number, start, start + len(written)))
    return tuple(patterns)


def _long_lines(text: str) -> list[Invalid]:
    problems = []
    offset = 0
    for line in text.split("\n"):
        if len(line) > LONGEST_LINE // 4 and len(line.encode("utf-8", "surrogatepass")) > LONGEST_LINE:
            reason = f"the line is longer than {LONGEST_LINE} bytes"
            problems.append(Invalid(reason, offset, offset + len(line), "too-long"))
        offset += len(line) + 1
    return problems


def _compiled(pattern: Pattern) -> Alternatives | Invalid:
    cleaned = clean_path(pattern.text)
    if cleaned == "!":
        reason = "'!' alone takes nothing back: name the files, as in '!README.md'"
        return Invalid(reason, pattern.start, pattern.end, "lone-exclamation-mark")
    steps = read_pattern(cleaned.removeprefix("!"))
    if isinstance(steps, Invalid):
        return Invalid(steps.reason, pattern.start, pattern.end, steps.kind)
    return steps
