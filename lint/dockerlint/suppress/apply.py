"""Hides findings: what each suppression of a file covers, and which have hidden something."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from dockerlint.finding import Finding
from dockerlint.shellcheck.codes import covers as codes_cover
from dockerlint.source import Span
from dockerlint.suppress.values import Suppression, UnknownWord, UnusedSuppression
from dockerlint.suppress.words import Dictionary
from dockerlint.syntax.pragma_reader import read_pragmas
from dockerlint.syntax.pragmas import Pragma, Reach, Tool
from dockerlint.syntax.tree import Dockerfile

#: Bounds of the work for one file; more words than these are not looked up, and hide nothing.
_MOST_WORDS = 1_000
_MOST_SUGGESTIONS = 10


class _Place(NamedTuple):
    """A part of the file that suppressions cover; `number` tells lines, instructions and stages apart."""

    kind: str
    number: int


_FILE = _Place("file", 0)


class _Cover(NamedTuple):
    """The codes that one word of the suppression at `span` hides at a place, and the reason that it gives."""

    codes: frozenset[str]
    span: Span
    reason: str | None


class Suppressions:
    """The suppressions of one file at work: `split` findings first, then ask for those that were `unused`."""

    def __init__(self, dockerfile: Dockerfile, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._pragmas = read_pragmas(dockerfile).suppressions
        self._places = _Places(dockerfile) if self._pragmas else None
        self._looked_up: set[tuple[Tool, str]] = set()
        self._covers: dict[_Place, list[_Cover]] = {}
        self._hiding: dict[tuple[_Place, str], tuple[_Cover, ...]] = {}
        self._used: set[tuple[_Place, str]] = set()
        for pragma in self._pragmas:
            self._cover(pragma)

    def values(self) -> Iterator[Suppression]:
        """The suppressions as rules see them, in file order."""
        suggestions: dict[str, str | None] = {}
        for pragma in self._pragmas:
            unknown = []
            for word in pragma.words or ():
                if self._is_unknown(pragma.tool, word.text):
                    if word.text not in suggestions and len(suggestions) < _MOST_SUGGESTIONS:
                        suggestions[word.text] = self._dictionary.suggestion(word.text)
                    unknown.append(UnknownWord(word, suggestions.get(word.text)))
            yield Suppression(pragma, tuple(unknown))

    def split(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The findings that stay and those that a suppression hides, these with the reason that it gives.

        Nothing hides what the builder refuses, and no suppression hides a finding about itself.
        """
        kept: list[Finding] = []
        hidden: list[Finding] = []
        for finding in findings:
            cover = None if finding.fatal else self._hiding_cover(finding)
            if cover is None:
                kept.append(finding)
            else:
                hidden.append(replace(finding, excuse=cover.reason))
        return kept, hidden

    def unused(self, judged: Callable[[str], bool]) -> Iterator[UnusedSuppression]:
        """The suppressions with words that hid none of the findings so far, in file order.

        `judged` tells whether a code could have been found: a word that means any other code is given the benefit of
        the doubt, and so are all words of another tool's pragma if one of them is not known here.
        """
        for pragma in self._pragmas:
            words = pragma.words or ()
            place = self._place(pragma)
            meanings = [self._codes(pragma.tool, word.text) for word in words]
            if (place is None and pragma.fault) or (pragma.tool is not Tool.DLINT and not all(meanings)):
                continue
            unused = tuple(
                word
                for word, codes in zip(words, meanings, strict=True)
                if codes and all(map(judged, codes)) and not any((place, code) in self._used for code in codes)
            )
            if unused:
                yield UnusedSuppression(pragma, unused, len(unused) == len(words))

    def _hiding_cover(self, finding: Finding) -> _Cover | None:
        """What hides a finding, the narrowest first; all that could are noted as used."""
        first = None
        for place in self._places.of(finding.span) if self._places is not None else ():
            cover = self._cover_at(place, finding) if place in self._covers else None
            if cover is not None:
                self._used.add((place, finding.code))
                first = first or cover
        return first

    def _cover_at(self, place: _Place, finding: Finding) -> _Cover | None:
        key = (place, finding.code)
        covers = self._hiding.get(key)
        if covers is None:
            matching = {cover.span: cover for cover in self._covers[place] if codes_cover(cover.codes, finding.code)}
            # Two are enough to know: a finding is about one suppression at most.
            covers = self._hiding[key] = tuple(islice(matching.values(), 2))
        return next((cover for cover in covers if not cover.span.holds(finding.span)), None)

    def _cover(self, pragma: Pragma) -> None:
        place = self._place(pragma)
        if place is None:
            return
        covers = self._covers.setdefault(place, [])
        beyond = self._dictionary.beyond_one_instruction(pragma.tool) if place.kind == "instruction" else frozenset()
        if pragma.words is None:
            covers.append(_Cover(self._dictionary.all_of(pragma.tool), pragma.span, pragma.reason))
        for word in pragma.words or ():
            codes = self._codes(pragma.tool, word.text) - beyond
            if codes:
                covers.append(_Cover(codes, pragma.span, pragma.reason))

    def _codes(self, tool: Tool, word: str) -> frozenset[str]:
        key = (tool, word)
        if key not in self._looked_up:
            if len(self._looked_up) == _MOST_WORDS:
                return frozenset()
            self._looked_up.add(key)
        return self._dictionary.codes(tool, word)

    def _is_unknown(self, tool: Tool, word: str) -> bool:
        """Whether the word is a mistake. Of the codes of other tools only hadolint's can be told."""
        judged = tool in (Tool.DLINT, Tool.HADOLINT) and (tool, word) in self._looked_up
        return judged and not self._dictionary.codes(tool, word)

    def _place(self, pragma: Pragma) -> _Place | None:
        """What a pragma covers. Misplaced ones count, but not for the builder, which would report all the same."""
        if self._places is None or (pragma.tool is Tool.BUILDKIT and pragma.fault is not None):
            return None
        return self._places.covered_by(pragma)


class _Places:
    """Finds the instruction, line and stage of a finding, and what a pragma covers.

    An instruction has all its lines and those above it back to the instruction before: comments and empty lines.
    """

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._source = dockerfile.source
        self._nodes = dockerfile.instructions
        self._ends = [self._line_end(node.span.end) for node in self._nodes]
        self._stages: list[int] = []
        stage = -1
        for node in self._nodes:
            stage += node.name == "FROM"
            self._stages.append(stage)

    def of(self, span: Span) -> tuple[_Place, ...]:
        """All places that a finding at the span belongs to, the narrowest first; where it starts is what counts."""
        number = bisect_left(self._ends, span.start)
        line = _Place("line", self._source.lines.line(span.start))
        return line, _Place("instruction", number), _Place("stage", self._stage(number)), _FILE

    def covered_by(self, pragma: Pragma) -> _Place | None:
        """The place that a pragma covers, None if there is nothing where it points."""
        if pragma.reach is Reach.FILE:
            return _FILE
        number = bisect_left(self._ends, pragma.span.start)
        if pragma.reach is Reach.STAGE:
            stage = self._stage(number)
            return _Place("stage", stage) if stage >= 0 else None
        if number == len(self._nodes):
            return None
        if not pragma.inside:
            return _Place("instruction", number)
        pieces = self._nodes[number].line.pieces
        below = bisect_left(pieces, pragma.span.end, key=lambda piece: piece.start)
        return _Place("line", self._source.lines.line(pieces[below].start)) if below < len(pieces) else None

    def _stage(self, number: int) -> int:
        """The index of an instruction's stage, -1 before the first FROM; behind the last one the last stage goes on."""
        return self._stages[min(number, len(self._stages) - 1)] if self._stages else -1

    def _line_end(self, offset: int) -> int:
        end = self._source.text.find("\n", offset)
        return len(self._source.text) if end < 0 else end
